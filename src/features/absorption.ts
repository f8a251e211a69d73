import type { SyntheticFeatures } from '../datasets/syntheticFeatures';
import { activeThreshold } from '../model/activeThreshold';
import type { SparseAutoencoder } from '../model/autoencoder';
import { mean } from '../numbers/arithmetic';
import { matchingOf, requireComparable, similaritiesOf } from './recovery';

/** The effect of a child on the unit of its parent. */
export interface PairAbsorption {
  readonly parent: number;
  readonly child: number;
  /** The parent's unit in the best one-to-one matching. */
  readonly unit: number;
  /** Fraction of the rows with the parent and without the child that have the unit active. */
  readonly withoutChild: number;
  /** Fraction of the rows with both that have the unit active. */
  readonly withChild: number;
  /** withoutChild − withChild: 0 without absorption, 1 if the unit is silent whenever the child is there. */
  readonly absorption: number;
  /** cos(d, g_parent) of the child's unit, which takes over what the parent's leaves out; `undefined` without a unit. */
  readonly parentInChild: number | undefined;
}

/** Absorption of a dictionary: {@link absorption}. */
export interface Absorption {
  /** The mean over pairs; NaN if there is none. */
  readonly mean: number;
  /** Each parent that has a unit, with each of its children. */
  readonly pairs: readonly PairAbsorption[];
}

/** A pair with fewer rows with, or fewer without the child is left out: the difference would be noise. */
const FEWEST_ROWS = 10;

/**
 * Whether units of general features fall silent where a special feature is there too. A child is active only with its parent.
 * So one unit with the direction g_parent + g_child does for such a row what two would do, and costs less sparsity penalty: the parent's
 * unit then misses exactly these rows. For each parent p with a unit u, and each of its children c:
 *
 *     absorption = P(u active | p ∧ ¬c) − P(u active | p ∧ c)
 *
 * Reference: Chanin et al., "A is for absorption", arXiv 2409.14507, 2024, where it was found; as a difference of two
 * rates it was proposed in SAELens' issue 729.
 *
 * @param truth Rows of features with `parents`. Pairs with fewer than 10 rows on one side are left out.
 * @throws TypeError if they are not a model and synthetic features; RangeError if their widths differ or no feature has a parent.
 *
 * @example
 * const truth = syntheticFeatures({ count: 10_000, seed: 1, features: 3, dim: 3, parents: [null, 0, 0] });
 * absorption(model, truth).mean
 */
export function absorption(model: SparseAutoencoder, truth: SyntheticFeatures): Absorption {
  requireComparable(model, truth);
  const { parents, features, count, activations } = truth;
  if (parents.every((parent) => parent === null)) {
    throw new RangeError('truth must have features with parents to be absorbed; got none');
  }
  const similarities = similaritiesOf(model, truth);
  const unitOf = new Map(matchingOf(similarities).map(({ unit, feature }) => [feature, unit]));
  const { values, shape } = model.encode(truth);
  const threshold = activeThreshold(model.architecture);
  const pairs = parents.flatMap((parent, child): PairAbsorption[] => {
    const unit = parent === null ? undefined : unitOf.get(parent);
    if (parent === null || unit === undefined) return [];
    const rows = { with: 0, without: 0 };
    const active = { with: 0, without: 0 };
    for (let row = 0; row < count; row++) {
      if (activations[row * features + parent] === 0) continue;
      const side = activations[row * features + child] === 0 ? 'without' : 'with';
      rows[side]++;
      if (Math.abs(values[row * shape[1] + unit] as number) > threshold) active[side]++;
    }
    if (Math.min(rows.with, rows.without) < FEWEST_ROWS) return [];
    const withChild = active.with / rows.with;
    const withoutChild = active.without / rows.without;
    const childUnit = unitOf.get(child);
    const parentInChild =
      childUnit === undefined ? undefined : similarities.values[childUnit * features + parent];
    return [
      { parent, child, unit, withoutChild, withChild, absorption: withoutChild - withChild, parentInChild },
    ];
  });
  return { mean: mean(pairs.map((pair) => pair.absorption)), pairs };
}
