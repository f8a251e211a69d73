import assert from 'node:assert/strict';
import os from 'node:os';
import { test } from 'node:test';
import { l1, Random, SparseAutoencoder } from 'sparselab';
import { createEngine, initialState } from 'sparselab/dist/engine';
import { objectiveStep } from 'sparselab/dist/loss';

const INPUT = 784;
const EXAMPLES = 1000;

/** The losses of two epochs of large batches and a smaller last one, on a machine of so many processors. */
async function losses(processors: number, batchSize: number, tied: boolean, compile: boolean) {
  const spy = test.mock.method(os, 'availableParallelism', () => processors);
  const random = new Random(7);
  const model = new SparseAutoencoder({ inputDim: INPUT, hiddenDim: 512, tied, seed: 1 });
  const rest = EXAMPLES % batchSize;
  const { runner } = await createEngine({
    members: [
      {
        step: objectiveStep(model.architecture, { penalty: l1(1e-3) }),
        initial: initialState(model.parameters),
        learningRate: 1e-3,
      },
    ],
    source: {
      values: Float32Array.from({ length: EXAMPLES * INPUT }, () => random.uniform()),
      count: EXAMPLES,
      dim: INPUT,
      scale: 1,
    },
    batchSizes: rest ? [batchSize, rest] : [batchSize],
    compile,
  });
  const results: number[] = [];
  for (let epoch = 0; epoch < 2; epoch++) {
    const rows = random.permutation(EXAMPLES);
    for (const [part, size] of [
      [rows.subarray(0, EXAMPLES - rest), batchSize],
      [rows.subarray(EXAMPLES - rest), rest],
    ] as const) {
      if (part.length > 0) for (const terms of runner.run(part, size)) results.push(...terms);
    }
  }
  runner.dispose();
  spy.mock.restore();
  return results;
}

for (const [batchSize, tied] of [
  [250, false],
  [256, false],
  [256, true],
] as const) {
  test(`large products are the same in as many parts as processors ask for: batches of ${batchSize}, ${tied ? 'tied' : 'untied'} weights`, async () => {
    const eager = await losses(1, batchSize, tied, false);
    assert.ok(eager.length > 0 && eager.every(Number.isFinite));
    for (const processors of [1, 2, 4, 16]) {
      const compiled = await losses(processors, batchSize, tied, true);
      assert.equal(compiled.length, eager.length);
      compiled.forEach((value, k) => {
        const expected = eager[k] as number;
        assert.ok(
          Math.abs(value - expected) <= 2e-5 * Math.abs(expected),
          `loss ${k} with ${processors} processors: ${value}, eager ${expected}`,
        );
      });
    }
  });
}
