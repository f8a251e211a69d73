import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random, tf } from 'sparselab';
import { initialState, type TrainingStep } from 'sparselab/dist/engine';
import { engines } from '../support/engines';

const [ROWS, COLUMNS] = [64, 1024];
const SIZE = ROWS * COLUMNS;
const random = new Random(3);
const numbers = (next: (i: number) => number) => Float32Array.from({ length: SIZE }, (_, i) => next(i));

/** Where counting could go wrong: signs, equal numbers, numbers that differ in their last bits, powers of ten. */
const kinds: Record<string, Float32Array> = {
  normal: numbers(() => random.normal()),
  'all negative': numbers(() => -1 - random.uniform()),
  'mostly zero': numbers((i) => (i % 100 === 0 ? random.normal() : 0)),
  'seven different': numbers((i) => (i % 7) - 3),
  'one hair apart': numbers((i) => 1 + i * 2 ** -23),
  'of all sizes': numbers(() => random.normal() * 10 ** (60 * random.uniform() - 30)),
  'sorted in a row': numbers((i) => i % COLUMNS),
};
const ranks = [1, 2, 1000, 5000, 40_000, SIZE];

for (const [engine, runnerOf] of Object.entries(engines)) {
  test(`${engine}: the k-th largest of ${SIZE} numbers is the one that sorting finds, whatever the numbers are`, async () => {
    const step: TrainingStep = {
      inputs: {},
      terms: ['total'],
      loss: ({ weight }, x, _, __, see) => {
        see('x', x);
        return { total: tf.mul<tf.Scalar>(weight as tf.Scalar, 0) };
      },
      nextState: (_, { x }) =>
        Object.fromEntries(
          ranks.map((k) => {
            const row = (x as tf.Tensor2D).reshape<tf.Tensor2D>([1, SIZE]);
            return [
              `${k}`,
              tf
                .topk(row, k)
                .values.slice([0, k - 1], [-1, 1])
                .reshape([1]),
            ];
          }),
        ),
    };
    const empty = () => ({ values: new Float32Array(1), shape: [1] });
    const all = Object.values(kinds);
    const runner = await runnerOf({
      members: [
        {
          step,
          initial: initialState(
            { weight: { values: new Float32Array(1), shape: [] } },
            Object.fromEntries(ranks.map((k) => [`${k}`, empty()])),
          ),
          learningRate: 1,
        },
      ],
      source: {
        values: Float32Array.from(all.flatMap((values) => [...values])),
        count: ROWS * all.length,
        dim: COLUMNS,
        scale: 1,
      },
      batchSizes: [ROWS],
    });
    for (const [index, [kind, values]] of Object.entries(kinds).entries()) {
      runner.run(
        Int32Array.from({ length: ROWS }, (_, row) => index * ROWS + row),
        ROWS,
      );
      const state = runner.states()[0]?.state;
      const sorted = values.slice().sort().reverse();
      for (const k of ranks) assert.equal(state?.[k]?.values[0], sorted[k - 1], `${kind}, k ${k}`);
    }
    runner.verify();
    runner.dispose();
  });
}
