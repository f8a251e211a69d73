import { type Rows, toMatrix } from '../datasets/rows';
import { requireArray } from '../numbers/arguments';
import type { Matrix } from '../numbers/values';

/** The code of words as a plain matrix. @throws RangeError if there is not a word for each row */
export function codeOfWords(activations: Rows, words: readonly string[]): Matrix {
  const matrix = toMatrix('activations', activations);
  const [rows] = matrix.shape;
  if (requireArray('words', words, 'an array of words').length < rows)
    throw new RangeError(`words must hold one per row of activations, ${rows}; got ${words.length}`);
  return matrix;
}

/** The rows with the largest activations above 0, the strongest first; of equals the earlier row. */
export function strongestRows(
  column: Float32Array,
  count: number,
  ascending: Float32Array = column.toSorted(),
): number[] {
  const least = ascending[Math.max(0, column.length - count)] ?? 0;
  const rows: number[] = [];
  for (const [row, value] of column.entries()) if (value > 0 && value >= least) rows.push(row);
  return rows.sort((a, b) => (column[b] as number) - (column[a] as number) || a - b).slice(0, count);
}
