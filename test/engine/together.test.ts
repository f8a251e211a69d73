import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  kl,
  l1,
  loadDigits,
  type Penalty,
  SparseAutoencoder,
  type TrainingRun,
  tf,
  train,
  trainTogether,
} from 'sparselab';

const digits = loadDigits().take(300);
const shared = { epochs: 2, batchSize: 64, seed: 3 };

/** Models that differ in all that may differ. */
const runs = (): TrainingRun[] => [
  { model: new SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 1 }), penalty: l1(1e-3) },
  { model: new SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 2 }), penalty: l1(1e-2) },
  {
    model: new SparseAutoencoder({ inputDim: 64, hiddenDim: 9, hiddenActivation: 'sigmoid', tied: true }),
    penalty: kl({ beta: 0.1, rho: 0.1 }),
    weightDecay: 1e-3,
    learningRate: 3e-3,
  },
];

describe('trainTogether', () => {
  it('takes members for the same step only if they are, whatever they have in common', async () => {
    const once = { ...shared, epochs: 1 };
    const square = (scale: number): Penalty => ({
      name: 'square',
      strength: 0.1,
      term: (h) => h.square().mul(scale).sum(1).mean(),
    });
    const likely = (): TrainingRun[] =>
      // The same code with another captured number, the same with another strength, and another operation.
      [square(1), square(2), { ...square(2), strength: 0.3 }, l1(0.1)].map((penalty) => ({
        model: new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, seed: 1 }),
        penalty,
      }));
    const together = likely();
    await trainTogether(together, digits, once);
    for (const [index, { model, ...own }] of likely().entries()) {
      await train(model, digits, { ...once, ...own });
      assert.deepEqual(together[index]?.model.parameters, model.parameters);
    }
  });

  for (const compile of [true, false]) {
    it(`gives each model what train() gives it alone, bit for bit (compile: ${compile})`, async () => {
      const together = runs();
      const histories = await trainTogether(together, digits, { ...shared, compile });
      for (const [index, run] of runs().entries()) {
        const { model, ...own } = run;
        const history = await train(model, digits, { ...shared, ...own, compile });
        assert.deepEqual(together[index]?.model.parameters, model.parameters);
        assert.deepEqual(histories[index]?.steps, history.steps);
        assert.deepEqual(histories[index]?.rows, history.rows);
        assert.equal(histories[index]?.status, 'finished');
      }
    });
  }

  it('goes on with the others when one diverges', async () => {
    const [first, second] = runs() as [TrainingRun, TrainingRun];
    const histories = await trainTogether([{ ...first, learningRate: 1e38 }, second], digits, shared);
    assert.deepEqual(
      histories.map(({ status }) => status),
      ['diverged', 'finished'],
    );
    assert.ok(second.model.encoderWeights.values.every(Number.isFinite));
    assert.ok(first.model.encoderWeights.values.every(Number.isFinite));
  });

  it('reports the progress of each and leaves no tensor behind', async () => {
    const tensors = tf.memory().numTensors;
    const seen: number[] = [];
    await trainTogether(runs(), digits, { ...shared, onProgress: (progress) => seen.push(progress.length) });
    assert.deepEqual(new Set(seen), new Set([3]));
    assert.equal(tf.memory().numTensors, tensors);
  });

  it('refuses no model, one model twice, and states of different steps', async () => {
    await assert.rejects(trainTogether([], digits, shared), /runs must hold at least one training; got none/);
    const [first, second] = runs() as [TrainingRun, TrainingRun];
    await assert.rejects(trainTogether([first, first], digits, shared), /runs must each have a model/);
    const { model, ...own } = first;
    const { state } = await train(model, digits, { ...shared, ...own, epochs: 1 });
    assert.ok(state);
    await assert.rejects(
      trainTogether([{ ...first, resume: state }, second], digits, shared),
      /resume must be at the same step for all runs; got steps 5 and 0/,
    );
  });
});
