import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { evaluate, l1, loadMnist, SparseAutoencoder, stability, train } from 'sparselab';
import type { Precision } from 'sparselab/dist/engine';
import { withoutBfloat16, withProcessor } from '../support/processor';
import { IN_WHOLE_RUN } from '../support/run';

const page = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'tracing.md'), 'utf8');

/** The rows of the page's table, by the name of the training. */
const stated = new Map(
  [
    ...page.matchAll(
      /^\| (float32.*?|bfloat16) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) % \| ([\d.]+) \| ([\d.]+) % \|$/gm,
    ),
  ].map(([, name, ...numbers]) => [name, numbers.map(Number)]),
);

it('the costs of bfloat16 on MNIST are those of docs/tracing.md', IN_WHOLE_RUN, async (context) => {
  const missing = await withoutBfloat16();
  if (missing) return context.skip(missing);
  withProcessor(context, 'avx512_bf16');
  const { training, test } = loadMnist();
  const trained = async (precision: Precision, seed: number, processors: number) => {
    // Four processors add up a gradient in two parts, and two do not: float32 is rounded in other places.
    context.mock.method(os, 'availableParallelism', () => processors);
    const model = new SparseAutoencoder({ inputDim: 784, hiddenDim: 256, seed });
    const options = { penalty: l1(1e-4), epochs: 3, batchSize: 256, seed: 1, precision, progress: false };
    await train(model, training, options);
    return model;
  };
  const models = {
    float32: await trained('float32', 1, 2),
    'float32, added up in another order': await trained('float32', 1, 4),
    bfloat16: await trained('bfloat16', 1, 2),
    'float32, other first weights': await trained('float32', 2, 2),
  };
  assert.deepEqual([...stated.keys()], Object.keys(models));
  for (const [name, model] of Object.entries(models)) {
    const { mse, l0, deadFraction } = evaluate(model, test);
    const { mean, returning } = stability([models.float32, model]);
    const measured = [mse, l0, 100 * deadFraction, mean, 100 * returning];
    context.diagnostic(`${name}: ${measured.map((value) => value.toPrecision(7)).join(', ')}`);
    const [error, active, dead, cosine, back] = stated.get(name) as [number, number, number, number, number];
    // Another processor adds up in another order: its float32 trainings differ as the first two rows do, those in bfloat16 a little more.
    const near = (index: number, value: number, most: number) =>
      assert.ok(
        Math.abs((measured[index] as number) - value) <= most,
        `${name}: ${measured[index]}, not ${value}`,
      );
    near(0, error, 0.01 * error);
    near(1, active, 0.015 * active);
    near(2, dead, 1.5);
    near(3, cosine, name.includes('weights') ? 0.03 : 0.006);
    near(4, back, 2);
  }
});
