import { requireColumns } from '../datasets/rows';
import { requireSyntheticFeatures, type SyntheticFeatures } from '../datasets/syntheticFeatures';
import { activeThreshold } from '../model/activeThreshold';
import { requireModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { mean, sum } from '../numbers/arithmetic';
import type { Matrix } from '../numbers/values';
import { bestMatching, cosines, nearest } from './matching';

/** A unit and a true feature that belong together. */
export interface UnitMatch {
  readonly unit: number;
  readonly feature: number;
  /** The cosine of the angle between the unit's decoder weights and the feature. */
  readonly cosine: number;
}

/** A unit as a detector of the true feature that its decoder weights are nearest to, by |cos|. */
export interface UnitRecovery extends UnitMatch {
  /** Fraction of the rows with the unit active that have the feature; 0 for a dead unit. */
  readonly precision: number;
  /** Fraction of the rows with the feature that have the unit active; 0 for a feature that is never active. */
  readonly recall: number;
  /** 2 · precision · recall / (precision + recall); 0 where both are 0. */
  readonly f1: number;
  /** Fraction of the rows with the unit active. */
  readonly activationFrequency: number;
}

/** How well a dictionary is the true one: {@link recovery}. */
export interface Recovery {
  /** Mean |cos| over the best one-to-one matching of units and features. */
  readonly mcc: number;
  /** True features that are the nearest of some unit, per unit: 1 if all units have features of their own. */
  readonly uniqueness: number;
  /** The mean over units. */
  readonly precision: number;
  /** The mean over units. */
  readonly recall: number;
  /** The mean over units. */
  readonly f1: number;
  /** Mean ‖x̂‖ / ‖x‖ over the rows; 1 without shrinkage. */
  readonly shrinkage: number;
  /** 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖²: one minus the fraction of variance unexplained. */
  readonly r2: number;
  /** Active units per row. */
  readonly l0: number;
  /** Active features per row. */
  readonly trueL0: number;
  /** Units that are active in no row. */
  readonly dead: number;
  /** The best one-to-one matching, as many pairs as there are units or features, whichever are fewer. */
  readonly matching: readonly UnitMatch[];
  /** Each unit next to its nearest feature. */
  readonly units: readonly UnitRecovery[];
}

/** Rows that are shorter are left out of `shrinkage`, which divides by their length. */
const SHORTEST = 1e-6;

/**
 * Compares what a model has found with the features that its data is made of. With dⱼ the rows of the decoder's weights and gᵢ the
 * true features, C = |cos(dⱼ, gᵢ)|:
 *
 * - `mcc`, the mean correlation coefficient: the mean of C over the one-to-one matching that makes it largest. Scale, sign
 *   and order of the units do not matter. Random directions have more than 0: about √(2/π / dim) without a choice.
 * - `precision`, `recall`, `f1`: unit j fires, against feature argmaxᵢ C fires, over the rows; averaged over units, so
 *   that a dead unit costs 1 / units.
 * - `shrinkage`, `r2`, `dead`: what a reconstruction error does not tell apart.
 *
 * The best reconstruction is not the best dictionary: look at both.
 *
 * Reference: as in SAELens 6.54, `sae_lens.synthetic`; MCC: "Position: Mechanistic interpretability should prioritize feature
 * consistency in SAEs", arXiv 2505.20254; detectors, uniqueness: "SynthSAEBench", arXiv 2602.14687.
 *
 * @param truth Rows with their features: better not those that the model was trained on, see {@link SyntheticFeatures.stream}.
 * @throws TypeError if they are not a model and synthetic features; RangeError if their widths differ.
 *
 * @example
 * const { mcc, f1 } = recovery(model, syntheticFeatures({ count: 10_000, seed: 1 }));
 */
export function recovery(model: SparseAutoencoder, truth: SyntheticFeatures): Recovery {
  requireComparable(model, truth);
  const similarities = similaritiesOf(model, truth);
  const { activations, reconstruction } = model.forward(truth);
  const threshold = activeThreshold(model.architecture);
  const units = detectors(similarities, activations, threshold, truth);
  const matching = matchingOf(similarities);
  const { shrinkage, r2 } = fidelity(truth, reconstruction);
  return {
    mcc: mean(matching.map(({ cosine }) => Math.abs(cosine))),
    uniqueness: new Set(units.map(({ feature }) => feature)).size / units.length,
    precision: mean(units.map(({ precision }) => precision)),
    recall: mean(units.map(({ recall }) => recall)),
    f1: mean(units.map(({ f1 }) => f1)),
    shrinkage,
    r2,
    l0: sum(units.map(({ activationFrequency }) => activationFrequency)),
    trueL0: truth.activations.reduce((count, strength) => count + (strength > 0 ? 1 : 0), 0) / truth.count,
    dead: units.filter(({ activationFrequency }) => activationFrequency === 0).length,
    matching,
    units,
  };
}

/** @throws TypeError if they are not a model and synthetic features; RangeError if their widths differ. */
export function requireComparable(model: SparseAutoencoder, truth: SyntheticFeatures): void {
  requireModel('model', model);
  requireSyntheticFeatures('truth', truth);
  requireColumns('truth', [truth.count, truth.dim], model.architecture.inputDim, 'inputDim');
}

/** cos(dⱼ, gᵢ), `[units, features]`. */
export function similaritiesOf(
  { decoderWeights }: SparseAutoencoder,
  { dictionary, features, dim }: SyntheticFeatures,
): Matrix {
  return cosines(decoderWeights, { values: dictionary, shape: [features, dim] });
}

/** The best one-to-one matching of units and features. */
export function matchingOf(similarities: Matrix): UnitMatch[] {
  return bestMatching(similarities).map(({ row, partner, cosine }) => ({
    unit: row,
    feature: partner,
    cosine,
  }));
}

function detectors(
  similarities: Matrix,
  { values, shape: [rows, width] }: Matrix,
  threshold: number,
  { activations, features }: SyntheticFeatures,
): UnitRecovery[] {
  return nearest(similarities).map(({ row: unit, partner: feature, cosine }) => {
    let [both, fired, present] = [0, 0, 0];
    for (let row = 0; row < rows; row++) {
      const fires = Math.abs(values[row * width + unit] as number) > threshold;
      const isThere = (activations[row * features + feature] as number) > 0;
      if (fires) fired++;
      if (isThere) present++;
      if (fires && isThere) both++;
    }
    return {
      unit,
      feature,
      cosine,
      precision: ratio(both, fired),
      recall: ratio(both, present),
      f1: ratio(2 * both, fired + present),
      activationFrequency: fired / rows,
    };
  });
}

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0);

function fidelity(truth: SyntheticFeatures, { values }: Matrix): { shrinkage: number; r2: number } {
  const { count, dim } = truth;
  const x = truth.gather(Int32Array.from({ length: count }, (_, row) => row));
  const means = Float64Array.from({ length: dim }, (_, i) => {
    let total = 0;
    for (let at = i; at < x.length; at += dim) total += x[at] as number;
    return total / count;
  });
  let [ratios, judged, error, variance] = [0, 0, 0, 0];
  for (let start = 0; start < x.length; start += dim) {
    let [input, output] = [0, 0];
    for (let i = 0; i < dim; i++) {
      const [wanted, got] = [x[start + i] as number, values[start + i] as number];
      input += wanted ** 2;
      output += got ** 2;
      error += (wanted - got) ** 2;
      variance += (wanted - (means[i] as number)) ** 2;
    }
    if (Math.sqrt(input) <= SHORTEST) continue;
    ratios += Math.sqrt(output / input);
    judged++;
  }
  return { shrinkage: ratios / judged, r2: 1 - error / variance };
}
