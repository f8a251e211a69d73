import * as tf from '@tensorflow/tfjs';
import { forward } from './architecture';
import { refuseUnknownOptions } from './arguments';
import type { SparseAutoencoder } from './autoencoder';
import { createEngine, type OptimizerState, tensorsOf } from './engine';
import { History, type HistoryRow } from './history';
import { type LossTerms, type ObjectiveStep, termsAt } from './loss';
import { deadFraction, fractionOfVarianceUnexplained, l0, meanActivation, meanSquaredError } from './metrics';
import type { Rows } from './rows';
import { batches, batchSizes, isRecorded, nextBoundary } from './schedule';
import { type Plan, type PlannedMember, planTraining } from './trainingPlan';
import { TrainingState } from './trainingState';
import {
  OWN_KEYS,
  type Progress,
  SHARED_KEYS,
  type SharedTrainOptions,
  type TrainingRun,
  type TrainOptions,
  type TrainTogetherOptions,
} from './trainOptions';

export type {
  OwnTrainOptions,
  Progress,
  SharedTrainOptions,
  TrainingRun,
  TrainOptions,
  TrainTogetherOptions,
} from './trainOptions';

/** A slice of steps between two looks at signal and progress takes about this long. */
const SLICE_MILLISECONDS = 100;

/**
 * Trains the model in place with Adam, and returns what it recorded.
 *
 * Each step takes a batch, computes the loss (see {@link Objective}) and moves every parameter against its gradient.
 * The model always holds the newest recorded parameters, `model.history` the history so far: a training that is
 * stopped leaves both as they then were, and one whose loss is no longer finite leaves the last finite ones.
 *
 * @param data The examples: a data set, a tensor or a matrix of shape [examples, inputDim].
 * @returns The history; its `end` says whether all epochs were done.
 * @throws RangeError or TypeError, before the first step, naming the argument, the permitted range and what came in.
 * @throws Error if another training of the model is still running.
 * @throws TraceError if a penalty of one's own does something that cannot be compiled, saying what to do.
 *
 * @example
 * const history = await train(model, mnist.train, { penalty: l1(1e-3), epochs: 5, batchSize: 128, seed: 1 });
 * history.last.l0 // active units an example
 */
export async function train(model: SparseAutoencoder, data: Rows, options: TrainOptions): Promise<History> {
  refuseUnknownOptions('train', options, [...OWN_KEYS, ...SHARED_KEYS]);
  const { onProgress } = options;
  const own = Object.entries(options).filter(([key]) => (OWN_KEYS as readonly string[]).includes(key));
  const shared = Object.entries(options).filter(([key]) => (SHARED_KEYS as readonly string[]).includes(key));
  const [history] = await trainTogether([{ model, ...Object.fromEntries(own) }], data, {
    ...(Object.fromEntries(shared) as SharedTrainOptions),
    // What is no function is handed on, to be refused there.
    ...(onProgress !== undefined && {
      onProgress:
        typeof onProgress === 'function' ? ([progress]) => onProgress(progress as Progress) : onProgress,
    }),
  });
  return history as History;
}

/**
 * Trains several models on the same batches at the same time: on native TensorFlow all in one graph, which is faster
 * than one after another. Models and objectives may differ in anything but the width of the data.
 *
 * Each training gives the numbers that {@link train} with the same options gives alone.
 *
 * @param runs The models, each with what its loss is and how fast it learns.
 * @param data The examples: a data set, a tensor or a matrix of shape [examples, inputDim].
 * @returns The history of each, in order.
 * @throws RangeError, TypeError or TraceError like {@link train}.
 *
 * @example
 * const runs = [1e-4, 1e-3, 1e-2].map((lambda) => ({
 *   model: new SparseAutoencoder({ inputDim: 784, hiddenDim: 64, seed: 1 }),
 *   penalty: l1(lambda),
 * }));
 * const histories = await trainTogether(runs, mnist.train, { epochs: 5 });
 */
export async function trainTogether(
  runs: readonly TrainingRun[],
  data: Rows,
  options: TrainTogetherOptions,
): Promise<History[]> {
  const plan = planTraining(runs, data, options);
  const models = plan.members.map(({ model }) => model);
  if (models.some((model) => inTraining.has(model))) {
    throw new Error('model must not be in another training; wait for that one or stop it');
  }
  for (const model of models) inTraining.add(model);
  try {
    return await runPlan(plan, options);
  } finally {
    for (const model of models) inTraining.delete(model);
  }
}

/** Models that are being trained. */
const inTraining = new WeakSet<SparseAutoencoder>();

async function runPlan(plan: Plan, options: TrainTogetherOptions): Promise<History[]> {
  const { examples, order, stepsPerEpoch, steps, signal } = plan;
  const { runner, description } = await createEngine({
    members: plan.members,
    source: examples,
    batchSizes: batchSizes(order),
    compile: options.compile ?? true,
  });
  const trainings = plan.members.map((member) => new Training(member, plan, description));
  const running = () => trainings.filter(({ history }) => history.end === 'running');
  const record = () => {
    const states = runner.states();
    trainings.forEach((training, index) => {
      training.record(states[index] as OptimizerState);
    });
  };
  const started = performance.now();
  let stepsPerSlice = 1;

  try {
    let taken = plan.firstStep;
    let recorded = taken;
    record();
    while (running().length > 0 && taken < steps && !signal?.aborted) {
      const count = Math.min(stepsPerSlice, nextBoundary(taken, plan) - taken);
      const sliceStarted = performance.now();
      const { rows, batchSize } = batches(taken, count, plan);
      const losses = runner.run(rows, batchSize);
      taken += count;
      const now = performance.now();
      stepsPerSlice = Math.max(1, Math.round((count * SLICE_MILLISECONDS) / Math.max(now - sliceStarted, 1)));
      trainings.forEach((training, index) => {
        training.append(losses[index] as Float32Array, (now - started) / 1000);
      });
      if (taken === steps) runner.verify();
      if (taken === steps || isRecorded(taken, plan)) {
        record();
        recorded = taken;
      }
      const where = { step: taken, steps, epoch: taken / stepsPerEpoch };
      options.onProgress?.(
        trainings.map(({ history }) => ({ ...where, loss: history.steps.at(-1) as LossTerms, history })),
      );
      // Lets the kernel hear a stop, and figures be drawn, between two slices.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (taken < steps) runner.verify();
    if (recorded < taken) record();
    for (const { history } of running()) history.end = taken < steps ? 'stopped' : 'finished';
  } catch (error) {
    for (const { history } of running()) history.end = 'failed';
    throw error;
  } finally {
    runner.dispose();
  }
  return trainings.map(({ history }) => history);
}

/** One of the trainings that run together: what is recorded of it, and what its model becomes. */
class Training {
  readonly history: History;
  readonly #member: PlannedMember;
  readonly #plan: Plan;

  constructor(member: PlannedMember, plan: Plan, engine: string) {
    this.#member = member;
    this.#plan = plan;
    const { penalty } = member;
    this.history = new History({
      penaltyName: penalty?.name ?? 'none',
      strength: penalty?.strength ?? 0,
      engine,
    });
    member.model.history = this.history;
  }

  /** Adds the terms of the steps of a slice, [steps, terms]. */
  append(losses: Float32Array, seconds: number): void {
    if (this.history.end === 'diverged') return;
    appendSteps(this.history.steps, losses, this.#member.step);
    this.history.seconds = seconds;
  }

  /** Adds a row and moves the model on, unless the loss is no longer a finite number. */
  record(state: OptimizerState): void {
    const { history } = this;
    if (history.end === 'diverged') return;
    const row = measure(this.#member, state, this.#plan);
    if (!Number.isFinite(row.total)) {
      if (history.rows.length === 0) {
        throw new RangeError(`the loss must be a finite number before the first step; got ${row.total}`);
      }
      history.end = 'diverged';
      return;
    }
    const { model } = this.#member;
    history.rows.push(row);
    history.state = new TrainingState(model.architecture, state, this.#plan.order);
    model.setParameters(state.parameters);
  }
}

function appendSteps(steps: LossTerms[], losses: Float32Array, { terms }: ObjectiveStep): void {
  for (let start = 0; start < losses.length; start += terms.length) {
    const row = Object.fromEntries(terms.map((term, index) => [term, losses[start + index]]));
    steps.push(row as unknown as LossTerms); // Object.fromEntries forgets which keys it was given.
  }
}

/** One row of the history. */
function measure(
  { model, step }: PlannedMember,
  state: OptimizerState,
  { monitored, stepsPerEpoch }: Plan,
): HistoryRow {
  return tf.tidy(() => {
    const parameters = tensorsOf(state.parameters);
    const x = monitored.toTensor();
    const { activations, reconstruction } = forward(model.architecture, parameters, x);
    return {
      step: state.step,
      epoch: state.step / stepsPerEpoch,
      ...termsAt(step, parameters, x),
      mse: meanSquaredError(x, reconstruction),
      l0: l0(activations),
      deadFraction: deadFraction(activations),
      fractionOfVarianceUnexplained: fractionOfVarianceUnexplained(x, reconstruction),
      meanActivation: meanActivation(activations),
    };
  });
}
