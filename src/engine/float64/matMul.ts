import { type Doubles, given } from './doubles';

/** a · b for each pair of matrices on the last two axes. */
export function matMul(
  a: Doubles | undefined,
  b: Doubles | undefined,
  transposeA: boolean,
  transposeB: boolean,
): Doubles {
  const [left, right] = [given(a), given(b)];
  const [leftRows = 1, leftColumns = 1] = left.shape.slice(-2);
  const [rightRows = 1, rightColumns = 1] = right.shape.slice(-2);
  const [rows, inner] = transposeA ? [leftColumns, leftRows] : [leftRows, leftColumns];
  const columns = transposeB ? rightRows : rightColumns;
  const batches = left.values.length / (rows * inner);
  if (batches !== right.values.length / (inner * columns)) {
    throw new RangeError(
      `matMul in float64 needs equal batch sizes; got shapes [${left.shape}] and [${right.shape}]`,
    );
  }
  const values = new Float64Array(batches * rows * columns);
  for (let batch = 0; batch < batches; batch++) {
    const [leftStart, rightStart] = [batch * rows * inner, batch * inner * columns];
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < inner; k++) {
        const factor = left.values[leftStart + (transposeA ? k * rows + row : row * inner + k)] as number;
        if (factor === 0) continue;
        const target = (batch * rows + row) * columns;
        for (let column = 0; column < columns; column++) {
          const at = rightStart + (transposeB ? column * inner + k : k * columns + column);
          values[target + column] =
            (values[target + column] as number) + factor * (right.values[at] as number);
        }
      }
    }
  }
  return { values, shape: [...left.shape.slice(0, -2), rows, columns] };
}
