import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { History, l1, loadDigits, SparseAutoencoder, swapPreviousRun, train } from 'sparselab';

const run = () => new History({ penaltyName: 'L1', strength: 1, engine: 'none' });

describe('swapPreviousRun', () => {
  it('returns the run before, each name for itself', () => {
    const [first, second, third] = [run(), run(), run()];
    assert.equal(swapPreviousRun('a', first), undefined);
    assert.equal(swapPreviousRun('a', second), first);
    assert.equal(swapPreviousRun('b', third), undefined);
    assert.equal(swapPreviousRun('a', third), second);
  });

  it('says the same again for the same run', () => {
    const [first, second] = [run(), run()];
    swapPreviousRun('c', first);
    assert.equal(swapPreviousRun('c', second), first);
    assert.equal(swapPreviousRun('c', second), first);
  });

  it('takes a training that was stopped and begun again for one, and one of another strength for another', async () => {
    const digits = loadDigits().take(40);
    const trained = (strength: number, epochs: number) =>
      train(new SparseAutoencoder({ inputDim: 64, hiddenDim: 4, seed: 1 }), digits, {
        penalty: l1(strength),
        epochs,
        batchSize: 20,
        recordsPerEpoch: 2,
        seed: 1,
      });
    const [first, begun, whole] = [await trained(0.01, 2), await trained(0.1, 1), await trained(0.1, 2)];
    assert.ok(begun.rows.length < whole.rows.length);
    assert.equal(swapPreviousRun('d', first), undefined);
    assert.equal(swapPreviousRun('d', begun), first);
    assert.equal(swapPreviousRun('d', whole), first);
    assert.equal(swapPreviousRun('d', await trained(0.1, 2)), first);
    assert.equal(swapPreviousRun('d', await trained(0.01, 2))?.strength, 0.1);
  });
});
