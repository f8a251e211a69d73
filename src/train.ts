import * as tf from '@tensorflow/tfjs';
import { forward } from './architecture';
import { refuseUnknownOptions, requireInteger, requireNumber, show } from './arguments';
import type { SparseAutoencoder } from './autoencoder';
import { runningCell } from './cell';
import { Dataset } from './datasets/dataset';
import { createEngine, initialState, mapNamed, type OptimizerState } from './engine';
import { History, type HistoryRow } from './history';
import { type LossTerms, OBJECTIVE_KEYS, type Objective, type ObjectiveStep, objectiveStep } from './loss';
import { deadFraction, fractionOfVarianceUnexplained, l0, meanActivation, meanSquaredError } from './metrics';
import { Random } from './random';
import { isTensor, type Rows, requireColumns, toMatrix } from './rows';
import { type BatchOrder, TrainingState } from './trainingState';

/** What {@link train} takes besides the model and the data. */
export interface TrainOptions extends Objective {
  /** How often training goes through all examples, counted from the very start also when it is resumed. */
  readonly epochs: number;
  /** Examples a step, from 1 to all; an epoch's last batch is smaller if they do not divide evenly. 128 unless told. */
  readonly batchSize?: number;
  /** Adam's step size η > 0. 0.001 unless told. */
  readonly learningRate?: number;
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
  /** Called after every slice of about a tenth of a second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Goes on from the state of an earlier training, `history.state`, instead of the model's own parameters. */
  readonly resume?: TrainingState;
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

const TRAIN_KEYS: readonly (keyof TrainOptions)[] = [
  ...OBJECTIVE_KEYS,
  'epochs',
  'batchSize',
  'learningRate',
  'seed',
  'recordsPerEpoch',
  'monitor',
  'compile',
  'signal',
  'onProgress',
  'resume',
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
  const plan = planTraining(model, data, options);
  const { step, examples, order, stepsPerEpoch, steps, learningRate, signal, initial } = plan;
  const engine = await createEngine({
    members: [{ step, initial, learningRate }],
    examples,
    batchSizes: batchSizes(order),
    compile: options.compile ?? true,
  });
  const { runner } = engine;
  const state = () => runner.states()[0] as OptimizerState;
  const history = new History({
    penaltyName: options.penalty?.name ?? 'none',
    strength: options.penalty?.strength ?? 0,
    engine: engine.description,
  });
  model.history = history;
  const started = performance.now();
  let stepsPerSlice = 1;

  const record = (state: OptimizerState) => {
    const row = measure(model, state, plan);
    if (!Number.isFinite(row.total)) return false;
    history.rows.push(row);
    history.state = new TrainingState(model.architecture, state, order);
    model.setParameters(state.parameters);
    return true;
  };

  try {
    let taken = initial.step;
    let finite = record(state());
    while (finite && taken < steps && !signal?.aborted) {
      const count = Math.min(stepsPerSlice, nextBoundary(taken, plan) - taken);
      const sliceStarted = performance.now();
      const { rows, batchSize } = batches(taken, count, plan);
      const [losses] = runner.run(rows, batchSize);
      appendSteps(history.steps, losses as Float32Array, step);
      taken += count;
      const milliseconds = performance.now() - sliceStarted;
      stepsPerSlice = Math.max(1, Math.round((count * SLICE_MILLISECONDS) / Math.max(milliseconds, 1)));
      history.seconds = (performance.now() - started) / 1000;

      if (taken === steps || isRecorded(taken, plan)) finite = record(state());
      options.onProgress?.({
        step: taken,
        steps,
        epoch: taken / stepsPerEpoch,
        loss: history.steps.at(-1) as LossTerms,
        history,
      });
      // Lets the kernel hear a stop, and figures be drawn, between two slices.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (finite && history.last.step < taken) finite = record(state());
    history.end = !finite ? 'diverged' : taken < steps ? 'stopped' : 'finished';
  } finally {
    runner.dispose();
  }
  return history;
}

interface Plan {
  readonly step: ObjectiveStep;
  readonly examples: Dataset;
  readonly monitored: Dataset;
  readonly order: BatchOrder;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  readonly recordsPerEpoch: number;
  readonly learningRate: number;
  readonly signal: AbortSignal | undefined;
  readonly initial: OptimizerState;
}

/** Checks everything that can be wrong, before anything starts. */
function planTraining(model: SparseAutoencoder, data: Rows, options: TrainOptions): Plan {
  refuseUnknownOptions('train', options, TRAIN_KEYS);
  const { architecture } = model;
  const examples = asDataset('data', data);
  requireColumns('data', [examples.count, examples.dim], architecture.inputDim, 'inputDim');
  if (examples.count === 0) throw new RangeError('data must hold at least one example; got 0');
  const epochs = requireInteger('epochs', options.epochs, { min: 1 });
  const batchSize = requireInteger('batchSize', options.batchSize ?? Math.min(128, examples.count), {
    min: 1,
    max: examples.count,
  });
  const learningRate = requireNumber('learningRate', options.learningRate ?? 1e-3, { above: 0 });
  const seed = requireInteger('seed', options.seed ?? 0, { min: 0 });
  const recordsPerEpoch = requireInteger('recordsPerEpoch', options.recordsPerEpoch ?? 4, { min: 1 });
  const step = objectiveStep(architecture, options);

  const sampled = new Random(seed, MONITOR).permutation(examples.count).subarray(0, MONITORED_EXAMPLES);
  const monitored = options.monitor ? asDataset('monitor', options.monitor) : examples.select(sampled.sort());
  requireColumns('monitor', [monitored.count, monitored.dim], architecture.inputDim, 'inputDim');

  const order = { seed, batchSize, examples: examples.count };
  const stepsPerEpoch = Math.ceil(examples.count / batchSize);
  const steps = epochs * stepsPerEpoch;
  const initial = options.resume
    ? resumed(options.resume, model, order, steps)
    : initialState(model.parameters);
  const signal = options.signal ?? runningCell()?.signal;
  return {
    step,
    examples,
    monitored,
    order,
    stepsPerEpoch,
    steps,
    recordsPerEpoch,
    learningRate,
    signal,
    initial,
  };
}

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
  model: SparseAutoencoder,
  state: OptimizerState,
  { step, monitored, stepsPerEpoch }: Plan,
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
