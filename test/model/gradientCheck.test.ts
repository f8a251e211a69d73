import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gradientCheck, kl, l1, type Matrix, type Penalty, Random, SparseAutoencoder, tf } from 'sparselab';

/** Rows drawn evenly from [0.1, 0.9]: what UFLDL scales its image patches to. */
function patches(count: number, dim: number): Matrix {
  const random = new Random(3);
  return {
    values: Float32Array.from({ length: count * dim }, () => 0.1 + 0.8 * random.uniform()),
    shape: [count, dim],
  };
}

const l2: Penalty = { name: 'L2', strength: 0.3, term: (h) => h.square().sum(1).mean() };
const logarithmic: Penalty = {
  name: 'log',
  strength: 0.2,
  term: (h) => h.square().add(1).log().sum(1).mean(),
};

describe('gradientCheck', () => {
  const penalties = {
    none: undefined,
    L1: l1(0.1),
    L2: l2,
    log: logarithmic,
    KL: kl({ beta: 3, rho: 0.05 }),
  };
  for (const hiddenActivation of ['linear', 'relu', 'sigmoid', 'tanh', 'softplus'] as const) {
    for (const [name, penalty] of Object.entries(penalties)) {
      if (name === 'KL' && hiddenActivation !== 'sigmoid') continue;
      it(`agrees below 1e-7 for ${name} on ${hiddenActivation} units, tied and untied`, () => {
        for (const tied of [false, true]) {
          const model = new SparseAutoencoder({
            inputDim: 6,
            hiddenDim: 8,
            hiddenActivation,
            outputActivation: 'sigmoid',
            tied,
            seed: 1,
          });
          const { relativeError } = gradientCheck(model, patches(10, 6), {
            weightDecay: 0.01,
            ...(penalty && { penalty }),
          });
          assert.ok(relativeError < 1e-7, `${relativeError}`);
        }
      });
    }
  }

  it("agrees below 1e-9 in UFLDL's own case: 64-25-64 sigmoid, ρ = 0.01, β = 3, weight decay 1e-4, ten patches", () => {
    const model = new SparseAutoencoder({
      inputDim: 64,
      hiddenDim: 25,
      hiddenActivation: 'sigmoid',
      outputActivation: 'sigmoid',
      seed: 2,
    });
    const { relativeError } = gradientCheck(model, patches(10, 64), {
      reconstructionLoss: 'halfSquaredError',
      penalty: kl({ beta: 3, rho: 0.01 }),
      weightDecay: 1e-4,
    });
    assert.ok(relativeError < 1e-9, `${relativeError}`);
  });

  it('notices a gradient that is wrong, and in which parameters', () => {
    const model = new SparseAutoencoder({ inputDim: 6, hiddenDim: 8, hiddenActivation: 'sigmoid', seed: 1 });
    const wrongGradient = tf.customGrad((h, save) => {
      (save as tf.GradSaveFunc)([h as tf.Tensor]);
      const value = (h as tf.Tensor2D).square().sum(1).mean();
      // 2h is right, and the mean over the batch is missing.
      return { value, gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => (saved as tf.Tensor).mul(dy) };
    });
    const penalty: Penalty = { name: 'wrong', strength: 1, term: (h) => wrongGradient(h) as tf.Scalar };
    const { relativeError, byParameter } = gradientCheck(model, patches(10, 6), { penalty });
    assert.ok(relativeError > 0.1, `${relativeError}`);
    assert.ok((byParameter.encoderWeights as number) > 0.1);
    assert.ok((byParameter.decoderWeights as number) < 1e-8, 'the penalty does not reach the decoder');
  });

  it('leaves tensors, backend and model as they were', () => {
    const model = new SparseAutoencoder({ inputDim: 6, hiddenDim: 3, seed: 1 });
    const before = {
      tensors: tf.memory().numTensors,
      backend: tf.getBackend(),
      parameters: structuredClone(model.parameters),
    };
    gradientCheck(model, patches(4, 6));
    assert.throws(() => gradientCheck(model, patches(4, 5)), /x must have 6 columns/);
    assert.throws(
      () => gradientCheck(model, patches(4, 6), { epsilon: 0 }),
      /epsilon must be in \(0, 0.1\]; got 0/,
    );
    assert.deepEqual(
      { tensors: tf.memory().numTensors, backend: tf.getBackend(), parameters: model.parameters },
      before,
    );
  });
});
