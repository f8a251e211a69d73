import { refuseUnknownOptions, requireInteger, requireNumber } from '../numbers/arguments';
import { Random } from '../numbers/random';
import { Dataset, type DatasetInit } from './dataset';

/** How {@link syntheticFeatures} makes its data. */
export interface SyntheticFeaturesOptions {
  /** How many rows. */
  count: number;
  /** Seeds the dictionary and the activations. */
  seed: number;
  /** How many ground-truth features there are. By default 16. */
  features?: number;
  /** How many numbers a row has. By default 32. */
  dim?: number;
  /** The probability that a feature is active in a row, one for all or one each. By default 0.25. */
  activeProbability?: number | readonly number[];
  /** The mean strength of an active feature. By default 1. */
  magnitude?: number;
  /** The standard deviation of that strength. By default 0.05. */
  magnitudeStd?: number;
  /** Whether the features are at right angles to each other. By default they are if they can be: features ≤ dim. */
  orthogonal?: boolean;
}

/** Every option of {@link syntheticFeatures}. */
export const SYNTHETIC_FEATURES_OPTIONS: readonly (keyof SyntheticFeaturesOptions)[] = [
  'count',
  'seed',
  'features',
  'dim',
  'activeProbability',
  'magnitude',
  'magnitudeStd',
  'orthogonal',
];

/** A dataset whose true features are known. */
export class SyntheticFeatures extends Dataset {
  /** The true features: unit rows, row-major `[features, dim]`. */
  readonly dictionary: Float32Array;
  /** The true code of each row, mostly exact zeros: row-major `[count, features]`. */
  readonly activations: Float32Array;
  /** How many true features there are. */
  readonly features: number;

  /** @throws RangeError as Dataset does, and if `dictionary` or `activations` do not fit */
  constructor(init: DatasetInit & { dictionary: Float32Array; activations: Float32Array; features: number }) {
    super(init);
    const { dictionary, activations, features, count, dim } = init;
    if (dictionary.length !== features * dim) {
      throw new RangeError(
        `dictionary must hold features × dim = ${features * dim} numbers; got ${dictionary.length}`,
      );
    }
    if (activations.length !== count * features) {
      throw new RangeError(
        `activations must hold count × features = ${count * features} numbers; got ${activations.length}`,
      );
    }
    this.dictionary = dictionary;
    this.activations = activations;
    this.features = features;
  }

  override take(count: number): SyntheticFeatures {
    // It slices, which gives the right class; the type system cannot see that.
    return super.take(count) as SyntheticFeatures;
  }

  override slice(start: number, end: number): SyntheticFeatures {
    const rows = super.slice(start, end);
    return this.#withRowsOf(rows, this.activations.subarray(start * this.features, end * this.features));
  }

  override select(indices: ArrayLike<number>): SyntheticFeatures {
    const rows = super.select(indices);
    const { features } = this;
    const activations = new Float32Array(rows.count * features);
    for (let row = 0; row < rows.count; row++) {
      const start = (indices[row] as number) * features;
      activations.set(this.activations.subarray(start, start + features), row * features);
    }
    return this.#withRowsOf(rows, activations);
  }

  #withRowsOf(rows: Dataset, activations: Float32Array): SyntheticFeatures {
    const { dictionary, features } = this;
    return new SyntheticFeatures({ ...rows, dictionary, activations, features });
  }
}

/**
 * Rows made of sparse features that are known: what a sparse autoencoder should find again.
 *
 * Each row is `x = a · D`: the dictionary `D` `[features, dim]` has unit rows, and each entry of the code `a` is, on its
 * own, 0 or (with its `activeProbability`) a strength drawn from N(magnitude, magnitudeStd²), negative ones set to 0.
 * By default a row has `features × activeProbability` = 4 active features on average. The first rows are the same
 * whatever `count` is.
 *
 * Reference: SAELens' tutorial on synthetic data, whose numbers are the defaults; Sharkey, Braun and Millidge, "Taking
 * features out of superposition with sparse autoencoders", 2022.
 *
 * @throws RangeError if an option is out of its range; features > dim cannot be orthogonal
 * @throws TypeError if there is no such option
 */
export function syntheticFeatures(options: SyntheticFeaturesOptions): SyntheticFeatures {
  refuseUnknownOptions('syntheticFeatures', options, SYNTHETIC_FEATURES_OPTIONS);
  const { count, seed, features = 16, dim = 32, activeProbability = 0.25 } = options;
  const { magnitude = 1, magnitudeStd = 0.05, orthogonal = features <= dim } = options;
  for (const [name, value] of Object.entries({ count, features, dim }))
    requireInteger(name, value, { min: 1 });
  for (const [name, value] of Object.entries({ magnitude, magnitudeStd }))
    requireNumber(name, value, { min: 0 });
  if (orthogonal && features > dim) {
    throw new RangeError(`features must be at most dim = ${dim} to be orthogonal; got ${features}`);
  }
  const probabilities = requireProbabilities(activeProbability, features);

  const dictionary = randomDictionary(new Random(seed, 0), features, dim, orthogonal);
  const activations = new Float32Array(count * features);
  const values = new Float32Array(count * dim);
  const random = new Random(seed, 1);
  for (let row = 0; row < count; row++) {
    for (let feature = 0; feature < features; feature++) {
      if (random.uniform() >= (probabilities[feature] as number)) continue;
      const strength = Math.max(0, magnitude + magnitudeStd * random.normal());
      activations[row * features + feature] = strength;
      for (let column = 0; column < dim; column++) {
        const contribution = strength * (dictionary[feature * dim + column] as number);
        values[row * dim + column] = (values[row * dim + column] as number) + contribution;
      }
    }
  }
  return new SyntheticFeatures({
    name: `${features} synthetic features`,
    values,
    count,
    dim,
    source: `syntheticFeatures, seed ${seed}`,
    dictionary,
    activations,
    features,
  });
}

function requireProbabilities(
  activeProbability: number | readonly number[],
  features: number,
): readonly number[] {
  const all =
    typeof activeProbability === 'number'
      ? new Array<number>(features).fill(activeProbability)
      : activeProbability;
  if (all.length !== features) {
    throw new RangeError(
      `activeProbability must be one number or one a feature, ${features}; got ${all.length}`,
    );
  }
  for (const probability of all) requireNumber('activeProbability', probability, { min: 0, max: 1 });
  return all;
}

/** Unit rows in random directions; if orthogonal, each at right angles to those before it (Gram and Schmidt). */
function randomDictionary(random: Random, features: number, dim: number, orthogonal: boolean): Float32Array {
  const rows: Float64Array[] = [];
  for (let feature = 0; feature < features; feature++) {
    const row = Float64Array.from({ length: dim }, () => random.normal());
    // Once leaves rounding errors of the size of what was taken away; a second pass takes those away too.
    for (let pass = 0; orthogonal && pass < 2; pass++) {
      for (const earlier of rows) addScaled(row, earlier, -dot(row, earlier));
    }
    const norm = Math.sqrt(dot(row, row));
    rows.push(row.map((value) => value / norm));
  }
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);
}

function addScaled(target: Float64Array, source: Float64Array, factor: number): void {
  for (const [index, value] of source.entries()) target[index] = (target[index] as number) + factor * value;
}
