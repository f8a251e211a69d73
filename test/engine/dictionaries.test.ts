import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Activation,
  auxK,
  averageWeights,
  batchTopK,
  clipGradient,
  decoderL1,
  gated,
  jumpRelu,
  l0Window,
  l1,
  lp,
  masked,
  type Objective,
  Random,
  SparseAutoencoder,
  type StepRule,
  scaleInputs,
  seekL0,
  tf,
  topK,
  unitNormDecoder,
  winnerTakeAll,
} from 'sparselab';
import { initialState, inputsAt, type Member, type OptimizerState } from 'sparselab/dist/engine';
import { objectiveStep } from 'sparselab/dist/model/loss';
import { ramped } from 'sparselab/dist/training/ramp';
import { engines } from '../support/engines';

/** Units above the mean of their example. */
const aboveMean: Activation = {
  name: 'above mean',
  sparse: true,
  range: [0, Infinity],
  apply: (z) => masked(z, (values) => values.greater(values.mean(1, true)).logicalAnd(values.greater(0))),
};

/** A dictionary's activation, objective and rules. */
interface Recipe {
  readonly activation: Activation | 'relu';
  readonly objective?: Objective;
  readonly rules?: readonly StepRule[];
}

const recipes: Record<string, Recipe> = {
  'topK with AuxK': { activation: topK(3), rules: [auxK({ k: 4, deadAfter: 2 })] },
  'batchTopK with unit rows': { activation: batchTopK(2.5), rules: [unitNormDecoder()] },
  'winnerTakeAll with clipped gradients': { activation: winnerTakeAll(0.3), rules: [clipGradient(0.01)] },
  'jumpRelu with L0': {
    activation: jumpRelu({ threshold: 0.1, bandwidth: 0.5 }),
    objective: { penalty: l0Window({ lambda: 0.01, bandwidth: 0.5 }) },
    rules: [seekL0(4)],
  },
  'gated with L1': { activation: gated(), objective: { penalty: l1(0.01) } },
  'Matryoshka with batchTopK': { activation: batchTopK(3), objective: { prefixes: [4, 7, 20] } },
  'relu with decoder L1 and a running mean': {
    activation: 'relu',
    objective: { penalty: decoderL1(0.01) },
    rules: [averageWeights(0.5)],
  },
  'relu with Lp on scaled inputs': {
    activation: 'relu',
    objective: { penalty: lp({ lambda: 0.01, p: 0.7 }) },
    rules: [scaleInputs(), unitNormDecoder()],
  },
  'a custom activation': { activation: aboveMean, objective: { penalty: l1(0.01) } },
};

const [dim, hiddenDim, batchSize, count] = [9, 20, 8, 32];
const random = new Random(5);
const examples = {
  values: Float32Array.from({ length: count * dim }, () => random.normal()),
  count,
  dim,
  scale: 1,
};
const rows = random.permutation(count);

function memberOf({ activation, objective = {}, rules = [] }: Recipe): Member {
  const { architecture, parameters, state } = new SparseAutoencoder({
    inputDim: dim,
    hiddenDim,
    hiddenActivation: activation,
    subtractDecoderBias: true,
    seed: 2,
  });
  const start = { architecture, sample: { values: examples.values, shape: [count, dim] as const } };
  const own = rules.map((rule) => rule.state?.(parameters, start));
  const step = objectiveStep(architecture, objective, rules);
  return {
    step,
    initial: initialState(parameters, Object.assign({ ...state }, ...own)),
    learningRate: ramped('learningRate', 1e-2, { warmUp: 3, decay: 1 }, 4),
    betas: [0.5, 0.9],
    scheduled: { strength: ramped('strength', step.inputs.strength as number, { warmUp: 2 }, 4) },
  };
}

for (const [name, recipe] of Object.entries(recipes)) {
  test(`${name}: all engines agree, step by step and array by array`, async () => {
    const outcomes = new Map<string, { losses: Float32Array; states: OptimizerState[] }>();
    for (const [engine, runnerOf] of Object.entries(engines)) {
      const runner = await runnerOf({
        members: [memberOf(recipe)],
        source: examples,
        batchSizes: [batchSize],
      });
      const states: OptimizerState[] = [];
      const losses: number[] = [];
      for (let step = 0; step < 4; step++) {
        const [terms] = runner.run(rows.subarray(step * batchSize, (step + 1) * batchSize), batchSize);
        losses.push(...(terms as Float32Array));
        states.push(runner.states()[0] as OptimizerState);
      }
      runner.verify();
      runner.dispose();
      outcomes.set(engine, { losses: Float32Array.from(losses), states });
    }
    const eager = outcomes.get('eager');
    assert.ok(eager);
    for (const [engine, { losses, states }] of outcomes) {
      assertClose(losses, eager.losses, LATER, `${engine}: losses`);
      for (const group of ['parameters', 'firstMoments', 'state'] as const) {
        states.forEach((state, step) => {
          for (const [array, { values }] of Object.entries(state[group])) {
            const expected = eager.states[step]?.[group][array]?.values as Float32Array;
            const tolerance = step === 0 && group !== 'parameters' ? FIRST : LATER;
            assertClose(values, expected, tolerance, `${engine}: ${group}.${array} after step ${step + 1}`);
          }
        });
      }
    }
    const { state, parameters } = eager.states.at(-1) as OptimizerState;
    if (recipe.rules?.some((rule) => rule.name === 'unitNormDecoder')) {
      const decoder = tf.tensor2d(parameters.decoderWeights?.values as Float32Array, [hiddenDim, dim]);
      for (const norm of decoder.norm(2, 1).dataSync()) assert.ok(Math.abs(norm - 1) < 1e-5);
    }
    for (const { values } of Object.values(state)) assert.ok(values.every(Number.isFinite));
  });
}

test('numbers that a schedule names are those of the step, the others stay', () => {
  const member = memberOf({ activation: 'relu', objective: { penalty: l1(0.1), weightDecay: 0.3 } });
  // 0.1 × 1/2, then 0.1.
  assert.deepEqual(inputsAt(member, 0), { strength: 0.05, weightDecay: 0.3 });
  assert.deepEqual(inputsAt(member, 1), { strength: 0.1, weightDecay: 0.3 });
});

/**
 * Rounding error of float32, as a fraction of the largest number: in the first step, and once Adam has magnified the smallest
 * gradients.
 */
const [FIRST, LATER] = [1e-5, 1e-2];

function assertClose(actual: Float32Array, expected: Float32Array, tolerance: number, name: string): void {
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0.01);
  expected.forEach((value, i) => {
    const difference = Math.abs(value - (actual[i] as number));
    assert.ok(difference <= tolerance * largest, `${name}[${i}]: ${actual[i]} instead of ${value}`);
  });
}
