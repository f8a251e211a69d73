import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sampled } from '../support/run';
import { contents, ENGINES, errorOf, type Outcome, TestKernel, within } from './testKernel';

/** Stops at odd moments: what a stop interrupts must not depend on luck. */
const DELAYS_MS = [0, 3, 11, 37, 90, 160];

for (const [engine, env] of sampled(Object.entries(ENGINES))) {
  describe(`after a stop inside the library, on ${engine}`, () => {
    let kernel: TestKernel;
    before(async () => {
      kernel = await TestKernel.start({ env });
      await kernel.run(`import { l1, loadDigits, SparseAutoencoder, tf, train } from 'sparselab';
        const digits = loadDigits();
        const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 256, seed: 1 });
        const slope = () => tf.tidy(() => tf.grad((x) => x.square().sum())(tf.tensor1d([3])).dataSync()[0]);
        slope();
        const tensors = tf.memory().numTensors;`);
    });
    after(() => kernel.stop());

    it('in its own code, tf computes gradients and has freed what it made', async () => {
      for (const delay of DELAYS_MS) {
        await stopAfter(
          kernel,
          `console.log('running');
          for (;;) tf.tidy(() => { tf.grad((x) => x.square().sum())(tf.ones([200, 200])); });`,
          delay,
        );
        assert.equal(await kernel.run('slope()'), '6');
      }
      // At most the few tensors of the operation that the stop came in: no scope knew of them yet.
      const left = Number(await kernel.run('tf.memory().numTensors - tensors'));
      assert.ok(left <= 5 * DELAYS_MS.length, `${left} tensors are left after ${DELAYS_MS.length} stops`);
    });

    it('in a training, the model says where it stopped and trains on', async () => {
      for (const delay of DELAYS_MS) {
        const outcome = await stopAfter(
          kernel,
          `console.log('running');
          await train(model, digits, { penalty: l1(1e-4), epochs: 100_000, batchSize: 20, seed: 1 });`,
          delay,
        );
        assert.match(JSON.stringify(outcome.published), /[Ss]topped|the cell was stopped/);
        assert.equal(
          await kernel.run(`const again${delay} = await train(model, digits, { epochs: 1, seed: 1 });
            [model.history === again${delay}, again${delay}.status]`),
          "[ true, 'finished' ]",
        );
      }
    });

    it('in a gradient check, the backend is the one it was', async () => {
      const backend = await kernel.run('tf.getBackend()');
      await kernel.run(`import { gradientCheck } from 'sparselab';`);
      await stopAfter(
        kernel,
        `console.log('running');
        for (;;) gradientCheck(model, digits.take(5), { penalty: l1(0.1) });`,
        300,
      );
      assert.equal(await kernel.run('tf.getBackend()'), backend);
      assert.equal(await kernel.run('slope()'), '6');
    });
  });
}

/** Runs code, and stops it `delay` milliseconds after it has printed `running`. */
async function stopAfter(kernel: TestKernel, code: string, delay: number): Promise<Outcome> {
  const from = kernel.published.length;
  const outcome = kernel.execute(code);
  await within('the cell to run', () =>
    contents({ published: kernel.published.slice(from) }, 'stream').some(({ text }) =>
      String(text).includes('running'),
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, delay));
  await kernel.interrupt();
  const stopped = await outcome;
  assert.equal(errorOf(stopped).ename, 'KeyboardInterrupt');
  return stopped;
}
