import assert from 'node:assert/strict';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findExecutable } from '../src/findExecutable';
import { ProcessError, runProcess } from '../src/runProcess';

describe('a program', () => {
  it('is found on the PATH', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'interfix-'));
    const path = join(folder, 'interfix-of-the-tests');
    await writeFile(path, '#!/bin/sh\n');
    const before = process.env['PATH'];
    process.env['PATH'] = `${folder}:${before}`;
    try {
      assert.equal(await findExecutable('interfix-of-the-tests'), undefined);
      await chmod(path, 0o755);
      assert.equal(await findExecutable('interfix-of-the-tests'), path);
    } finally {
      process.env['PATH'] = before;
    }
  });

  it('is heard line by line, and its failure says why', async () => {
    const heard: string[] = [];
    await runProcess('/bin/sh', ['-c', 'printf "one\\ntw"; printf "o\\n" >&2'], (line) => heard.push(line));
    assert.deepEqual(heard.sort(), ['o', 'one']);
    await assert.rejects(
      runProcess('/bin/sh', ['-c', 'printf "no room"; exit 3'], () => undefined),
      { message: 'no room' },
    );
    await assert.rejects(
      runProcess('/bin/sh', ['-c', 'kill -9 $$'], () => undefined),
      { message: 'sh was ended by SIGKILL' },
    );
    await assert.rejects(
      runProcess('/nonesuch', [], () => undefined),
      ProcessError,
    );
  });

  it('ends with all that it has started', async () => {
    const ended = new AbortController();
    const over = runProcess('/bin/sh', ['-c', 'echo begun; sleep 1000 & wait'], () => ended.abort(), ended.signal);
    await assert.rejects(over, (error) => error instanceof ProcessError && error.message === 'it was cancelled');
  });
});
