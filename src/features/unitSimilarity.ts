import { type Rows, toMatrix } from '../datasets/rows';
import { type Matrix, transposed } from '../numbers/values';
import { unitRows } from './unitRows';

/**
 * How alike the weights of two units are, for each pair: the cosine of the angle between them, from −1 (opposite) over 0
 * (nothing in common) to 1 (the same up to a factor). Two units at 0.9 do one unit's work twice.
 *
 *     similarity[i, j] = wᵢ · wⱼ / (‖wᵢ‖ ‖wⱼ‖)
 *
 * @param weights One unit per row: a model's `decoderWeights`, `[hiddenDim, inputDim]`.
 * @returns `[hiddenDim, hiddenDim]`, symmetric, 1 on the diagonal; 0 wherever a unit has no weights at all.
 *
 * @example Array.from(unitSimilarity(tf.tensor2d([[1, 0], [1, 1], [0, 2]])).values) // → [1, 0.71, 0, 0.71, 1, 0.71, 0, 0.71, 1]
 */
export function unitSimilarity(weights: Rows): Matrix {
  const rows = unitRows(toMatrix('weights', weights));
  const [units, inputs] = rows.shape;
  const { values: columns } = transposed(rows);
  const values = new Float32Array(units ** 2);
  for (let input = 0; input < inputs; input++) {
    const column = columns.subarray(input * units, (input + 1) * units);
    for (let i = 0; i < units; i++) {
      const weight = column[i] as number;
      if (weight === 0) continue;
      for (let j = 0; j < units; j++) {
        values[i * units + j] = (values[i * units + j] as number) + weight * (column[j] as number);
      }
    }
  }
  return { values, shape: [units, units] };
}
