/**
 * Matrices as exercises hold them: arrays of rows.
 *
 * @module
 */
import type { Random } from '../../numbers/random';

export type Rows = number[][];

/** Rows × columns of normal numbers: no two are equal. */
export const normals = (random: Random, rows: number, columns: number): Rows =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.normal()));

/** Columns as rows. */
export const transposed = (rows: Rows): Rows =>
  (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] as number));

/** Each entry changed. */
export const mapped = (rows: Rows, change: (value: number, row: number, column: number) => number): Rows =>
  rows.map((row, i) => row.map((value, j) => change(value, i, j)));

/** The k-th largest of some numbers, counted from 1; the smallest if there are fewer. */
export const kthLargest = (values: readonly number[], k: number) =>
  [...values].sort((a, b) => b - a)[Math.min(k, values.length) - 1] as number;
