/**
 * When what happens in a training: which examples a step sees, and after which steps a row is recorded. All of it follows
 * from a few numbers, so that a training can be resumed at any step.
 *
 * @module
 */

import type { BatchOrder } from '../model/trainingState';
import { Random } from '../numbers/random';

/** What the course of a training follows from. */
export interface Schedule {
  readonly order: BatchOrder;
  /** Steps an epoch, a smaller last batch included. */
  readonly stepsPerEpoch: number;
  /** Rows recorded an epoch. */
  readonly recordsPerEpoch: number;
}

/** The stream of a training's seed that shuffles the batches. */
const BATCHES = 1;

/** The sizes of an epoch's batches: the last one is smaller if they do not divide the examples evenly. */
export function batchSizes({ examples, batchSize }: BatchOrder): number[] {
  const rest = examples % batchSize;
  return rest === 0 ? [batchSize] : [batchSize, rest];
}

/**
 * The row numbers of `count` whole batches from step `start` on.
 *
 * @param count So few that they neither cross an epoch nor change their size: see {@link nextBoundary}.
 */
export function batches(
  start: number,
  count: number,
  { order, stepsPerEpoch }: Schedule,
): { rows: Int32Array; batchSize: number } {
  const epoch = Math.floor(start / stepsPerEpoch);
  const permutation = epochOrder(order, epoch);
  const first = (start - epoch * stepsPerEpoch) * order.batchSize;
  const rows = permutation.subarray(first, Math.min(first + count * order.batchSize, order.examples));
  return { rows, batchSize: rows.length / count };
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

/** The next step at which a slice must end: a record, the epoch's smaller last batch, or the epoch's end. */
export function nextBoundary(taken: number, schedule: Schedule): number {
  const { order, stepsPerEpoch } = schedule;
  let boundary = taken + 1;
  const within = taken % stepsPerEpoch;
  const whole = Math.floor(order.examples / order.batchSize);
  const end = taken - within + (within < whole ? whole : stepsPerEpoch);
  while (boundary < end && !isRecorded(boundary, schedule)) boundary++;
  return boundary;
}

/** Whether a row is recorded after this step: `recordsPerEpoch` times an epoch, its end among them. */
export function isRecorded(step: number, { stepsPerEpoch, recordsPerEpoch }: Schedule): boolean {
  const recordsBefore = (taken: number) => Math.floor((taken * recordsPerEpoch) / stepsPerEpoch);
  return recordsBefore(step) > recordsBefore(step - 1);
}
