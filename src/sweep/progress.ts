import { duration } from '../page/duration';
import type { Settings } from './space';

/** A trial that failed: the settings that it had, and its error. */
export interface TrialFailure {
  readonly settings: Settings;
  readonly error: string;
}

/** Where a sweep is. */
export interface SweepProgress {
  /** Whether every trial was tried; `stopped` and `finished` are told once, at the end. */
  readonly end: 'running' | 'finished' | 'stopped';
  /** Trials in all rounds known so far. */
  readonly total: number;
  /** Trials with a result, served ones included. */
  readonly done: number;
  /** Of these, trials that were not run now: the store had them, or a sweep that was stopped before. */
  readonly served: number;
  /** Trials that run now. */
  readonly running: number;
  /** Trials that wait; in a stopped sweep, those that are missing. */
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
  const { end, total, done, served, running, waiting, failures, secondsLeft } = progress;
  const stopped = end === 'stopped';
  const parts = [`${stopped ? 'stopped: ' : ''}${done} of ${total} trials done`];
  if (served > 0) parts.push(`${served} of them earlier`);
  if (running > 0) parts.push(`${running} running`);
  if (waiting > 0) parts.push(`${waiting} ${stopped ? 'missing' : 'waiting'}`);
  if (failures.length > 0) parts.push(`${failures.length} failed`);
  if (secondsLeft !== undefined && end === 'running') parts.push(`about ${duration(secondsLeft)} left`);
  return parts.join(', ');
}
