import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ExampleStream,
  l1,
  SparseAutoencoder,
  syntheticFeatures,
  TrainingState,
  type TrainOptions,
  train,
  trainTogether,
} from 'sparselab';
import { initialState } from 'sparselab/dist/engine';
import { objectiveStep } from 'sparselab/dist/model/loss';
import { engines } from '../support/engines';
import { close } from '../support/numbers';
import { temporaryFolder } from '../support/temporary';

const truth = syntheticFeatures({ count: 200, seed: 1, features: 6, dim: 8 });
const newModel = () => new SparseAutoencoder({ inputDim: 8, hiddenDim: 6, seed: 2, initializer: 'unitNorm' });
const options: TrainOptions = { epochs: 2, batchSize: 32, penalty: l1(1e-3) };
const numbers = (model: SparseAutoencoder) => Object.values(model.parameters).map(({ values }) => values);

describe('training on a stream', () => {
  it('takes the rows in the order of their numbers, and in the next epoch new ones', async () => {
    const asked: number[] = [];
    const stream = new ExampleStream({
      ...{ name: 'ones', count: 96, dim: 8, identity: 'ones' },
      fill: (index, target) => {
        asked.push(index);
        target.fill(1);
      },
    });
    await train(newModel(), stream, { ...options, monitor: truth });
    // The checksum has looked at the first 96 before.
    assert.deepEqual(
      asked.slice(-192),
      Array.from({ length: 2 * 96 }, (_, index) => index),
    );
  });

  it('gives the numbers of the same rows, stored, on every engine', async () => {
    const stream = truth.stream(96);
    const rows = Int32Array.from({ length: 96 }, (_, index) => index);
    const stored = { values: stream.gather(rows), count: 96, dim: 8, scale: 1 };
    const member = () => {
      const model = newModel();
      const step = objectiveStep(model.architecture, { penalty: l1(1e-3) });
      return { step, initial: initialState(model.parameters), learningRate: 1e-3 };
    };
    for (const [name, engine] of Object.entries(engines)) {
      const [fromStream, fromStored] = await Promise.all(
        [stream, stored].map(async (source) => {
          const runner = await engine({ members: [member()], source, batchSizes: [32] });
          const losses = [rows.subarray(0, 32), rows.subarray(32)].map((names) => [
            ...(runner.run(names, 32)[0] ?? []),
          ]);
          const [state] = runner.states();
          runner.dispose();
          return { losses, state };
        }),
      );
      assert.deepEqual(fromStream, fromStored, name);
    }
  });

  it('goes on after a resume as if nothing had happened, bit for bit', async () => {
    const whole = newModel();
    await train(whole, truth.stream(96), options);
    const half = await train(newModel(), truth.stream(96), { ...options, epochs: 1 });
    const path = `${temporaryFolder()}/state.safetensors`;
    half.state?.save(path);
    const resumed = newModel();
    await train(resumed, truth.stream(96), { ...options, resume: TrainingState.load(path) });
    assert.deepEqual(numbers(resumed), numbers(whole));
  });

  it('refuses a resume on other rows', async () => {
    const { state } = await train(newModel(), truth.stream(96), { ...options, epochs: 1 });
    const other = syntheticFeatures({ count: 1, seed: 2, features: 6, dim: 8 }).stream(96);
    await assert.rejects(
      train(newModel(), other, { ...options, ...(state && { resume: state }) }),
      /^RangeError: resume must be the state of a training on the same data/,
    );
  });

  it('trains several models on the same rows, each as alone', async () => {
    const [together, alone] = [newModel(), newModel()];
    await trainTogether([{ model: newModel() }, { model: together, penalty: l1(1e-3) }], truth.stream(96), {
      epochs: 2,
      batchSize: 32,
    });
    await train(alone, truth.stream(96), options);
    for (const [index, values] of numbers(together).entries()) {
      values.forEach((value, i) => {
        close(value, numbers(alone)[index]?.[i] as number);
      });
    }
  });

  it('finds the features again', async () => {
    const history = await train(newModel(), truth.stream(6400), { ...options, epochs: 1, monitor: truth });
    assert.ok(history.last.mse < 0.5 * (history.rows[0]?.mse as number));
  });

  it('refuses rows of another width and more epochs than there are row numbers', async () => {
    const wide = new SparseAutoencoder({ inputDim: 9, hiddenDim: 6 });
    await assert.rejects(
      train(wide, truth.stream(96), options),
      /data must have 9 columns, the model's inputDim/,
    );
    await assert.rejects(
      train(newModel(), truth.stream(2e9), { ...options, epochs: 2 }),
      /^RangeError: epochs must be an integer at most 1; got 2$|^RangeError: epochs must be at most 1; got 2$/,
    );
  });
});
