import { number, type OptionsOf, optional } from '../../numbers/options';
import type { TrialResult, TrialSpec } from '../trial';

/** A trial that is to run. */
export interface PlannedTrial {
  readonly id: string;
  readonly spec: TrialSpec;
}

/** {@link Limits}, for {@link readOptions}. */
export const limitsOptions = {
  /** Seconds. */
  seconds: optional(number({ above: 0 })),
  /** Megabytes (10⁶ bytes) of memory, the engine included. */
  megabytes: optional(number({ above: 0 })),
};

/** Limits of a single trial; a trial that uses more fails. @interface */
export type Limits = OptionsOf<typeof limitsOptions>;

/** Reports of a place to a sweep. */
export interface ExecutorListener {
  /** Aborted when nobody waits for the trials any more. */
  readonly signal: AbortSignal;
  /** A trial runs, and how much of it is done, from 0 to 1. */
  onProgress(id: string, fraction: number): void;
  /** A trial's result: once each, but for the place it may come twice. */
  onResult(id: string, result: TrialResult): void;
  /** A trial that cannot be done, and why. */
  onFailure(id: string, reason: string): void;
  /** Something that a person should know: a worker died, refuses trials, cannot be reached. */
  onNotice(notice: string): void;
}

/** Somewhere trials run. */
export interface Executor {
  /** Runs trials, in whatever order; ends when each has given a result or a failure, or the signal was aborted. */
  run(trials: readonly PlannedTrial[], listener: ExecutorListener): Promise<void>;
  /** Leaves; running trials are given up. */
  close(): Promise<void>;
}
