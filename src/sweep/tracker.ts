import type { SweepProgress } from './progress';
import { hasResult, type SweepRow } from './row';
import type { Settings } from './space';
import type { TrialResult } from './trial';

/** Keeps account of a sweep's trials: every trial counts once, however often a result arrives. */
export class Tracker {
  readonly notices: string[] = [];
  /** The state of each trial, by its id, in the order in which the search named them. */
  readonly #rows = new Map<string, SweepRow>();
  /** How much of each begun trial is done, from 0 to 1. */
  readonly #fractions = new Map<string, number>();
  readonly #started = performance.now();

  /** Adds a trial, at the end of the table. The same specification twice shares one result. */
  add(id: string, settings: Settings): void {
    if (this.#rows.has(id)) return;
    this.#rows.set(id, { id, settings, status: 'missing', metrics: {}, cached: false });
  }

  /** Notes a result, if there is none yet. */
  finish(id: string, result: TrialResult, { cached = false } = {}): void {
    const row = this.#rows.get(id);
    if (!row || hasResult(row)) return;
    this.#rows.set(id, { id, settings: row.settings, cached, ...result });
  }

  /** Notes an error, unless there is a result. */
  fail(id: string, error: string): void {
    const row = this.#rows.get(id);
    if (row && !hasResult(row)) this.#rows.set(id, { ...row, status: 'failed', error });
  }

  /** Notes how much of a trial is done. */
  advance(id: string, fraction: number): void {
    this.#fractions.set(id, fraction);
  }

  /** Adds a notice. @returns false if it was there already. */
  notice(text: string): boolean {
    if (this.notices.includes(text)) return false;
    this.notices.push(text);
    return true;
  }

  /** The state of a trial. */
  row(id: string): SweepRow | undefined {
    return this.#rows.get(id);
  }

  rows(): SweepRow[] {
    return [...this.#rows.values()];
  }

  progress(status: SweepProgress['status']): SweepProgress {
    const rows = this.rows();
    const count = (holds: (row: SweepRow) => boolean) => rows.filter(holds).length;
    const done = count(hasResult);
    const cached = count((row) => row.cached);
    const failed = rows.filter((row) => row.status === 'failed');
    const open = rows.filter((row) => row.status === 'missing');
    const running = status === 'running' ? open.flatMap(({ id }) => this.#fractions.get(id) ?? []) : [];
    const seconds = (performance.now() - this.#started) / 1000;
    const worked = done - cached + failed.length + running.reduce((sum, fraction) => sum + fraction, 0);
    const left = rows.length - cached - worked;
    return {
      status,
      total: rows.length,
      done,
      cached,
      running: running.length,
      waiting: open.length - running.length,
      failures: failed.map(({ settings, error = '' }) => ({ settings, error })),
      seconds,
      // The first moments are the engine's start.
      secondsLeft: status !== 'stopped' && worked >= 0.5 ? (seconds / worked) * left : undefined,
      notices: [...this.notices],
    };
  }
}
