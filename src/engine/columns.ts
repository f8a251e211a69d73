/** Columns `widths[0]`, then `widths[1]`… of a matrix, each as a matrix of its own. */
export function splitColumns(matrix: Float32Array, widths: readonly number[]): Float32Array[] {
  const width = widths.reduce((sum, columns) => sum + columns, 0);
  const rows = matrix.length / width;
  let start = 0;
  return widths.map((columns) => {
    const part = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      const offset = row * width + start;
      part.set(matrix.subarray(offset, offset + columns), row * columns);
    }
    start += columns;
    return part;
  });
}
