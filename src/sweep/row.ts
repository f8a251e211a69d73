import { mean } from '../numbers/arithmetic';
import type { Settings } from './space';
import type { TrialResult } from './trial';

/** One trial of a sweep. */
export interface SweepRow {
  /** The hash of the trial's specification. */
  readonly id: string;
  readonly settings: Settings;
  /**
   * `finished`, or `diverged` if the loss stopped being finite and the last finite model was measured; `failed` if it threw;
   * `missing` if the sweep was stopped before the trial ended.
   */
  readonly status: TrialResult['status'] | 'failed' | 'missing';
  /** The measured numbers by name; empty without a result. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The engine that ran it. */
  readonly engine?: string;
  /** Seconds of training, on the machine that did it. */
  readonly seconds?: number;
  /** Host and process that ran it. */
  readonly worker?: string;
  /** Whether it was not run now: the store had it, or a sweep that was stopped before. */
  readonly cached: boolean;
  /** Why it failed. */
  readonly error?: string;
}

/** Whether a trial has a result. */
export const hasResult = ({ status }: SweepRow) => status === 'finished' || status === 'diverged';

/** Trials that share what `key` returns, together; groups in the order of their first trials. */
export function groupRows(rows: readonly SweepRow[], key: (row: SweepRow) => unknown): SweepRow[][] {
  const groups = new Map<string, SweepRow[]>();
  for (const row of rows) {
    const text = JSON.stringify(key(row));
    const group = groups.get(text);
    if (group) group.push(row);
    else groups.set(text, [row]);
  }
  return [...groups.values()];
}

/** A key for {@link groupRows}: trials that differ in these settings alone, such as the seed, share it. */
export function allBut(...except: readonly string[]): (row: SweepRow) => unknown {
  return ({ settings }) =>
    Object.entries(settings)
      .filter(([name]) => !except.includes(name))
      .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The mean of a metric over trials that have it. */
export function meanOf(rows: readonly SweepRow[], metric: string): number {
  return mean(rows.map(({ metrics }) => metrics[metric] as number));
}
