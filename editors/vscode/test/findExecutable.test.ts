import assert from 'node:assert/strict';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findExecutable } from '../src/findExecutable';
import { findError, ProcessError, runProcess } from '../src/runProcess';

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

  it('is heard line by line, and its failure has its last words', async () => {
    const heard: string[] = [];
    await runProcess('/bin/sh', ['-c', 'printf "one\\ntw"; printf "o\\n" >&2'], (line) => heard.push(line));
    assert.deepEqual(heard.sort(), ['o', 'one']);
    await assert.rejects(
      runProcess('/bin/sh', ['-c', 'echo no room; exit 3'], () => undefined),
      new ProcessError('no room'),
    );
    await assert.rejects(
      runProcess('/nonesuch', [], () => undefined),
      ProcessError,
    );
  });

  it('ends with all that it has started', async () => {
    const ended = new AbortController();
    const over = runProcess('/bin/sh', ['-c', 'echo begun; sleep 1000 & wait'], () => ended.abort(), ended.signal);
    await assert.rejects(over, (error) => error instanceof ProcessError && error.message === 'cancelled');
  });

  it('has its error found before the hints that follow it', () => {
    const output = `Using Python 3.11.7 environment at: /tmp/server
      error: Failed to fetch: https://index.test/simple/foo/
      cause: error sending request for url (https://index.test/simple/foo/)
      cause: invalid peer certificate: UnknownIssuer
      hint: try another way`;
    assert.equal(findError(lines(output)), 'Failed to fetch: https://index.test/simple/foo/: invalid peer certificate: UnknownIssuer');
    const interpreter = 'error: No interpreter found for Python 3.99 in managed installations\n\nhint: uv may require an update.';
    assert.equal(findError(lines(interpreter)), 'No interpreter found for Python 3.99 in managed installations');
    const older = '× No solution found when resolving dependencies:\n╰─▶ Because foo was not found, it cannot be installed.';
    assert.equal(
      findError(lines(older)),
      'No solution found when resolving dependencies: Because foo was not found, it cannot be installed',
    );
    assert.equal(findError(['no space left on the device']), 'no space left on the device');
    assert.equal(findError([]), undefined);
  });
});

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
