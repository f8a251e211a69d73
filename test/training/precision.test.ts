import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  backendReady,
  clearTrainingCache,
  l1,
  loadDigits,
  SparseAutoencoder,
  sweep,
  TrainingState,
  type TrainOptions,
  train,
  trainCached,
  trainTogether,
} from 'sparselab';

import probe = require('sparselab/dist/engine/native/roundsBfloat16');

import { withoutBfloat16, withProcessor } from '../support/processor';
import { temporaryFolder } from '../support/temporary';

const digits = loadDigits();
const options = { epochs: 2, batchSize: 100, penalty: l1(1e-3), seed: 1, recordsPerEpoch: 1 } as const;
const precision = 'bfloat16';
const newModel = () => new SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 1 });

/**
 * A test of trainings in bfloat16, on native TensorFlow. It runs on every processor: the library is shown one that has an
 * instruction for it, and TensorFlow does without where there is none.
 */
const native = (title: string, body: (context: TestContext) => Promise<void>) =>
  it(title, async (context) => {
    const missing = await withoutBfloat16();
    if (missing) return context.skip(missing);
    withProcessor(context, 'avx512f', 'avx512_bf16');
    await body(context);
  });

async function trained(more: Partial<TrainOptions> = {}) {
  const model = newModel();
  const history = await train(model, digits, { ...options, precision, ...more });
  return { model, history, state: history.state as TrainingState };
}

describe('a training in bfloat16', () => {
  native('reaches nearly the error of one in float32, with other numbers', async () => {
    const [narrow, wide] = [await trained(), await trained({ precision: 'float32' })];
    const [ours, theirs] = [narrow.history.last, wide.history.last];
    assert.notEqual(ours.mse, theirs.mse);
    assert.ok(Math.abs(ours.mse / theirs.mse - 1) < 0.01, `${ours.mse} against ${theirs.mse}`);
    assert.match(narrow.history.engine, /^native TensorFlow .*, compiled, products in bfloat16$/);
    assert.match(wide.history.engine, /, compiled$/);
  });

  native('says so in its state, also in a file, and goes on bit for bit', async () => {
    const { state: whole } = await trained();
    const { state: half } = await trained({ epochs: 1 });
    const path = join(temporaryFolder(), 'half.safetensors');
    half.save(path);
    const resume = TrainingState.load(path);
    assert.match(String(resume), /, products in bfloat16$/);
    const { state } = await trained({ resume });
    assert.deepEqual(state.optimizer, whole.optimizer);
  });

  native('resumes none of another precision', async () => {
    const [narrow, wide] = [await trained({ epochs: 1 }), await trained({ epochs: 1, precision: 'float32' })];
    assert.equal(wide.state.setup?.precision, undefined);
    assert.doesNotMatch(String(wide.state), /products/);
    await assert.rejects(
      trained({ resume: wide.state }),
      /^RangeError: resume must be the state of a training with precision 'bfloat16'; got 'float32'$/,
    );
    await assert.rejects(
      trained({ precision: 'float32', resume: narrow.state }),
      /^RangeError: resume must be the state of a training with precision 'float32'; got 'bfloat16'$/,
    );
  });

  native('gives each of several the numbers that it has alone', async () => {
    const { state: alone } = await trained();
    const { epochs, batchSize, penalty, seed, recordsPerEpoch } = options;
    const runs = [l1(1e-1), penalty].map((own) => ({ model: newModel(), penalty: own }));
    const shared = { epochs, batchSize, seed, recordsPerEpoch, precision } as const;
    const [, history] = await trainTogether(runs, digits, shared);
    assert.deepEqual(history?.state?.optimizer, alone.optimizer);
  });

  native('is kept in the cache apart from one in float32', async (context) => {
    const folder = temporaryFolder();
    process.env.SPARSELAB_TRAININGS = folder;
    context.after(() => delete process.env.SPARSELAB_TRAININGS);
    context.mock.method(console, 'log', () => {});
    const cached = async (more: Partial<TrainOptions>) =>
      (await trainCached(newModel(), digits, { ...options, ...more })).fromCache;
    assert.deepEqual(
      [
        await cached({}),
        await cached({ precision }),
        await cached({ precision }),
        await cached({ precision: 'float32' }),
      ],
      [false, false, true, true],
    );
    assert.equal(clearTrainingCache(), 2);
    assert.deepEqual(readdirSync(folder), []);
  });

  native('is a trial of a sweep, next to those in float32', async () => {
    const shared = {
      data: 'digits',
      model: { hiddenDim: 8 },
      penalty: 'l1',
      train: { epochs: 1, batchSize: 100 },
    } as const;
    const table = await sweep({ lambda: [1e-3], precision: ['float32', 'bfloat16'] }, shared);
    const [wide, narrow] = table.rows;
    assert.deepEqual([wide?.status, narrow?.status], ['finished', 'finished']);
    assert.match(narrow?.engine ?? '', /products in bfloat16$/);
    assert.doesNotMatch(wide?.engine ?? '', /bfloat16/);
    assert.notEqual(wide?.metrics.mse, narrow?.metrics.mse);
    const again = await sweep({ lambda: [1e-3] }, { ...shared, train: { ...shared.train, precision } });
    assert.deepEqual(again.rows[0]?.metrics, narrow?.metrics);
  });
});

describe('bfloat16 is refused before anything starts', () => {
  const missing =
    "precision must be 'float32' on this processor; got 'bfloat16', which needs the instructions avx512_bf16 or amx_bf16, " +
    'or bf16 on Arm. Of this kind there are avx2, fma';

  const onOther = (title: string, body: (message: string) => Promise<void>) =>
    it(title, async (context) => {
      withProcessor(context, 'fpu', 'avx2', 'fma');
      // Without native TensorFlow the engine is the reason, whatever the processor is.
      const { name } = await backendReady();
      await body(
        name === 'tensorflow'
          ? missing
          : `precision must be 'float32' on ${name === 'wasm' ? 'WebAssembly' : 'plain JavaScript'}; ` +
              "got 'bfloat16', which needs native TensorFlow",
      );
    });

  onOther(
    'by train, trainTogether and trainCached on a processor without the instruction',
    async (message) => {
      const model = newModel();
      const refused = { name: 'RangeError', message };
      await assert.rejects(train(model, digits, { ...options, precision }), refused);
      await assert.rejects(trainTogether([{ model }], digits, { epochs: 1, precision }), refused);
      await assert.rejects(trainCached(model, digits, { ...options, precision }), refused);
      assert.equal(model.history, undefined);
    },
  );

  onOther(
    'by the process that a sweep’s trial comes to, as one that another machine may run',
    async (message) => {
      const { rows } = await sweep(
        { precision: ['float32', 'bfloat16'] },
        { data: { name: 'digits', take: 100 }, model: { hiddenDim: 4 }, train: { epochs: 1, batchSize: 50 } },
      );
      assert.deepEqual(
        rows.map(({ status, error }) => [status, error]),
        [
          ['finished', undefined],
          ['failed', message],
        ],
      );
    },
  );

  native('where TensorFlow has no oneDNN', async ({ mock }) => {
    mock.method(probe, 'roundsBfloat16', () => false);
    await assert.rejects(
      trained(),
      /^RangeError: precision must be 'float32' with this TensorFlow; got 'bfloat16', which needs oneDNN: it is switched off/,
    );
  });

  native('with compile: false', async () => {
    await assert.rejects(
      trained({ compile: false }),
      /^RangeError: precision must be 'float32' with compile: false; got 'bfloat16', which needs a compiled step$/,
    );
  });

  it('and an unknown precision, also in a sweep', async () => {
    const range = /precision must be one of 'float32', 'bfloat16'; got 'float16'/;
    await assert.rejects(train(newModel(), digits, { ...options, precision: 'float16' as never }), range);
    await assert.rejects(sweep({ precision: ['float16'] }, { data: 'digits', train: { epochs: 1 } }), range);
  });
});
