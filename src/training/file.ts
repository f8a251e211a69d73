/**
 * A finished training in a file: all that its history holds, to the last bit.
 *
 * @module
 */

import { History, type HistoryRow } from '../model/history';
import type { LossTerms } from '../model/lossTerms';
import { TrainingState } from '../model/trainingState';
import { naming, readSafetensors, writeSafetensors } from '../numbers/safetensors';
import type { Matrix } from '../numbers/values';

/** The information in a file about a training, besides its state. */
interface Summary {
  readonly penaltyName: string;
  readonly strength: number;
  readonly engine: string;
  readonly seconds: number;
  /** Without `meanActivation`; NaN is null. */
  readonly rows: readonly Readonly<Record<string, number | null>>[];
  readonly terms: readonly string[];
  readonly data?: string;
}

/**
 * Writes a training that has finished; the file appears whole or not at all.
 *
 * @throws Error from the file system.
 */
export function writeTraining(path: string, history: History): void {
  const { rows, steps, state, penaltyName, strength, engine, seconds, data } = history;
  if (!state) throw new Error(`a training must have begun to be written; this one is ${history.status}`);
  const terms = Object.keys(steps[0] ?? {}) as (keyof LossTerms)[];
  const summary: Summary = {
    penaltyName,
    strength,
    engine,
    seconds,
    ...(data !== undefined && { data }),
    rows: rows.map(({ meanActivation: _, ...numbers }) => numbers),
    terms,
  };
  const units = state.architecture.hiddenDim;
  const means = new Float32Array(rows.length * units);
  rows.forEach(({ meanActivation }, row) => {
    means.set(meanActivation, row * units);
  });
  const { arrays, metadata } = state.toSafetensors();
  writeSafetensors(path, {
    arrays: {
      ...arrays,
      'history/meanActivation': { values: means, shape: [rows.length, units] },
      'history/steps': {
        values: Float32Array.from(steps.flatMap((step) => terms.map((term) => step[term]))),
        shape: [steps.length, terms.length],
      },
    },
    metadata: { ...metadata, history: JSON.stringify(summary) },
  });
}

/**
 * Reads a training that {@link writeTraining} wrote.
 *
 * @throws Error if there is none, or what there is cannot be believed.
 */
export function readTraining(path: string): History {
  const content = readSafetensors(path);
  return naming(path, () => {
    const summary = JSON.parse(content.metadata.history ?? '') as Summary;
    const means = content.arrays['history/meanActivation'] as Matrix;
    const steps = content.arrays['history/steps'] as Matrix;
    const history = new History(summary);
    history.state = TrainingState.fromSafetensors(content, path);
    history.rows.push(
      ...summary.rows.map((numbers, row) => {
        const finite = Object.entries(numbers).map(([name, value]) => [name, value ?? Number.NaN]);
        const meanActivation = rowOf(means, row);
        // Its own writer has named every number.
        return { ...Object.fromEntries(finite), meanActivation } as HistoryRow;
      }),
    );
    for (let step = 0; step < steps.shape[0]; step++) {
      const terms = Array.from(rowOf(steps, step), (value, term) => [summary.terms[term], value]);
      history.steps.push(Object.fromEntries(terms) as LossTerms);
    }
    history.status = 'finished';
    history.seconds = summary.seconds;
    return history;
  });
}

/** A copy of one row. */
const rowOf = ({ values, shape: [, columns] }: Matrix, row: number): Float32Array =>
  values.slice(row * columns, (row + 1) * columns);
