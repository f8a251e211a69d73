/**
 * Sparselab's compiled engine, as train() drives it: slices of about 100 ms, and the event loop between them.
 *
 * @module
 */
import { createEngine } from 'sparselab/dist/engine';
import { EXAMPLES, INPUT, images, meanOf, order, serve, work } from './common';
import { members } from './members';

const SLICE_MILLISECONDS = 100;

async function main(): Promise<void> {
  const source = { values: images(), count: EXAMPLES, dim: INPUT, scale: 1 / 255 };
  const models = members();
  const { runner, description } = await createEngine({
    members: models,
    source,
    batchSizes: [work.batchSize],
  });
  let stepsPerSlice = 16;

  await serve(async (number) => {
    const rows = order(number);
    const losses: number[] = [];
    for (let start = 0; start < rows.length; ) {
      const end = Math.min(start + stepsPerSlice * work.batchSize, rows.length);
      const sliceStarted = performance.now();
      for (const terms of runner.run(rows.subarray(start, end), work.batchSize)) losses.push(...terms);
      const milliseconds = performance.now() - sliceStarted;
      const steps = (end - start) / work.batchSize;
      stepsPerSlice = Math.max(1, Math.round((steps * SLICE_MILLISECONDS) / milliseconds));
      start = end;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { terms } = models[0]?.step ?? { terms: ['total'] };
    return { loss: meanOf(losses, terms.indexOf('total'), terms.length) };
  }, description);
}

void main();
