import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backendReady, tf } from 'sparselab';
import { createEngine, initialState, randomNormal, randomUniform } from 'sparselab/dist/engine';

const key = (seed: number, batch: number) => tf.tensor1d([seed, batch], 'int32');
const numbers = (tensor: tf.Tensor) => [...tensor.dataSync()];

/** Mean and variance. */
function moments(values: readonly number[]): [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
}

describe('random numbers by key', () => {
  it('are the same for the same key and stream, and others for any other', async () => {
    await backendReady();
    tf.tidy(() => {
      const draw = (seed: number, batch: number, stream = 0) =>
        numbers(randomUniform(key(seed, batch), [4], stream));
      assert.deepEqual(draw(1, 2), draw(1, 2));
      for (const other of [draw(2, 2), draw(1, 3), draw(1, 2, 1)]) assert.notDeepEqual(other, draw(1, 2));
    });
  });

  it('have the moments of their distributions', async () => {
    await backendReady();
    tf.tidy(() => {
      const count = 100_000;
      const [uniformMean, uniformVariance] = moments(numbers(randomUniform(key(3, 0), [count])));
      const [normalMean, normalVariance] = moments(numbers(randomNormal(key(3, 1), [count])));
      // Four standard errors: 4 σ/√n for a mean, 4 √((μ₄ − σ⁴)/n) for a variance.
      assert.ok(Math.abs(uniformMean - 1 / 2) < 4 * Math.sqrt(1 / 12 / count));
      assert.ok(Math.abs(uniformVariance - 1 / 12) < 4 * Math.sqrt((1 / 80 - 1 / 144) / count));
      assert.ok(Math.abs(normalMean) < 4 * Math.sqrt(1 / count));
      assert.ok(Math.abs(normalVariance - 1) < 4 * Math.sqrt(2 / count));
    });
  });

  it('give a compiled step and an eager one the same batches', async () => {
    const source = {
      dim: 3,
      sample: (batchKey: tf.Tensor1D, batchSize: number) =>
        randomNormal<tf.Rank.R2>(batchKey, [batchSize, 3]),
    };
    const step = {
      inputs: {},
      terms: ['total'] as const,
      loss: ({ center }: Readonly<Record<string, tf.Tensor>>, batch: tf.Tensor2D) => ({
        total: tf
          .sub(batch, center as tf.Tensor)
          .square()
          .mean<tf.Scalar>(),
      }),
    };
    const initial = initialState({ center: { values: Float32Array.of(1, 2, 3), shape: [3] } });
    const run = async (compile: boolean) => {
      const members = [{ step, initial, learningRate: 0.1 }];
      const { runner } = await createEngine({ members, source, batchSizes: [8], compile });
      const [losses] = runner.run(Int32Array.of(5, 0, 5, 1, 5, 2), 8);
      runner.dispose();
      return losses as Float32Array;
    };
    const [compiled, eager] = [await run(true), await run(false)];
    assert.equal(compiled.length, 3);
    compiled.forEach((loss, i) => {
      assert.ok(Math.abs(loss - (eager[i] as number)) < 1e-5);
    });
  });
});
