import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backendReady, loadDigits, type Penalty, SparseAutoencoder, tf, train } from 'sparselab';

const digits = loadDigits().take(40);

/** A penalty that is a scalar for the two examples that train() tries it on, and another thing in training. */
const late = (term: (h: tf.Tensor2D) => unknown): Penalty => ({
  name: 'late',
  strength: 0.1,
  term: (h) => (h.shape[0] === 2 ? h.mean() : (term(h) as tf.Scalar)),
});

describe('a term of the loss that is not a scalar is refused by its name', () => {
  for (const compile of [true, false]) {
    it(`with the shape that it has (compile: ${compile})`, async () => {
      await backendReady();
      const tensors = tf.memory().numTensors;
      const training = (term: (h: tf.Tensor2D) => unknown) =>
        train(new SparseAutoencoder({ inputDim: 64, hiddenDim: 4 }), digits, {
          penalty: late(term),
          monitor: digits.take(2),
          epochs: 1,
          batchSize: 20,
          compile,
        });
      await assert.rejects(
        training((h) => h.sum(1)),
        /^TypeError: the loss's term 'penalty' must be a scalar; got a tensor of shape \[20\]/,
      );
      await assert.rejects(
        training((h) => h.sum(0, true).slice([0, 0], [1, 1])),
        /term 'penalty' must be a scalar; got a tensor of shape \[1,1\]/,
      );
      assert.equal(tf.memory().numTensors, tensors);
    });
  }
});
