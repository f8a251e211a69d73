import { show } from '../numbers/arguments';
import { counted } from '../numbers/shown';
import { INSPECT } from '../page/cell';
import { activeThreshold } from './activeThreshold';
import type { LossTerms } from './lossTerms';
import type { Measurements } from './metrics';
import type { TrainingState } from './trainingState';

/** The model at one moment of its training, measured on one fixed sample of the examples. */
export interface HistoryRow extends Measurements {
  /** Steps taken so far; 0 before training. */
  readonly step: number;
  /** Epochs so far, with their fraction: step / steps per epoch. */
  readonly epoch: number;
  /** reconstruction + strength × penalty + weight decay's strength × weightDecay, on the sample as one batch. */
  readonly total: number;
  /** The reconstruction term of the loss; `mse` itself unless another error was chosen. */
  readonly reconstruction: number;
  /** The penalty, unweighted. */
  readonly penalty: number;
  /** ½ Σ W², unweighted; 0 if weight decay is off. */
  readonly weightDecay: number;
  /** The part of the loss that an activation or a rule adds; `undefined` if there is none. */
  readonly auxiliary?: number;
  /** The penalty's strength in the newest step, where a schedule or a rule changes it; else it is `history.strength`. */
  readonly strength?: number;
}

/**
 * How a training ended: all epochs done; stopped by its signal; the loss was no longer a finite number; or an error, which
 * `train` has thrown.
 */
export type TrainingStatus = 'running' | 'finished' | 'stopped' | 'diverged' | 'failed';

/**
 * Checks that something is a history: by its form, as figures draw older loads' and made-up ones, too.
 *
 * @throws TypeError saying the value.
 */
export function requireHistory(name: string, history: { readonly rows: readonly object[] }): void {
  if (!Array.isArray(history?.rows))
    throw new TypeError(`${name} must be what train returns; got ${show(history)}`);
}

/** The records of a training. It grows while training runs, so a stopped training's history is there as well. */
export class History {
  /** The rows in order; row 0 is the model before training. */
  readonly rows: HistoryRow[] = [];
  /** The loss terms of every step so far, on its own batch, before its update: `[step, term]` in time order. */
  readonly steps: LossTerms[] = [];
  /** The penalty's name, such as `L1`; `none` without one. */
  readonly penaltyName: string;
  /** The penalty's strength, λ or β. */
  readonly strength: number;
  /** The name of the data; unknown in a training that an older version kept. */
  readonly data: string | undefined;
  /** The engine that ran the steps, such as `native TensorFlow 2.21.0`. */
  readonly engine: string;
  /** How it ended. */
  status: TrainingStatus = 'running';
  /** Seconds spent training so far. */
  seconds = 0;
  /** Whether it was read from the cache of trainings instead of being trained now. */
  fromCache = false;
  /** All that is needed to go on from here, bit for bit: the argument `resume` of {@link train}. */
  state: TrainingState | undefined;

  constructor(init: { penaltyName: string; strength: number; engine: string; data?: string | undefined }) {
    this.data = init.data;
    this.penaltyName = init.penaltyName;
    this.strength = init.strength;
    this.engine = init.engine;
  }

  /** The newest row. */
  get last(): HistoryRow {
    const last = this.rows.at(-1);
    if (!last) throw new Error(`history has no rows: its training is ${this.status}`);
    return last;
  }

  /** How it ended and where it then was, in a line. */
  toString(): string {
    const { penaltyName, strength, status } = this;
    const loss = penaltyName === 'none' ? 'no penalty' : `${strength} × ${penaltyName}`;
    const row = this.rows.at(-1);
    if (!row) return `History: ${loss}, ${status}`;
    const epochs = `${counted(Number(row.epoch.toFixed(2)), 'epoch')} (${counted(row.step, 'step')})`;
    const numbers = { mse: row.mse, penalty: row.penalty, l0: row.l0 };
    const measured = Object.entries(numbers).map(
      ([name, value]) => `${name} ${Number(value.toPrecision(3))}`,
    );
    const threshold = this.state ? activeThreshold(this.state.architecture) : 0;
    const above = threshold > 0 ? ` (units above ${threshold})` : '';
    return `History: ${loss}, ${status}, ${epochs}: ${measured.join(', ')}${above}`;
  }

  /** Where a kernel only prints values it prints that line, not thousands of numbers. */
  [INSPECT](): string {
    return this.toString();
  }
}
