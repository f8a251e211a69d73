import { duration } from '../duration';
import type { Settings } from './space';

/** A trial that failed: the settings that it had, and its error. */
export interface TrialFailure {
  readonly settings: Settings;
  readonly error: string;
}

/** Where a sweep is. */
export interface SweepProgress {
  /** Trials in all rounds known so far. */
  readonly total: number;
  /** Trials with a result, served ones included. */
  readonly done: number;
  /** Of these, trials that the store answered. */
  readonly served: number;
  /** Trials that run now. */
  readonly running: number;
  /** Trials that wait. */
  readonly waiting: number;
  /** Trials that failed. */
  readonly failures: readonly TrialFailure[];
  /** Seconds since the sweep began. */
  readonly seconds: number;
  /** Seconds that are left at the pace so far; `undefined` until there is one. */
  readonly secondsLeft: number | undefined;
  /** What a person should know: workers that died or refuse trials, damaged records; newest last. */
  readonly notices: readonly string[];
}

/** The progress in one line. */
export function describeProgress(progress: SweepProgress): string {
  const { total, done, served, running, waiting, failures, secondsLeft } = progress;
  const parts = [`${done} of ${total} trials done`];
  if (served > 0) parts.push(`${served} from the store`);
  if (running > 0) parts.push(`${running} running`);
  if (waiting > 0) parts.push(`${waiting} waiting`);
  if (failures.length > 0) parts.push(`${failures.length} failed`);
  if (secondsLeft !== undefined && running + waiting > 0) parts.push(`about ${duration(secondsLeft)} left`);
  return parts.join(', ');
}
