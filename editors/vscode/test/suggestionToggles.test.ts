import assert from 'node:assert/strict';

import { SuggestionToggles } from '../src/suggestionToggles';

describe('a pause', () => {
  const toggles = new SuggestionToggles();

  after(() => toggles.dispose());

  it('for some minutes tells when it ends', async () => {
    await toggles.pause(true, 300_000);
    assert.match(toggles.describePause(), /^Until \d.*\d.*\.$/);
  });

  it('without an end tells what ends it', async () => {
    await toggles.pause(true);
    assert.equal(toggles.describePause(), 'Until you resume it or start the editor anew.');
    await toggles.pause(false);
    assert.equal(toggles.paused, false);
  });
});
