import type { Dataset } from '../datasets/dataset';
import { type Examples, rowsOfExamples } from '../datasets/examples';
import { requireRows, toMatrix } from '../datasets/rows';
import { activeThreshold } from '../model/activeThreshold';
import { requireModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { dot } from '../numbers/arithmetic';
import { type Matrix, rowAt } from '../numbers/values';

/** A model's codes of some examples: what the readings of several units and inputs share. Each part is made when it is first asked for. */
export class Codes {
  readonly model: SparseAutoencoder;
  readonly dataset: Dataset;
  /** A unit fires where |h| is above this. */
  readonly threshold: number;
  #x: Matrix | undefined;
  #activations: Matrix | undefined;
  #likeness: number | undefined;

  /** @throws TypeError or RangeError if these are not a model and at least one example. */
  constructor(model: SparseAutoencoder, data: Examples) {
    requireModel('model', model);
    this.model = model;
    this.dataset = rowsOfExamples('data', data);
    requireRows('data', [this.dataset.count]);
    this.threshold = activeThreshold(model.architecture);
  }

  /** The examples, [examples, inputDim]. */
  get x(): Matrix {
    this.#x ??= toMatrix('data', this.dataset);
    return this.#x;
  }

  /** h, [examples, hiddenDim]. */
  get activations(): Matrix {
    this.#activations ??= this.model.encode(this.x);
    return this.#activations;
  }

  /** {@link likeness} of all examples. */
  get likeness(): number {
    this.#likeness ??= likeness(this.x);
    return this.#likeness;
  }
}

/** Mean cosine over the pairs of some rows; rows of zeros point nowhere and are left out. NaN for fewer than two. */
export function likeness(matrix: Matrix, rows?: readonly number[]): number {
  const [count, columns] = matrix.shape;
  const total = new Float64Array(columns);
  let used = 0;
  for (let index = 0; index < (rows?.length ?? count); index++) {
    const example = rowAt(matrix, rows?.[index] ?? index);
    const length = Math.sqrt(dot(example, example));
    if (length === 0) continue;
    for (let i = 0; i < columns; i++) total[i] = (total[i] as number) + (example[i] as number) / length;
    used++;
  }
  return used < 2 ? Number.NaN : (dot(total, total) - used) / (used * (used - 1));
}

/** Some rows of a matrix, copied, in this order. */
export function rowsAt(matrix: Matrix, rows: readonly number[]): Matrix {
  const [, columns] = matrix.shape;
  const chosen = new Float32Array(rows.length * columns);
  for (const [place, row] of rows.entries()) chosen.set(rowAt(matrix, row), place * columns);
  return { values: chosen, shape: [rows.length, columns] };
}
