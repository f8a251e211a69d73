/**
 * Trainings that were done before, kept on the disk: running a notebook again with the same settings takes no time, and
 * changing a value trains again.
 *
 * The cache is a convenience: whatever is wrong with it, the training runs.
 *
 * @module
 */
import { platform } from '#platform';
import { rowsChecksum } from '../datasets/checksum';
import type { ExampleStream } from '../datasets/exampleStream';
import type { Rows } from '../datasets/rows';
import { backendReady, mapNamed } from '../engine';
import { describeArchitecture } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import type { History } from '../model/history';
import type { LossTerms } from '../model/lossTerms';
import { isKnownPenalty } from '../model/penalties';
import { isKnownActivation } from '../model/sparseActivations';
import { isKnownRule } from '../model/stepRule';
import type { TrainingState } from '../model/trainingState';
import { canonicalJson } from '../provenance/canonicalJson';
import { sha256 } from '../provenance/sha256';
import { readTraining, writeTraining } from './file';
import { handOver, requireIdle, untilStopped } from './loop';
import { type Plan, type PlannedMember, planOne } from './plan';
import { type TrainOptions, train } from './train';

/** The cache's limit of disk space; the trainings that were not used for longest make room. */
const MOST_BYTES = 300e6;

const SUFFIX = '.safetensors';

/**
 * {@link train}, unless the same training was done before: then its result is read from the disk, and a line says so. The
 * model, its history and the result are the same in both cases, bit for bit. For a cell that readers run again and again, most
 * of the time without a change to its training.
 *
 * The same are: the model's form and numbers, the data, every option, the engine, and the code that trains, as it is loaded
 * and as it is built. With a custom penalty, activation or rule a training always runs: nothing tells two functions apart for certain.
 * A training that resumes another is neither kept nor looked up. A training that was stopped or failed is not kept.
 *
 * Trainings are in `.cache/trainings` in the project's folder, 300 MB at most; `SPARSELAB_TRAININGS` in the environment
 * names another folder, or is `off`. Without space, or where nothing can be written, the training runs and a line says so.
 *
 * @throws RangeError, TypeError or Error as `train` does.
 *
 * @example
 * const model = new SparseAutoencoder({ inputDim: 784, hiddenDim: 64, seed: 1 });
 * const history = await trainCached(model, mnist.training, { penalty: l1(lambda), epochs: 5 });
 * lossCurves(history, { previous: swapPreviousRun('l1', history) })
 * // The cell run again with another lambda trains, and draws the run before faintly; with the first lambda again:
 * // From the cache: this training was done before, in 12.3 s. clearTrainingCache() forgets it.
 */
export async function trainCached(
  model: SparseAutoencoder,
  data: Rows | ExampleStream,
  options: TrainOptions,
): Promise<History> {
  await untilStopped(model);
  const { description } = await backendReady();
  const plan = planOne(model, data, options);
  requireIdle(plan);
  const path = placeOf(plan, description, options);
  const cached = path && usable(path);
  if (cached) {
    useCached(plan, cached, options);
    return cached;
  }
  const history = await train(model, data, options);
  if (path && history.status === 'finished') keep(path, history);
  return history;
}

/**
 * Forgets all trainings that were kept.
 *
 * @returns How many there were.
 * @throws Error from the file system if one cannot be removed.
 *
 * @example clearTrainingCache(); // how many there were
 */
export function clearTrainingCache(): number {
  const folder = cacheFolder();
  const files = folder === undefined ? [] : cachedFiles(folder);
  for (const { path } of files) platform.files.remove(path);
  return files.length;
}

/** Where trainings are kept; `undefined` if they are not. */
function cacheFolder(): string | undefined {
  const chosen = platform.env('SPARSELAB_TRAININGS');
  return chosen === 'off' ? undefined : chosen || platform.projectFile('.cache/trainings');
}

/** The file of a training; `undefined` if it should not be kept. */
function placeOf(plan: Plan, engine: string, options: TrainOptions): string | undefined {
  const folder = cacheFolder();
  const { penalty, resume } = options;
  if (folder === undefined || resume || plan.signal?.aborted) return undefined;
  const [member] = plan.members as [PlannedMember];
  if (penalty && !isKnownPenalty(penalty)) return undefined;
  if (!isKnownActivation(member.model.architecture.hiddenActivation)) return undefined;
  if (!member.rules.every(isKnownRule)) return undefined;
  const code = builtCode();
  // Somebody has edited the code, and this process still runs it as it was.
  if (code === undefined || code !== LOADED_CODE) return undefined;
  return platform.files.join(folder, `${identityOf(plan, code, engine)}${SUFFIX}`);
}

/** The hash of all that determines a training, defaults included. */
function identityOf(plan: Plan, code: string, engine: string): string {
  const { members, examples, monitored, order, steps, recordsPerEpoch, compile } = plan;
  const { model, initial, setup } = members[0] as PlannedMember;
  return sha256(
    canonicalJson({
      code,
      engine,
      compile,
      architecture: describeArchitecture(model.architecture),
      parameters: mapNamed(initial.parameters, ({ values }) => sha256(values)),
      data: rowsChecksum(examples),
      monitored: rowsChecksum(monitored),
      order,
      steps,
      recordsPerEpoch,
      state: mapNamed(initial.state, ({ values }) => sha256(values)),
      // The objective, the learning rate and the rules.
      setup: { ...setup, habits: setup.habits ?? null },
    }),
  );
}

/** The code that a kept training depends on: the loop with all below it, the penalties, and the form of the file. */
const CODE = ['training/loop', 'training/plan', 'model/penalties', 'training/file'];

/** The version of that code as it is on the disk now; `undefined` while it is being built. */
function builtCode(): string | undefined {
  try {
    return platform.codeVersion(...CODE);
  } catch {
    return undefined;
  }
}

/** The same as this process has loaded it: what loads any of it again loads this module again, too. */
const LOADED_CODE = builtCode();

/** The training in a file; `undefined` if there is none, or what there is cannot be believed. */
function usable(path: string): History | undefined {
  if (!platform.files.exists(path)) return undefined;
  let history: History;
  try {
    history = readTraining(path);
  } catch {
    attempt(() => platform.files.remove(path));
    return undefined;
  }
  attempt(() => platform.files.touch(path));
  return history;
}

/** Does what may fail where nothing can be written. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // The training runs without it.
  }
}

function keep(path: string, history: History): void {
  const folder = platform.files.join(path, '..');
  try {
    platform.files.makeFolder(folder);
    writeTraining(path, history);
    makeRoom(folder);
  } catch (error) {
    console.log(`This training was not kept for the next time: ${(error as Error).message}`);
  }
}

/** Leaves the model as the training left it. */
function useCached({ members }: Plan, history: History, { onProgress }: TrainOptions): void {
  const { state, last, steps, seconds } = history;
  const member = members[0] as PlannedMember;
  handOver(member, state as TrainingState);
  member.model.history = history;
  history.fromCache = true;
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

function cachedFiles(folder: string): { path: string; bytes: number; used: number }[] {
  try {
    return platform.files
      .list(folder)
      .filter(({ name }) => name.endsWith(SUFFIX))
      .map(({ name, ...file }) => ({ path: platform.files.join(folder, name), ...file }));
  } catch {
    return [];
  }
}

function makeRoom(folder: string): void {
  let bytes = 0;
  for (const file of cachedFiles(folder).sort((a, b) => b.used - a.used)) {
    bytes += file.bytes;
    if (bytes > MOST_BYTES) platform.files.remove(file.path);
  }
}
