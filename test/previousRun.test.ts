import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { History, previousRun } from 'sparselab';

const run = () => new History({ penaltyName: 'L1', strength: 1, engine: 'none' });

describe('previousRun', () => {
  it('returns the run before, each name for itself', () => {
    const [first, second, third] = [run(), run(), run()];
    assert.equal(previousRun('a', first), undefined);
    assert.equal(previousRun('a', second), first);
    assert.equal(previousRun('b', third), undefined);
    assert.equal(previousRun('a', third), second);
  });

  it('says the same again for the same run', () => {
    const [first, second] = [run(), run()];
    previousRun('c', first);
    assert.equal(previousRun('c', second), first);
    assert.equal(previousRun('c', second), first);
  });
});
