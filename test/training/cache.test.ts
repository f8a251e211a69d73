import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import {
  clearTrainingCache,
  kl,
  l1,
  loadDigits,
  type Penalty,
  SparseAutoencoder,
  type TrainOptions,
  tf,
  train,
  trainCached,
} from 'sparselab';
import { temporaryFolder } from '../support/temporary';

/** Compiled, this file is in build/test. */
const ROOT = join(__dirname, '..', '..', '..');
const digits = loadDigits().take(200);
const options: TrainOptions = { penalty: l1(1e-3), epochs: 2, batchSize: 50, seed: 1 };

function newModel(seed = 1): SparseAutoencoder {
  return new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, seed });
}

describe('trainCached', () => {
  const folder = temporaryFolder();
  const files = () => readdirSync(folder);
  const said: string[] = [];
  const { log } = console;
  beforeEach(() => {
    process.env.SPARSELAB_TRAININGS = folder;
    said.length = 0;
    console.log = (line) => said.push(line);
  });
  afterEach(() => {
    clearTrainingCache();
    console.log = log;
    delete process.env.SPARSELAB_TRAININGS;
  });

  /** Whether a training is one that was done before. */
  const isCached = async (
    changes: Partial<TrainOptions> = {},
    model = newModel(),
    data: Parameters<typeof trainCached>[1] = digits,
  ) => (await trainCached(model, data, { ...options, ...changes })).fromCache;

  it('gives the second time, at once, what the first time gave, and says so', async () => {
    const [first, second] = [newModel(), newModel()];
    const trained = await trainCached(first, digits, options);
    assert.deepEqual([trained.fromCache, said], [false, []]);
    const cached = await trainCached(second, digits, options);
    assert.equal(cached.fromCache, true);
    assert.match(said[0] ?? '', /^From the cache: .* in \d+\.\d s\. clearTrainingCache\(\) forgets it\.$/);
    assert.deepEqual(second.parameters, first.parameters);
    assert.equal(second.history, cached);
    assert.deepEqual({ ...cached, fromCache: false }, { ...trained });
  });

  it('trains again when anything differs that the result depends on', async () => {
    await trainCached(newModel(), digits, options);
    assert.equal(await isCached(), true);
    assert.equal(await isCached({ penalty: l1(2e-3) }), false);
    assert.equal(await isCached({ epochs: 3 }), false);
    assert.equal(await isCached({ seed: 2 }), false);
    assert.equal(await isCached({ learningRate: 1e-2 }), false);
    assert.equal(await isCached({ weightDecay: 1e-4 }), false);
    assert.equal(await isCached({ monitor: digits.take(10) }), false);
    assert.equal(await isCached({}, newModel(2)), false);
    assert.equal(await isCached({}, newModel(), digits.slice(0, 199)), false);
  });

  it('tells KL penalties of different ρ apart, and equal ones not', async () => {
    const model = () =>
      new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, hiddenActivation: 'sigmoid', seed: 1 });
    await trainCached(model(), digits, { ...options, penalty: kl({ beta: 1, rho: 0.1 }) });
    assert.equal(await isCached({ penalty: kl({ beta: 1, rho: 0.1 }) }, model()), true);
    assert.equal(await isCached({ penalty: kl({ beta: 1, rho: 0.2 }) }, model()), false);
  });

  it('always trains with a penalty of one’s own, which may capture what nobody sees', async () => {
    const power = (exponent: number): Penalty => ({
      name: 'power',
      strength: 1e-3,
      term: (h) => h.abs().pow(exponent).sum(1).mean(),
    });
    const { term } = power(2);
    for (const penalty of [power(2), { ...l1(1e-3), term }, { ...l1(1e-3) }]) {
      await trainCached(newModel(), digits, { ...options, penalty });
      assert.equal(await isCached({ penalty }), false);
    }
    assert.deepEqual(files(), []);
    assert.throws(() => Object.assign(l1(1e-3), { term }), TypeError);
  });

  it('takes a default and the same value told for the same', async () => {
    await trainCached(newModel(), digits, { epochs: 1 });
    assert.equal(
      await isCached({
        penalty: undefined,
        epochs: 1,
        batchSize: 128,
        seed: 0,
        learningRate: 1e-3,
      } as object),
      true,
    );
  });

  it('takes tensors and matrices as well', async () => {
    const x = digits.toTensor();
    await trainCached(newModel(), x, options);
    assert.equal(await isCached({}, newModel(), x), true);
    x.dispose();
  });

  it('calls onProgress once, so that a live figure shows the end', async () => {
    await trainCached(newModel(), digits, options);
    const steps: number[] = [];
    await isCached({ onProgress: ({ step }) => steps.push(step) });
    assert.deepEqual(steps, [(200 / 50) * 2]);
  });

  it('does not keep a training that was stopped or that goes on from another', async () => {
    const stop = new AbortController();
    await trainCached(newModel(), digits, {
      ...options,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    assert.deepEqual(files(), []);
    const model = newModel();
    const { state } = await trainCached(model, digits, options);
    await trainCached(model, digits, { ...options, epochs: 3, ...(state && { resume: state }) });
    assert.equal(files().length, 1);
  });

  it('trains again where a file was damaged', async () => {
    await trainCached(newModel(), digits, options);
    const path = join(folder, files()[0] as string);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(path, bytes);
    assert.equal(await isCached(), false);
    assert.equal(await isCached(), true);
  });

  it('hands the training out also where it cannot be kept, and says why', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    process.env.SPARSELAB_TRAININGS = file;
    assert.equal(await isCached(), false);
    assert.match(said[0] ?? '', /^This training was not kept for the next time: E[A-Z]+/);
  });

  it('trains also where a file can neither be read nor removed nor replaced', async () => {
    await trainCached(newModel(), digits, options);
    const path = join(folder, files()[0] as string);
    rmSync(path);
    mkdirSync(path);
    assert.equal(await isCached(), false);
    assert.match(said[0] ?? '', /^This training was not kept for the next time: path must be a file/);
    rmSync(path, { recursive: true });
  });

  it('forgets everything in one call, and says how much that was', async () => {
    await trainCached(newModel(), digits, options);
    await trainCached(newModel(2), digits, options);
    assert.deepEqual([clearTrainingCache(), clearTrainingCache()], [2, 0]);
    assert.equal(await isCached(), false);
  });

  it('is off where SPARSELAB_TRAININGS says so', async () => {
    process.env.SPARSELAB_TRAININGS = 'off';
    await trainCached(newModel(), digits, options);
    assert.equal(await isCached(), false);
    assert.deepEqual([files(), clearTrainingCache()], [[], 0]);
  });

  it('refuses what train refuses, in the same words, also where the training was done before', async () => {
    await assert.rejects(() => isCached({ learningRate: -1 }), /learningRate must be above 0; got -1/);
    await assert.rejects(
      () => isCached({ penalty: kl({ beta: 1, rho: 0.1 }) }),
      /KL needs hidden activations in/,
    );
    await trainCached(newModel(), digits, options);
    await assert.rejects(() => isCached({ epoch: 1 } as object), /train has no option 'epoch'/);
    await assert.rejects(() => isCached({ onProgress: 1 } as object), /onProgress must be a function; got 1/);
    await assert.rejects(() => isCached({ signal: 1 } as object), /signal must be an AbortSignal; got 1/);
    const model = newModel();
    const training = train(model, digits, { ...options, epochs: 3 });
    await assert.rejects(() => isCached({}, model), /model must not be in another training/);
    await training;
  });

  it('leaves a training that was stopped before it began as train does', async () => {
    await trainCached(newModel(), digits, options);
    const { fromCache, status } = await trainCached(newModel(), digits, {
      ...options,
      signal: AbortSignal.abort(),
    });
    assert.deepEqual([fromCache, status], [false, 'stopped']);
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await isCached();
    await isCached();
    assert.equal(tf.memory().numTensors, before);
  });
});

describe('trainCached of a library that is edited', () => {
  const project = realpathSync(temporaryFolder());
  const trainings = temporaryFolder();
  const { log } = console;
  before(() => {
    cpSync(join(ROOT, 'dist'), join(project, 'dist'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(project, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'), 'junction');
    process.env.SPARSELAB_TRAININGS = trainings;
    console.log = () => {};
  });
  after(() => {
    console.log = log;
    delete process.env.SPARSELAB_TRAININGS;
  });

  const edit = (file: string) => appendFileSync(join(project, 'dist', file), '\n// edited');
  /** The library as a kernel loads it: all that is new, and all that requires it. Here, all of it. */
  const load = (): typeof import('sparselab') => {
    for (const file of Object.keys(require.cache)) if (file.startsWith(project)) delete require.cache[file];
    return require(join(project, 'dist', 'index.js'));
  };
  const isCached = async ({ SparseAutoencoder, trainCached, l1 }: typeof import('sparselab')) => {
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, seed: 1 });
    return (await trainCached(model, digits, { ...options, penalty: l1(1e-3) })).fromCache;
  };

  it('neither serves nor keeps while the code on the disk is another, and begins again with the new code', async () => {
    const old = load();
    assert.deepEqual([await isCached(old), await isCached(old)], [false, true]);
    edit('training/loop.js');
    assert.deepEqual([await isCached(old), await isCached(old)], [false, false]);
    assert.equal(readdirSync(trainings).length, 1);
    const edited = load();
    assert.deepEqual([await isCached(edited), await isCached(edited)], [false, true]);
    assert.equal(readdirSync(trainings).length, 2);
  });

  it('serves on when only what shows or counts was edited', async () => {
    edit('training/progress.js');
    edit('plots/lossCurves.js');
    assert.equal(await isCached(load()), true);
  });
});
