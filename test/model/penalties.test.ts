import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { kl, l1, type Penalty, SparseAutoencoder, tf, train } from 'sparselab';
import { close, numbersOf } from '../support/numbers';

const termOf = (penalty: Penalty, rows: number[][]): number =>
  tf.tidy(() => numbersOf(penalty.term(tf.tensor2d(rows)))[0] as number);

const activation = fc.float({ min: Math.fround(-10), max: Math.fround(10), noNaN: true });
const codes = fc.array(fc.array(activation, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 5 });
const share = fc.float({ min: Math.fround(0.01), max: Math.fround(0.99), noNaN: true });

describe('l1', () => {
  it('sums |h| over the units and averages over the batch', () => {
    close(
      termOf(l1(0.1), [
        [1, -2],
        [0, 3],
      ]),
      (1 + 2 + 0 + 3) / 2,
    );
  });

  it('returns the unweighted term, whatever λ', () => {
    assert.equal(termOf(l1(0), [[1, -2]]), termOf(l1(7), [[1, -2]]));
    assert.equal(l1(7).strength, 7);
  });

  it('is homogeneous: c·h costs |c| times as much', () => {
    fc.assert(
      fc.property(codes, activation, (rows, c) => {
        const scaled = rows.map((row) => row.map((h) => c * h));
        close(termOf(l1(1), scaled), Math.abs(c) * termOf(l1(1), rows), 1e-5);
      }),
    );
  });

  it('pulls towards zero with slope ±1, and with slope 0 at zero itself', () => {
    const slope = tf.tidy(() =>
      numbersOf(tf.grad((h) => l1(1).term(h as tf.Tensor2D))(tf.tensor2d([[-0.5, 0, 2]]))),
    );
    assert.deepEqual(slope, [-1, 0, 1]);
  });

  it('refuses a λ that is negative or no number', () => {
    assert.throws(() => l1(-1), { name: 'RangeError', message: 'lambda must be at least 0; got -1' });
    assert.throws(() => l1(Number.NaN), /lambda must be at least 0; got NaN/);
    assert.throws(() => l1(Number.POSITIVE_INFINITY), /lambda/);
  });
});

describe('kl', () => {
  const divergence = (rho: number, rhoHat: number) =>
    rho * Math.log(rho / rhoHat) + (1 - rho) * Math.log((1 - rho) / (1 - rhoHat));

  it('sums KL(ρ‖ρ̂) over the units, where ρ̂ is the mean over the batch', () => {
    const rows = [
      [0.9, 0.2],
      [0.1, 0.2],
    ];
    close(termOf(kl({ beta: 3, rho: 0.2 }), rows), divergence(0.2, (0.9 + 0.1) / 2) + divergence(0.2, 0.2));
  });

  it('depends on the mean alone: firing hard for one of two inputs costs as much as firing half for both', () => {
    const penalty = kl({ beta: 1, rho: 0.05 });
    close(termOf(penalty, [[0.8], [0]]), termOf(penalty, [[0.4], [0.4]]));
  });

  it('is zero on target and positive elsewhere', () => {
    fc.assert(
      fc.property(share, share, (rho, rhoHat) => {
        const cost = termOf(kl({ beta: 1, rho }), [[rhoHat]]);
        close(cost, divergence(rho, rhoHat), 2e-5);
        if (Math.abs(rho - rhoHat) > 0.01) assert.ok(cost > 0);
      }),
    );
  });

  it('is large but finite for units that are always silent or always on', () => {
    for (const h of [0, 1]) {
      const cost = termOf(kl({ beta: 1, rho: 0.05 }), [[h]]);
      assert.ok(Number.isFinite(cost) && cost > 0.5, `${cost}`);
    }
  });

  it('refuses a ρ outside (0, 1), a negative β, and an option it does not have', () => {
    for (const rho of [0, 1, 1.2, Number.NaN]) {
      assert.throws(() => kl({ beta: 1, rho }), {
        name: 'RangeError',
        message: `rho must be in (0, 1); got ${rho}`,
      });
    }
    for (const rho of [1e-46, 1 - 1e-9]) {
      assert.throws(() => kl({ beta: 1, rho }), /rho must be in \(0, 1\) as a 32-bit number, too; got /);
    }
    assert.throws(() => kl({ beta: -0.1, rho: 0.05 }), /beta must be at least 0; got -0.1/);
    assert.throws(
      () => kl({ beta: 1, rho: 0.05, roh: 1 } as never),
      /kl has no option 'roh'; it has beta, rho/,
    );
  });

  it('refuses activations that can leave (0, 1), naming one that cannot', async () => {
    const data = { values: new Float32Array(8), shape: [4, 2] as const };
    for (const hiddenActivation of ['relu', 'linear', 'tanh', 'softplus'] as const) {
      const model = new SparseAutoencoder({ inputDim: 2, hiddenDim: 2, hiddenActivation });
      await assert.rejects(
        train(model, data, { penalty: kl({ beta: 1, rho: 0.05 }), epochs: 1, batchSize: 2 }),
        (error: Error) =>
          error.message.startsWith('KL needs hidden activations in (0, 1); got hiddenActivation') &&
          error.message.endsWith("use 'sigmoid'"),
      );
    }
  });
});

describe("a penalty of one's own", () => {
  const data = { values: Float32Array.of(0, 1, 1, 0, 1, 1, 0, 0), shape: [4, 2] as const };
  const model = () => new SparseAutoencoder({ inputDim: 2, hiddenDim: 3 });

  it('is any function of the activations that returns a scalar', async () => {
    const l2: Penalty = { name: 'L2', strength: 0.5, term: (h) => h.square().sum(1).mean() };
    const history = await train(model(), data, { penalty: l2, epochs: 1, batchSize: 2 });
    const { total, reconstruction, penalty } = history.last;
    close(total, reconstruction + 0.5 * penalty);
    assert.equal(history.penaltyName, 'L2');
  });

  it('is refused when it returns something else, before training', async () => {
    const perUnit = { name: 'wrong', strength: 1, term: (h: tf.Tensor2D) => h.mean(0) } as never;
    await assert.rejects(train(model(), data, { penalty: perUnit, epochs: 1 }), {
      message: 'penalty.term must return a scalar tensor; got a tensor of shape [3]',
    });
    const number = { name: 'wrong', strength: 1, term: () => 3 } as never;
    await assert.rejects(
      train(model(), data, { penalty: number, epochs: 1 }),
      /must return a scalar tensor; got 3/,
    );
    const noTerm = { name: 'wrong', strength: 1 } as never;
    await assert.rejects(
      train(model(), data, { penalty: noTerm, epochs: 1 }),
      /penalty must be l1\(…\), kl\(…\) or/,
    );
  });
});
