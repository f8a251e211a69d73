/**
 * Sparselab's compiled engine, native or WebAssembly, as train() drives it: slices of about 100 ms, and the event loop
 * between them.
 *
 * @module
 */
import { backendReady } from 'sparselab';
import { createEngine, type Member, precisionProblem } from 'sparselab/dist/engine';
import { column, EXAMPLES, INPUT, images, lossesOf, rowsOf, serve, work } from './common';
import { members } from './members';

const SLICE_MILLISECONDS = 100;

/** Float32 numbers for the contender of a work in bfloat16. */
const precision = process.env.BENCH_FLOAT32 === undefined ? (work.precision ?? 'float32') : 'float32';

async function main(): Promise<void> {
  const source = { values: images(), count: EXAMPLES, dim: INPUT, scale: 1 / 255 };
  const models = members();
  const { name } = await backendReady();
  const problem = precisionProblem(precision, { backend: name, compile: true });
  if (problem) throw new Error(problem);
  const { runner, description } = await createEngine({
    members: models,
    source,
    batchSizes: [work.batchSize],
    precision,
  });
  let stepsPerSlice = 16;

  await serve(async (number) => {
    const rows = rowsOf(number);
    const losses: number[][] = models.map(() => []);
    for (let start = 0; start < rows.length; ) {
      const end = Math.min(start + stepsPerSlice * work.batchSize, rows.length);
      const sliceStarted = performance.now();
      runner.run(rows.subarray(start, end), work.batchSize).forEach((rowsOfTerms, m) => {
        const { terms } = (models[m] as Member).step;
        losses[m]?.push(...column(rowsOfTerms, terms.indexOf('total'), terms.length));
      });
      const milliseconds = performance.now() - sliceStarted;
      const steps = (end - start) / work.batchSize;
      stepsPerSlice = Math.max(1, Math.round((steps * SLICE_MILLISECONDS) / milliseconds));
      start = end;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return lossesOf(number, losses);
  }, description);
}

void main();
