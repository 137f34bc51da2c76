import assert from 'node:assert/strict';

import type { ProgressToken } from 'vscode-languageclient/node';

import { createProgressHandler } from '../src/downloadProgress';

describe('progress', () => {
  const passed: unknown[] = [];
  const handle = createProgressHandler((token: ProgressToken) => assert.fail(`${token} was cancelled`));
  const report = { kind: 'report', message: '1 of 4 MB', percentage: 25 } as const;
  const send = (token: string, value: Parameters<typeof handle>[1]): void => handle(token, value, (_token, each) => passed.push(each.kind));

  beforeEach(() => passed.splice(0));

  it('that cannot be cancelled is the client’s to show', () => {
    send('other', { kind: 'begin', title: 'Indexing' });
    send('other', report);
    send('other', { kind: 'end' });
    assert.deepEqual(passed, ['begin', 'report', 'end']);
  });

  it('of a download is shown by us, to its end', () => {
    send('download', { kind: 'begin', title: 'Downloading', cancellable: true });
    send('download', report);
    send('download', { kind: 'end' });
    assert.deepEqual(passed, []);
    send('download', report);
    assert.deepEqual(passed, ['report']);
  });
});
