import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  deadFraction,
  fractionOfVarianceUnexplained,
  l0,
  meanActivation,
  meanSquaredError,
  tf,
} from 'sparselab';
import { close } from '../support/numbers';

/** Three units on two examples: unit 0 is dead. */
const h = tf.tensor2d([
  [0, 2, 1],
  [0, 0, 3],
]);

describe('metrics', () => {
  it('meanSquaredError averages over examples and inputs', () => {
    close(meanSquaredError(tf.tensor2d([[1, 2]]), tf.tensor2d([[1, 4]])), (0 ** 2 + 2 ** 2) / 2);
  });

  it('meanSquaredError keeps four digits over a million numbers on WebAssembly, which adds up in float32', () => {
    const script = `
      const { backendReady, meanSquaredError, tf } = require('sparselab');
      backendReady().then(() => console.log(meanSquaredError(tf.fill([2000, 784], 0.1), tf.zeros([2000, 784]))));
    `;
    const env = { ...process.env, SPARSELAB_BACKEND: 'wasm' };
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
      cwd: __dirname,
      env,
      encoding: 'utf8',
    });
    assert.ok(Math.abs(Number(stdout) / 0.1 ** 2 - 1) < 1e-4, stdout + stderr);
  });

  it('l0 is the mean number of units that are not zero', () => {
    close(l0(h), (2 + 1) / 2);
    close(l0(h, 1.5), (1 + 1) / 2);
  });

  it('deadFraction is the fraction of units that no example activates', () => {
    close(deadFraction(h), 1 / 3);
    assert.equal(deadFraction(tf.zeros([4, 5])), 1);
    // Counted, not what is left of 1: to all digits of float32.
    const one = new Float32Array(10_000).fill(1).with(7, 0);
    close(deadFraction({ values: one, shape: [1, 10_000] }) / 1e-4, 1);
  });

  it('meanActivation averages each unit over the examples', () => {
    assert.deepEqual(Array.from(meanActivation(h)), [0, 1, 2]);
  });

  it('fractionOfVarianceUnexplained is 0 for a perfect reconstruction and 1 for the mean', () => {
    const x = tf.tensor2d([
      [0, 1],
      [2, 5],
    ]);
    assert.equal(fractionOfVarianceUnexplained(x, x), 0);
    assert.ok(Number.isNaN(fractionOfVarianceUnexplained(tf.ones([3, 2]), tf.zeros([3, 2]))));
    // Their mean in float32 is not exactly 1000.1.
    const same = tf.fill([3000, 4], 1000.1) as tf.Tensor2D;
    assert.ok(Number.isNaN(fractionOfVarianceUnexplained(same, tf.zeros([3000, 4]))));
    close(fractionOfVarianceUnexplained(x, x.mean(0, true).tile([2, 1])), 1);
  });

  it('l0 and deadFraction stay within their bounds for any code', () => {
    const code = fc.array(fc.array(fc.constantFrom(0, 0.5, -2), { minLength: 4, maxLength: 4 }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(code, (rows) => {
        const tensor = tf.tensor2d(rows);
        const [active, dead] = [l0(tensor), deadFraction(tensor)];
        tensor.dispose();
        assert.ok(active >= 0 && active <= 4);
        assert.ok(dead >= 0 && dead <= 1);
        assert.equal(dead === 1, active === 0);
      }),
    );
  });

  it('take plain matrices as well as tensors', () => {
    assert.equal(l0({ values: Float32Array.of(0, 2, 1, 0, 0, 3), shape: [2, 3] }), 1.5);
  });

  it('leave no tensor behind', () => {
    const before = tf.memory().numTensors;
    meanSquaredError(h, h);
    fractionOfVarianceUnexplained(h, h);
    l0(h);
    deadFraction(h);
    meanActivation(h);
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuse shapes that differ and a negative threshold', () => {
    assert.throws(() => meanSquaredError(h, tf.zeros([2, 2])), {
      message: 'reconstruction must have the shape of x, [2,3]; got [2,2]',
    });
    assert.throws(() => l0(h, -1), /threshold must be at least 0; got -1/);
  });
});
