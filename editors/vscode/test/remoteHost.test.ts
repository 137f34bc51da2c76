import assert from 'node:assert/strict';

import { env, ExtensionKind, extensions } from 'vscode';

describe('a remote window', () => {
  it('runs the extension where the files are', () => {
    const extension = extensions.getExtension<undefined>('interfix.interfix');
    assert(env.remoteName, 'these tests run on a remote extension host');
    assert.equal(extension?.extensionKind, ExtensionKind.Workspace);
    assert.equal(extension.extensionUri.scheme, 'file');
  });
});
