import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kl, l1, type Penalty, Random, SparseAutoencoder, tf } from 'sparselab';
import { initialState, type OptimizerState, type StepRunner } from 'sparselab/dist/engine';
import { type Objective, objectiveStep } from 'sparselab/dist/model/loss';
import { engines } from '../support/engines';
import { WHOLE } from '../support/run';

/** The activations without each example's three largest. The mask is a constant to the gradient, as TopK has it. */
const belowTopThree = tf.customGrad((input, save) => {
  const h = input as tf.Tensor2D;
  const threshold = tf.topk(h, Math.min(3, h.shape[1])).values.min(1, true);
  const mask = tf.cast(tf.less(h, threshold), 'float32');
  (save as tf.GradSaveFunc)([mask]);
  return {
    value: h.mul(mask),
    gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => dy.mul(saved as tf.Tensor),
  };
});

/** Penalises all but the three largest activations of each example. */
const topThree: Penalty = {
  name: 'top three',
  strength: 0.1,
  term: (h) => belowTopThree(h).square().sum(1).mean(),
};

/** Σ over pairs of neighbours of √(h₁² + h₂² + ε): units that fire together are paid for once. */
const group: Penalty = {
  name: 'group',
  strength: 0.05,
  parameters: { epsilon: 1e-3 },
  term(h, { epsilon = 1e-3 } = {}) {
    const [batch, units] = h.shape;
    const paired = tf.pad(h, [
      [0, 0],
      [0, units % 2],
    ]);
    const pairs = tf.reshape(paired, [batch, Math.ceil(units / 2), 2]);
    return tf.mean<tf.Scalar>(tf.sum(tf.sqrt(tf.add(tf.sum(tf.square(pairs), 2), epsilon)), 1));
  },
};

/** The entropy of the mean activations as shares, and of each unit as a coin. */
const entropies: Penalty = {
  name: 'entropies',
  strength: 0.02,
  term(h) {
    const p = h.sigmoid();
    const coins = p
      .mul(p.log())
      .add(tf.sub(1, p).mul(tf.sub(1, p).log()))
      .sum(1)
      .mean<tf.Scalar>();
    return tf.softmax(h.mean(0)).log().mean<tf.Scalar>().add<tf.Scalar>(coins).neg();
  },
};

/** A different weight for each unit: numbers from outside the step. */
const weighted: Penalty = {
  name: 'weighted',
  strength: 0.05,
  term(h) {
    const weights = tf.range(1, h.shape[1] + 1).div(h.shape[1]);
    return tf
      .concat([h.slice([0, 0], [1, -1]), h.reverse(0)])
      .abs()
      .mul(weights)
      .cumsum(1)
      .mean();
  },
};

const anyObjective: fc.Arbitrary<Objective> = fc.record(
  {
    penalty: fc.constantFrom(l1(0.01), topThree, group, entropies, weighted),
    weightDecay: fc.constantFrom(0, 0.01),
    reconstructionLoss: fc.constantFrom('meanSquaredError', 'halfSquaredError'),
  },
  { requiredKeys: [] },
);

const anyActivation = fc.constantFrom('linear', 'relu', 'sigmoid', 'tanh', 'softplus');

const anyTraining = fc
  .record({
    inputDim: fc.integer({ min: 1, max: 20 }),
    hiddenDim: fc.integer({ min: 1, max: 30 }),
    hiddenActivation: anyActivation,
    outputActivation: anyActivation,
    tied: fc.boolean(),
    objective: anyObjective,
    batchSize: fc.integer({ min: 1, max: 17 }),
    wholeBatches: fc.integer({ min: 1, max: 3 }),
    rest: fc.nat(16),
    uint8: fc.boolean(),
    seed: fc.nat(1000),
  })
  // KL needs activations in (0, 1), and only sigmoid's always are.
  .map((training) =>
    training.hiddenActivation === 'sigmoid' && training.seed % 2 === 0
      ? { ...training, objective: { ...training.objective, penalty: kl({ beta: 0.1, rho: 0.2 }) } }
      : training,
  );

test('all engines agree to what float32 allows, whatever the step and the batches', async () => {
  await fc.assert(
    fc.asyncProperty(anyTraining, async (training) => {
      const { objective, batchSize, wholeBatches, uint8, seed, inputDim: dim, ...form } = training;
      const rest = training.rest % batchSize;
      const count = wholeBatches * batchSize + rest;
      const random = new Random(seed);
      const model = new SparseAutoencoder({
        inputDim: dim,
        hiddenDim: form.hiddenDim,
        hiddenActivation: form.hiddenActivation,
        outputActivation: form.outputActivation,
        tied: form.tied,
        seed,
      });
      const draw = () => random.uniform();
      const examples = {
        values: uint8
          ? Uint8Array.from({ length: count * dim }, () => 256 * draw())
          : Float32Array.from({ length: count * dim }, draw),
        count,
        dim,
        scale: uint8 ? 1 / 255 : 1,
      };
      const step = objectiveStep(model.architecture, objective);
      const rows = random.permutation(count);
      const whole = wholeBatches * batchSize;

      const outcomes: Record<string, Outcome> = {};
      for (const [engine, runnerOf] of Object.entries(engines)) {
        const runner = await runnerOf({
          members: [{ step, initial: initialState(model.parameters), learningRate: 1e-3 }],
          source: examples,
          batchSizes: rest ? [batchSize, rest] : [batchSize],
        });
        const first = runner.run(rows.subarray(0, batchSize), batchSize);
        const afterFirst = runner.states();
        const losses = [first, runner.run(rows.subarray(batchSize, whole), batchSize)];
        if (rest) losses.push(runner.run(rows.subarray(whole), rest));
        outcomes[engine] = { gradients: gradients(afterFirst), losses: flat(losses), steps: stepsOf(runner) };
        runner.dispose();
      }
      const { eager, ...compiled } = outcomes as Record<'eager', Outcome>;
      for (const [engine, { gradients, losses, steps }] of Object.entries<Outcome>(compiled)) {
        assert.equal(steps, eager.steps);
        // Sums over a batch in another order: some of float32's 6e-8 of what is summed, which may cancel to less.
        for (const [name, expected] of Object.entries(eager.gradients)) {
          assertClose(gradients[name] as Float32Array, expected, 2e-6, `${engine}: ${name}`);
        }
        // Later steps start from parameters that differ in the last digits, and Adam magnifies the smallest gradients.
        assertClose(losses, eager.losses, 2e-5, `${engine}: losses`);
      }
    }),
    { numRuns: WHOLE ? 40 : 10 },
  );
});

interface Outcome {
  readonly gradients: Record<string, Float32Array>;
  readonly losses: Float32Array;
  readonly steps: number;
}

/** After one step Adam's first moment is 0.1 × the gradient. */
function gradients(states: readonly OptimizerState[]): Record<string, Float32Array> {
  const [state] = states;
  return Object.fromEntries(
    Object.entries(state?.firstMoments ?? {}).map(([name, { values }]) => [name, values]),
  );
}

const flat = (losses: readonly Float32Array[][]) => Float32Array.from(losses.flat().flatMap((l) => [...l]));

const stepsOf = (runner: StepRunner) => runner.states()[0]?.step ?? -1;

/** Every difference is at most `tolerance` × the largest number, or 0.1 if all are smaller. */
function assertClose(actual: Float32Array, expected: Float32Array, tolerance: number, name: string): void {
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0.1);
  expected.forEach((value, i) => {
    const difference = Math.abs(value - (actual[i] as number));
    assert.ok(difference <= tolerance * largest, `${name}[${i}]: ${actual[i]} instead of ${value}`);
  });
}
