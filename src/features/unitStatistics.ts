import { type Rows, requireRows, toMatrix } from '../datasets/rows';
import { requireNumber } from '../numbers/arguments';
import type { Matrix } from '../numbers/values';

/** Activity of one hidden unit over many examples. */
export interface UnitStatistics {
  readonly unit: number;
  /** ρ̂ⱼ: its activation, averaged over the examples. */
  readonly mean: number;
  /** Its largest activation. */
  readonly max: number;
  /** Fraction of the examples for which it is active: 0 is dead, 1 always on. */
  readonly activationFrequency: number;
}

/**
 * Mean, maximum and frequency of activity of each unit, by its number. Sort the list to find the dead, the always-on, the rare.
 *
 * @param activations h, [examples, hiddenDim].
 * @param threshold A unit counts as active where |h| is greater than this: 0 for relu codes, whose zeros are exact; for
 *   sigmoid codes, which never reach zero, something like 0.1.
 * @throws RangeError if `threshold` is negative or there is no example.
 *
 * @example unitStatistics(tf.tensor2d([[0, 2], [0, 4]]))[1] // → { unit: 1, mean: 3, max: 4, activationFrequency: 1 }
 */
export function unitStatistics(activations: Rows, threshold = 0): UnitStatistics[] {
  requireNumber('threshold', threshold, { min: 0 });
  const matrix = toMatrix('activations', activations);
  requireRows('activations', matrix.shape);
  return statisticsOf(matrix, threshold);
}

/** The same of numbers that nobody has to look at. */
export function statisticsOf({ values, shape }: Matrix, threshold: number): UnitStatistics[] {
  const [examples, units] = shape;
  const sums = new Float64Array(units);
  const active = new Float64Array(units);
  const largest = new Float64Array(units).fill(-Infinity);
  for (let i = 0; i < values.length; i++) {
    const [unit, value] = [i % units, values[i] as number];
    sums[unit] = (sums[unit] as number) + value;
    if (Math.abs(value) > threshold) active[unit] = (active[unit] as number) + 1;
    if (value > (largest[unit] as number)) largest[unit] = value;
  }
  return Array.from(sums, (sum, unit) => ({
    unit,
    mean: sum / examples,
    max: largest[unit] as number,
    activationFrequency: (active[unit] as number) / examples,
  }));
}
