import { isDataset } from '../datasets/dataset';
import { type Rows, toMatrix } from '../datasets/rows';
import { requireArray, requireFinite, show } from '../numbers/arguments';
import { counted, grouped } from '../numbers/shown';
import type { Matrix } from '../numbers/values';

/** Rows of numbers, in any form a figure takes: a tensor `[rows, columns]`, a Dataset, a plain matrix, arrays of numbers. */
export type PlotRows = Rows | readonly (readonly number[])[];

/**
 * Whether these are rows, not several of them by name: those come in a plain object; rows are an array or have a shape
 * (a tensor, a matrix) or a dimension (a Dataset).
 */
export function isRows(given: PlotRows | Readonly<Record<string, PlotRows>>): given is PlotRows {
  if (typeof given !== 'object' || given === null) return false;
  return Array.isArray(given) || 'shape' in given || 'dim' in given;
}

/**
 * The rows as a plain matrix.
 *
 * @param name What error messages call `rows`.
 * @throws TypeError if `rows` has none of the forms.
 * @throws RangeError if there is nothing in it, its rows differ in length or a number is not finite.
 */
export function rowsOf(name: string, rows: PlotRows): Matrix {
  const matrix = isNested(rows) ? fromNested(name, rows) : toMatrix(name, rows);
  const [count, columns] = matrix.shape;
  if (count === 0 || columns === 0) {
    throw new RangeError(`${name} must hold at least one number; got shape ${show(matrix.shape)}`);
  }
  return matrix;
}

/** At most the first `limit` rows as a plain matrix, and how many there are; it does not unpack a whole dataset. */
export function firstRows(name: string, rows: PlotRows, limit: number): { shown: Matrix; total: number } {
  if (isDataset(rows)) {
    return { shown: rowsOf(name, rows.take(Math.min(limit, rows.count))), total: rows.count };
  }
  const { values, shape } = rowsOf(name, rows);
  const [total, columns] = shape;
  const count = Math.min(limit, total);
  return { shown: { values: values.subarray(0, count * columns), shape: [count, columns] }, total };
}

/** Rounds a number to `digits` significant digits: digits that nobody can see would only make notebooks large. */
export function rounded(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}

/** The smallest and the largest of the numbers. */
export function extent(values: ArrayLike<number>): [low: number, high: number] {
  let low = Infinity;
  let high = -Infinity;
  for (let index = 0; index < values.length; index++) {
    low = Math.min(low, values[index] as number);
    high = Math.max(high, values[index] as number);
  }
  return [low, high];
}

/** "the first 25 of 60,000 examples", or "25 examples" if those are all. @param noun in the singular */
export function shownOf(shown: number, total: number, noun: string): string {
  const all = counted(total, noun);
  return shown < total ? `the first ${grouped(shown)} of ${all}` : all;
}

function isNested(rows: PlotRows): rows is readonly (readonly number[])[] {
  return Array.isArray(rows);
}

function fromNested(name: string, rows: readonly (readonly number[])[]): Matrix {
  for (const [index, row] of rows.entries()) requireArray(`${name}[${index}]`, row, 'an array of numbers');
  const columns = rows[0]?.length ?? 0;
  const uneven = rows.findIndex((row) => row.length !== columns);
  if (uneven >= 0) {
    throw new RangeError(
      `${name} must have rows of one length, ${columns} as row 0; row ${uneven} has ${rows[uneven]?.length}`,
    );
  }
  const values = Float32Array.from(rows.flat());
  requireFinite(name, values, columns);
  return { values, shape: [rows.length, columns] };
}
