/**
 * Runs trials in this process: the one place where a specification becomes numbers, for all callers.
 *
 * @module
 */
import { platform } from '#platform';
import type { Dataset } from '../datasets/dataset';
import type { ExampleStream } from '../datasets/exampleStream';
import { backendReady, chosenBackend, type Precision, precisionProblem } from '../engine';
import { type AutoencoderOptions, SparseAutoencoder } from '../model/autoencoder';
import type { History } from '../model/history';
import { show } from '../numbers/arguments';
import { isPlainObject } from '../provenance/canonicalJson';
import { runPlan } from '../training/loop';
import type { SharedTrainOptions, TrainingRun } from '../training/options';
import { planTraining } from '../training/plan';
import { loadData, loadExamples } from './dataSources';
import { loadMetrics, measureParts } from './metricParts';
import { loadPenalty } from './penaltyParts';
import { loadFunction } from './projectModules';
import { TrialRefusedError } from './refusal';
import type { CustomTrial, TrainingTrial, TrialResult, TrialSpec } from './trial';
import { trialGroups } from './trialGroups';

/** Reports from trials while they run; `index` is the trial's place in the list. */
export interface TrialListener {
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the fraction that is done, from 0 to 1. */
  onProgress?(index: number, fraction: number): void;
  /** Called once for each trial that ran to its end. */
  onResult(index: number, result: TrialResult): void;
  /** Called once for each trial that threw; the others go on. */
  onFailure(index: number, error: Error): void;
}

/**
 * The version of the library's code that a trial's numbers depend on: what this process has loaded, whatever is built
 * again meanwhile. Here, because what loads any of that code again loads this module again, too.
 */
export const codeVersion = platform.codeVersion('sweep/runTrials');

/** This process, as results name it. */
export const workerName = `${platform.process.host} ${platform.process.id}`;

/**
 * Runs the trials: those that share their batches together, in one graph, which gives the same numbers sooner. A stop
 * leaves out those that have not ended: they give neither result nor failure.
 */
export async function runTrials(specs: readonly TrialSpec[], listener: TrialListener): Promise<void> {
  for (const group of trialGroups(specs)) {
    if (listener.signal?.aborted) return;
    const [first] = group;
    const spec = specs[first as number] as TrialSpec;
    if (spec.kind === 'custom') await runCustomTrial(first as number, spec, listener);
    else await runTrainings(group as Indexes, specs as readonly TrainingTrial[], listener);
  }
}

/** Places in the list of trials. */
type Indexes = readonly number[];

/** Runs trainings that share their batches. If they cannot be run together, each runs alone and has its own failure. */
async function runTrainings(
  indexes: Indexes,
  specs: readonly TrainingTrial[],
  listener: TrialListener,
): Promise<void> {
  const trainings: Training[] = [];
  for (const index of indexes) {
    await settle(index, listener, () => {
      trainings.push(prepare(index, specs[index] as TrainingTrial));
    });
  }
  if (trainings.length === 0) return;
  try {
    await runTogether(trainings, listener);
  } catch (error) {
    if (trainings.length === 1) listener.onFailure((trainings[0] as Training).index, asError(error));
    else for (const { index } of trainings) await runTrainings([index], specs, listener);
  }
}

/** A trial with everything that it names. */
interface Training {
  readonly index: number;
  readonly spec: TrainingTrial;
  readonly data: Dataset | ExampleStream;
  /** Other rows that it is measured on. */
  readonly evaluated: Dataset | undefined;
  readonly run: TrainingRun;
}

/**
 * @throws TrialRefusedError if this process has another version of the code, the data or a module, or not the precision.
 * @throws RangeError or TypeError if the model or the penalty refuses its parameters.
 */
function prepare(index: number, spec: TrainingTrial): Training {
  requireSameCode(spec);
  const { examples: data, stored } = loadExamples(spec.data);
  loadMetrics(spec.metrics);
  const { epochs, batchSize, recordsPerEpoch, precision, ...own } = spec.train;
  requirePrecision(precision as Precision | undefined);
  // The values from JSON may be anything: the constructor and trainTogether() check every option.
  const form = { ...spec.model, inputDim: data.dim, seed: spec.seed } as unknown as AutoencoderOptions;
  const model = new SparseAutoencoder(form);
  const run = { ...own, ...(spec.penalty && { penalty: loadPenalty(spec.penalty) }), model } as TrainingRun;
  const ofStream = stored === data ? undefined : stored;
  return { index, spec, data, evaluated: spec.evaluate ? loadData(spec.evaluate) : ofStream, run };
}

async function runTogether(trainings: readonly Training[], listener: TrialListener): Promise<void> {
  const [{ spec, data }] = trainings as readonly [Training];
  const { epochs, batchSize, recordsPerEpoch, precision } = spec.train as unknown as SharedTrainOptions;
  const plan = planTraining(
    trainings.map(({ run }) => run),
    data,
    {
      epochs,
      ...(batchSize !== undefined && { batchSize }),
      ...(recordsPerEpoch !== undefined && { recordsPerEpoch }),
      ...(precision !== undefined && { precision }),
      seed: spec.seed,
      // Never the running cell's own, which train() would take: a sweep has one of its own.
      signal: listener.signal ?? new AbortController().signal,
    },
  );
  const histories = await runPlan(plan, (progress) => {
    for (const [position, { step, steps }] of progress.entries()) {
      listener.onProgress?.((trainings[position] as Training).index, step / steps);
    }
  });
  for (const [position, training] of trainings.entries()) {
    const history = histories[position] as History;
    if (history.status === 'stopped') continue;
    await settle(training.index, listener, async () => {
      const result = await resultOf(training, history);
      listener.onResult(training.index, { ...result, seconds: history.seconds / trainings.length });
    });
  }
}

async function resultOf({ spec, data, evaluated, run }: Training, history: History): Promise<TrialResult> {
  if (history.rows.length === 0) throw new RangeError('the loss must be finite before training; it is not');
  const recorded = evaluated ? undefined : history.last;
  const metrics = await measureParts(spec.metrics, run.model, evaluated ?? (data as Dataset), recorded);
  const status = history.status === 'diverged' ? 'diverged' : 'finished';
  return { metrics, status, engine: history.engine, seconds: history.seconds, worker: workerName };
}

async function runCustomTrial(index: number, spec: CustomTrial, listener: TrialListener): Promise<void> {
  await settle(index, listener, async () => {
    requireSameCode(spec);
    listener.onResult(index, await runCustom(spec));
  });
}

/** Does something for one trial; an error is that trial's failure alone. */
async function settle(
  index: number,
  listener: TrialListener,
  work: () => void | Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    listener.onFailure(index, asError(error));
  }
}

function requireSameCode({ code }: TrialSpec): void {
  if (code !== codeVersion) throw new TrialRefusedError("Sparselab's code", code, codeVersion);
}

/** @throws TrialRefusedError if this machine cannot multiply such numbers: another one may. */
function requirePrecision(precision: Precision = 'float32'): void {
  const problem = precisionProblem(precision, { backend: chosenBackend(), compile: true });
  if (problem) throw new TrialRefusedError(problem);
}

/** A thrown value, which may be anything, as an error with a message. */
function asError(error: unknown): Error {
  if (error instanceof Error && error.message !== '') return error;
  try {
    return new Error(String(error));
  } catch {
    return new Error(`it threw ${show(error)}`);
  }
}

async function runCustom({ trainer }: CustomTrial): Promise<TrialResult> {
  const started = performance.now();
  const metrics: unknown = await loadFunction(trainer)(trainer.parameters as never);
  if (!isPlainObject(metrics) || !Object.values(metrics).every((value) => typeof value === 'number')) {
    throw new TypeError(
      `${trainer.module.path}: ${trainer.name} must return numbers by name, { mse: 0.1, … }; got ${show(metrics)}`,
    );
  }
  const { description } = await backendReady();
  return {
    metrics: metrics as Record<string, number>,
    status: 'finished',
    engine: description,
    seconds: (performance.now() - started) / 1000,
    worker: workerName,
  };
}
