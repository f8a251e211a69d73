/**
 * The course of a training: the examples of each step, and the steps after which a row is recorded. All of it follows
 * from a few numbers, so that a training can be resumed at any step.
 *
 * @module
 */

import type { BatchOrder } from '../model/trainingState';
import { Random } from '../numbers/random';

/** The settings that determine a training's length. */
export interface Schedule {
  readonly order: BatchOrder;
  /** Steps per epoch: {@link stepsPerEpoch} of the order. */
  readonly stepsPerEpoch: number;
  /** Whether examples are generated: an epoch then has new ones, in the order of their numbers. */
  readonly generated?: boolean;
  /** Rows recorded an epoch. */
  readonly recordsPerEpoch: number;
  /** Something acts between two steps after this many steps and each multiple. */
  readonly pauses: readonly number[];
}

/** The stream of a training's seed that shuffles the batches. */
const BATCHES = 1;

/** Some batches of one size, one after another. */
interface Run {
  readonly size: number;
  readonly count: number;
}

/** An epoch's batches, two sizes at most: each size is a loop of its own in a compiled graph. */
function runs({ examples, batchSize, rest }: BatchOrder): Run[] {
  const whole = Math.floor(examples / batchSize);
  const left = examples % batchSize;
  if (left === 0 || rest === 'drop') return [{ size: batchSize, count: whole }];
  if (rest === 'small') {
    return [
      { size: batchSize, count: whole },
      { size: left, count: 1 },
    ];
  }
  const count = whole + 1;
  const size = Math.floor(examples / count);
  const larger = examples % count;
  return [
    { size: size + 1, count: larger },
    { size, count: count - larger },
  ].filter((run) => run.count > 0);
}

/** The sizes of an epoch's batches, in the order in which they come. */
export function batchSizes(order: BatchOrder): number[] {
  return runs(order).map(({ size }) => size);
}

/** How many batches an epoch has. */
export function stepsPerEpoch(order: BatchOrder): number {
  return runs(order).reduce((steps, { count }) => steps + count, 0);
}

/**
 * The row numbers of `count` whole batches from step `start` on.
 *
 * @param count So few that they neither cross an epoch nor change their size: see {@link nextBoundary}.
 */
export function batches(
  start: number,
  count: number,
  { order, stepsPerEpoch, generated }: Schedule,
): { rows: Int32Array; batchSize: number } {
  const epoch = Math.floor(start / stepsPerEpoch);
  const { run, firstRow, within } = runAt(order, start - epoch * stepsPerEpoch);
  const first = firstRow + within * run.size;
  const rows = generated
    ? Int32Array.from({ length: count * run.size }, (_, i) => epoch * order.examples + first + i)
    : epochOrder(order, epoch).subarray(first, first + count * run.size);
  return { rows, batchSize: run.size };
}

/** The run that an epoch's step belongs to, the run's first example, and the step's place within it. */
function runAt(order: BatchOrder, step: number): { run: Run; firstRow: number; within: number } {
  let [firstRow, within] = [0, step];
  for (const run of runs(order)) {
    if (within < run.count) return { run, firstRow, within };
    firstRow += run.count * run.size;
    within -= run.count;
  }
  throw new RangeError(`step must be one of an epoch; got ${step}`);
}

/** The examples in the order of one epoch. Remembers the newest, which every slice of that epoch asks for. */
const epochOrder = (() => {
  let newest: { key: string; permutation: Int32Array } | undefined;
  return ({ seed, examples }: BatchOrder, epoch: number): Int32Array => {
    const key = `${seed} ${examples} ${epoch}`;
    if (newest?.key !== key)
      newest = { key, permutation: new Random(seed, BATCHES, epoch).permutation(examples) };
    return newest.permutation;
  };
})();

/** Whether something acts between this step and the next. */
export function isPause(step: number, { pauses }: Pick<Schedule, 'pauses'>): boolean {
  return pauses.some((every) => step % every === 0);
}

/** The next step at which a slice must end: a record, a rule that acts between steps, a change of the batches' size, or the epoch's end. */
export function nextBoundary(taken: number, schedule: Schedule): number {
  const { order, stepsPerEpoch } = schedule;
  const { run, within } = runAt(order, taken % stepsPerEpoch);
  const end = taken + run.count - within;
  let boundary = taken + 1;
  while (boundary < end && !isRecorded(boundary, schedule) && !isPause(boundary, schedule)) boundary++;
  return boundary;
}

/** Whether a row is recorded after this step: `recordsPerEpoch` times an epoch, its end among them. */
export function isRecorded(step: number, { stepsPerEpoch, recordsPerEpoch }: Schedule): boolean {
  const recordsBefore = (taken: number) => Math.floor((taken * recordsPerEpoch) / stepsPerEpoch);
  return recordsBefore(step) > recordsBefore(step - 1);
}
