import { isPlainObject } from '../../provenance/canonicalJson';
import type { Limits } from '../places/place';
import { MalformedTrialError, parseTrial, type TrialSpec, trialId } from '../trial';

/** The queue of BullMQ that sweeps and workers meet on. */
export const QUEUE_NAME = 'sparselab-trials';

/** What a job on the queue holds. Its id is the trial's, so that the same trial is on the queue once. */
export interface TrialJob {
  readonly trial: TrialSpec;
  readonly limits?: Limits;
}

/** What a worker says of a job while it has it. */
export type JobProgress =
  | { readonly worker: string; readonly share: number }
  | { readonly worker: string; readonly refused: string };

/**
 * Checks a job from the queue: anybody who may write to Redis may have put it there.
 *
 * @throws MalformedTrialError naming the field, what it must be, and what came in.
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
