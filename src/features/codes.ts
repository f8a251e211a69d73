import type { Dataset } from '../datasets/dataset';
import { type Examples, rowsOfExamples } from '../datasets/examples';
import { requireRows, toMatrix } from '../datasets/rows';
import { activeThreshold } from '../model/activeThreshold';
import { requireModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { dot } from '../numbers/arithmetic';
import type { Matrix } from '../numbers/values';

/** A model's codes of some examples: what the readings of several units and inputs share. */
export interface Codes {
  readonly model: SparseAutoencoder;
  readonly dataset: Dataset;
  /** The examples, [examples, inputDim]. */
  readonly x: Matrix;
  /** h, [examples, hiddenDim]. */
  readonly activations: Matrix;
  /** A unit fires where |h| is above this. */
  readonly threshold: number;
  /** {@link likeness} of all examples. */
  readonly likeness: number;
}

/** @throws TypeError or RangeError if these are not a model and examples of its width, at least one. */
export function codesOf(model: SparseAutoencoder, data: Examples): Codes {
  requireModel('model', model);
  const dataset = rowsOfExamples('data', data);
  requireRows('data', [dataset.count]);
  const x = toMatrix('data', dataset);
  return {
    model,
    dataset,
    x,
    activations: model.encode(x),
    threshold: activeThreshold(model.architecture),
    likeness: likeness(x),
  };
}

/** Mean cosine over the pairs of some rows; rows of zeros point nowhere and are left out. NaN for fewer than two. */
export function likeness({ values, shape: [count, columns] }: Matrix, rows?: readonly number[]): number {
  const total = new Float64Array(columns);
  let used = 0;
  for (let index = 0; index < (rows?.length ?? count); index++) {
    const start = (rows?.[index] ?? index) * columns;
    const example = values.subarray(start, start + columns);
    const length = Math.sqrt(dot(example, example));
    if (length === 0) continue;
    for (let i = 0; i < columns; i++) total[i] = (total[i] as number) + (example[i] as number) / length;
    used++;
  }
  return used < 2 ? Number.NaN : (dot(total, total) - used) / (used * (used - 1));
}

/** Some rows of a matrix, copied, in this order. */
export function rowsAt({ values, shape: [, columns] }: Matrix, rows: readonly number[]): Matrix {
  const chosen = new Float32Array(rows.length * columns);
  for (const [place, row] of rows.entries()) {
    chosen.set(values.subarray(row * columns, (row + 1) * columns), place * columns);
  }
  return { values: chosen, shape: [rows.length, columns] };
}
