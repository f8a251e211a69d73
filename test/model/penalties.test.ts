import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { kl, l1, loss, type Penalty, SparseAutoencoder, tf, train } from 'sparselab';
import { close, numbersOf } from '../support/numbers';

const termOf = (penalty: Penalty, rows: number[][]): number =>
  tf.tidy(() => numbersOf(penalty.term(tf.tensor2d(rows)))[0] as number);

const activation = fc.float({ min: Math.fround(-10), max: Math.fround(10), noNaN: true });
const codes = fc.array(fc.array(activation, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 5 });
const fraction = fc.float({ min: Math.fround(0.01), max: Math.fround(0.99), noNaN: true });

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

/** Pre-activations of one unit for a batch. */
const FAR_OUT = [
  [-60, -60],
  [60, 60],
  [-60, 60],
  [-20, -18, -17],
  [17, 18, 30],
  [0, 1, -1],
  [-60, -10, 0.5],
  [12, 13, -60],
].concat([[-88, -100, -1e4], [88, 100, 1e6], [-1e30], [1e30]]);

const ONES = { values: new Float32Array(8).fill(1), shape: [4, 2] as const };

/** A model whose single unit has this pre-activation for every input. */
function sigmoidModel(bias: number): SparseAutoencoder {
  const model = new SparseAutoencoder({ inputDim: 2, hiddenDim: 1, hiddenActivation: 'sigmoid' });
  model.encoderWeights.values.fill(0);
  model.encoderBias.values.fill(bias);
  return model;
}

const logSigmoid = (z: number) => Math.min(z, 0) - Math.log1p(Math.exp(-Math.abs(z)));

function logMeanExp(x: readonly number[]): number {
  const largest = Math.max(...x);
  return largest + Math.log(x.reduce((sum, value) => sum + Math.exp(value - largest), 0) / x.length);
}

/** KL(ρ‖ρ̂) of one unit and its gradient in z, with log ρ̂ and log(1−ρ̂) by log-mean-exp of log-sigmoids. */
function inFloat64(z: readonly number[], rho: number): { value: number; gradient: number[] } {
  const on = logMeanExp(z.map(logSigmoid));
  const off = logMeanExp(z.map((value) => logSigmoid(-value)));
  const fraction = (logarithm: number, logMean: number) => Math.exp(logarithm - logMean) / z.length;
  return {
    value: rho * (Math.log(rho) - on) + (1 - rho) * (Math.log(1 - rho) - off),
    gradient: z.map((value) => {
      const [log, logOfRest] = [logSigmoid(value), logSigmoid(-value)];
      return (
        -rho * fraction(log, on) * Math.exp(logOfRest) + (1 - rho) * fraction(logOfRest, off) * Math.exp(log)
      );
    }),
  };
}

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
      fc.property(fraction, fraction, (rho, rhoHat) => {
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

  it('costs of sigmoid units what float64 says, with its slope, however far out the pre-activations are', () => {
    for (const rho of [0.001, 0.05, 0.5, 0.95]) {
      const { term } = kl({ beta: 1, rho });
      for (const z of FAR_OUT) {
        const { value, gradient } = inFloat64(z, rho);
        const atZ = (preActivation: tf.Tensor) =>
          term(
            tf.sigmoid(preActivation as tf.Tensor2D),
            { rho },
            {
              preActivation: preActivation as tf.Tensor2D,
              hiddenActivation: 'sigmoid',
            },
          );
        const [got, pull] = tf.tidy(() => {
          const { value, grad } = tf.valueAndGrad(atZ)(tf.tensor2d(z, [z.length, 1]));
          return [numbersOf(value)[0] as number, numbersOf(grad)];
        });
        close(got, value, 3e-6);
        // Of the largest of the gradient: the batch shares it.
        const largest = Math.max(...gradient.map(Math.abs), 1e-3);
        for (const [k, slope] of gradient.entries())
          close((pull[k] as number) / largest, slope / largest, 1e-5);
      }
    }
  });

  it('pulls each of a batch of equal examples as one alone, divided by their number', () => {
    const [examples, rho] = [1000, 0.05];
    const { term } = kl({ beta: 1, rho });
    for (const z of [-40, -7.5, 1, 7.5, 40]) {
      const slopes = tf.tidy(() => {
        const cost = (preActivation: tf.Tensor) =>
          term(
            tf.sigmoid(preActivation as tf.Tensor2D),
            { rho },
            { preActivation: preActivation as tf.Tensor2D, hiddenActivation: 'sigmoid' },
          );
        return numbersOf(tf.grad(cost)(tf.fill([examples, 1], z)));
      });
      const [alone] = inFloat64([z], rho).gradient;
      for (const slope of slopes) close((slope * examples) / (alone as number), 1, 1e-5);
    }
  });

  it('enters the loss of a model by its pre-activations', () => {
    const model = sigmoidModel(-60);
    // ρ log(ρ/e⁻⁶⁰) + (1−ρ) log(1−ρ), as ρ̂ = σ(−60) = e⁻⁶⁰ to the last digit.
    const { penalty } = loss(model, ONES, { penalty: kl({ beta: 1, rho: 0.05 }) });
    close(penalty, 0.05 * (Math.log(0.05) + 60) + 0.95 * Math.log(0.95));
  });

  it('wakes units from wherever they sleep, and quiets those that are stuck at 1', async () => {
    for (const bias of [-40, -17, 17, 40]) {
      const model = sigmoidModel(bias);
      const penalty = kl({ beta: 1, rho: 0.05 });
      await train(model, ONES, { penalty, epochs: 20, batchSize: 4, learningRate: 0.1 });
      const moved = (model.encoderBias.values[0] as number) - bias;
      // Adam moves a weight with a steady gradient by the learning rate per step: 20 × 0.1.
      assert.ok(Math.abs(moved + Math.sign(bias) * 2) < 0.2, `from ${bias} by ${moved}`);
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
      /kl has no option 'roh'; did you mean 'rho'\? It has beta, rho/,
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

describe('a custom penalty', () => {
  const data = { values: Float32Array.of(0, 1, 1, 0, 1, 1, 0, 0), shape: [4, 2] as const };
  const model = () => new SparseAutoencoder({ inputDim: 2, hiddenDim: 3 });

  it('is any function of the activations that returns a scalar', async () => {
    const l2: Penalty = { name: 'L2', strength: 0.5, term: (h) => h.square().sum(1).mean() };
    const history = await train(model(), data, { penalty: l2, epochs: 1, batchSize: 2 });
    const { total, reconstruction, penalty } = history.last;
    close(total, reconstruction + 0.5 * penalty);
    assert.equal(history.penaltyName, 'L2');
  });

  it('may read the pre-activations and the name of the activation function as well', async () => {
    const seen = new Set<string>();
    // Σ z² in addition to h = relu(z): also what relu has cut off is pulled towards 0.
    const shrunk: Penalty = {
      name: 'z²',
      strength: 1,
      term(_h, _parameters, context) {
        if (!context) throw new Error('the loss gives the context');
        seen.add(context.hiddenActivation);
        return context.preActivation.square().sum(1).mean();
      },
    };
    const own = model();
    const before = own.forward({ values: data.values, shape: data.shape }).preActivation.values;
    const history = await train(own, data, { penalty: shrunk, epochs: 1, batchSize: 4 });
    close(history.rows[0]?.penalty ?? 0, before.reduce((sum, z) => sum + z * z, 0) / 4);
    assert.deepEqual([...seen], ['relu']);
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
