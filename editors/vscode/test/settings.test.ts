import assert from 'node:assert/strict';

import { ConfigurationTarget, workspace } from 'vscode';

import { serverSettings, set } from '../src/settings';

describe('the settings for the server', () => {
  afterEach(async () => {
    await set('completion.debounceMs', undefined);
  });

  it('are what the user has set, and nothing else', async () => {
    await set('completion.debounceMs', 33);
    assert.deepEqual(serverSettings(), { completion: { debounceMs: 33 } });
  });

  it('are none that a workspace brings along', async () => {
    const setting = workspace.getConfiguration('interfix');
    await assert.rejects(async () => setting.update('completion.debounceMs', 44, ConfigurationTarget.Workspace));
    assert.deepEqual(serverSettings(), {});
  });

  it('are spelled as the manifest has them', () => {
    assert.equal(workspace.getConfiguration('interfix').get('completion.debounceMs'), 75);
  });
});
