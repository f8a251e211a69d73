/**
 * The common part of the contenders in Node: their work, the data, and the conversation with contender.ts.
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
  readonly images?: string;
  /** float32: encoder weights and bias, decoder weights and bias. */
  readonly parameters?: string;
  /** int32 [epochs, 60000]: the order of the examples in each. */
  readonly order?: string;
  /** float32: the rows of a truth, its dictionary, and other rows with their codes. */
  readonly rows?: string;
  readonly dictionary?: string;
  readonly heldOut?: string;
  readonly codes?: string;
  /** How many runs a contender will be asked for, one epoch each: schedules end with the last. */
  readonly epochs: number;
  readonly threads: number;
  readonly rho: number;
}

export const INPUT = 784;
export const EXAMPLES = 60_000;

/** The task of this process. */
export const work = JSON.parse(process.argv[2] ?? '{}') as Work & Shared;

/** The rows of an epoch's whole batches, one after another. */
export function order(run: number): Int32Array {
  const all = readInts(work.order as string);
  const epochs = all.length / EXAMPLES;
  const start = (run % epochs) * EXAMPLES;
  return all.subarray(start, start + EXAMPLES - (EXAMPLES % work.batchSize));
}

/** The rows of a run: all of them, or, where the slowest contender would take minutes, the first tenth. */
export function rowsOf(run: number): Int32Array {
  const rows = order(run);
  if (work.kind !== 'wasm') return rows;
  return rows.subarray(0, Math.floor(rows.length / work.batchSize / 10) * work.batchSize);
}

/** MNIST as it lies on disk. */
export const images = (): Uint8Array => new Uint8Array(readFileSync(work.images as string));

/** The first parameters, the same for every contender and strength. */
export function firstParameters(): Readonly<
  Record<string, { values: Float32Array; shape: readonly number[] }>
> {
  const values = new Float32Array(readInts(work.parameters as string).buffer);
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

/** Of how many first steps the losses are held against each other. */
const FIRST_STEPS = 50;

/**
 * What a run answers of its losses: their mean, and in the first run, which starts from the shared parameters, that of the first
 * steps.
 *
 * @param losses The total of each step, model by model.
 */
export function lossesOf(run: number, losses: readonly (readonly number[])[]): Partial<Answer> {
  const mean = (chosen: readonly number[]) => chosen.reduce((sum, value) => sum + value, 0) / chosen.length;
  return {
    loss: mean(losses.flat()),
    ...(run === 0 && { firstSteps: mean(losses.flatMap((of) => of.slice(0, FIRST_STEPS))) }),
  };
}

/** The column of the totals in rows of all terms. */
export function column(rows: Float32Array, index: number, width: number): number[] {
  return Array.from({ length: rows.length / width }, (_, row) => rows[row * width + index] as number);
}

function readInts(path: string): Int32Array {
  const bytes = new Uint8Array(readFileSync(path)); // A copy at offset 0, as Int32Array needs it.
  return new Int32Array(bytes.buffer, 0, bytes.length / 4);
}
