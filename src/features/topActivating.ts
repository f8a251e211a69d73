import type { Rows } from '../datasets/rows';
import { requireInteger } from '../numbers/arguments';
import { unitActivations } from './unitActivations';

/** An example, and how strongly it excites a unit. */
export interface ActivatingExample {
  /** The example's row number. */
  readonly row: number;
  readonly activation: number;
}

/**
 * The examples that excite a unit most: they show its meaning. They are the top of its range only; a
 * unit may fire weakly for something else, so look at its histogram too.
 *
 * @param activations h, [examples, hiddenDim].
 * @param unit Which unit, counted from 0.
 * @param count How many examples; all if there are fewer. Default: 10.
 * @returns The strongest first; of equals the earlier row.
 * @throws RangeError if there is no such unit or `count` is not a positive integer.
 *
 * @example
 * topActivating(tf.tensor2d([[0, 2], [1, 4]]), 1, 1) // → [{ row: 1, activation: 4 }]
 * mnist.test.select(topActivating(h, 1).map(({ row }) => row)) // the images
 */
export function topActivating(activations: Rows, unit: number, count = 10): ActivatingExample[] {
  requireInteger('count', count, { min: 1 });
  return Array.from(unitActivations(activations, unit).values, (activation, row) => ({ row, activation }))
    .sort((a, b) => b.activation - a.activation)
    .slice(0, count);
}
