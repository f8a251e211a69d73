/**
 * Which features tend to be active together: a Gaussian copula. Each feature i has a normal number
 *
 *     vᵢ = Lᵢ·z + Dᵢ εᵢ        z: `rank` common normal numbers, εᵢ: a normal number of its own, ‖Lᵢ‖² + Dᵢ² = 1
 *
 * and is active where vᵢ > Φ⁻¹(1 − pᵢ): with probability pᵢ, whatever the correlations Lᵢ·Lⱼ are.
 *
 * @module
 */
import { requireArray, requireNumber, show } from '../numbers/arguments';
import { integer, number, readOptions } from '../numbers/options';
import type { Random } from '../numbers/random';

const randomCorrelation = { rank: integer({ min: 1 }), scale: number() };

/**
 * The correlations of the features' normal numbers: a matrix `[features, features]`, or random ones. Those of `rank` have
 * factors L with entries from N(0, scale²).
 */
export type Correlation = readonly (readonly number[])[] | { readonly rank: number; readonly scale: number };

/** The copula's L and D. */
export interface Factors {
  readonly rank: number;
  /** L, row-major `[features, rank]`. */
  readonly common: Float64Array;
  /** D, one per feature. */
  readonly own: Float64Array;
}

/** A row of random factors is at most this long: something stays a feature's own. */
const LONGEST = 0.99;

/** A variance below this is taken for one that rounding has made of zero. */
const ROUNDING = 1e-9;

/** @throws RangeError or TypeError naming the argument, the permitted range and the value. */
export function correlationFactors(correlation: Correlation, features: number, random: Random): Factors {
  if (Array.isArray(correlation)) return choleskyFactors(correlation, features);
  const { rank, scale } = readOptions('correlation', correlation, randomCorrelation, 'correlation.');
  requireNumber('correlation.scale', scale, { above: 0, below: 1 / Math.sqrt(rank) });
  const common = Float64Array.from({ length: features * rank }, () => scale * random.normal());
  const own = new Float64Array(features);
  for (let feature = 0; feature < features; feature++) {
    const row = common.subarray(feature * rank, (feature + 1) * rank);
    const norm = Math.hypot(...row);
    if (norm > LONGEST)
      row.forEach((value, i) => {
        row[i] = (value * LONGEST) / norm;
      });
    own[feature] = Math.sqrt(1 - Math.min(norm, LONGEST) ** 2);
  }
  return { rank, common, own };
}

/** The lower triangle L with L Lᵀ = the matrix; D is zero. */
function choleskyFactors(matrix: readonly (readonly number[])[], features: number): Factors {
  const name = 'correlation';
  if (matrix.length !== features)
    throw new RangeError(`${name} must have a row per feature, ${features}; got ${matrix.length}`);
  for (const [i, row] of matrix.entries()) {
    requireArray(`${name}[${i}]`, row, 'an array of numbers');
    if (row.length !== features)
      throw new RangeError(`${name}[${i}] must have a number per feature, ${features}; got ${row.length}`);
    for (const [j, value] of row.entries()) {
      requireNumber(`${name}[${i}][${j}]`, value, { min: -1, max: 1 });
      if (i === j && value !== 1) throw new RangeError(`${name}[${i}][${i}] must be 1; got ${show(value)}`);
      const mirrored = matrix[j]?.[i];
      if (mirrored !== value)
        throw new RangeError(
          `${name} must be symmetric; got ${show(value)} at [${i}][${j}], ${show(mirrored)} at [${j}][${i}]`,
        );
    }
  }
  const common = new Float64Array(features * features);
  const at = (i: number, j: number) => common[i * features + j] as number;
  for (let i = 0; i < features; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i]?.[j] as number;
      for (let k = 0; k < j; k++) rest -= at(i, k) * at(j, k);
      if (i === j && rest < -ROUNDING) throw new RangeError(NOT_DEFINITE);
      const value = i === j ? Math.sqrt(Math.max(0, rest)) : at(j, j) > ROUNDING ? rest / at(j, j) : 0;
      if (i !== j && value === 0 && Math.abs(rest) > Math.sqrt(ROUNDING)) throw new RangeError(NOT_DEFINITE);
      common[i * features + j] = value;
    }
  }
  return { rank: features, common, own: new Float64Array(features) };
}

const NOT_DEFINITE =
  'correlation must be positive semidefinite, or no numbers can have these correlations; got a matrix that is not';
