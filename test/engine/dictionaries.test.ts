import assert from 'node:assert/strict';
import { test } from 'node:test';
import { l1, Random, tf } from 'sparselab';
import { inputsAt, type OptimizerState } from 'sparselab/dist/engine';
import { engines } from '../support/engines';
import { type Recipe, recipeMember, recipes } from '../support/recipes';

const [dim, hiddenDim, batchSize, count] = [9, 20, 8, 32];
const random = new Random(5);
const examples = {
  values: Float32Array.from({ length: count * dim }, () => random.normal()),
  count,
  dim,
  scale: 1,
};
const rows = random.permutation(count);

const memberOf = (recipe: Recipe) => recipeMember(recipe, examples, hiddenDim);

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
