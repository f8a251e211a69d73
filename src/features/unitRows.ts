import type { Matrix } from '../numbers/values';

/** The matrix with each row brought to length 1; rows of zeros stay. */
export function unitRows({ values, shape }: Matrix): Matrix {
  const [, columns] = shape;
  const result = values.slice();
  for (let start = 0; start < result.length; start += columns) {
    const row = result.subarray(start, start + columns);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (norm > 0) for (let i = 0; i < columns; i++) row[i] = (row[i] as number) / norm;
  }
  return { values: result, shape };
}
