import { isPlainObject } from '../../provenance/canonicalJson';
import type { Limits } from '../executors/executor';
import { MalformedTrialError, parseTrial, type TrialSpec, trialId } from '../trial';

/** Prefix of every queue's name; the first versions had one queue of this name for all of them. */
export const QUEUE_FAMILY = 'sparselab-trials';

/**
 * The queue of BullMQ on which sweeps and workers of one version of the code meet: other versions, whose numbers would
 * differ, never see its trials.
 *
 * @param code The hash of the code that numbers depend on.
 */
export function queueName(code: string): string {
  return `${QUEUE_FAMILY}-${code.slice(0, 12)}`;
}

/**
 * How long Redis keeps a trial or its answer, counted by its own clock from when it was put there or answered: for a
 * notebook that was killed and runs its sweep again.
 */
export const KEPT_SECONDS = 7 * 24 * 3600;

/** Content of a job on the queue. Its id is the trial's, so that the same trial is on the queue once. */
export interface TrialJob {
  readonly trial: TrialSpec;
  readonly limits?: Limits;
}

/** A worker's progress with a job, from 0 to 1. */
export interface JobProgress {
  readonly fraction: number;
}

/** The answer of a worker that cannot run a trial because its data or modules differ; any other result is the trial's. */
export interface Refusal {
  readonly refused: string;
  readonly worker: string;
}

/** Tells a refusal from a result. */
export function isRefusal(answer: unknown): answer is Refusal {
  return isPlainObject(answer) && typeof answer.refused === 'string' && typeof answer.worker === 'string';
}

/**
 * Checks a job from the queue: anybody who may write to Redis may have put it there.
 *
 * @throws MalformedTrialError naming the field, the requirement and the value.
 */
export function parseJob(id: string | undefined, data: unknown): TrialJob {
  if (!isPlainObject(data))
    throw new MalformedTrialError('job must be an object with a trial; got another value');
  const trial = parseTrial(data.trial);
  if (trialId(trial) !== id) {
    throw new MalformedTrialError(
      'job must have the id of its trial; got another, so one of them was altered',
    );
  }
  return { trial, ...(data.limits !== undefined && { limits: parseLimits(data.limits) }) };
}

function parseLimits(limits: unknown): Limits {
  const permitted =
    isPlainObject(limits) &&
    Object.entries(limits).every(
      ([name, value]) => ['seconds', 'megabytes'].includes(name) && typeof value === 'number' && value > 0,
    );
  if (!permitted)
    throw new MalformedTrialError('job.limits must hold seconds and megabytes above 0; got other values');
  return limits;
}
