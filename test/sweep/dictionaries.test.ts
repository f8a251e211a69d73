import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auxK, loadDigits, SparseAutoencoder, seekL0, sweep, topK, train } from 'sparselab';
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
