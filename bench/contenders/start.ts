/**
 * What compiling costs beyond the step itself, for the first model of a process and for a second one of the same shapes,
 * and the most memory that the process has held by the end of an epoch.
 *
 * @module
 */
import { backendReady, loadMnist } from 'sparselab';
import { createEngine } from 'sparselab/dist/engine';
import { order, serve, work } from './common';
import { members } from './members';

async function startAndStep(
  rows: Int32Array,
): Promise<{ seconds: number; epoch: () => void; end: () => void }> {
  const { train } = loadMnist();
  const started = performance.now();
  const { runner } = await createEngine({ members: members(), source: train, batchSizes: [work.batchSize] });
  runner.run(rows.subarray(0, work.batchSize), work.batchSize);
  const first = performance.now();
  // The second run looks once whether the step is still the same: part of the cost.
  runner.run(rows.subarray(0, work.batchSize), work.batchSize);
  const second = performance.now();
  runner.run(rows.subarray(0, work.batchSize), work.batchSize);
  const step = performance.now() - second;
  return {
    seconds: (first - started - step) / 1000,
    epoch: () => {
      for (let i = 0; i < rows.length; i += 32 * work.batchSize) {
        runner.run(rows.subarray(i, i + 32 * work.batchSize), work.batchSize);
      }
    },
    end: () => runner.dispose(),
  };
}

void serve(async (number) => {
  await backendReady();
  const rows = order(number);
  const first = await startAndStep(rows);
  first.epoch();
  first.end();
  const megabytes = process.resourceUsage().maxRSS / 1000;
  const second = await startAndStep(rows);
  second.end();
  return { seconds: first.seconds, second: second.seconds, megabytes, loss: Number.NaN };
});
