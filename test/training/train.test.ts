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
  type Rows,
  SparseAutoencoder,
  TrainingState,
  type TrainOptions,
  tf,
  train,
} from 'sparselab';
import { dataChecksum } from 'sparselab/dist/datasets/checksum';
import { close } from '../support/numbers';
import { temporaryFolder } from '../support/temporary';

const digits = loadDigits().take(300);
const newModel = (form: Partial<AutoencoderOptions> = {}) =>
  new SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 1, ...form });
const options: TrainOptions = { penalty: l1(1e-3), epochs: 2, batchSize: 64, seed: 7 };

describe('train', () => {
  it('lowers the loss on real digits', async () => {
    const history = await train(newModel(), digits, { ...options, epochs: 10 });
    assert.equal(history.status, 'finished');
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
      assert.equal(first.status, 'stopped');
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
    assert.equal(history.status, 'stopped');
    assert.ok(history.steps.length >= 3 && history.steps.length < 50_000);
    assert.equal(history.last.step, history.steps.length);
    assert.notDeepEqual(model.parameters, untrained);
    assert.equal(model.history, history);
  });

  /** The number of examples in each batch of one epoch over rows 0, 1, 3, 7, 15, …, from the loss of each step. */
  async function batchesOf(examples: number, more: Partial<TrainOptions>): Promise<number[][]> {
    // With all weights 0 the loss of a step is the mean of x² over its batch: rows √(2ᵏ) make it tell which they are.
    const silent = new SparseAutoencoder({ inputDim: 1, hiddenDim: 1 });
    for (const { values } of Object.values(silent.parameters)) values.fill(0);
    const values = Float32Array.from({ length: examples }, (_, k) => Math.sqrt(2 ** k));
    const data = { values, shape: [examples, 1] as const };
    const { steps } = await train(silent, data, { epochs: 1, learningRate: 1e-12, seed: 3, ...more });
    const all = Array.from({ length: examples }, (_, row) => row);
    const sizes = Array.from({ length: examples }, (_, size) => size + 1);
    return steps.map(({ total }) => {
      const rows = sizes
        .map((size) => ({ size, rows: all.filter((row) => (Math.round(total * size) >> row) % 2 === 1) }))
        .find(
          ({ size, rows }) =>
            rows.length === size && Math.abs(total * size - Math.round(total * size)) < 1e-3,
        );
      return rows?.rows ?? [];
    });
  }
  const sizesOf = (batches: readonly number[][]) => batches.map((rows) => rows.length);
  const sorted = (batches: readonly number[][]) => batches.flat().sort((a, b) => a - b);

  it('spreads the examples evenly over batches of at most batchSize, every example once per epoch', async () => {
    for (const [examples, batchSize, expected] of [
      [5, 2, [2, 2, 1]],
      [7, 3, [3, 2, 2]],
      [9, 8, [5, 4]],
      [8, 4, [4, 4]],
      [3, 3, [3]],
    ] as const) {
      const batches = await batchesOf(examples, { batchSize });
      assert.deepEqual(sizesOf(batches), expected);
      assert.deepEqual(
        sorted(batches),
        Array.from({ length: examples }, (_, row) => row),
      );
    }
  });

  it('keeps a small last batch, or drops it, where one says so', async () => {
    const small = await batchesOf(9, { batchSize: 8, rest: 'small' });
    assert.deepEqual(
      [sizesOf(small), sorted(small)],
      [
        [8, 1],
        [0, 1, 2, 3, 4, 5, 6, 7, 8],
      ],
    );
    const dropped = await batchesOf(9, { batchSize: 8, rest: 'drop', epochs: 4 });
    assert.deepEqual(sizesOf(dropped), [8, 8, 8, 8]);
    // Each epoch shuffles again, so what one leaves out another has.
    assert.equal(new Set(dropped.flat()).size, 9);
  });

  it('lets nobody see what the batches are made of where batchSize divides the examples', async () => {
    const whole = { ...options, batchSize: 60 };
    const results = [];
    for (const rest of ['spread', 'small', 'drop'] as const) {
      const model = newModel();
      await train(model, digits, { ...whole, rest });
      results.push(model.parameters);
    }
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  });

  it('records the model before training and then recordsPerEpoch times an epoch', async () => {
    const { rows } = await train(newModel(), digits, { ...options, epochs: 3, recordsPerEpoch: 2 });
    // 300 examples in batches of 64: 5 steps per epoch, records after steps 3 and 5 of each.
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
    assert.equal(model.history?.status, 'failed');
    assert.equal((await train(model, digits, options)).status, 'finished');
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
    assert.equal(history.status, 'diverged');
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
    assert.equal(first.status, 'stopped');
    assert.equal((await again)?.status, 'finished');
  });
});

describe('a resumed training', () => {
  const start = async () => (await train(newModel(), digits, options)).state as TrainingState;

  it('may have more epochs, other labels, another monitor; and other strengths and rate where one says so', async () => {
    const resume = TrainingState.fromSafetensors((await start()).toSafetensors(), 'state');
    const more = { ...options, epochs: 3, resume };
    const relabelled = new Dataset({ ...digits, labels: new Uint8Array(300) });
    const history = await train(newModel(), relabelled, { ...more, monitor: digits.take(10) });
    assert.equal(history.last.step, 15);
    const changed = await train(newModel(), digits, {
      ...more,
      penalty: l1(1e-2),
      learningRate: 1e-4,
      mayChange: ['strength', 'learningRate'],
    });
    assert.equal(changed.state?.setup?.inputs.strength, 1e-2);
  });

  it('goes on with the batches of its state, also where whole batches leave examples over', async () => {
    const small = { ...options, rest: 'small' } as const;
    const whole = newModel();
    await train(whole, digits, { ...small, epochs: 3 });
    const { state } = await train(newModel(), digits, small);
    const second = newModel();
    await train(second, digits, { ...options, epochs: 3, resume: state as TrainingState });
    assert.deepEqual(second.parameters, whole.parameters);
  });
});

describe('train refuses, before the first step', () => {
  const refused = async (
    change: Partial<Record<keyof TrainOptions, unknown>>,
    message: RegExp,
    data: Rows = digits,
  ) => {
    const model = newModel();
    const before = structuredClone(model.parameters);
    await assert.rejects(train(model, data, { ...options, ...change } as TrainOptions), message);
    assert.deepEqual(model.parameters, before);
    assert.equal(model.history, undefined);
  };

  it('numbers outside their range', async () => {
    await refused({ epochs: 0 }, /epochs must be at least 1; got 0/);
    await refused({ epochs: undefined }, /epochs is required: .*; got undefined/);
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

  it('what is not a model, signal, function or penalty', async () => {
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
    assert.equal((await first).status, 'finished');
    assert.equal((await train(model, digits, options)).status, 'finished');
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

  it('no data that a model sees alike: stored as bytes or as numbers, in a data set or a matrix', async () => {
    const { state } = await train(newModel(), digits, options);
    const inputs = digits.gather(Array.from({ length: 300 }, (_, row) => row));
    const asNumbers = new Dataset({ name: 'same', values: inputs, count: 300, dim: 64 });
    const matrix = { values: inputs.map((value) => (value === 0 ? -0 : value)), shape: [300, 64] as const };
    for (const data of [asNumbers, matrix]) {
      const resume = { epochs: 3, resume: state as TrainingState };
      const history = await train(newModel(), data, { ...options, ...resume });
      assert.equal(history.status, 'finished');
    }
  });

  it('no state from a file before version 0.2, which holds the checksum of the numbers as they are stored', async () => {
    const { state } = await train(newModel(), digits, options);
    const { arrays, metadata } = (state as TrainingState).toSafetensors();
    const { setup, ...rest } = JSON.parse(metadata.training as string);
    const { reconstructionLoss: reconstruction, ...others } = setup;
    const resumeWith = (data: string) => {
      const training = JSON.stringify({ ...rest, course: { ...others, reconstruction, data } });
      return TrainingState.fromSafetensors({ arrays, metadata: { ...metadata, training } }, 'old.st');
    };
    const { values, count, dim, scale } = digits;
    const stored = dataChecksum({ values, count, dim, scale, labels: undefined });
    const history = await train(newModel(), digits, { ...options, epochs: 3, resume: resumeWith(stored) });
    assert.equal(history.last.epoch, 3);
    await refused({ epochs: 3, resume: resumeWith(setup.data) }, /training on the same data/);
  });

  it('a matrix that was changed after the training whose state it is', async () => {
    const matrix = { values: digits.gather([0, 1, 2, 3]), shape: [4, 64] as const };
    const brief = { ...options, batchSize: 4 };
    const { state } = await train(newModel(), matrix, brief);
    matrix.values[0] = 1;
    await refused({ ...brief, resume: state, epochs: 3 }, /training on the same data/, matrix);
  });

  it('a custom penalty with fewer numbers, or with others', async () => {
    const custom = (parameters: Record<string, number>): Penalty => ({
      name: 'custom',
      strength: 1e-3,
      parameters,
      term: (h) => h.abs().sum(1).mean(),
    });
    const { state } = await train(newModel(), digits, { ...options, penalty: custom({ low: 1, high: 2 }) });
    const resume = { resume: state, epochs: 3 };
    await refused({ ...resume, penalty: custom({ low: 1 }) }, /a training without high; got 2/);
    await refused(
      { ...resume, penalty: custom({ low: 1, high: 3 }) },
      /with high 3; got 2; .*mayChange: \['high'\]/,
    );
    await refused({ ...resume, penalty: custom({ low: 1, high: 2, more: 3 }) }, /with more 3; got undefined/);
  });

  it('a state of a training on other data, another objective or at another rate', async () => {
    const { state } = await train(newModel(), digits, options);
    const resume = { resume: state, epochs: 3 };
    const { values, ...form } = digits;
    const others = [
      loadDigits().slice(300, 600),
      new Dataset({ ...form, values, scale: 1 }),
      digits.select(Array.from({ length: 300 }, (_, row) => 299 - row)),
    ];
    for (const other of others)
      await refused(resume, /training on the same data; got one on other rows, or in/, other);
    const l2: Penalty = { name: 'L2', strength: 1e-3, term: (h) => h.square().sum(1).mean() };
    await refused({ ...resume, penalty: l2 }, /with penalty 'L2'; got 'L1'/);
    await refused({ ...resume, penalty: undefined }, /with penalty 'none'; got 'L1'/);
    await refused(
      { ...resume, reconstructionLoss: 'halfSquaredError' },
      /reconstructionLoss 'halfSquaredError'; got 'mean/,
    );
    await refused({ ...resume, rest: 'drop' }, /with rest 'drop'; got 'spread'/);
    await refused(
      { ...resume, learningRate: 0.1 },
      /with learningRate 0.1; got 0.001; to change it on purpose: mayChange: \['learningRate'\]/,
    );
    await refused({ ...resume, penalty: l1(1) }, /with strength 1; got 0.001; .* mayChange: \['strength'\]/);
    await refused({ ...resume, weightDecay: 1 }, /with weightDecay 1; got 0; /);
    await refused(
      { mayChange: ['seed'] },
      /mayChange must be one of 'learningRate', 'strength', 'weightDecay'; got/,
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
