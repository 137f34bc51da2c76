import assert from 'node:assert/strict';

import { dedent, diffLines } from '../src/wordDiff';

describe('the diff of a small change', () => {
  it('replaces whole words', () => {
    assert.deepEqual(diffLines('count', 'total'), [{ line: 0, start: 0, end: 5, inserted: 'total' }]);
    assert.deepEqual(diffLines('x = counter + 1', 'x = countdown + 1'), [{ line: 0, start: 4, end: 11, inserted: 'countdown' }]);
    assert.deepEqual(diffLines('f(ab)', 'f(a)'), [{ line: 0, start: 2, end: 4, inserted: 'a' }]);
  });

  it('shows what is only added or only removed as that', () => {
    assert.deepEqual(diffLines('f(a)', 'f(a, b)'), [{ line: 0, start: 3, end: 3, inserted: ', b' }]);
    assert.deepEqual(diffLines('f(a, b)', 'f(a)'), [{ line: 0, start: 3, end: 6, inserted: '' }]);
  });

  it('goes line by line', () => {
    assert.deepEqual(diffLines('a\nb\nc', 'a\nd\nc'), [{ line: 1, start: 0, end: 1, inserted: 'd' }]);
    assert.equal(diffLines('a', 'a\nb'), undefined);
    assert.deepEqual(diffLines('same', 'same'), []);
  });

  it('takes shared indentation off', () => {
    assert.equal(dedent('    a\n\n      b'), 'a\n\n  b');
  });
});
