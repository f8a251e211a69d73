import { requireArray, requireInteger, requireNumber, requireObject, show } from '../numbers/arguments';
import {
  boolean,
  type Filled,
  integer,
  number,
  type OptionsOf,
  optional,
  readOptions,
  value,
} from '../numbers/options';
import { Random } from '../numbers/random';
import { canonicalJson } from '../provenance/canonicalJson';
import { Dataset, type DatasetInit } from './dataset';
import { ExampleStream, MOST_ROWS } from './exampleStream';
import { type Correlation, correlationFactors } from './featureCorrelation';
import { type Arrangement, drawDirections, unit } from './featureDirections';
import { type Exclusion, featureLevels, featureTrees, type Parents } from './featureForest';
import { FeatureGenerator, type FeatureLaw } from './featureGenerator';

/** One number for all features, or one per feature. */
type PerFeature = number | readonly number[];

const truthOptions = {
  /** Seeds the dictionary and the activations. */
  seed: integer({ min: 0 }),
  /** How many true features there are. Default: 16, or those of `dictionary`. */
  features: optional(integer({ min: 1 })),
  /** Numbers per row. Default: 32, or as in `dictionary`. */
  dim: optional(integer({ min: 1 })),
  /** The true features themselves, one per row; each is brought to length 1. Default: drawn by the seed. */
  dictionary: optional(value<readonly (readonly number[])[]>()),
  /** Whether the features are at right angles to each other. Default: whether they can be, features ≤ dim. */
  orthogonal: optional(boolean),
  /**
   * Whether the features are moved apart until the sum of the squared cosines of all pairs is at its minimum, a unit-norm tight
   * frame. For features > dim, where they cannot be orthogonal. Default: false.
   */
  spread: optional(boolean, false),
  /**
   * The probability that a feature is active in a row, one for all or one per feature; of a feature with a parent, the
   * probability in rows where the parent is active, before an exclusion. {@link zipf} gives frequencies as words have them.
   * Default: 0.25.
   */
  activeProbability: optional(value<PerFeature>(), 0.25),
  /** The mean strength of an active feature, one for all or one per feature. Default: 1. */
  magnitude: optional(value<PerFeature>(), 1),
  /** The standard deviation of that strength. Default: 0.05. */
  magnitudeStd: optional(value<PerFeature>(), 0.05),
  /**
   * Which features tend to be active together: the correlation matrix of a Gaussian copula, or `{ rank, scale }` for a random one
   * whose factors are drawn from N(0, scale²). The probabilities stay as they are. Default: independent features.
   */
  correlation: optional(value<Correlation>()),
  /** The parent of each feature, `null` for none: a child is active only in rows where its parent is. Default: no parents. */
  parents: optional(value<Parents>()),
  /**
   * Groups of features of which one at most is active, drawn evenly from those that would be; `'siblings'` for all children of each
   * parent. Default: none.
   */
  exclusive: optional(value<Exclusion>()),
  /** Added to every row: `dim` numbers, or the length of a vector whose direction the seed draws. Default: 0. */
  bias: optional(value<PerFeature>(), 0),
  /** The standard deviation of normal noise that is added to each number of a row. Default: 0. */
  noise: optional(number({ min: 0 }), 0),
};

/** Options of {@link syntheticFeatures}: the true features, how often they are active, and how strongly. @interface */
export type FeatureTruthOptions = OptionsOf<typeof truthOptions>;

/** How {@link syntheticFeatures} makes its data, for {@link readOptions}. */
export const syntheticFeaturesOptions = {
  /** How many rows are stored. */
  count: integer({ min: 1 }),
  ...truthOptions,
};

/** How {@link syntheticFeatures} makes its data. @interface */
export type SyntheticFeaturesOptions = OptionsOf<typeof syntheticFeaturesOptions>;

/** The truth's options as they were read. */
type Truth = Filled<typeof truthOptions>;

/** The streams of the seed. */
const STREAMS = { dictionary: 0, stored: 1, stream: 2, correlation: 3, bias: 4, preset: 5 } as const;

/** Marks these data sets, of whichever load of this module. */
const FEATURES: unique symbol = Symbol.for('sparselab.SyntheticFeatures') as typeof FEATURES;

/** @throws TypeError if it is not a data set of {@link syntheticFeatures}. */
export function requireSyntheticFeatures(name: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && FEATURES in value) return;
  throw new TypeError(`${name} must be what syntheticFeatures returns; got ${show(value)}`);
}

/** The generator of more rows of the same features. */
interface Source {
  readonly law: FeatureLaw;
  readonly seed: number;
  /** A text that determines the law and the seed. */
  readonly identity: string;
}

/** A dataset whose true features are known. */
export class SyntheticFeatures extends Dataset {
  /** The true features: unit rows, row-major `[features, dim]`. */
  readonly dictionary: Float32Array;
  /** The true code of each row, mostly exact zeros: row-major `[count, features]`. */
  readonly activations: Float32Array;
  /** How many true features there are. */
  readonly features: number;
  /** The parent of each feature, `null` for none. */
  readonly parents: Parents;
  readonly #source: Source | undefined;

  get [FEATURES](): true {
    return true;
  }

  /** @throws RangeError as Dataset does, and if `dictionary` or `activations` do not fit */
  constructor(
    init: DatasetInit & {
      dictionary: Float32Array;
      activations: Float32Array;
      features: number;
      parents?: Parents;
      source?: string | undefined;
      more?: Source | undefined;
    },
  ) {
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
    this.parents = init.parents ?? new Array<null>(features).fill(null);
    this.#source = init.more;
  }

  /**
   * More rows of the same features, made when training asks for them: any number of them, none of them among the stored
   * ones. So a model can be judged on rows that it was not trained on.
   *
   * @param count Rows per epoch.
   * @throws RangeError if `count` is not an integer in [1, 2³¹ − 1].
   * @throws Error if the data set was not made by {@link syntheticFeatures}.
   *
   * @example
   * const truth = syntheticFeatures({ count: 10_000, seed: 1 });
   * await train(model, truth.stream(2_000_000), { epochs: 1, batchSize: 1024 });
   * recovery(model, truth).mcc;
   */
  stream(count: number): ExampleStream {
    requireInteger('count', count, { min: 1, max: MOST_ROWS });
    const { features, dim, name } = this;
    if (!this.#source) throw new Error(`${name} must be made by syntheticFeatures to have more rows`);
    const { law, seed, identity } = this.#source;
    const generator = new FeatureGenerator(law);
    const code = new Float32Array(features);
    return new ExampleStream({
      name,
      count,
      dim,
      identity,
      fill: (index, target) => generator.draw(new Random(seed, STREAMS.stream, index), code, target),
    });
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
    const { dictionary, features, parents } = this;
    return new SyntheticFeatures({
      ...rows,
      dictionary,
      activations,
      features,
      parents,
      more: this.#source,
    });
  }
}

/**
 * Rows made of sparse features that are known: what a sparse autoencoder should find again.
 *
 *     x = a · D + bias + noise
 *
 * The dictionary D `[features, dim]` has unit rows. Each entry of the code a is 0 or, with its `activeProbability`, a strength
 * drawn from N(magnitude, magnitudeStd²), negative ones set to 0. By default features are independent, and a row has
 * `features × activeProbability` = 4 active ones on average. A row depends on the seed and its number alone: the first rows
 * are the same whatever `count` is, and on every engine.
 *
 * Reference: SAELens' tutorial on synthetic data, whose numbers are the defaults; Sharkey, Braun and Millidge, "Taking
 * features out of superposition with sparse autoencoders", 2022; correlations, trees and Zipf's frequencies as in
 * "SynthSAEBench", arXiv 2602.14687, 2026.
 *
 * @throws RangeError or TypeError, before anything is made, naming the option, the permitted range and the value
 *
 * @example
 * // A parent, and two children of which one at most is active.
 * syntheticFeatures({ count: 1000, seed: 1, features: 3, dim: 3, parents: [null, 0, 0], exclusive: 'siblings' })
 */
export function syntheticFeatures(options: SyntheticFeaturesOptions): SyntheticFeatures {
  const { count, ...read } = readOptions('syntheticFeatures', options, syntheticFeaturesOptions);
  const { count: _, ...truth } = options;
  const { seed, parents } = read;
  const law = featureLaw(read);
  const { dim, dictionary } = law;
  const features = law.probabilities.length;
  const generator = new FeatureGenerator(law);
  const activations = new Float32Array(count * features);
  const values = new Float32Array(count * dim);
  for (let row = 0; row < count; row++) {
    generator.draw(
      new Random(seed, STREAMS.stored, row),
      activations.subarray(row * features, (row + 1) * features),
      values.subarray(row * dim, (row + 1) * dim),
    );
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
    ...(parents && { parents: [...parents] }),
    more: { law, seed, identity: canonicalJson(truth, 'syntheticFeatures') },
  });
}

const zipfOptions = {
  /** The exponent e. Default: 0.5. */
  exponent: optional(number({ above: 0 }), 0.5),
  /** The probability of the most frequent feature. Default: 0.4. */
  max: optional(number({ min: 0, max: 1 }), 0.4),
  /** The probability of the rarest. Default: 0.0005. */
  min: optional(number({ min: 0 }), 0.0005),
};

/** How frequent features are: {@link zipf}. @interface */
export type ZipfOptions = OptionsOf<typeof zipfOptions>;

/**
 * Probabilities that fall with the rank r = 1 … n as words' frequencies do, from `max` to `min`:
 *
 *     pᵣ = min + (max − min) · (r^−e − n^−e) / (1 − n^−e)
 *
 * Reference: "SynthSAEBench", arXiv 2602.14687, whose numbers are the defaults.
 *
 * @throws RangeError if an option is out of its range.
 *
 * @example zipf(3, { exponent: 1, max: 0.5, min: 0.1 }) // → [0.5, 0.2, 0.1]
 */
export function zipf(features: number, options: ZipfOptions = {}): number[] {
  const { exponent, max, min } = readOptions('zipf', options, zipfOptions);
  requireInteger('features', features, { min: 1 });
  requireNumber('min', min, { min: 0, max });
  const least = features ** -exponent;
  return Array.from({ length: features }, (_, index) =>
    features === 1 ? max : min + ((max - min) * ((index + 1) ** -exponent - least)) / (1 - least),
  );
}

const synthSaeBenchOptions = {
  /** Default: 16384. */
  features: optional(integer({ min: 128 }), 16384),
  /** Default: 768. */
  dim: optional(integer({ min: 1 }), 768),
  /** Default: 42. */
  seed: optional(integer({ min: 0 }), 42),
};

/** How large {@link synthSaeBench} makes its truth. @interface */
export type SynthSaeBenchOptions = OptionsOf<typeof synthSaeBenchOptions>;

/**
 * The options of a truth such as SynthSAEBench's, at any size: Zipf's frequencies, magnitudes whose mean falls from 5 to 4
 * with the rank and whose standard deviation is |N(0.5, 0.5²)|, correlations of rank 25, one tree of 85 features
 * per 128 features (four children each, three levels) with exclusive siblings, a bias of length 0.5, directions as far
 * apart as can be. The probabilities of children make up for their parents and siblings. The numbers themselves are ours:
 * theirs come from PyTorch's generator.
 *
 * Reference: "SynthSAEBench", arXiv 2602.14687, 2026.
 *
 * @throws RangeError if an option is out of its range.
 *
 * @example
 * const truth = syntheticFeatures({ count: 10_000, ...synthSaeBench({ features: 1024, dim: 96 }) });
 */
export function synthSaeBench(options: SynthSaeBenchOptions = {}): FeatureTruthOptions {
  const { features, dim, seed } = readOptions('synthSaeBench', options, synthSaeBenchOptions);
  const random = new Random(seed, STREAMS.preset);
  const ranks = Array.from({ length: features }, (_, rank) => rank);
  const parents = featureTrees(features, { roots: Math.floor(features / 128), branching: 4, depth: 3 });
  return {
    features,
    dim,
    seed,
    spread: true,
    activeProbability: givenParents(zipf(features), parents),
    magnitude: ranks.map((rank) => 5 - rank / (features - 1)),
    magnitudeStd: ranks.map(() => Math.abs(0.5 + 0.5 * random.normal())),
    correlation: { rank: 25, scale: 0.1 },
    parents,
    exclusive: 'siblings',
    bias: 0.5,
  };
}

/**
 * The probabilities of features in rows where their parent is active, such that they are about `shares` of all rows after
 * siblings have excluded each other: pᵢ / p_parent · (1 + Σ p_sibling / p_parent), at most 1.
 */
function givenParents(shares: readonly number[], parents: Parents): number[] {
  const ofChildren = new Float64Array(shares.length);
  for (const [feature, parent] of parents.entries()) {
    if (parent !== null) ofChildren[parent] = (ofChildren[parent] as number) + (shares[feature] as number);
  }
  return shares.map((share, feature) => {
    const parent = parents[feature] ?? null;
    if (parent === null) return share;
    const ofParent = shares[parent] as number;
    const ofSiblings = (ofChildren[parent] as number) - share;
    return Math.min(1, (share / ofParent) * (1 + ofSiblings / ofParent));
  });
}

/** Checks the options and draws what the seed fixes for all rows. */
function featureLaw(options: Truth): FeatureLaw {
  const { seed, dictionary: given, parents, exclusive, correlation } = options;
  const own = given === undefined ? undefined : requireDictionary(given);
  const { features = own?.features ?? 16, dim = own?.dim ?? 32 } = options;
  if (own && (own.features !== features || own.dim !== dim)) {
    throw new RangeError(
      `dictionary must hold ${features} rows of ${dim} numbers; got ${own.features} of ${own.dim}`,
    );
  }
  const arrangement = requireArrangement(options, features, dim);
  const perFeature = (name: 'activeProbability' | 'magnitude' | 'magnitudeStd', max?: number) =>
    requirePerFeature(name, options[name], features, 'feature', max);
  const [probabilities, magnitudes, magnitudeStds] = [
    perFeature('activeProbability', 1),
    perFeature('magnitude'),
    perFeature('magnitudeStd'),
  ];
  const levels = featureLevels(features, parents, exclusive);
  const bias = biasOf(options.bias, dim, new Random(seed, STREAMS.bias));
  if (correlation !== undefined) requireObject('correlation', correlation, 'a matrix or { rank, scale }');
  const factors =
    correlation && correlationFactors(correlation, features, new Random(seed, STREAMS.correlation));
  const dictionary =
    own?.rows ?? drawDirections(new Random(seed, STREAMS.dictionary), features, dim, arrangement);
  return {
    dictionary,
    dim,
    probabilities,
    magnitudes,
    magnitudeStds,
    factors,
    parents: parents && [...parents],
    levels,
    bias,
    noise: options.noise,
  };
}

function requireDictionary(given: readonly (readonly number[])[]) {
  requireArray('dictionary', given, 'an array of rows');
  const [features, dim] = [given.length, given[0]?.length ?? 0];
  const rows = new Float32Array(features * dim);
  for (const [feature, row] of given.entries()) {
    const name = `dictionary[${feature}]`;
    requireArray(name, row, 'an array of numbers');
    if (row.length !== dim)
      throw new RangeError(`${name} must have ${dim} numbers, as row 0 has; got ${row.length}`);
    for (const [i, value] of row.entries()) requireNumber(`${name}[${i}]`, value);
    if (row.every((value) => value === 0)) throw new RangeError(`${name} must have a direction; got zeros`);
    rows.set(unit(Float64Array.from(row)), feature * dim);
  }
  return { features, dim, rows };
}

function requireArrangement(options: Truth, features: number, dim: number): Arrangement {
  const { dictionary, spread, orthogonal = !dictionary && !spread && features <= dim } = options;
  for (const [name, given] of Object.entries({ orthogonal, spread })) {
    if (given && dictionary)
      throw new RangeError(`${name} must be false where a dictionary is given; got true`);
  }
  if (orthogonal && features > dim)
    throw new RangeError(`features must be at most dim = ${dim} to be orthogonal; got ${features}`);
  if (orthogonal && spread)
    throw new RangeError(
      'spread must be false where features are orthogonal, which is as far apart as can be; got true',
    );
  return orthogonal ? 'orthogonal' : spread ? 'spread' : 'random';
}

function requirePerFeature(
  name: string,
  value: PerFeature,
  length: number,
  what: string,
  max?: number,
): Float64Array {
  const all =
    typeof value === 'number'
      ? new Float64Array(length).fill(value)
      : Float64Array.from(requireArray(name, value, `one number or one per ${what}`));
  if (all.length !== length)
    throw new RangeError(`${name} must be one number or one per ${what}, ${length}; got ${all.length}`);
  for (const number of all) requireNumber(name, number, max === undefined ? { min: 0 } : { min: 0, max });
  return all;
}

function biasOf(bias: PerFeature, dim: number, random: Random): Float64Array {
  if (typeof bias === 'number') {
    requireNumber('bias', bias, { min: 0 });
    const direction = unit(Float64Array.from({ length: dim }, () => random.normal()));
    return direction.map((value) => bias * value);
  }
  const numbers = Float64Array.from(requireArray('bias', bias, 'a length or one number per column'));
  if (numbers.length !== dim)
    throw new RangeError(`bias must have dim = ${dim} numbers; got ${numbers.length}`);
  for (const value of numbers) requireNumber('bias', value);
  return numbers;
}
