import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type AutoencoderOptions,
  backendReady,
  Dataset,
  type History,
  kl,
  l1,
  loadDigits,
  loss,
  type Penalty,
  SparseAutoencoder,
  TrainingState,
  type TrainOptions,
  tf,
  train,
} from 'sparselab';
import { close } from '../support/numbers';
import { temporaryFolder } from '../support/temporary';

const digits = loadDigits().take(300);
const newModel = (form: Partial<AutoencoderOptions> = {}) =>
  new SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 1, ...form });
const options: TrainOptions = { penalty: l1(1e-3), epochs: 2, batchSize: 64, seed: 7 };

describe('train', () => {
  it('lowers the loss on real digits', async () => {
    const history = await train(newModel(), digits, { ...options, epochs: 10 });
    assert.equal(history.end, 'finished');
    assert.ok(history.last.total < 0.5 * (history.rows[0]?.total as number));
  });

  it('repeats a run exactly: same seed, same numbers, bit for bit', async () => {
    const run = async (seed: number) => {
      const model = newModel();
      const { rows, steps } = await train(model, digits, { ...options, seed });
      return { rows, steps, parameters: model.parameters };
    };
    assert.deepEqual(await run(7), await run(7));
    assert.notDeepEqual((await run(7)).parameters, (await run(8)).parameters);
  });

  it('resumes from a saved state as if it had never stopped, bit for bit, at any step', async () => {
    const whole = newModel();
    const history = await train(whole, digits, options);
    const path = join(temporaryFolder(), 'state.safetensors');
    for (const stopAfter of [1, 4, 5, 7]) {
      const first = await train(newModel(), digits, { ...options, ...abortAfter(stopAfter) });
      assert.equal(first.end, 'stopped');
      first.state?.save(path);
      const second = newModel({ seed: 99 });
      const rest = await train(second, digits, { ...options, resume: TrainingState.load(path) });
      assert.equal(rest.rows[0]?.step, first.last.step);
      assert.deepEqual(second.parameters, whole.parameters);
      assert.deepEqual(rest.last, history.last);
    }
  });

  it('stops between two steps when the signal is aborted, and keeps what was learned', async () => {
    const model = newModel();
    const untrained = structuredClone(model.parameters);
    const history = await train(model, digits, { ...options, epochs: 10_000, ...abortAfter(3) });
    assert.equal(history.end, 'stopped');
    assert.ok(history.steps.length >= 3 && history.steps.length < 50_000);
    assert.equal(history.last.step, history.steps.length);
    assert.notDeepEqual(model.parameters, untrained);
    assert.equal(model.history, history);
  });

  it('uses the last, smaller batch, and every example once an epoch', async () => {
    // Five examples in batches of two: 2 + 2 + 1. The loss of a step is the mean over its own batch.
    const rows = Float32Array.of(1, 2, 3, 4, 5);
    const zeros = { values: Float32Array.of(0), shape: [1] };
    const silent = new SparseAutoencoder({ inputDim: 1, hiddenDim: 1 });
    silent.setParameters({
      encoderWeights: { ...zeros, shape: [1, 1] },
      encoderBias: zeros,
      decoderWeights: { ...zeros, shape: [1, 1] },
      decoderBias: zeros,
    });
    const data = { values: rows, shape: [5, 1] as const };
    const { steps } = await train(silent, data, { epochs: 1, batchSize: 2, learningRate: 1e-12 });
    const sumOfSquares = steps.reduce((sum, { total }, i) => sum + total * ([2, 2, 1][i] as number), 0);
    assert.equal(steps.length, 3);
    close(sumOfSquares, 1 + 4 + 9 + 16 + 25);
  });

  it('records the model before training and then recordsPerEpoch times an epoch', async () => {
    const { rows } = await train(newModel(), digits, { ...options, epochs: 3, recordsPerEpoch: 2 });
    // 300 examples in batches of 64: 5 steps an epoch, records after steps 3 and 5 of each.
    assert.deepEqual(
      rows.map(({ step }) => step),
      [0, 3, 5, 8, 10, 13, 15],
    );
    assert.equal(rows.at(-1)?.epoch, 3);
  });

  it('records on one fixed sample what loss() says of the model there', async () => {
    const model = newModel({ hiddenActivation: 'sigmoid' });
    const objective = { penalty: kl({ beta: 0.5, rho: 0.1 }), weightDecay: 1e-3 };
    const monitor = digits.take(50);
    const { last } = await train(model, digits, { ...objective, epochs: 1, monitor });
    const terms = loss(model, monitor, objective);
    close(last.total, terms.total);
    close(last.penalty, terms.penalty);
    close(last.weightDecay, terms.weightDecay);
    assert.equal(last.meanActivation.length, 16);
  });

  it('leaves no tensor behind, stopped or finished', async () => {
    await backendReady();
    const before = tf.memory().numTensors;
    await train(newModel(), digits, options);
    await train(newModel(), digits, { ...options, ...abortAfter(2) });
    assert.equal(tf.memory().numTensors, before);
  });

  it('ends as failed when a callback throws, and says so to the caller', async () => {
    const model = newModel();
    const onProgress = () => {
      throw new Error('not today');
    };
    await assert.rejects(train(model, digits, { ...options, onProgress }), /not today/);
    assert.equal(model.history?.end, 'failed');
    assert.equal((await train(model, digits, options)).end, 'finished');
  });

  it('takes a tensor, a matrix or a data set, with the same result', async () => {
    const x = digits.toTensor();
    const matrix = { values: x.dataSync<'float32'>().slice(), shape: x.shape as [number, number] };
    const results = [];
    for (const data of [digits, x, matrix]) {
      const model = newModel();
      await train(model, data, options);
      results.push(model.parameters);
    }
    x.dispose();
    // uint8 pixels times 1/16 are exact in float32.
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  });

  it('ends as diverged when the loss is no longer finite, and leaves the last finite model', async () => {
    const model = newModel();
    const history = await train(model, digits, { ...options, epochs: 50, learningRate: 1e30 });
    assert.equal(history.end, 'diverged');
    assert.ok(Object.values(model.parameters).every(({ values }) => values.every(Number.isFinite)));
    assert.ok(Number.isFinite(history.last.total));
  });

  it('tells where it is: steps in all, epoch, the newest loss', async () => {
    const seen: number[] = [];
    await train(newModel(), digits, {
      ...options,
      onProgress: ({ step, steps, epoch, loss: { total } }) => {
        assert.equal(steps, 10);
        close(epoch, step / 5);
        assert.ok(Number.isFinite(total));
        seen.push(step);
      },
    });
    assert.equal(seen.at(-1), 10);
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
  });

  it('begins as soon as a training that was told to stop has ended', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const model = newModel();
    let again: Promise<History> | undefined;
    const onProgress = () => {
      controller.abort();
      again ??= train(model, digits, options);
    };
    const first = await train(model, digits, { ...options, epochs: 1000, signal, onProgress });
    assert.equal(first.end, 'stopped');
    assert.equal((await again)?.end, 'finished');
  });
});

describe('train refuses, before the first step', () => {
  const refused = async (
    change: Partial<Record<keyof TrainOptions, unknown>>,
    message: RegExp,
    data = digits,
  ) => {
    const model = newModel();
    const before = structuredClone(model.parameters);
    await assert.rejects(train(model, data, { ...options, ...change } as TrainOptions), message);
    assert.deepEqual(model.parameters, before);
    assert.equal(model.history, undefined);
  };

  it('numbers outside their range', async () => {
    await refused({ epochs: 0 }, /epochs must be at least 1; got 0/);
    await refused({ epochs: undefined }, /epochs must be an integer at least 1; got undefined/);
    await refused({ batchSize: 301 }, /batchSize must be in \[1, 300\]; got 301/);
    await refused({ batchSize: 2.5 }, /batchSize must be an integer in \[1, 300\]; got 2.5/);
    await refused({ learningRate: 0 }, /learningRate must be above 0; got 0/);
    await refused({ learningRate: Number.NaN }, /learningRate must be above 0; got NaN/);
    await refused({ seed: -1 }, /seed must be at least 0; got -1/);
    await refused({ weightDecay: -1 }, /weightDecay must be at least 0; got -1/);
    await refused({ recordsPerEpoch: 0 }, /recordsPerEpoch must be at least 1; got 0/);
  });

  it('options that it does not have', () => refused({ lamda: 1 } as never, /train has no option 'lamda'/));

  it('data that is not finite, of the wrong width or empty', async () => {
    const rows = (value: number, dim = 64) => ({
      values: new Float32Array(dim * 4).fill(value),
      shape: [4, dim] as const,
    });
    const model = newModel();
    await assert.rejects(
      train(model, rows(Number.NaN), options),
      /data must be finite; got NaN in row 0, column 0/,
    );
    await assert.rejects(train(model, rows(Number.POSITIVE_INFINITY), options), /Infinity/);
    await assert.rejects(
      train(model, rows(1, 63), options),
      /data must have 64 columns, the model's inputDim; got shape \[4, 63\]/,
    );
    await assert.rejects(
      train(model, new Dataset({ name: 'none', values: new Float32Array(0), count: 0, dim: 64 }), options),
      /data must hold at least one example; got 0/,
    );
    await assert.rejects(train(model, [[1]] as never, options), /data must be a tensor/);
  });

  it('a monitor without examples, and a model whose loss is not finite to begin with', async () => {
    await refused({ monitor: digits.take(0) }, /monitor must hold at least one example; got 0/);
    const log: Penalty = { name: 'log', strength: 1, term: (h) => h.sub(1e3).log().mean() };
    const model = newModel();
    await assert.rejects(
      train(model, digits, { ...options, penalty: log }),
      /must be a finite number before the first step; got NaN/,
    );
    assert.throws(() => model.history?.last, /history has no rows: its training is failed/);
  });

  it('what is no model, signal, function or penalty', async () => {
    await assert.rejects(
      train(undefined as never, digits, options),
      /model must be a SparseAutoencoder; got undefined/,
    );
    await assert.rejects(
      train(newModel(), digits, undefined as never),
      /train must be given options \{ .*epochs.* \}; got undefined/,
    );
    await refused({ signal: true }, /signal must be an AbortSignal; got true/);
    await refused({ compile: 'no' }, /compile must be true or false; got 'no'/);
    await refused({ onProgress: 1 }, /onProgress must be a function; got 1/);
    await refused({ penalty: null }, /penalty must be l1\(…\), kl\(…\) or .*; got null/);
  });

  it('a second training of a model that is still in one', async () => {
    const model = newModel();
    const first = train(model, digits, options);
    await assert.rejects(train(model, digits, options), /model must not be in another training/);
    assert.equal((await first).end, 'finished');
    assert.equal((await train(model, digits, options)).end, 'finished');
  });

  it('a state of another training', async () => {
    const { state } = await train(newModel(), digits, options);
    await refused(
      { resume: state, batchSize: 32 },
      /resume must be the state of a training with batchSize 32; got 64/,
    );
    await refused({ resume: state, seed: 8 }, /with seed 8; got 7/);
    await refused({ resume: state, epochs: 1 }, /resume.step must be in \[0, 5\]; got 10/);
    await refused({ resume: {} }, /resume must be a TrainingState; got an object/);
    await assert.rejects(
      train(newModel({ tied: true }), digits, { ...options, resume: state as TrainingState }),
      /with tied true; got false/,
    );
  });

  it('any mix of bad numbers, always with a message that names an option', async () => {
    const bad = fc.constantFrom(Number.NaN, -1, 0, 1.5, Number.POSITIVE_INFINITY, '3', null);
    const key = fc.constantFrom('epochs', 'batchSize', 'recordsPerEpoch');
    await fc.assert(
      fc.asyncProperty(key, bad, async (name, value) => {
        if (value === null) return;
        await refused({ [name]: value }, new RegExp(`${name} must be`));
      }),
    );
  });
});

/** Options that abort a training once at least `steps` steps are taken. */
function abortAfter(steps: number): Pick<TrainOptions, 'signal' | 'onProgress'> {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onProgress: ({ step }) => {
      if (step >= steps) controller.abort();
    },
  };
}
