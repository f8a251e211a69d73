/**
 * Data sets by name: what a trial may train on, the same on every machine because the numbers' hash travels with it.
 *
 * @module
 */
import { dataChecksum } from '../datasets/checksum';
import { type Dataset, isDataset } from '../datasets/dataset';
import { loadDigits } from '../datasets/digits';
import { loadFashionMnist } from '../datasets/fashionMnist';
import { loadMnist } from '../datasets/mnist';
import {
  loadNaturalPatches,
  type NaturalPatchesOptions,
  naturalPatchesOptions,
} from '../datasets/naturalPatches';
import {
  type SyntheticFeaturesOptions,
  syntheticFeatures,
  syntheticFeaturesOptions,
} from '../datasets/syntheticFeatures';
import { requireInteger, show } from '../numbers/arguments';
import { canonicalJson } from '../provenance/canonicalJson';
import type { ModuleExport } from './projectModules';
import { TrialRefusedError } from './refusal';
import { type Parameters, Registry } from './registry';
import type { Component, DataComponent } from './trial';

/** Which rows of a named data set. */
export interface RowChoice {
  /** Only the rows with these labels. */
  readonly labels?: readonly number[];
  /** Without the first so many rows, of those with the labels: what was not trained on can judge. */
  readonly skip?: number;
  /** Only the first so many rows, of those that are left. */
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
  | ({ readonly name: 'synthetic features' } & Readonly<SyntheticFeaturesOptions> & RowChoice);

/** A data set by name, or made by a custom function that returns a Dataset. */
export type DataChoice = PlainName | NamedData | ModuleExport;

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
  'synthetic features': source(Object.keys(syntheticFeaturesOptions), (parameters) =>
    syntheticFeatures(parameters as unknown as SyntheticFeaturesOptions),
  ),
});

/**
 * The data set as a part of a specification, with the hash of its numbers as they are here.
 *
 * @param role What error messages call it.
 * @throws RangeError or TypeError if there is no such data set or it refuses its parameters.
 */
export function dataPart(role: string, choice: DataChoice): DataComponent {
  const part = sources.part(role, choice);
  return { ...part, sha256: load(part, isLasting(part)).sha256 };
}

/**
 * The data set that a part names.
 *
 * @throws TrialRefusedError if it cannot be loaded here, or its numbers are others than the part's hash says.
 */
export function loadData({ sha256: wanted, ...part }: DataComponent): Dataset {
  let loaded = attemptLoad(part, true);
  if (loaded.sha256 !== wanted && !isLasting(part)) loaded = attemptLoad(part, false);
  if (loaded.sha256 !== wanted) {
    throw new TrialRefusedError(`data set '${part.name}'`, wanted, loaded.sha256);
  }
  return loaded.dataset;
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

interface Loaded {
  readonly dataset: Dataset;
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
    const dataset: unknown = sources.use(part)(part.parameters);
    if (!isDataset(dataset)) {
      throw new TypeError(`${part.module?.path}: ${part.name} must return a Dataset; got ${show(dataset)}`);
    }
    loaded = { dataset, sha256: dataChecksum(dataset) };
  }
  cache.delete(key);
  cache.set(key, loaded);
  for (const oldest of [...cache.keys()].slice(0, -CACHED)) cache.delete(oldest);
  return loaded;
}

function withoutFirst(dataset: Dataset, skip: number): Dataset {
  requireInteger('skip', skip, { min: 0, max: dataset.count });
  return dataset.slice(skip, dataset.count);
}
