import { counted } from '../numbers/shown';
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
  readonly status: 'running' | 'finished' | 'stopped';
  /** Trials in all rounds known so far. */
  readonly total: number;
  /** Trials with a result, cached trials included. */
  readonly done: number;
  /** Trials among them that were not run now: the store had them, or a sweep that was stopped before. */
  readonly cached: number;
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
  /** Notices for people: workers that died or refuse trials, damaged records; newest last. */
  readonly notices: readonly string[];
}

/**
 * The progress in one line.
 *
 * @example await sweep({ lambda: [1e-4, 1e-3] }, { data: 'digits', penalty: 'l1', onProgress: (now) => console.log(describeProgress(now)) });
 */
export function describeProgress(progress: SweepProgress): string {
  const { status, total, done, cached, running, waiting, failures, secondsLeft } = progress;
  const stopped = status === 'stopped';
  const parts = [`${stopped ? 'stopped: ' : ''}${done} of ${counted(total, 'trial')} done`];
  if (cached > 0) parts.push(`${cached} of them earlier`);
  if (running > 0) parts.push(`${running} running`);
  if (waiting > 0) parts.push(`${waiting} ${stopped ? 'missing' : 'waiting'}`);
  if (failures.length > 0) parts.push(`${failures.length} failed`);
  if (secondsLeft !== undefined && status === 'running') parts.push(`about ${duration(secondsLeft)} left`);
  return parts.join(', ');
}
