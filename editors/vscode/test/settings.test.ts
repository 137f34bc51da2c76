import assert from 'node:assert/strict';

import { ConfigurationTarget, workspace } from 'vscode';

import { collectServerSettings, writeSetting } from '../src/settings';

describe('the settings for the server', () => {
  afterEach(async () => {
    await writeSetting('completion.debounceMs', undefined);
  });

  it('are what the user has set, and nothing else', async () => {
    await writeSetting('completion.debounceMs', 33);
    assert.deepEqual(collectServerSettings(), { completion: { debounceMs: 33 } });
  });

  it('are none that a workspace brings along', async () => {
    const setting = workspace.getConfiguration('interfix');
    await assert.rejects(async () => setting.update('completion.debounceMs', 44, ConfigurationTarget.Workspace));
    assert.deepEqual(collectServerSettings(), {});
  });

  it('are spelled as the manifest has them', () => {
    assert.equal(workspace.getConfiguration('interfix').get('completion.debounceMs'), 75);
  });
});
