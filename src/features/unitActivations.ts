import { type Rows, toMatrix } from '../datasets/rows';
import { requireInteger } from '../numbers/arguments';
import type { Matrix } from '../numbers/values';

/**
 * One unit's activation for each example: a column of the code.
 *
 * @param activations h, [examples, hiddenDim].
 * @param unit Which unit, counted from 0.
 * @returns [examples, 1], as figures take it: `activationHistogram(unitActivations(h, 3))`.
 * @throws RangeError if there is no such unit.
 *
 * @example Array.from(unitActivations(tf.tensor2d([[0, 2], [1, 4]]), 1).values) // → [2, 4]
 */
export function unitActivations(activations: Rows, unit: number): Matrix {
  const { values, shape } = toMatrix('activations', activations);
  const [examples, units] = shape;
  requireInteger('unit', unit, { min: 0, max: units - 1 });
  const column = new Float32Array(examples);
  for (let example = 0; example < examples; example++) {
    column[example] = values[example * units + unit] as number;
  }
  return { values: column, shape: [examples, 1] };
}
