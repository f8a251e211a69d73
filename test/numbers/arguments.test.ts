import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Dataset, kl, loss, SparseAutoencoder, train } from 'sparselab';
import { nearest } from 'sparselab/dist/numbers/arguments';

describe('an option that there is not', () => {
  it('is refused with the one that was probably meant', () => {
    assert.throws(() => kl({ beta: 1, roh: 0.1 } as never), {
      name: 'TypeError',
      message: "kl has no option 'roh'; did you mean 'rho'? It has beta, rho",
    });
    assert.throws(
      () => new SparseAutoencoder({ inputDim: 2, hiddenDim: 2, activation: 'relu' } as never),
      /has no option 'activation'; did you mean 'hiddenActivation'\?/,
    );
    const model = new SparseAutoencoder({ inputDim: 2, hiddenDim: 2 });
    const x = { values: Float32Array.of(1, 2), shape: [1, 2] as const };
    assert.throws(
      () => loss(model, x, { reconstruction: 'halfSquaredError' } as never),
      /did you mean 'reconstructionLoss'\?/,
    );
  });

  it('is known by what Keras and SAELens call it', async () => {
    const model = new SparseAutoencoder({ inputDim: 2, hiddenDim: 2 });
    for (const [given, meant] of [
      ['lr', 'learningRate'],
      ['batch_size', 'batchSize'],
      ['l1Coefficient', 'penalty'],
      ['callbacks', 'onProgress'],
    ] as const) {
      await assert.rejects(
        train(model, Dataset.fromRows([[1, 2]]), { epochs: 1, [given]: 1 }),
        new RegExp(`has no option '${given}'; did you mean '${meant}'\\?`),
      );
    }
    assert.throws(() => new SparseAutoencoder({ d_in: 2, d_sae: 2 } as never), /did you mean 'inputDim'\?/);
  });

  it('has no such advice where no option resembles it', () => {
    assert.throws(() => kl({ beta: 1, rho: 0.1, seed: 2 } as never), {
      message: "kl has no option 'seed'; it has beta, rho",
    });
  });

  it('resembles a name that has one letter more, less or other, or two swapped, of at least three', () => {
    const names = ['beta', 'label', 'epochs'];
    for (const [given, meant] of [
      ['bet', 'beta'],
      ['betta', 'beta'],
      ['bata', 'beta'],
      ['lable', 'label'],
      ['Epoch', 'epochs'],
      ['e', undefined],
      ['gamma', undefined],
    ] as const) {
      assert.equal(nearest(given, names), meant, given);
    }
  });
});
