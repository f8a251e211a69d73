import type { SyntheticFeatures } from '../datasets/syntheticFeatures';
import { activeThreshold } from '../model/activeThreshold';
import type { SparseAutoencoder } from '../model/autoencoder';
import { dot, mean } from '../numbers/arithmetic';
import { matchingOf, requireComparable, similaritiesOf, type UnitMatch } from './recovery';
import { statisticsOf } from './unitStatistics';

/** How far a unit leans towards a feature that has no unit. */
export interface UnitHedging extends UnitMatch {
  /** The missing feature whose activity is correlated most with that of the unit's own. */
  readonly missing: number;
  /** The correlation of the two features' activity, on or off. */
  readonly correlation: number;
  /** The sine of the angle by which the unit is turned towards the missing feature; away from it if they exclude each other. */
  readonly tilt: number;
}

/** Hedging of a dictionary: {@link hedging}. */
export interface Hedging {
  /** The mean tilt over units; NaN if nothing is missing or nothing is correlated. */
  readonly mean: number;
  /** True features without a unit of their own. */
  readonly missing: readonly number[];
  /** Each unit whose feature is correlated with a missing one. */
  readonly units: readonly UnitHedging[];
}

/** Features that are less correlated are taken for independent. */
const LEAST_CORRELATION = 0.05;

/**
 * Whether units mix missing features into their own. A dictionary with fewer units than there are features reconstructs
 * better if a unit leans towards a feature that has no unit and is often active together with its own. For each
 * unit d with its own feature g, and the missing feature m whose activity has the largest correlation φ with that of g:
 *
 *     tilt = sign(φ) · d̂ · m⊥        m⊥: m without its part along g, at length 1
 *
 * 0 without hedging: random directions have a mean of 0, of either sign. Missing are the features that the best one-to-one
 * matching leaves without a unit, or gives a dead one.
 *
 * Reference: Chanin et al., "Feature hedging: correlated features break narrow sparse autoencoders", arXiv 2505.11756,
 * 2025, where it was found. There it is measured without a truth, by adding units to a trained model; with a truth the
 * missing features are known.
 *
 * @param truth Rows of features. Correlations below 0.05 are taken for none.
 * @throws TypeError if they are not a model and synthetic features; RangeError if their widths differ.
 *
 * @example
 * const correlation = [[1, 0.8], [0.8, 1]];
 * const truth = syntheticFeatures({ count: 10_000, seed: 1, features: 2, dim: 2, correlation });
 * hedging(new SparseAutoencoder({ inputDim: 2, hiddenDim: 1 }), truth).mean
 */
export function hedging(model: SparseAutoencoder, truth: SyntheticFeatures): Hedging {
  requireComparable(model, truth);
  const { features, dim, dictionary } = truth;
  const alive = new Set(
    statisticsOf(model.encode(truth), activeThreshold(model.architecture))
      .filter(({ activationFrequency }) => activationFrequency > 0)
      .map(({ unit }) => unit),
  );
  const matching = matchingOf(similaritiesOf(model, truth)).filter(({ unit }) => alive.has(unit));
  const own = new Set(matching.map(({ feature }) => feature));
  const missing = Array.from({ length: features }, (_, feature) => feature).filter(
    (feature) => !own.has(feature),
  );
  const direction = (feature: number) => dictionary.subarray(feature * dim, (feature + 1) * dim);
  const { values } = model.decoderWeights;
  const units = matching.flatMap((match): UnitHedging[] => {
    const partner = mostCorrelated(truth, match.feature, missing);
    if (!partner || Math.abs(partner.correlation) < LEAST_CORRELATION) return [];
    const [d, g, m] = [
      values.subarray(match.unit * dim, (match.unit + 1) * dim),
      direction(match.feature),
      direction(partner.missing),
    ];
    const along = dot(m, g);
    const across = m.map((value, i) => value - along * (g[i] as number));
    const sine = dot(d, across) / Math.sqrt(dot(d, d) * dot(across, across));
    const tilt = Math.sign(partner.correlation) * Math.sign(match.cosine) * sine;
    return [{ ...match, ...partner, tilt }];
  });
  return { mean: mean(units.map(({ tilt }) => tilt)), missing, units };
}

/** The one of some features whose activity is correlated most with that of a feature; none of none. */
function mostCorrelated(
  truth: SyntheticFeatures,
  feature: number,
  others: readonly number[],
): { missing: number; correlation: number } | undefined {
  const all = others.map((missing) => ({
    missing,
    correlation: activityCorrelation(truth, feature, missing),
  }));
  return all.sort((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation))[0];
}

/** Pearson's correlation φ of two features' activity, on or off; 0 if one of them never changes. */
function activityCorrelation(
  { activations, features, count }: SyntheticFeatures,
  a: number,
  b: number,
): number {
  let [ofA, ofB, both] = [0, 0, 0];
  for (let start = 0; start < activations.length; start += features) {
    const [isA, isB] = [activations[start + a] !== 0, activations[start + b] !== 0];
    if (isA) ofA++;
    if (isB) ofB++;
    if (isA && isB) both++;
  }
  const spread = Math.sqrt(ofA * (count - ofA) * ofB * (count - ofB));
  return spread > 0 ? (count * both - ofA * ofB) / spread : 0;
}
