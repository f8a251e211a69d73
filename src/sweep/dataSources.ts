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
import { loadNaturalPatches, type NaturalPatchesOptions } from '../datasets/naturalPatches';
import {
  SYNTHETIC_FEATURES_OPTIONS,
  type SyntheticFeaturesOptions,
  syntheticFeatures,
} from '../datasets/syntheticFeatures';
import { requireInteger, show } from '../numbers/arguments';
import { canonicalJson, type Json } from '../provenance/canonicalJson';
import { loadFunction, type ModuleExport, modulePart } from './projectModules';
import { TrialRefusedError } from './refusal';
import type { DataPart, ModuleVersion, Part } from './trial';

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

/** A data set by name, or made by a function of one's own that returns a Dataset. */
export type DataChoice = PlainName | NamedData | ModuleExport;

type Parameters = Readonly<Record<string, Json>>;

const sources: Record<NamedData['name'], (parameters: Parameters) => Dataset> = {
  'MNIST train': () => loadMnist().train,
  'MNIST test': () => loadMnist().test,
  digits: () => loadDigits(),
  // The sample, which is the same on every machine, whether or not the whole is installed.
  'Fashion-MNIST sample train': () => loadFashionMnist({ sample: true }).train,
  'Fashion-MNIST sample test': () => loadFashionMnist({ sample: true }).test,
  // The options of both check themselves.
  'natural patches': (parameters) => loadNaturalPatches(parameters as NaturalPatchesOptions),
  'synthetic features': (parameters) => syntheticFeatures(parameters as unknown as SyntheticFeaturesOptions),
};

/** What every named data set takes. */
const ROW_KEYS = ['labels', 'skip', 'take'];

/** What some take besides. */
const OWN_KEYS: { readonly [name: string]: readonly string[] } = {
  'natural patches': ['count', 'size', 'seed', 'whiten'] satisfies (keyof NaturalPatchesOptions)[],
  'synthetic features': SYNTHETIC_FEATURES_OPTIONS,
};

/**
 * The data set as a part of a specification, with the hash of its numbers as they are here.
 *
 * @param role What error messages call it.
 * @throws RangeError or TypeError if there is no such data set or it refuses its parameters.
 */
export function dataPart(role: string, choice: DataChoice): DataPart {
  const part = partOf(role, choice);
  return { ...part, sha256: load(part, isLasting(part)).sha256 };
}

/**
 * The data set that a part names.
 *
 * @throws TrialRefusedError if it cannot be loaded here, or its numbers are others than the part's hash says.
 */
export function loadData({ sha256: wanted, ...part }: DataPart): Dataset {
  let loaded = attemptLoad(part, true);
  if (loaded.sha256 !== wanted && !isLasting(part)) loaded = attemptLoad(part, false);
  if (loaded.sha256 !== wanted) {
    throw new TrialRefusedError(`data set '${part.name}'`, wanted, loaded.sha256);
  }
  return loaded.dataset;
}

/** Whoever defined the trial could load the data, so a failure is this machine's: another one may have them. */
function attemptLoad(part: Part, remembered: boolean): Loaded {
  try {
    return load(part, remembered);
  } catch (error) {
    if (error instanceof TrialRefusedError) throw error;
    throw new TrialRefusedError(`data set '${part.name}' cannot be loaded here: ${(error as Error).message}`);
  }
}

/** Whether it stays the same as long as this process runs. A function of one's own may read a file that is edited. */
function isLasting({ module }: Part): boolean {
  return module === undefined;
}

function partOf(role: string, choice: DataChoice): Part {
  if (typeof choice === 'object' && choice !== null && 'module' in choice) return modulePart(choice);
  const { name, ...parameters } = typeof choice === 'string' ? { name: choice } : (choice ?? {});
  if (typeof name !== 'string' || !Object.hasOwn(sources, name) || isDataset(choice)) {
    throw new TypeError(
      `${role} must be ${Object.keys(sources).map(show).join(', ')}, one of them with parameters such as ` +
        `{ name: 'digits', take: 300 }, or fromModule(…); got ${isDataset(choice) ? 'a Dataset' : show(choice)}. ` +
        'A trial names its data, so that other machines can load the same.',
    );
  }
  const known = [...ROW_KEYS, ...(OWN_KEYS[name] ?? [])];
  const unknown = Object.keys(parameters).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`${role} '${name}' has no parameter ${show(unknown)}; it has ${known.join(', ')}`);
  }
  // Refuses what JSON cannot hold, and copies: the caller may change its object later.
  return { name, parameters: JSON.parse(canonicalJson(parameters, role)) as Parameters };
}

interface Loaded {
  readonly dataset: Dataset;
  readonly sha256: string;
}

/** The newest few, so that trials that follow each other share one copy in memory. */
const cache = new Map<string, Loaded>();
const CACHED = 4;

/** @param remembered Whether a copy that is in memory will do. */
function load(part: Part, remembered: boolean): Loaded {
  const key = canonicalJson({ name: part.name, parameters: part.parameters, module: part.module ?? null });
  let loaded = remembered ? cache.get(key) : undefined;
  if (!loaded) {
    const dataset = part.module ? ownData({ ...part, module: part.module }) : namedData(part);
    loaded = { dataset, sha256: dataChecksum(dataset) };
  }
  cache.delete(key);
  cache.set(key, loaded);
  for (const oldest of [...cache.keys()].slice(0, -CACHED)) cache.delete(oldest);
  return loaded;
}

function namedData({ name, parameters }: Part): Dataset {
  const { labels, skip, take, ...own } = parameters;
  const source = Object.hasOwn(sources, name) ? sources[name as NamedData['name']] : undefined;
  if (!source) throw new TrialRefusedError(`this worker has no data set ${show(name)}`);
  let dataset = source(own);
  if (labels !== undefined) dataset = dataset.withLabels(...(labels as number[]));
  if (skip !== undefined) dataset = withoutFirst(dataset, skip as number);
  return take === undefined ? dataset : dataset.take(take as number);
}

function withoutFirst(dataset: Dataset, skip: number): Dataset {
  requireInteger('skip', skip, { min: 0, max: dataset.count });
  return dataset.slice(skip, dataset.count);
}

function ownData(part: Part & { module: ModuleVersion }): Dataset {
  const dataset = loadFunction(part)(part.parameters as never);
  if (!isDataset(dataset)) {
    throw new TypeError(`${part.module.path}: ${part.name} must return a Dataset; got ${show(dataset)}`);
  }
  return dataset;
}
