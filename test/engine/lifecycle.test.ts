import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { backendReady, l1, loadDigits, SparseAutoencoder, TraceError, tf, train } from 'sparselab';
import { createEngine, initialState } from 'sparselab/dist/engine';
import { nativeBackend } from 'sparselab/dist/engine/native/binding';
import { Session } from 'sparselab/dist/engine/native/session';
import { objectiveStep } from 'sparselab/dist/model/loss';
import { itOnNative } from '../support/native';
import { temporaryFolder } from '../support/temporary';

const digits = loadDigits().take(100);
const newModel = (hiddenDim: number) => new SparseAutoencoder({ inputDim: 64, hiddenDim, seed: 1 });
const trainOnce = (hiddenDim: number, lambda: number) =>
  train(newModel(hiddenDim), digits, { penalty: l1(lambda), epochs: 1, batchSize: 30, recordsPerEpoch: 1 });

// Graphs pass through a folder that no other process uses.
const TEMPORARY = ['TMPDIR', 'TEMP', 'TMP'];
const ownFolder = temporaryFolder();
for (const name of TEMPORARY) process.env[name] = ownFolder;

const temporaryFolders = () => readdirSync(ownFolder).filter((name) => name.startsWith('sparselab-graph-'));

/** Resources outside JavaScript. */
function counts() {
  const { binding } = nativeBackend();
  return {
    tensors: tf.memory().numTensors,
    nativeTensors: binding.getNumOfTensors(),
    graphs: binding.getNumOfSavedModels(),
  };
}

/** Memory of the process, once what nobody needs is collected. */
function megabytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage.rss() / 1e6;
}

describe('compiled graphs', () => {
  itOnNative(
    'come and go fifty times and leave no tensor, graph or folder behind, nor growing memory',
    async () => {
      // More shapes than graphs are kept: each training loads one and lets another go.
      const cycle = (i: number) => trainOnce(1 + (i % 12), i * 1e-3);
      for (let i = 0; i < 24; i++) await cycle(i);
      const before = counts();
      // A graph holds some hundred kilobytes; fifty of them that stay would be seen. What stays would do so in each round, what an
      // allocator holds back comes once.
      let growth = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 3 && growth >= 25; round++) {
        const memory = megabytes();
        for (let i = 0; i < 50; i++) await cycle(i);
        growth = megabytes() - memory;
      }
      assert.deepEqual(counts(), before);
      assert.deepEqual(temporaryFolders(), []);
      assert.ok(growth < 25, `${growth} MB more`);
    },
  );

  itOnNative('are kept for the next training, eight of them at most', async () => {
    for (let hiddenDim = 1; hiddenDim <= 12; hiddenDim++) await trainOnce(hiddenDim, 1e-3);
    assert.equal(counts().graphs, 8);
    await trainOnce(12, 0.5);
    assert.equal(counts().graphs, 8);
  });

  it('do not mix two trainings that are alive at the same time', async () => {
    await backendReady();
    const rows = Int32Array.from({ length: 100 }, (_, row) => row);
    const start = (seed: number) => {
      const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 5, seed });
      const step = objectiveStep(model.architecture, { penalty: l1(0.01) });
      return createEngine({
        members: [{ step, initial: initialState(model.parameters), learningRate: 1e-3 }],
        source: digits,
        batchSizes: [50],
      });
    };
    const alone = await start(1);
    alone.runner.run(rows, 50);
    const expected = alone.runner.states();
    alone.runner.dispose();

    const [one, two] = [await start(1), await start(2)];
    one.runner.run(rows, 50);
    two.runner.run(rows, 50);
    assert.deepEqual(one.runner.states(), expected);
    assert.notDeepEqual(two.runner.states(), expected);
    one.runner.dispose();
    two.runner.dispose();
  });

  it('give the same numbers however the steps are sliced', async () => {
    const model = newModel(6);
    const step = objectiveStep(model.architecture, { penalty: l1(0.01) });
    const rows = Int32Array.from({ length: 90 }, (_, row) => row);
    const results = [];
    for (const stepsPerRun of [1, 2, 6]) {
      const { runner } = await createEngine({
        members: [{ step, initial: initialState(model.parameters), learningRate: 1e-3 }],
        source: digits,
        batchSizes: [15],
      });
      const losses: number[] = [];
      for (let start = 0; start < 90; start += 15 * stepsPerRun) {
        losses.push(...(runner.run(rows.subarray(start, start + 15 * stepsPerRun), 15)[0] ?? []));
      }
      results.push({ losses, states: runner.states() });
      runner.dispose();
    }
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  });

  it('refuse a batch size that they were not built for', async () => {
    const model = newModel(4);
    const { runner } = await createEngine({
      members: [
        {
          step: objectiveStep(model.architecture, {}),
          initial: initialState(model.parameters),
          learningRate: 1e-3,
        },
      ],
      source: digits,
      batchSizes: [10, 3],
    });
    assert.throws(() => runner.run(Int32Array.of(0, 1), 2), /batchSize must be one of 10, 3; got 2/);
    runner.dispose();
  });

  itOnNative('are gone when a start fails after they were loaded', async () => {
    const model = newModel(3);
    const initial = initialState(model.parameters);
    const encoderBias = { values: new Float32Array(2), shape: [3] };
    const start = (parameters: typeof initial.parameters) =>
      createEngine({
        members: [
          {
            step: objectiveStep(model.architecture, {}),
            initial: { ...initial, parameters },
            learningRate: 1e-3,
          },
        ],
        source: digits,
        batchSizes: [10],
      });
    await backendReady();
    const before = counts();
    await assert.rejects(start({ ...initial.parameters, encoderBias }));
    assert.deepEqual(counts(), before);
    const { runner } = await start(initial.parameters);
    runner.dispose();
  });

  itOnNative('say what failed when they cannot be loaded, and why', async () => {
    await backendReady();
    try {
      for (const name of TEMPORARY) process.env[name] = join(ownFolder, 'there', 'is', 'none');
      assert.throws(
        () => new Session(Uint8Array.of()),
        (error: Error) => {
          assert.match(error.message, /temporary folder.*ENOENT/);
          assert.equal((error.cause as NodeJS.ErrnoException).code, 'ENOENT');
          assert.ok(!(error instanceof TraceError), 'the step is not to blame');
          return true;
        },
      );
    } finally {
      for (const name of TEMPORARY) process.env[name] = ownFolder;
    }
    assert.throws(
      () => new Session(Uint8Array.of(255, 1, 2)),
      (error: Error) => {
        assert.ok(error instanceof TraceError);
        assert.match(error.message, /TensorFlow cannot load its graph: /);
        assert.ok(error.cause instanceof Error);
        return true;
      },
    );
  });
});
