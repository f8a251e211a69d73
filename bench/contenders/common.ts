/**
 * What the contenders in Node share: their work, the data, and the conversation with contender.ts.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Answer } from '../contender';
import type { Work } from '../work';

/** Where the data that all contenders share lie, as files. */
export interface Shared {
  /** uint8 [60000, 784]. */
  readonly images: string;
  /** float32: encoder weights and bias, decoder weights and bias. */
  readonly parameters: string;
  /** int32 [epochs, 60000]: the order of the examples in each. */
  readonly order: string;
  readonly threads: number;
  readonly rho: number;
}

export const INPUT = 784;
export const EXAMPLES = 60_000;

/** What this process was told to do. */
export const work = JSON.parse(process.argv[2] ?? '{}') as Work & Shared;

/** The rows of a run's whole batches, one after another. */
export function order(run: number): Int32Array {
  const all = readInts(work.order);
  const epochs = all.length / EXAMPLES;
  const start = (run % epochs) * EXAMPLES;
  return all.subarray(start, start + EXAMPLES - (EXAMPLES % work.batchSize));
}

/** The first tenth of them. */
export function orderOfTenth(run: number): Int32Array {
  const rows = order(run);
  return rows.subarray(0, Math.floor(rows.length / work.batchSize / 10) * work.batchSize);
}

/** MNIST as it lies on disk. */
export const images = (): Uint8Array => new Uint8Array(readFileSync(work.images));

/** The first parameters, the same for every contender and strength. */
export function firstParameters(): Readonly<
  Record<string, { values: Float32Array; shape: readonly number[] }>
> {
  const values = new Float32Array(readInts(work.parameters).buffer);
  let start = 0;
  const next = (...shape: number[]) => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    const array = { values: values.slice(start, start + size), shape };
    start += size;
    return array;
  };
  return {
    encoderWeights: next(INPUT, work.hiddenDim),
    encoderBias: next(work.hiddenDim),
    decoderWeights: next(work.hiddenDim, INPUT),
    decoderBias: next(INPUT),
  };
}

/** Answers every request for a run. */
export async function serve(
  run: (number: number) => Promise<Partial<Answer>> | Partial<Answer>,
  version = process.version,
): Promise<void> {
  console.log(JSON.stringify({ ready: version }));
  for await (const line of createInterface({ input: process.stdin })) {
    const { run: number } = JSON.parse(line) as { run: number };
    const started = performance.now();
    const answer = await run(number);
    console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000, ...answer }));
  }
}

/** The mean of every `width`-th number from `first` on: of one term over the steps. */
export function meanOf(losses: readonly number[], first: number, width: number): number {
  const chosen = losses.filter((_, index) => index % width === first);
  return chosen.reduce((sum, value) => sum + value, 0) / chosen.length;
}

function readInts(path: string): Int32Array {
  const bytes = new Uint8Array(readFileSync(path)); // A copy at offset 0, as Int32Array needs it.
  return new Int32Array(bytes.buffer, 0, bytes.length / 4);
}
