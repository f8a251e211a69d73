import { className, type Examples } from '../datasets/examples';
import type { SparseAutoencoder } from '../model/autoencoder';
import { meanSquaredError } from '../model/metrics';
import { requireInteger } from '../numbers/arguments';
import { sum } from '../numbers/arithmetic';
import { type Filled, integer, type OptionsOf, optional, readOptions } from '../numbers/options';
import { Codes, likeness, rowsAt } from './codes';
import type { ActivatingExample } from './topActivating';
import { unitActivations } from './unitActivations';
import { statisticsOf } from './unitStatistics';

export const readUnitOptions = {
  /** How many of the strongest examples. Default: 12. */
  count: optional(integer({ min: 1, max: 40 }), 12),
  /** How many examples stand for each group. Default: 6. */
  samples: optional(integer({ min: 1, max: 20 }), 6),
  /** How many of the units that fire with it. Default: 5. */
  together: optional(integer({ min: 1, max: 40 }), 5),
};

/** Options of {@link readUnit}. @interface */
export type ReadUnitOptions = OptionsOf<typeof readUnitOptions>;

/** A unit whose variance is below this part of its mean square does not vary: what is left of it is rounding. */
const LEAST_VARIANCE = 1e-10;

/** Into how many groups the examples are divided for which a unit fires. */
const GROUPS = 10;

/** How often the class occurs that is most frequent among some examples. */
export interface LabelShare {
  readonly label: number;
  /** Its name, or its number where classes have no names. */
  readonly name: string;
  /** Its fraction of these examples. */
  readonly share: number;
  /** Its fraction of all examples: what examples chosen by chance would have. */
  readonly base: number;
}

/** A tenth of the examples for which a unit fires: those next to each other in strength. */
export interface QuantileGroup {
  /** All its examples, the strongest first. */
  readonly rows: readonly number[];
  /** The weakest and the strongest activation in it. */
  readonly range: readonly [weakest: number, strongest: number];
  /** Some of its examples, at even distances in the order of strength. */
  readonly samples: readonly ActivatingExample[];
  /** Mean cosine over all pairs of its examples: 1 if all point the same way. NaN for fewer than two. */
  readonly likeness: number;
  /** Its most frequent class, where the examples have labels. */
  readonly label: LabelShare | undefined;
}

/** A unit that fires when another does. */
export interface CompanionUnit {
  readonly unit: number;
  /** The correlation of the two activations over all examples, −1 to 1. */
  readonly pearson: number;
  /** Examples for which both fire, divided by those for which at least one does. */
  readonly jaccard: number;
}

/** The loss of a reconstruction without a unit, over the examples for which the unit fires. */
export interface Ablation {
  /** Mean squared error as the model is. */
  readonly mse: number;
  /** The same with the unit's activation set to 0. */
  readonly mseWithout: number;
  /** Δ MSE, the difference: positive if the unit helps. */
  readonly deltaMse: number;
}

/** The numbers about one unit, from {@link readUnit}. */
export interface UnitReading {
  readonly unit: number;
  /** How many examples were looked at. */
  readonly examples: number;
  /** The unit fires where |h| is above this. */
  readonly threshold: number;
  /** For how many examples it fires. */
  readonly firing: number;
  /** firing / examples. */
  readonly density: number;
  /** Its activation, averaged over all examples. */
  readonly mean: number;
  /** Its largest activation. */
  readonly max: number;
  /** h for each example for which it fires, the strongest first. */
  readonly activations: Float32Array;
  /** The examples that excite it most. */
  readonly strongest: readonly ActivatingExample[];
  /** The examples for which it fires, in ten groups of as equal a size as possible, the strongest first. */
  readonly groups: readonly QuantileGroup[];
  /** Mean cosine over all pairs of examples: what a group of examples chosen by chance has. */
  readonly likeness: number;
  /** The units whose activations correlate most with its own, the first most; only positive ones. None for a unit that never varies. */
  readonly together: readonly CompanionUnit[];
  /** `undefined` if it never fires. */
  readonly ablation: Ablation | undefined;
}

/**
 * One unit from all sides, as numbers: the examples that excite it, over its whole range; the units that fire with it; its use
 * for the reconstruction.
 *
 * The examples for which it fires are sorted by h, the largest first, and divided into ten groups of (nearly) equal size: of a
 * code that can be negative, such as tanh, the last groups hold the negative activations. The strongest
 * examples flatter a unit. The weaker groups show what else it responds to; they are usually less pure:
 *
 *     likeness = mean of cos(xₐ, x_b) over the pairs a ≠ b of a group = (‖Σₐ uₐ‖² − n) / (n (n − 1)),   uₐ = xₐ / ‖xₐ‖
 *
 * Two more numbers per pair of units, over all N examples, and one for the unit, over the n examples for which it fires:
 *
 *     pearson = cov(hᵢ, hⱼ) / (σᵢ σⱼ)      jaccard = #(both fire) / #(at least one fires)
 *     Δ MSE = MSE(x, decode(h with hⱼ = 0)) − MSE(x, decode(h))      means over the n examples and the inputs
 *
 * Reference: McDougall, "SAE Visualizer" (sae_vis), 2024, whose dashboard shows these for language models.
 *
 * @param data Examples to look at, preferably not those that the model was trained on; or words.
 * @param unit Which unit, counted from 0.
 * @throws RangeError if there is no such unit, no example, or an option is out of its range.
 *
 * @example
 * const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, seed: 1 });
 * readUnit(model, loadDigits(), 0).groups.length // → 10
 * @example
 * const words = loadWords();
 * readUnit(model, words, 17).strongest.map(({ row }) => words.words[row]) // the words that excite it most
 */
export function readUnit(
  model: SparseAutoencoder,
  data: Examples,
  unit: number,
  options: ReadUnitOptions = {},
): UnitReading {
  const read = readOptions('readUnit', options, readUnitOptions);
  return unitReading(new Codes(model, data), unit, read);
}

/** The same from codes that several readings share. */
export function unitReading(
  codes: Codes,
  unit: number,
  { count, samples, together }: Filled<typeof readUnitOptions>,
): UnitReading {
  const { model, x, activations, threshold } = codes;
  requireInteger('unit', unit, { min: 0, max: model.architecture.hiddenDim - 1 });
  const examples = x.shape[0];
  const own = unitActivations(activations, unit);
  const firing = firingRows(own.values, threshold);
  const strength = (row: number) => own.values[row] as number;
  const [statistics] = statisticsOf(own, threshold);
  const { mean = 0, max = 0, activationFrequency = 0 } = statistics ?? {};
  const named = (row: number): ActivatingExample => ({ row, activation: strength(row) });
  const base = labelCounts(codes, codes.dataset.labels ? [...codes.dataset.labels.keys()] : []);
  return {
    unit,
    examples,
    threshold,
    firing: firing.length,
    density: activationFrequency,
    mean,
    max,
    activations: Float32Array.from(firing, strength),
    strongest: firing.slice(0, count).map(named),
    groups: parts(firing, GROUPS).map((rows) => ({
      rows,
      range: [strength(rows.at(-1) as number), strength(rows[0] as number)],
      samples: evenly(rows, samples).map(named),
      likeness: likeness(x, rows),
      label: mostFrequent(codes, rows, base),
    })),
    likeness: codes.likeness,
    together: companions(codes, unit, firing).slice(0, together),
    ablation: firing.length === 0 ? undefined : ablate(codes, unit, firing),
  };
}

/** The rows where a unit fires, the strongest first; of equals the earlier row. */
export function firingRows(own: Float32Array, threshold: number): number[] {
  return Array.from(own.keys())
    .filter((row) => Math.abs(own[row] as number) > threshold)
    .sort((a, b) => (own[b] as number) - (own[a] as number) || a - b);
}

/** The list in so many pieces, or fewer if it is shorter, whose lengths differ by at most one. */
function parts<T>(list: readonly T[], count: number): T[][] {
  const number = Math.min(count, list.length);
  const edge = (piece: number) => Math.round((piece * list.length) / number);
  return Array.from({ length: number }, (_, piece) => list.slice(edge(piece), edge(piece + 1)));
}

/** At most so many of a list, from its first to its last at even distances. */
function evenly<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  const step = (list.length - 1) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, index) => list[Math.round(index * step)] as T);
}

/** How many of the rows have each label; empty where there are no labels. */
function labelCounts({ dataset: { labels } }: Codes, rows: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  if (!labels) return counts;
  for (const row of rows) {
    const label = labels[row] as number;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return counts;
}

function mostFrequent(
  codes: Codes,
  rows: readonly number[],
  base: ReadonlyMap<number, number>,
): LabelShare | undefined {
  const [first] = [...labelCounts(codes, rows)].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  if (first === undefined) return undefined;
  const [label, count] = first;
  return {
    label,
    name: className(codes.dataset, label),
    share: count / rows.length,
    base: (base.get(label) ?? 0) / sum(Array.from(base.values())),
  };
}

/** All units that correlate with this one, the most first: none that has the same activation for all examples. */
function companions(
  { activations, threshold }: Codes,
  unit: number,
  firing: readonly number[],
): CompanionUnit[] {
  const { values, shape } = activations;
  const [examples, units] = shape;
  const perUnit = () => new Float64Array(units);
  const [sums, squares, products, fires, both] = [perUnit(), perUnit(), perUnit(), perUnit(), perUnit()];
  const isFiring = new Uint8Array(examples);
  for (const row of firing) isFiring[row] = 1;
  for (let row = 0; row < examples; row++) {
    const h = values[row * units + unit] as number;
    const together = isFiring[row] as number;
    for (let other = 0, at = row * units; other < units; other++, at++) {
      const value = values[at] as number;
      if (value === 0) continue;
      sums[other] = (sums[other] as number) + value;
      squares[other] = (squares[other] as number) + value * value;
      products[other] = (products[other] as number) + value * h;
      if (Math.abs(value) > threshold) {
        fires[other] = (fires[other] as number) + 1;
        both[other] = (both[other] as number) + together;
      }
    }
  }
  const covariance = (product: number, a: number, b: number) =>
    product / examples - (a / examples) * (b / examples);
  const variance = (j: number) => {
    const own = covariance(squares[j] as number, sums[j] as number, sums[j] as number);
    return own > (LEAST_VARIANCE * (squares[j] as number)) / examples ? own : Number.NaN;
  };
  return Array.from({ length: units }, (_, other) => {
    const shared = both[other] as number;
    return {
      unit: other,
      pearson:
        covariance(products[other] as number, sums[unit] as number, sums[other] as number) /
        Math.sqrt(variance(unit) * variance(other)),
      jaccard: shared / (firing.length + (fires[other] as number) - shared),
    };
  })
    .filter((one) => one.unit !== unit && one.pearson > 0)
    .sort((a, b) => b.pearson - a.pearson || a.unit - b.unit);
}

function ablate({ model, x, activations }: Codes, unit: number, firing: readonly number[]): Ablation {
  const inputs = rowsAt(x, firing);
  const codes = rowsAt(activations, firing);
  const mse = meanSquaredError(inputs, model.decode(codes));
  for (let at = unit; at < codes.values.length; at += codes.shape[1]) codes.values[at] = 0;
  const mseWithout = meanSquaredError(inputs, model.decode(codes));
  return { mse, mseWithout, deltaMse: mseWithout - mse };
}
