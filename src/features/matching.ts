/**
 * Which rows of two dictionaries belong together.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { munkres } from 'munkres';
import type { Matrix } from '../numbers/values';
import { unitRows } from './unitRows';

/** A row of one dictionary and its partner in another. */
export interface Match {
  readonly row: number;
  readonly partner: number;
  /** The cosine of the angle between them. */
  readonly cosine: number;
}

/**
 * The cosine of the angle between each row of `a` and each row of `b`, `[rows of a, rows of b]`; 0 for rows of zeros.
 *
 * @param a `[rows, columns]`.
 * @param b As many columns.
 */
export function cosines(a: Matrix, b: Matrix): Matrix {
  const unit = ({ values, shape: [rows, columns] }: Matrix) => tf.tensor2d(values, [rows, columns]);
  const values = tf.tidy(() =>
    tf
      .matMul(unit(unitRows(a)), unit(unitRows(b)), false, true)
      .dataSync<'float32'>()
      .slice(),
  );
  return { values, shape: [a.shape[0], b.shape[0]] };
}

/**
 * The one-to-one matching of rows and columns with the greatest Σ |cos|, by the Hungarian algorithm. In a matrix that is not
 * square, the surplus rows or columns have no partner.
 *
 * Reference: Kuhn, "The Hungarian method for the assignment problem", 1955; Munkres, 1957.
 *
 * @param similarities Cosines, `[rows, columns]`.
 * @returns A pair for each row or each column, whichever are fewer, by row.
 */
export function bestMatching({ values, shape: [rows, columns] }: Matrix): Match[] {
  const costs = Array.from({ length: rows }, (_, row) =>
    values.subarray(row * columns, (row + 1) * columns).map((cosine) => 1 - Math.abs(cosine)),
  );
  return munkres(costs)
    .map(([row, partner]) => ({ row, partner, cosine: values[row * columns + partner] as number }))
    .sort((a, b) => a.row - b.row);
}

/** For each row the column with the greatest |cos|; of equals the first. */
export function nearest({ values, shape: [rows, columns] }: Matrix): Match[] {
  return Array.from({ length: rows }, (_, row) => {
    const own = values.subarray(row * columns, (row + 1) * columns).map(Math.abs);
    const partner = own.indexOf(own.reduce((most, value) => Math.max(most, value), 0));
    return { row, partner, cosine: values[row * columns + partner] as number };
  });
}
