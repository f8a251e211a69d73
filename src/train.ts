import * as tf from '@tensorflow/tfjs';
import { forward } from './architecture';
import { refuseUnknownOptions, requireInteger, requireNumber, show } from './arguments';
import type { SparseAutoencoder } from './autoencoder';
import { runningCell } from './cell';
import { Dataset } from './datasets/dataset';
import { createEngine, initialState, type Member, mapNamed, type OptimizerState } from './engine';
import { History, type HistoryRow } from './history';
import { type LossTerms, OBJECTIVE_KEYS, type Objective, type ObjectiveStep, objectiveStep } from './loss';
import { deadFraction, fractionOfVarianceUnexplained, l0, meanActivation, meanSquaredError } from './metrics';
import type { Penalty } from './penalties';
import { Random } from './random';
import { isTensor, type Rows, requireColumns, toMatrix } from './rows';
import { type BatchOrder, TrainingState } from './trainingState';

/** What trainings that run together have in common. */
export interface SharedTrainOptions {
  /** How often training goes through all examples, counted from the very start also when it is resumed. */
  readonly epochs: number;
  /** Examples a step, from 1 to all; an epoch's last batch is smaller if they do not divide evenly. 128 unless told. */
  readonly batchSize?: number;
  /** Shuffles the examples; the same seed gives the same run. 0 unless told. */
  readonly seed?: number;
  /** Rows recorded an epoch, at even distances. 4 unless told. */
  readonly recordsPerEpoch?: number;
  /** The examples on which rows are measured; 1000 of the data, drawn by the seed, unless told. */
  readonly monitor?: Rows;
  /**
   * Whether native TensorFlow runs the steps as one compiled graph, which is far faster; `false` runs them operation by
   * operation, so that a penalty of one's own may also read its tensors or draw random numbers. `true` unless told.
   */
  readonly compile?: boolean;
  /** Stops the training between two steps when aborted; the running cell's own signal unless told. */
  readonly signal?: AbortSignal;
}

/** What each training has of its own, also when several run together. */
export interface OwnTrainOptions extends Objective {
  /** Adam's step size η > 0. 0.001 unless told. */
  readonly learningRate?: number;
  /** Goes on from the state of an earlier training, `history.state`, instead of the model's own parameters. */
  readonly resume?: TrainingState;
}

/** What {@link train} takes besides the model and the data. */
export interface TrainOptions extends SharedTrainOptions, OwnTrainOptions {
  /** Called after every slice of about a tenth of a second. */
  readonly onProgress?: (progress: Progress) => void;
}

/** One of the trainings that {@link trainTogether} runs. */
export interface TrainingRun extends OwnTrainOptions {
  readonly model: SparseAutoencoder;
}

/** What {@link trainTogether} takes besides the trainings and the data. */
export interface TrainTogetherOptions extends SharedTrainOptions {
  /** Called after every slice of about a tenth of a second, with each training's progress. */
  readonly onProgress?: (progress: readonly Progress[]) => void;
}

/** Where a training is. */
export interface Progress {
  /** Steps taken. */
  readonly step: number;
  /** Steps in all. */
  readonly steps: number;
  /** Epochs so far, with their fraction. */
  readonly epoch: number;
  /** The terms of the newest step's loss. */
  readonly loss: LossTerms;
  /** What has been recorded so far. */
  readonly history: History;
}

const OWN_KEYS: readonly (keyof OwnTrainOptions)[] = [...OBJECTIVE_KEYS, 'learningRate', 'resume'];

const SHARED_KEYS: readonly (keyof TrainTogetherOptions)[] = [
  'epochs',
  'batchSize',
  'seed',
  'recordsPerEpoch',
  'monitor',
  'compile',
  'signal',
  'onProgress',
];

/** Random streams of a training's seed. */
const BATCHES = 1;
const MONITOR = 2;

const MONITORED_EXAMPLES = 1000;

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
    ...(onProgress && { onProgress: ([progress]) => onProgress(progress as Progress) }),
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
    if (recorded < taken) record();
    for (const { history } of running()) history.end = taken < steps ? 'stopped' : 'finished';
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
      history.end = 'diverged';
      return;
    }
    const { model } = this.#member;
    history.rows.push(row);
    history.state = new TrainingState(model.architecture, state, this.#plan.order);
    model.setParameters(state.parameters);
  }
}

interface PlannedMember extends Member {
  readonly model: SparseAutoencoder;
  readonly step: ObjectiveStep;
  readonly penalty: Penalty | undefined;
}

interface Plan {
  readonly members: readonly PlannedMember[];
  readonly examples: Dataset;
  readonly monitored: Dataset;
  readonly order: BatchOrder;
  readonly stepsPerEpoch: number;
  readonly firstStep: number;
  readonly steps: number;
  readonly recordsPerEpoch: number;
  readonly signal: AbortSignal | undefined;
}

/** Checks everything that can be wrong, before anything starts. */
function planTraining(runs: readonly TrainingRun[], data: Rows, options: TrainTogetherOptions): Plan {
  refuseUnknownOptions('trainTogether', options, SHARED_KEYS);
  if (runs.length === 0) throw new RangeError('runs must hold at least one training; got none');
  const examples = asDataset('data', data);
  for (const { model } of runs)
    requireColumns('data', shapeOf(examples), model.architecture.inputDim, 'inputDim');
  if (examples.count === 0) throw new RangeError('data must hold at least one example; got 0');
  const epochs = requireInteger('epochs', options.epochs, { min: 1 });
  const batchSize = requireInteger('batchSize', options.batchSize ?? Math.min(128, examples.count), {
    min: 1,
    max: examples.count,
  });
  const seed = requireInteger('seed', options.seed ?? 0, { min: 0 });
  const recordsPerEpoch = requireInteger('recordsPerEpoch', options.recordsPerEpoch ?? 4, { min: 1 });

  const sampled = new Random(seed, MONITOR).permutation(examples.count).subarray(0, MONITORED_EXAMPLES);
  const monitored = options.monitor ? asDataset('monitor', options.monitor) : examples.select(sampled.sort());
  for (const { model } of runs)
    requireColumns('monitor', shapeOf(monitored), model.architecture.inputDim, 'inputDim');
  const order = { seed, batchSize, examples: examples.count };
  const stepsPerEpoch = Math.ceil(examples.count / batchSize);
  const steps = epochs * stepsPerEpoch;

  const members = runs.map((run): PlannedMember => {
    const { model, penalty, resume } = run;
    refuseUnknownOptions('trainTogether', run, ['model', ...OWN_KEYS]);
    const { architecture } = model;
    return {
      model,
      penalty,
      step: objectiveStep(architecture, run),
      learningRate: requireNumber('learningRate', run.learningRate ?? 1e-3, { above: 0 }),
      initial: resume ? resumed(resume, model, order, steps) : initialState(model.parameters),
    };
  });
  const firstStep = members[0]?.initial.step ?? 0;
  for (const { initial } of members) {
    if (initial.step !== firstStep) {
      throw new RangeError(
        `resume must be at the same step for all runs; got steps ${firstStep} and ${initial.step}`,
      );
    }
  }
  if (new Set(runs.map(({ model }) => model)).size < runs.length) {
    throw new RangeError('runs must each have a model of their own; got one model twice');
  }
  const signal = options.signal ?? runningCell()?.signal;
  return {
    members,
    examples,
    monitored,
    order,
    stepsPerEpoch,
    firstStep,
    steps,
    recordsPerEpoch,
    signal,
  };
}

const shapeOf = ({ count, dim }: Dataset) => [count, dim] as const;

function asDataset(name: string, rows: Rows): Dataset {
  if (rows instanceof Dataset) return rows;
  const { values, shape } = toMatrix(name, rows);
  // A tensor's memory may be reused once it is disposed; a matrix stays the caller's.
  return new Dataset({
    name,
    values: isTensor(rows) ? values.slice() : values,
    count: shape[0],
    dim: shape[1],
  });
}

function resumed(
  state: TrainingState,
  model: SparseAutoencoder,
  order: BatchOrder,
  steps: number,
): OptimizerState {
  if (!(state instanceof TrainingState))
    throw new TypeError(`resume must be a TrainingState; got ${show(state)}`);
  const expected: Record<string, unknown> = { ...model.architecture, ...order };
  const given: Record<string, unknown> = { ...state.architecture, ...state.order };
  for (const [key, value] of Object.entries(expected)) {
    if (given[key] !== value) {
      throw new RangeError(
        `resume must be the state of a training with ${key} ${show(value)}; got ${show(given[key])}`,
      );
    }
  }
  requireInteger('resume.step', state.step, { min: 0, max: steps });
  return state.optimizer;
}

/** The sizes of an epoch's batches: the last one is smaller if they do not divide the examples evenly. */
function batchSizes({ examples, batchSize }: BatchOrder): number[] {
  const rest = examples % batchSize;
  return rest === 0 ? [batchSize] : [batchSize, rest];
}

/** The row numbers of `count` whole batches from step `start` on; they never cross an epoch or change their size. */
function batches(
  start: number,
  count: number,
  { order, stepsPerEpoch }: Plan,
): { rows: Int32Array; batchSize: number } {
  const epoch = Math.floor(start / stepsPerEpoch);
  const permutation = epochOrder(order, epoch);
  const first = (start - epoch * stepsPerEpoch) * order.batchSize;
  const rows = permutation.subarray(first, Math.min(first + count * order.batchSize, order.examples));
  return { rows, batchSize: rows.length / count };
}

/** The examples in the order of one epoch. Remembers the newest, which every slice of that epoch asks for. */
const epochOrder = (() => {
  let newest: { key: string; permutation: Int32Array } | undefined;
  return ({ seed, examples }: BatchOrder, epoch: number): Int32Array => {
    const key = `${seed} ${examples} ${epoch}`;
    if (newest?.key !== key)
      newest = { key, permutation: new Random(seed, BATCHES, epoch).permutation(examples) };
    return newest.permutation;
  };
})();

/** The next step at which a slice must end: a record, the epoch's smaller last batch, or the epoch's end. */
function nextBoundary(taken: number, plan: Plan): number {
  const { order, stepsPerEpoch } = plan;
  let boundary = taken + 1;
  const within = taken % stepsPerEpoch;
  const whole = Math.floor(order.examples / order.batchSize);
  const end = taken - within + (within < whole ? whole : stepsPerEpoch);
  while (boundary < end && !isRecorded(boundary, plan)) boundary++;
  return boundary;
}

/** Whether a row is recorded after this step: `recordsPerEpoch` times an epoch, its end among them. */
function isRecorded(step: number, { stepsPerEpoch, recordsPerEpoch }: Plan): boolean {
  const recordsBefore = (taken: number) => Math.floor((taken * recordsPerEpoch) / stepsPerEpoch);
  return recordsBefore(step) > recordsBefore(step - 1);
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
    const parameters = mapNamed(state.parameters, ({ values, shape }) => tf.tensor(values, [...shape]));
    const x = monitored.toTensor();
    const { activations, reconstruction } = forward(model.architecture, parameters, x);
    const terms = step.loss(
      parameters,
      x,
      mapNamed(step.inputs, (value) => tf.scalar(value)),
    );
    const number = (term: tf.Scalar) => term.dataSync()[0] as number;
    return {
      step: state.step,
      epoch: state.step / stepsPerEpoch,
      total: number(terms.total),
      reconstruction: number(terms.reconstruction),
      penalty: number(terms.penalty),
      weightDecay: number(terms.weightDecay),
      mse: meanSquaredError(x, reconstruction),
      l0: l0(activations),
      deadFraction: deadFraction(activations),
      fractionOfVarianceUnexplained: fractionOfVarianceUnexplained(x, reconstruction),
      meanActivation: meanActivation(activations),
    };
  });
}
