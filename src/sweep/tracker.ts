import type { SweepProgress, TrialFailure } from './progress';
import type { SweepRow } from './row';
import type { Settings } from './space';
import type { TrialResult } from './trial';

/** One trial of the sweep, and what is known of it. */
interface TrackedTrial {
  readonly id: string;
  readonly settings: Settings;
  result?: TrialResult;
  served?: boolean;
  error?: string;
  /** How much of it is done, from 0 to 1; undefined while it waits. */
  share?: number;
}

/** Keeps account of a sweep's trials: every trial counts once, however often a result arrives. */
export class Tracker {
  readonly notices: string[] = [];
  readonly #trials: TrackedTrial[] = [];
  readonly #byId = new Map<string, TrackedTrial>();
  readonly #started = performance.now();

  /** Adds a trial, at the end of the table. The same specification twice shares one result. */
  add(id: string, settings: Settings): void {
    const trial = this.#byId.get(id);
    if (trial) return;
    const added = { id, settings };
    this.#trials.push(added);
    this.#byId.set(id, added);
  }

  /** Notes a result. @returns false if there was one already. */
  finish(id: string, result: TrialResult, { served = false } = {}): boolean {
    const trial = this.#byId.get(id);
    if (!trial || trial.result) return false;
    trial.result = result;
    trial.served = served;
    delete trial.error;
    return true;
  }

  /** Adds a notice. @returns false if it was there already. */
  notice(text: string): boolean {
    if (this.notices.includes(text)) return false;
    this.notices.push(text);
    return true;
  }

  fail(id: string, error: string): void {
    const trial = this.#byId.get(id);
    if (trial && !trial.result) trial.error = error;
  }

  /** Notes how much of a trial is done. */
  advance(id: string, share: number): void {
    const trial = this.#byId.get(id);
    if (trial) trial.share = share;
  }

  /** Whether a trial has a result or an error. */
  isSettled(id: string): boolean {
    const trial = this.#byId.get(id);
    return trial?.result !== undefined || trial?.error !== undefined;
  }

  metrics(id: string): Readonly<Record<string, number>> | undefined {
    return this.#byId.get(id)?.result?.metrics;
  }

  progress(end: SweepProgress['end']): SweepProgress {
    const trials = this.#trials;
    const done = trials.filter(({ result }) => result);
    const served = done.filter((trial) => trial.served);
    const failed = trials.filter(({ error }) => error !== undefined);
    const open = trials.filter(({ result, error }) => !result && error === undefined);
    const running = end === 'running' ? open.filter(({ share }) => share !== undefined) : [];
    const seconds = (performance.now() - this.#started) / 1000;
    const worked =
      done.length - served.length + failed.length + running.reduce((sum, { share = 0 }) => sum + share, 0);
    const left = trials.length - served.length - worked;
    return {
      end,
      total: trials.length,
      done: done.length,
      served: served.length,
      running: running.length,
      waiting: open.length - running.length,
      failures: failed.map(({ settings, error }) => ({ settings, error }) as TrialFailure),
      seconds,
      // The first moments are the engine's start.
      secondsLeft: end !== 'stopped' && worked >= 0.5 ? (seconds / worked) * left : undefined,
      notices: [...this.notices],
    };
  }

  rows(): SweepRow[] {
    return this.#trials.map(({ id, settings, result, error, served = false }): SweepRow => {
      if (result) return { id, settings, state: 'done', served, ...result };
      if (error !== undefined) return { id, settings, state: 'failed', metrics: {}, served, error };
      return { id, settings, state: 'missing', metrics: {}, served };
    });
  }
}
