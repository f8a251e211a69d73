import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { l1, loadDigits, SparseAutoencoder, TrainingState, train } from 'sparselab';
import { TrialStore } from 'sparselab/dist/sweep/store';
import { readTraining } from 'sparselab/dist/training/file';
import { close } from '../support/numbers';
import { temporaryFolder } from '../support/temporary';

/** Compiled, this file is in build/test. */
const fixtures = join(__dirname, '..', '..', '..', 'test', 'fixtures', 'first-format');
const fixture = (name: string) => join(fixtures, name);

describe('what the first version wrote', () => {
  it('loads: a model', () => {
    const model = SparseAutoencoder.load(fixture('model.safetensors'));
    assert.deepEqual(model.architecture, {
      inputDim: 64,
      hiddenDim: 3,
      hiddenActivation: 'sigmoid',
      outputActivation: 'sigmoid',
      tied: true,
      subtractDecoderBias: false,
    });
  });

  it('loads: a training of the cache, which ends in that model', () => {
    const history = readTraining(fixture('training.safetensors'));
    // 50 examples in batches of 20: 3 steps per epoch.
    assert.deepEqual([history.penaltyName, history.strength, history.steps.length], ['KL', 0.1, 9]);
    const { parameters } = SparseAutoencoder.load(fixture('model.safetensors'));
    assert.deepEqual({ ...history.state?.optimizer.parameters }, parameters);
    const { optimizer } = TrainingState.load(fixture('state.safetensors'));
    assert.deepEqual(history.state?.optimizer, optimizer);
  });

  it('loads: a state, and the training goes on with its batches of 20, 20 and 10', async () => {
    const resume = TrainingState.load(fixture('l1-state.safetensors'));
    assert.equal(resume.order.rest, 'small');
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 3, tied: true, seed: 1 });
    const options = { penalty: l1(1e-2), epochs: 4, batchSize: 20, seed: 1 };
    const { state } = await train(model, loadDigits().take(50), { ...options, resume });
    assert.equal(state?.step, 12);
    const whole = SparseAutoencoder.load(fixture('l1-after-4-epochs.safetensors'));
    // On the machine that wrote it bit for bit; others round differently. Other batches differ from the third digit on.
    for (const [name, { values }] of Object.entries(whole.parameters)) {
      values.forEach((value, i) => {
        close(model.parameters[name]?.values[i] as number, value, 1e-6);
      });
    }
  });

  it('loads: the results of a sweep', () => {
    const folder = join(temporaryFolder(), 'store');
    mkdirSync(folder);
    copyFileSync(fixture('store/results.jsonl'), join(folder, 'results.jsonl'));
    const store = new TrialStore(folder);
    assert.deepEqual(store.damaged, []);
    const found = Array.from(store.results.values(), ({ metrics }) => metrics.mse);
    assert.deepEqual(found, [0.24469442665576935, 0.2445579171180725]);
  });
});
