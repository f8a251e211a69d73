/**
 * Data sets by name: what a trial may train on, the same on every machine because the numbers' hash travels with it.
 *
 * @module
 */
import { dataChecksum, streamChecksum } from '../datasets/checksum';
import { type Dataset, isDataset } from '../datasets/dataset';
import { loadDigits } from '../datasets/digits';
import { type ExampleStream, isExampleStream, MOST_ROWS } from '../datasets/exampleStream';
import { loadFashionMnist } from '../datasets/fashionMnist';
import { loadMnist } from '../datasets/mnist';
import {
  loadNaturalPatches,
  type NaturalPatchesOptions,
  naturalPatchesOptions,
} from '../datasets/naturalPatches';
import {
  type SyntheticFeatures,
  type SyntheticFeaturesOptions,
  syntheticFeatures,
  syntheticFeaturesOptions,
} from '../datasets/syntheticFeatures';
import { requireInteger, show } from '../numbers/arguments';
import { canonicalJson } from '../provenance/canonicalJson';
import { sha256 } from '../provenance/sha256';
import type { ModuleExport } from './projectModules';
import { TrialRefusedError } from './refusal';
import { type Parameters, Registry } from './registry';
import type { Component, DataComponent } from './trial';

/** Which rows of a named data set. */
export interface RowChoice {
  /** Only the rows with these labels. */
  readonly labels?: readonly number[];
  /** Skips this many rows at the start, of those with the labels: rows that were not trained on can judge. */
  readonly skip?: number;
  /** Takes only this many of the rows that are left. */
  readonly take?: number;
}

/** Data sets that need nothing but their name. */
type PlainName =
  | 'MNIST train'
  | 'MNIST test'
  | 'digits'
  | 'Fashion-MNIST sample train'
  | 'Fashion-MNIST sample test'
  | 'natural patches';

/** A data set that the library knows by its name. */
export type NamedData =
  | ({ readonly name: Exclude<PlainName, 'natural patches'> } & RowChoice)
  | ({ readonly name: 'natural patches' } & Readonly<NaturalPatchesOptions> & RowChoice)
  | ({ readonly name: 'synthetic features' } & Readonly<SyntheticFeaturesOptions> & RowChoice & StreamChoice);

/** Rows of a truth that are made on the way. */
export interface StreamChoice {
  /**
   * Trains on this many rows per epoch, each made when a step needs it. The model is measured on the stored `count` rows, which are others.
   * Default: trains on the stored rows.
   */
  readonly stream?: number;
}

/** A data set by name, or made by a custom function that returns a Dataset, or an ExampleStream to train on. */
export type DataChoice = PlainName | NamedData | ModuleExport;

/** The option of a truth besides these, see {@link StreamChoice}. */
const STREAM = 'stream';

/** Options of every named data set. */
const ROW_KEYS = ['labels', 'skip', 'take'];

/** A named data set: its parameters besides those of every one, and how it is loaded. */
function source(keys: readonly string[], load: (parameters: Parameters) => Dataset) {
  return {
    keys: [...ROW_KEYS, ...keys],
    use: ({ labels, skip, take, ...own }: Parameters) => {
      let dataset = load(own);
      if (labels !== undefined) dataset = dataset.withLabels(...(labels as number[]));
      if (skip !== undefined) dataset = withoutFirst(dataset, skip as number);
      return take === undefined ? dataset : dataset.take(take as number);
    },
  };
}

/** The data sets that the library knows. The options of those that have some check themselves. */
const sources = new Registry<(parameters: Parameters) => Dataset>('data', "{ name: 'digits', take: 300 }", {
  'MNIST train': source([], () => loadMnist().train),
  'MNIST test': source([], () => loadMnist().test),
  digits: source([], () => loadDigits()),
  // The sample, which is the same on every machine, whether or not the whole is installed.
  'Fashion-MNIST sample train': source([], () => loadFashionMnist({ sample: true }).training),
  'Fashion-MNIST sample test': source([], () => loadFashionMnist({ sample: true }).test),
  'natural patches': source(Object.keys(naturalPatchesOptions), (parameters) =>
    loadNaturalPatches(parameters as NaturalPatchesOptions),
  ),
  'synthetic features': {
    ...source([...Object.keys(syntheticFeaturesOptions), STREAM], ({ [STREAM]: _, ...parameters }) =>
      syntheticFeatures(parameters as unknown as SyntheticFeaturesOptions),
    ),
    check: ({ [STREAM]: rows, ...parameters }) => ({
      ...parameters,
      ...(rows !== undefined && {
        stream: requireInteger(STREAM, rows as number, { min: 1, max: MOST_ROWS }),
      }),
    }),
  },
});

/**
 * The data set as a part of a specification, with the hash of its numbers as they are here.
 *
 * @param role What error messages call it.
 * @throws RangeError or TypeError if there is no such data set or it refuses its parameters.
 */
export function dataPart(role: string, choice: DataChoice): DataComponent {
  const part = sources.part(role, choice);
  const { stored, examples, sha256 } = load(part, isLasting(part));
  if (role !== 'data' && (!stored || stored !== examples)) {
    throw new TypeError(`${role} must be stored rows, which stay the same; got a stream, ${show(part.name)}`);
  }
  return { ...part, sha256 };
}

/**
 * The rows that a part names: of a truth with `stream` those that judge.
 *
 * @throws TrialRefusedError if it cannot be loaded here, or its numbers are others than the part's hash says.
 */
export function loadData(part: DataComponent): Dataset {
  const { stored } = loadExamples(part);
  if (stored) return stored;
  throw new TrialRefusedError(`data set '${part.name}' is a stream: it has no rows to measure on`);
}

/**
 * The data that a part names: a trial's training data, and the rows for its evaluation.
 *
 * @throws TrialRefusedError as {@link loadData} does.
 */
export function loadExamples({ sha256: wanted, ...part }: DataComponent): Examples {
  let loaded = attemptLoad(part, true);
  if (loaded.sha256 !== wanted && !isLasting(part)) loaded = attemptLoad(part, false);
  if (loaded.sha256 !== wanted) {
    throw new TrialRefusedError(`data set '${part.name}'`, wanted, loaded.sha256);
  }
  return loaded;
}

/**
 * The machine that defined the trial could load the data, so a failure belongs to this machine: another one may have the data.
 */
function attemptLoad(part: Component, remembered: boolean): Loaded {
  try {
    return load(part, remembered);
  } catch (error) {
    if (error instanceof TrialRefusedError) throw error;
    throw new TrialRefusedError(`data set '${part.name}' cannot be loaded here: ${(error as Error).message}`);
  }
}

/** Whether it stays the same as long as this process runs. A custom function may read a file that is edited. */
function isLasting({ module }: Component): boolean {
  return module === undefined;
}

/** The data that a part of a specification names. */
export interface Examples {
  /** The training data. */
  readonly examples: Dataset | ExampleStream;
  /** Rows to measure on: the same, or those of the stream's truth. A stream alone has none. */
  readonly stored: Dataset | undefined;
}

interface Loaded extends Examples {
  readonly sha256: string;
}

/** The newest few, so that trials that follow each other share one copy in memory. */
const cache = new Map<string, Loaded>();
const CACHED = 4;

/** @param remembered Whether a copy that is in memory will do. */
function load(part: Component, remembered: boolean): Loaded {
  const key = canonicalJson({ name: part.name, parameters: part.parameters, module: part.module ?? null });
  let loaded = remembered ? cache.get(key) : undefined;
  if (!loaded) {
    loaded = loadedFrom(part, sources.use(part)(part.parameters));
  }
  cache.delete(key);
  cache.set(key, loaded);
  for (const oldest of [...cache.keys()].slice(0, -CACHED)) cache.delete(oldest);
  return loaded;
}

function loadedFrom({ name, parameters, module }: Component, made: unknown): Loaded {
  if (isExampleStream(made)) return { examples: made, stored: undefined, sha256: streamChecksum(made) };
  if (!isDataset(made)) {
    throw new TypeError(
      `${module?.path}: ${name} must return a Dataset or an ExampleStream; got ${show(made)}`,
    );
  }
  const rows = module ? undefined : parameters[STREAM];
  if (rows === undefined) return { examples: made, stored: made, sha256: dataChecksum(made) };
  const examples = (made as SyntheticFeatures).stream(rows as number);
  return {
    examples,
    stored: made,
    sha256: sha256([dataChecksum(made), streamChecksum(examples)].join('\n')),
  };
}

function withoutFirst(dataset: Dataset, skip: number): Dataset {
  requireInteger('skip', skip, { min: 0, max: dataset.count });
  return dataset.slice(skip, dataset.count);
}
