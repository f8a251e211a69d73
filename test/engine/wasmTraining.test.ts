import '../support/onWasm';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  backendReady,
  kl,
  l1,
  loadDigits,
  type Penalty,
  SparseAutoencoder,
  TraceError,
  type TrainingRun,
  tf,
  train,
  trainTogether,
} from 'sparselab';
import { createEngine, type ExampleSource, initialState, randomUniform } from 'sparselab/dist/engine';
import { Arena } from 'sparselab/dist/engine/wasm/arena';
import * as kernelBytes from 'sparselab/dist/engine/wasm/kernelBytes';
import { WebAssembly } from 'sparselab/dist/engine/wasm/webAssembly';
import { objectiveStep } from 'sparselab/dist/model/loss';
import { megabytes } from '../support/memory';

const digits = loadDigits().take(300);
const shared = { epochs: 2, batchSize: 64, seed: 3 };
const mean = (h: tf.Tensor2D) => h.sum(1).mean<tf.Scalar>();
const own = (term: Penalty['term']): Penalty => ({ name: 'own', strength: 0.1, term });
const newModel = (hiddenDim = 16) => new SparseAutoencoder({ inputDim: 64, hiddenDim, seed: 1 });

before(() => backendReady());

describe('a training that is compiled to WebAssembly', () => {
  it('says so, and with which instructions', async () => {
    const { engine } = await train(newModel(), digits, { ...shared, penalty: l1(1e-3) });
    assert.match(engine, /^WebAssembly with (relaxed )?SIMD, compiled$/);
  });

  it('gives a model what it gives it together with others, bit for bit', async () => {
    const runs = (): TrainingRun[] => [
      { model: newModel(), penalty: l1(1e-3) },
      { model: newModel(), penalty: l1(1e-2) },
      {
        model: new SparseAutoencoder({ inputDim: 64, hiddenDim: 9, hiddenActivation: 'sigmoid', tied: true }),
        penalty: kl({ beta: 0.1, rho: 0.1 }),
        weightDecay: 1e-3,
        learningRate: 3e-3,
      },
    ];
    const together = runs();
    const histories = await trainTogether(together, digits, shared);
    for (const [index, { model, ...of }] of runs().entries()) {
      const history = await train(model, digits, { ...shared, ...of });
      assert.match(history.engine, /compiled$/);
      assert.deepEqual(together[index]?.model.parameters, model.parameters);
      assert.deepEqual(histories[index]?.steps, history.steps);
    }
  });

  it('goes on where a stopped one ended, bit for bit', async () => {
    const options = { ...shared, penalty: l1(1e-2), recordsPerEpoch: 2 };
    const whole = newModel();
    await train(whole, digits, options);
    const stop = new AbortController();
    const stopped = newModel();
    const first = await train(stopped, digits, {
      ...options,
      signal: stop.signal,
      onProgress: ({ step }) => step >= 3 && stop.abort(),
    });
    assert.equal(first.status, 'stopped');
    assert.ok(first.state && first.state.step < 10);
    await train(stopped, digits, { ...options, resume: first.state });
    assert.deepEqual(stopped.parameters, whole.parameters);
  });

  it('comes and goes fifty times and leaves neither a tensor nor memory behind', async () => {
    const cycle = (i: number) =>
      train(newModel(1 + (i % 12)), digits.take(100), {
        penalty: l1(i * 1e-3),
        epochs: 1,
        batchSize: 30,
        recordsPerEpoch: 1,
      });
    for (let i = 0; i < 12; i++) await cycle(i);
    const tensors = tf.memory().numTensors;
    const memory = await megabytes();
    for (let i = 0; i < 50; i++) await cycle(i);
    assert.equal(tf.memory().numTensors, tensors);
    const growth = (await megabytes()) - memory;
    // A training's memory has some 300 KB; fifty of them that stay would be seen.
    assert.ok(growth < 5, `${growth} MB more`);
  });

  it('does not mix two trainings that are alive at the same time', async () => {
    const alone = newModel();
    await train(alone, digits, { ...shared, penalty: l1(1e-2) });
    const models = [newModel(), newModel(5)] as const;
    await Promise.all(models.map((model) => train(model, digits, { ...shared, penalty: l1(1e-2) })));
    assert.deepEqual(models[0].parameters, alone.parameters);
  });

  it('takes batches that are made on the way', async () => {
    const source: ExampleSource = {
      dim: 8,
      sample: (key, batchSize) => randomUniform<tf.Rank.R2>(key, [batchSize, 8]).square(),
    };
    const keys = Int32Array.of(1, 2, 3, 4, 5, 6);
    const { parameters, architecture } = new SparseAutoencoder({ inputDim: 8, hiddenDim: 12, seed: 1 });
    const step = objectiveStep(architecture, { penalty: l1(1e-2) });
    const lossesOf = async (compile: boolean) => {
      const { runner, description } = await createEngine({
        members: [{ step, initial: initialState(parameters), learningRate: 1e-3 }],
        source,
        batchSizes: [10],
        compile,
      });
      assert.equal(description.endsWith('compiled'), compile);
      const [losses] = runner.run(keys, 10);
      runner.dispose();
      return losses as Float32Array;
    };
    const [compiled, eager] = [await lossesOf(true), await lossesOf(false)];
    assert.equal(compiled.length, 3 * step.terms.length);
    compiled.forEach((value, i) => {
      assert.ok(Math.abs(value - (eager[i] as number)) < 1e-5, `${value} instead of ${eager[i]}`);
    });
  });

  it('runs operation by operation if it needs one that programs do not have', async () => {
    const rare = own((h) => mean(tf.mod(h, 0.5) as tf.Tensor2D));
    const { engine, status } = await train(newModel(), digits, { ...shared, penalty: rare });
    assert.equal(status, 'finished');
    assert.doesNotMatch(engine, /compiled/);
  });
});

describe('a library that is reloaded, as after an edit in a notebook', () => {
  it('compiles as before', async () => {
    const built = join(dirname(require.resolve('sparselab/package.json')), 'dist');
    for (const file of Object.keys(require.cache)) if (file.startsWith(built)) delete require.cache[file];
    const again: typeof import('sparselab') = require('sparselab');
    await again.backendReady();
    const model = new again.SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 1 });
    const { engine } = await again.train(model, again.loadDigits().take(300), {
      ...shared,
      penalty: again.l1(1e-3),
    });
    assert.match(engine, /compiled$/);
    const before = newModel();
    await train(before, digits, { ...shared, penalty: l1(1e-3) });
    assert.deepEqual(model.parameters, before.parameters);
  });
});

describe('what a module could not repeat is refused by name', () => {
  let calls = 0;
  const cases: Record<string, [Penalty['term'], RegExp]> = {
    dataSync: [(h) => ((h.dataSync()[0] as number) > 0 ? mean(h) : mean(h).mul(2)), /reads numbers/],
    'a read that nobody awaits': [
      (h) => {
        void h.array();
        return mean(h);
      },
      /reads numbers/,
    ],
    'Math.random': [(h) => mean(h).mul(Math.random()), /random numbers/],
    'tf.randomNormal': [(h) => mean(h.mul(tf.randomNormal(h.shape))), /random numbers/],
    'a number that changes': [(h) => mean(h).mul(++calls), /constant changed from \d+ to \d+/],
    'a variable': [
      (() => {
        const scale = tf.variable(tf.scalar(2), true, 'scale of wasm');
        return (h: tf.Tensor2D) => mean(h).mul(scale);
      })(),
      /tf\.variable 'scale of wasm'/,
    ],
  };
  for (const [what, [term, message]] of Object.entries(cases)) {
    it(what, async () => {
      const model = newModel();
      const weights = model.encoderWeights.values.slice();
      // A penalty is tried once before it is traced, with numbers.
      const tensors = tf.memory().numTensors;
      await assert.rejects(train(model, digits, { ...shared, penalty: own(term) }), (error: Error) => {
        assert.ok(error instanceof TraceError, `${error.name}: ${error.message}`);
        assert.match(error.message, message);
        return true;
      });
      assert.deepEqual(model.encoderWeights.values, weights);
      assert.equal(tf.memory().numTensors, tensors);
      assert.equal(tf.getBackend(), 'wasm');
    });
  }

  it('a captured number that changes while training runs', async () => {
    let factor = 1;
    const training = train(newModel(), digits, {
      ...shared,
      epochs: 20,
      penalty: own((h) => mean(h).mul(factor)),
      onProgress: () => {
        factor *= 0.5;
      },
    });
    await assert.rejects(training, /not the same when called twice/);
  });

  it('more memory than WebAssembly has', () => {
    const arena = new Arena(new WebAssembly.Memory({ initial: 1 }), 0);
    arena.take(2 ** 33);
    assert.throws(() => arena.grow(), /RangeError.*4096 MB at most; got 8192 MB/s);
  });
});

describe('the compiled kernels', () => {
  const folder = join(dirname(require.resolve('sparselab/package.json')), 'src', 'engine', 'wasm');
  const build = () => import(pathToFileURL(join(folder, 'kernels', 'build.mjs')).href);

  it('are those of the sources', async (context) => {
    const { hasCompiler, kernelBytesText, sourceHash } = await build();
    assert.equal(kernelBytes.SOURCE_HASH, sourceHash(), 'run node src/engine/wasm/kernels/build.mjs');
    if (!hasCompiler()) {
      context.diagnostic(
        'clang-16 is not installed: only the hash of the sources was compared, not the bytes',
      );
      return;
    }
    assert.equal(readFileSync(join(folder, 'kernelBytes.ts'), 'utf8'), kernelBytesText());
  });

  it('are as they were written down', () => {
    const hash = createHash('sha256').update(kernelBytes.SIMD).update(kernelBytes.RELAXED).digest('hex');
    assert.equal(hash, kernelBytes.BYTES_HASH);
    assert.ok(Buffer.from(kernelBytes.SIMD, 'base64').length < 22_000);
  });
});
