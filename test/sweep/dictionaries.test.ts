import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  auxK,
  evaluate,
  loadDigits,
  recovery,
  SparseAutoencoder,
  seekL0,
  sweep,
  syntheticFeatures,
  topK,
  train,
} from 'sparselab';
import { trialDefinition } from 'sparselab/dist/sweep/defineTrials';
import type { TrainingTrial } from 'sparselab/dist/sweep/trial';

const data = { name: 'digits', take: 200 } as const;

describe('a sweep of dictionaries', () => {
  it('puts settings of the activation and of rules where their names belong, others into the penalty', () => {
    const define = trialDefinition({
      data,
      model: { hiddenDim: 16, hiddenActivation: topK(2) },
      penalty: 'l1',
      train: { epochs: 1, rules: [seekL0(3), 'unitNormDecoder'] },
    });
    const { model, train: options, penalty } = define({ k: 4, target: 5, lambda: 0.1 }) as TrainingTrial;
    assert.deepEqual(model.hiddenActivation, { name: 'topK', k: 4 });
    assert.deepEqual(options.rules, [{ name: 'seekL0', target: 5 }, { name: 'unitNormDecoder' }]);
    assert.deepEqual(penalty?.parameters, { lambda: 0.1 });
  });

  it('gives each trial what train() gives alone, bit for bit', async () => {
    const rules = [{ name: 'auxK', deadAfter: 3, k: 2 }];
    const table = await sweep(
      { rate: [0.1, 0.2], seed: [1] },
      {
        data,
        model: {
          hiddenDim: 16,
          hiddenActivation: { name: 'winnerTakeAll', rate: 0.5 },
          subtractDecoderBias: true,
        },
        train: { epochs: 2, batchSize: 50, rules },
      },
    );
    for (const { settings, metrics } of table.rows) {
      const model = new SparseAutoencoder({
        inputDim: 64,
        hiddenDim: 16,
        hiddenActivation: { name: 'winnerTakeAll', rate: settings.rate as number },
        subtractDecoderBias: true,
        seed: 1,
      });
      const options = {
        epochs: 2,
        batchSize: 50,
        seed: 1,
        progress: false,
        rules: [auxK({ deadAfter: 3, k: 2 })],
      };
      const { last } = await train(model, loadDigits().take(200), options);
      assert.deepEqual([metrics.mse, metrics.l0], [last.mse, last.l0]);
    }
  });

  it('trains on rows made on the way, and measures on those that are stored', async () => {
    const truth = { features: 6, dim: 8, count: 300, seed: 2 };
    const shared = { model: { hiddenDim: 6 }, train: { epochs: 1, batchSize: 50 } } as const;
    const table = await sweep(
      { seed: [1] },
      { data: { name: 'synthetic features', ...truth, stream: 500 }, ...shared, metrics: ['mse', 'mcc'] },
    );
    const rows = syntheticFeatures(truth);
    const model = new SparseAutoencoder({ inputDim: 8, hiddenDim: 6, seed: 1 });
    await train(model, rows.stream(500), { epochs: 1, batchSize: 50, seed: 1, progress: false });
    assert.deepEqual(table.rows[0]?.metrics, {
      mse: evaluate(model, rows).mse,
      mcc: recovery(model, rows).mcc,
    });
    const define = (options: object) => () =>
      trialDefinition({ data: { name: 'digits' }, ...shared, ...options })({});
    const stream = (rows: number) => ({ name: 'synthetic features', ...truth, stream: rows });
    assert.throws(define({ data: stream(0) }), /stream must be in \[1, 2147483647\]; got 0/);
    assert.throws(define({ data: { name: 'digits', stream: 5 } }), /data 'digits' has no parameter 'stream'/);
    assert.throws(define({ evaluate: stream(5) }), /evaluate must be stored rows, .* got a stream/);
  });

  it('refuses what no other machine could make, and settings outside their range', () => {
    const define = (model: object, train: object = {}) =>
      trialDefinition({ data, model: { hiddenDim: 16, ...model }, train: { epochs: 1, ...train } });
    const own = { name: 'own', apply: (z: unknown) => z };
    assert.throws(
      () => define({ hiddenActivation: own })({}),
      /hiddenActivation must be one of the library's/,
    );
    assert.throws(
      () => define({}, { rules: [{ name: 'own', settle: () => ({}) }] })({}),
      /rules must be the library's/,
    );
    assert.throws(() => define({ hiddenActivation: { name: 'topK' } })({ k: 0 }), /k must be/);
    assert.throws(() => define({}, { rules: ['none'] })({}), /rules\[0\] must be one of/);
  });
});
