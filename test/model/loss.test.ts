import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kl, l1, loss, SparseAutoencoder } from 'sparselab';
import { close } from '../support/numbers';

/** x → h = relu(x·[[1, −1]]) → x̂ = h·[[0.5], [2]], with zero biases. */
function handMade(tied = false): SparseAutoencoder {
  const model = new SparseAutoencoder({ inputDim: 1, hiddenDim: 2, tied });
  model.setParameters({
    encoderWeights: { values: Float32Array.of(1, -1), shape: [1, 2] },
    encoderBias: { values: Float32Array.of(0, 0), shape: [2] },
    decoderWeights: { values: Float32Array.of(0.5, 2), shape: [2, 1] },
    decoderBias: { values: Float32Array.of(0), shape: [1] },
  });
  return model;
}
const x = { values: Float32Array.of(2, -1), shape: [2, 1] as const };
// h = [[2, 0], [0, 1]], x̂ = [1, 2]: errors 2 − 1 = 1 and −1 − 2 = −3.

describe('loss', () => {
  it('is reconstruction + strength × penalty + strength × weight decay, each by name', () => {
    const terms = loss(handMade(), x, { penalty: l1(0.1), weightDecay: 0.01 });
    close(terms.reconstruction, (1 ** 2 + 3 ** 2) / 2);
    close(terms.penalty, (2 + 1) / 2);
    close(terms.weightDecay, (1 + 1 + 0.5 ** 2 + 2 ** 2) / 2);
    close(terms.total, 5 + 0.1 * 1.5 + 0.01 * 3.125);
  });

  it('has zero terms where nothing was asked for', () => {
    const { penalty, weightDecay, total, reconstruction } = loss(handMade(), x);
    assert.deepEqual({ penalty, weightDecay }, { penalty: 0, weightDecay: 0 });
    assert.equal(total, reconstruction);
  });

  it("sums UFLDL's half squared error over the inputs: inputDim / 2 times the mean squared error", () => {
    const model = new SparseAutoencoder({ inputDim: 6, hiddenDim: 3, seed: 1 });
    const rows = { values: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)), shape: [4, 6] as const };
    const mean = loss(model, rows).reconstruction;
    const half = loss(model, rows, { reconstructionLoss: 'halfSquaredError' }).reconstruction;
    close(half, (6 / 2) * mean);
  });

  it('counts tied weights once in the weight decay', () => {
    close(loss(handMade(true), x, { weightDecay: 1 }).weightDecay, (1 + 1) / 2);
  });

  it('refuses rows that do not fit the model, and none at all', () => {
    const wide = { values: new Float32Array(4), shape: [2, 2] as const };
    assert.throws(
      () => loss(handMade(), wide),
      /x must have 1 columns, the model's inputDim; got shape \[2, 2\]/,
    );
    const none = { values: new Float32Array(0), shape: [0, 1] as const };
    assert.throws(() => loss(handMade(), none), /x must hold at least one row; got 0/);
  });

  it('refuses what it cannot use, naming the permitted values', () => {
    assert.throws(() => loss(handMade(), x, { weightDecay: -1 }), /weightDecay must be at least 0; got -1/);
    assert.throws(
      () => loss(handMade(), x, { reconstructionLoss: 'mse' as never }),
      /reconstructionLoss must be one of 'meanSquaredError', 'halfSquaredError'; got 'mse'/,
    );
    assert.throws(() => loss(handMade(), x, { penalty: kl({ beta: 1, rho: 0.1 }) }), /use 'sigmoid'/);
    assert.throws(() => loss(handMade(), x, { lambda: 1 } as never), /loss has no option 'lambda'/);
  });
});
