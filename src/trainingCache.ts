/**
 * Trainings that were done before, kept on the disk: running a notebook again with the same settings takes no time, and
 * changing a value trains anew.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { SparseAutoencoder } from './autoencoder';
import { dataChecksum } from './datasets/checksum';
import { Dataset } from './datasets/dataset';
import { backendReady } from './engine';
import { History, type HistoryRow } from './history';
import { type LossTerms, objectiveStep } from './loss';
import type { Penalty } from './penalties';
import { canonicalJson } from './provenance/canonicalJson';
import { projectRoot } from './provenance/fingerprint';
import { sha256 } from './provenance/sha256';
import { Random } from './random';
import { type Rows, toMatrix } from './rows';
import { readSafetensors, writeSafetensors } from './safetensors';
import { codeVersion } from './sweep/runTrials';
import { type TrainOptions, train } from './train';
import { TrainingState } from './trainingState';
import type { Matrix } from './values';

/** What the cache may take of the disk; the trainings that were not used for longest make room. */
const MOST_BYTES = 300e6;

const SUFFIX = '.safetensors';

/**
 * {@link train}, unless the same training was done before: then its result is read from the disk, and a line says so. The
 * model, its history and what the training returns are the same in both cases, bit for bit.
 *
 * The same are: the model's form and numbers, the data, every option, the code that trains, and the engine. Of a penalty of
 * one's own its text counts, and its value on a made-up code, which shows a captured number that has changed. Trainings that
 * were stopped, broke down or resumed another are not kept. A damaged file is trained anew; a full disk loses no training.
 *
 * They are in `.cache/trainings` in the project's folder; `SPARSELAB_TRAININGS` in the environment names another folder, or is
 * `off`.
 *
 * @throws RangeError or TypeError as `train` does.
 *
 * @example
 * const history = await trainCached(model, mnist.train, { penalty: l1(1e-3), epochs: 5 });
 * history.fromCache // true from the second time on
 */
export async function trainCached(
  model: SparseAutoencoder,
  data: Rows,
  options: TrainOptions,
): Promise<History> {
  const folder = cacheFolder();
  if (folder === undefined || options.resume) return train(model, data, options);
  const path = join(folder, `${await trainingKey(model, data, options)}${SUFFIX}`);
  const cached = readTraining(path);
  if (cached) {
    useCached(model, cached, options);
    return cached;
  }
  const history = await train(model, data, options);
  if (history.end === 'finished') {
    try {
      keepTraining(path, folder, history);
    } catch (error) {
      console.log(`This training was not kept for the next time: ${(error as Error).message}`);
    }
  }
  return history;
}

/**
 * Forgets all trainings that were kept.
 *
 * @returns How many there were.
 */
export function clearTrainingCache(): number {
  const folder = cacheFolder();
  const files = folder === undefined ? [] : cachedFiles(folder);
  for (const { path } of files) rmSync(path, { force: true });
  return files.length;
}

/** Where trainings are kept; `undefined` if they are not. */
function cacheFolder(): string | undefined {
  const chosen = process.env.SPARSELAB_TRAININGS;
  return chosen === 'off' ? undefined : chosen || join(projectRoot, '.cache', 'trainings');
}

/** The hash of all that determines a training. */
async function trainingKey(model: SparseAutoencoder, data: Rows, options: TrainOptions): Promise<string> {
  // Refuses a wrong penalty, in train's words.
  objectiveStep(model.architecture, options);
  const { penalty, monitor, signal: _signal, onProgress: _onProgress, ...settings } = options;
  const text = canonicalJson({
    code: codeVersion,
    engine: (await backendReady()).description,
    architecture: model.architecture,
    parameters: Object.fromEntries(
      Object.entries(model.parameters).map(([name, { values }]) => [name, sha256(values)]),
    ),
    data: checksum('data', data),
    monitor: monitor ? checksum('monitor', monitor) : null,
    penalty: penalty ? describePenalty(penalty, model.architecture.hiddenDim) : null,
    // As text: what is wrong with a number is for train to say.
    settings: Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
  });
  return sha256(text);
}

function checksum(name: string, rows: Rows): string {
  if (rows instanceof Dataset) return dataChecksum(rows);
  const { values, shape } = toMatrix(name, rows);
  return sha256(canonicalJson({ shape: [...shape], values: sha256(values) }));
}

/** What tells one penalty from another: what it says of itself, its term's text, and what that makes of a made-up code. */
function describePenalty({ name, strength, parameters = {}, term }: Penalty, hiddenDim: number) {
  const random = new Random(0);
  const value = tf.tidy(() => {
    const code = tf.tensor2d(
      Float32Array.from({ length: 8 * hiddenDim }, () => random.uniform()),
      [8, hiddenDim],
    );
    return term(code, parameters).dataSync()[0] as number;
  });
  return { name, strength, parameters, term: String(term), value: String(value) };
}

/** What a file tells of a training besides its state. */
interface Summary {
  readonly penaltyName: string;
  readonly strength: number;
  readonly engine: string;
  readonly seconds: number;
  /** Without `meanActivation`; NaN is null. */
  readonly rows: readonly Readonly<Record<string, number | null>>[];
  readonly terms: readonly string[];
}

function keepTraining(path: string, folder: string, history: History): void {
  const { rows, steps, state, penaltyName, strength, engine, seconds } = history;
  if (!state) return;
  const terms = Object.keys(steps[0] ?? {}) as (keyof LossTerms)[];
  const summary: Summary = {
    penaltyName,
    strength,
    engine,
    seconds,
    rows: rows.map(({ meanActivation: _, ...numbers }) => numbers),
    terms,
  };
  const units = state.architecture.hiddenDim;
  const means = new Float32Array(rows.length * units);
  rows.forEach(({ meanActivation }, row) => {
    means.set(meanActivation, row * units);
  });
  const { arrays, metadata } = state.toSafetensors();
  mkdirSync(folder, { recursive: true });
  writeSafetensors(path, {
    arrays: {
      ...arrays,
      'history/meanActivation': { values: means, shape: [rows.length, units] },
      'history/steps': {
        values: Float32Array.from(steps.flatMap((step) => terms.map((term) => step[term]))),
        shape: [steps.length, terms.length],
      },
    },
    metadata: { ...metadata, history: JSON.stringify(summary) },
  });
  makeRoom(folder);
}

/** The training in a file; `undefined` if there is none, or what there is cannot be believed. */
function readTraining(path: string): History | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const content = readSafetensors(path);
    const summary = JSON.parse(content.metadata.history ?? '') as Summary;
    const means = content.arrays['history/meanActivation'] as Matrix;
    const steps = content.arrays['history/steps'] as Matrix;
    const history = new History(summary);
    history.state = TrainingState.fromSafetensors(content, path);
    history.rows.push(
      ...summary.rows.map((numbers, row) => {
        const finite = Object.entries(numbers).map(([name, value]) => [name, value ?? Number.NaN]);
        const meanActivation = rowOf(means, row);
        // Its own writer has named every number.
        return { ...Object.fromEntries(finite), meanActivation } as HistoryRow;
      }),
    );
    for (let step = 0; step < steps.shape[0]; step++) {
      const terms = Array.from(rowOf(steps, step), (value, term) => [summary.terms[term], value]);
      history.steps.push(Object.fromEntries(terms) as LossTerms);
    }
    history.end = 'finished';
    history.seconds = summary.seconds;
    history.fromCache = true;
    const now = new Date();
    utimesSync(path, now, now);
    return history;
  } catch {
    rmSync(path, { force: true });
    return undefined;
  }
}

/** Leaves the model as the training left it. */
function useCached(model: SparseAutoencoder, history: History, { onProgress }: TrainOptions): void {
  const { state, last, steps, seconds } = history;
  model.setParameters((state as TrainingState).optimizer.parameters);
  model.history = history;
  console.log(
    `From the cache: this training was done before, in ${seconds.toFixed(1)} s. clearTrainingCache() forgets it.`,
  );
  onProgress?.({
    step: last.step,
    steps: last.step,
    epoch: last.epoch,
    loss: steps.at(-1) as LossTerms,
    history,
  });
}

/** A copy of one row. */
const rowOf = ({ values, shape: [, columns] }: Matrix, row: number): Float32Array =>
  values.slice(row * columns, (row + 1) * columns);

function cachedFiles(folder: string): { path: string; bytes: number; used: number }[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(SUFFIX))
    .flatMap((name) => {
      const path = join(folder, name);
      // Another process may have removed it meanwhile.
      const found = statSync(path, { throwIfNoEntry: false });
      return found ? [{ path, bytes: found.size, used: found.mtimeMs }] : [];
    });
}

function makeRoom(folder: string): void {
  let bytes = 0;
  for (const file of cachedFiles(folder).sort((a, b) => b.used - a.used)) {
    bytes += file.bytes;
    if (bytes > MOST_BYTES) rmSync(file.path, { force: true });
  }
}
