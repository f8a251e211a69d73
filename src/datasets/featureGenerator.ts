import { normalQuantile } from '../numbers/normal';
import type { Random } from '../numbers/random';
import type { Factors } from './featureCorrelation';
import type { FeatureLevel, Parents } from './featureForest';

/** The distribution that {@link FeatureGenerator} draws from. */
export interface FeatureLaw {
  /** Unit rows, row-major `[features, dim]`. */
  readonly dictionary: Float32Array;
  readonly dim: number;
  /** For each feature. */
  readonly probabilities: Float64Array;
  readonly magnitudes: Float64Array;
  readonly magnitudeStds: Float64Array;
  readonly factors: Factors | undefined;
  readonly parents: Parents | undefined;
  readonly levels: readonly FeatureLevel[];
  /** Added to every row, `dim` numbers. */
  readonly bias: Float64Array;
  /** The standard deviation of the noise that is added to each number of a row. */
  readonly noise: number;
}

/**
 * Draws rows x = a·D + bias + noise, one at a time.
 *
 * The features are decided level by level: one whose parent is silent is silent; of an exclusive group, one that is drawn evenly
 * from its active ones stays. All numbers are plain JavaScript's, so that a row is the same on every engine.
 */
export class FeatureGenerator {
  readonly #law: FeatureLaw;
  /** Φ⁻¹(1 − pᵢ), where features are correlated. */
  readonly #thresholds: Float64Array;
  /** ‖Lᵢ‖, where features are correlated. */
  readonly #reaches: Float64Array;
  /** z, and its length. */
  readonly #common: Float64Array;
  #commonNorm = 0;
  /** The parent of each feature; −1 for none. */
  readonly #parents: Int32Array;
  readonly #row: Float64Array;

  constructor(law: FeatureLaw) {
    this.#law = law;
    this.#thresholds = law.factors ? law.probabilities.map((p) => -normalQuantile(p)) : new Float64Array(0);
    this.#reaches = law.factors
      ? law.factors.own.map((own) => Math.sqrt(1 - own * own))
      : new Float64Array(0);
    this.#common = new Float64Array(law.factors?.rank ?? 0);
    this.#parents = Int32Array.from(law.probabilities, (_, feature) => law.parents?.[feature] ?? -1);
    this.#row = new Float64Array(law.dim);
  }

  /**
   * Draws one row.
   *
   * @param code Becomes the true code a, `features` numbers.
   * @param target Becomes the row, `dim` numbers.
   */
  draw(random: Random, code: Float32Array, target: Float32Array): void {
    const { levels } = this.#law;
    const parents = this.#parents;
    code.fill(0);
    this.#drawCommon(random);
    for (const { features, exclusive } of levels) {
      for (let i = 0; i < features.length; i++) {
        const feature = features[i] as number;
        const parent = parents[feature] as number;
        if ((parent < 0 || code[parent] !== 0) && this.#fires(feature, random))
          code[feature] = this.#strength(feature, random);
      }
      for (const group of exclusive) keepOne(group, code, random);
    }
    this.#compose(random, code, target);
  }

  #drawCommon(random: Random): void {
    const common = this.#common;
    let squares = 0;
    for (let i = 0; i < common.length; i++) {
      const value = random.normal();
      common[i] = value;
      squares += value * value;
    }
    this.#commonNorm = Math.sqrt(squares);
  }

  #fires(feature: number, random: Random): boolean {
    const { factors, probabilities } = this.#law;
    if (!factors) return random.uniform() < (probabilities[feature] as number);
    let value = (factors.own[feature] as number) * random.normal();
    const threshold = this.#thresholds[feature] as number;
    // However z lies, Lᵢ·z is at most ‖Lᵢ‖ ‖z‖: most features are silent without a look at it.
    if (value + (this.#reaches[feature] as number) * this.#commonNorm <= threshold) return false;
    const { rank, common } = factors;
    const z = this.#common;
    for (let i = 0, at = feature * rank; i < rank; i++)
      value += (common[at + i] as number) * (z[i] as number);
    return value > threshold;
  }

  #strength(feature: number, random: Random): number {
    const { magnitudes, magnitudeStds } = this.#law;
    const std = magnitudeStds[feature] as number;
    return Math.max(0, (magnitudes[feature] as number) + std * random.normal());
  }

  #compose(random: Random, code: Float32Array, target: Float32Array): void {
    const { dictionary, dim, bias, noise } = this.#law;
    const row = this.#row;
    row.set(bias);
    for (let feature = 0; feature < code.length; feature++) {
      const strength = code[feature] as number;
      if (strength === 0) continue;
      const start = feature * dim;
      for (let i = 0; i < dim; i++)
        row[i] = (row[i] as number) + strength * (dictionary[start + i] as number);
    }
    if (noise > 0) for (let i = 0; i < dim; i++) row[i] = (row[i] as number) + noise * random.normal();
    target.set(row);
  }
}

/** Silences all active features of a group but one, drawn evenly. */
function keepOne(group: readonly number[], code: Float32Array, random: Random): void {
  let active = 0;
  for (const feature of group) if (code[feature] !== 0) active++;
  if (active < 2) return;
  let kept = random.integer(active);
  for (const feature of group) if (code[feature] !== 0 && kept-- !== 0) code[feature] = 0;
}
