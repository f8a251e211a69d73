import '../support/onWasm';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backendReady, recovery, SparseAutoencoder, stability, syntheticFeatures, train } from 'sparselab';
import { close } from '../support/numbers';

test('a stream trains and a truth judges on WebAssembly', async () => {
  assert.equal((await backendReady()).name, 'wasm');
  const truth = syntheticFeatures({ count: 300, seed: 1, features: 3, dim: 4 });
  const model = new SparseAutoencoder({ inputDim: 4, hiddenDim: 3, seed: 1, initializer: 'unitNorm' });
  const before = recovery(model, truth);
  const { engine } = await train(model, truth.stream(20_000), {
    epochs: 1,
    batchSize: 64,
    learningRate: 0.01,
  });
  assert.match(engine, /WebAssembly.*compiled/);
  const after = recovery(model, truth);
  assert.ok(after.r2 > before.r2 && after.r2 > 0.9, `R² ${after.r2}, before ${before.r2}`);
  close(stability([model, model]).mean, 1);
});
