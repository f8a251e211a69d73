import assert from 'node:assert/strict';
import os from 'node:os';
import { test } from 'node:test';
import { l1, type Penalty, Random, SparseAutoencoder, tf } from 'sparselab';
import { createEngine, initialState } from 'sparselab/dist/engine';
import { objectiveStep } from 'sparselab/dist/model/loss';
import { sampled } from '../support/run';

const INPUT = 784;
const EXAMPLES = 1000;

/**
 * How far losses may be apart, as a fraction: in the first quarter of the steps as far as sums in another order differ in float32;
 * later such differences have grown with every step of Adam, with some orders of the examples to 9e-5.
 */
const TOLERANCES = { first: 1e-6, later: 3e-4 };

interface Case {
  readonly batchSize: number;
  readonly hiddenDim?: number;
  readonly tied?: boolean;
  readonly penalty?: Penalty;
}

/**
 * The losses of two epochs of large batches and a smaller last one, on a machine with this many processors.
 *
 * @param models How many are trained side by side; the losses are those of the last.
 */
async function losses(
  processors: number,
  { batchSize, hiddenDim = 512, tied = false, penalty = l1(1e-3) }: Case,
  compile: boolean,
  models = 1,
) {
  const spy = test.mock.method(os, 'availableParallelism', () => processors);
  const random = new Random(7);
  const model = new SparseAutoencoder({ inputDim: INPUT, hiddenDim, tied, seed: 1 });
  const rest = EXAMPLES % batchSize;
  const { runner } = await createEngine({
    members: Array.from({ length: models }, () => ({
      step: objectiveStep(model.architecture, { penalty }),
      initial: initialState(model.parameters),
      learningRate: 1e-3,
    })),
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
      if (part.length > 0) results.push(...(runner.run(part, size).at(-1) ?? []));
    }
  }
  runner.dispose();
  spy.mock.restore();
  return results;
}

/** Checks that the graph computes what the step does, however many processors share its work. */
async function agreesWithEager(options: Case, processorCounts: readonly number[]): Promise<void> {
  const eager = await losses(1, options, false);
  assert.ok(eager.length > 0 && eager.every(Number.isFinite));
  for (const processors of processorCounts) {
    const compiled = await losses(processors, options, true);
    assert.equal(compiled.length, eager.length);
    compiled.forEach((value, k) => {
      const expected = eager[k] as number;
      const tolerance = k < eager.length / 4 ? TOLERANCES.first : TOLERANCES.later;
      assert.ok(
        Math.abs(value - expected) <= tolerance * Math.abs(expected),
        `loss ${k} with ${processors} processors: ${value}, eager ${expected}`,
      );
    });
  }
}

for (const [batchSize, tied] of [
  [250, false],
  [256, false],
  [256, true],
] as const) {
  test(`large products are the same in as many parts as processors ask for: batches of ${batchSize}, ${tied ? 'tied' : 'untied'} weights`, () =>
    agreesWithEager({ batchSize, tied }, [1, 2, 4, 16]));
}

for (const [hiddenDim, batchSize] of sampled([
  [100, 250],
  [64, 128],
  [256, 256],
  [512, 500],
] as const)) {
  test(`a model's numbers are the same, bit for bit, alone and next to others: H=${hiddenDim} B=${batchSize}`, async () => {
    for (const processors of [2, 4]) {
      const alone = await losses(processors, { batchSize, hiddenDim }, true);
      for (const models of [2, 5]) {
        assert.deepEqual(await losses(processors, { batchSize, hiddenDim }, true, models), alone);
      }
    }
  });
}

const someRows = tf.tensor1d([1, 0, 1, 1], 'int32');

/** Terms in which rows of the code meet each other or not, in every way that decides whether row blocks can be kept. */
const TERMS: Readonly<Record<string, (h: tf.Tensor2D) => tf.Tensor>> = {
  'each row by itself': (h) => h.mul(h.sub(0.5).step()).add(h.exp().log1p()).sum(1),
  'a column of the batch next to its rows': (h) => h.sub(h.mean(1, true)).square().max(1),
  'a row for each of them': (h) => h.sub(h.mean(0, true)).abs().mean(1),
  'a softmax along each': (h) => tf.softmax(h).mul(h).sum(1),
  'the batch upside down': (h) => h.reverse(0).mul(h).mean(1),
  'the batch in another shape': (h) => h.reshape([-1, 2 * (h.shape[1] ?? 1)]).max(1),
  'a new axis': (h) =>
    h
      .expandDims(1)
      .sub(h.slice([0, 0], [2, -1]).expandDims(0))
      .square()
      .sum(2),
  'some rows, by their numbers': (h) => tf.gather(h, someRows).square(),
  'the largest of each unit': (h) => h.max(0),
  'both axes at once': (h) => h.square().sum([0, 1]).sqrt(),
  'products of units': (h) => tf.matMul(h, h, true, false).square(),
  'products of rows': (h) => tf.matMul(h, h, false, true).square(),
  'products of both, transposed': (h) => tf.matMul(h, h.transpose(), true, true).square(),
};

for (const [what, term] of Object.entries(TERMS)) {
  test(`a loss is the same in row blocks and in one piece: ${what}`, () =>
    agreesWithEager(
      {
        batchSize: 256,
        penalty: { name: what, strength: 0.01, term: (h) => term(h).mean<tf.Scalar>() },
      },
      [2, 4],
    ));
}
