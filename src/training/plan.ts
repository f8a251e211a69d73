import * as tf from '@tensorflow/tfjs';
import { platform } from '#platform';
import { rowsChecksum, storedChecksum } from '../datasets/checksum';
import { Dataset, isDataset } from '../datasets/dataset';
import { type ExampleStream, isExampleStream, MOST_ROWS } from '../datasets/exampleStream';
import { isTensor, type Rows, requireColumns, toMatrix } from '../datasets/rows';
import {
  chosenBackend,
  initialState,
  type Member,
  type Named,
  type OptimizerState,
  type Precision,
  precisionProblem,
  type Scheduled,
  tensorsOf,
  tidied,
} from '../engine';
import { describeArchitecture, requireModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { type ObjectiveStep, objectiveStep } from '../model/loss';
import type { Penalty } from '../model/penalties';
import type { RuleStart, StepRule } from '../model/stepRule';
import {
  type BatchOrder,
  FIRST_REST,
  type RestBatch,
  type TrainingSetup,
  type TrainingState,
} from '../model/trainingState';
import {
  type Range,
  refuseUnknownOptions,
  requireArray,
  requireInteger,
  requireOneOf,
  show,
} from '../numbers/arguments';
import { type Filled, readOptions } from '../numbers/options';
import { Random } from '../numbers/random';
import type { Matrix } from '../numbers/values';
import { stopSignal } from '../page/cell';
import { drawExamples } from './draw';
import {
  type TrainingRun,
  type TrainOptions,
  type TrainTogetherOptions,
  trainingRun,
  trainOptions,
  trainTogetherOptions,
} from './options';
import { type Ramp, ramped } from './ramp';
import { defineRules } from './rules';
import { type Schedule, stepsPerEpoch } from './schedule';

/** The stream of a training's seed that draws the monitored examples. */
const MONITOR = 2;

const MONITORED_EXAMPLES = 1000;

/** One of the models that train together. */
export interface PlannedMember extends Member {
  readonly model: SparseAutoencoder;
  readonly step: ObjectiveStep;
  readonly penalty: Penalty | undefined;
  readonly rules: readonly StepRule[];
  readonly setup: TrainingSetup;
}

/** A training that can start: everything that could be wrong has been looked at. */
export interface Plan extends Schedule {
  readonly members: readonly PlannedMember[];
  readonly examples: Dataset | ExampleStream;
  /** The data on which rows are measured. */
  readonly monitored: Dataset;
  /** Steps taken before, by the training that is resumed. */
  readonly firstStep: number;
  /** Steps in all. */
  readonly steps: number;
  /** Whether the steps run as one compiled graph where they can. */
  readonly compile: boolean;
  /** The numbers that products of matrices multiply. */
  readonly precision: Precision;
  /** Whether it shows how far it is. */
  readonly progress: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * The plan of one training: {@link planTraining} with the options of `train`.
 *
 * @throws RangeError or TypeError naming the argument, the permitted range and the value.
 */
export function planOne(model: SparseAutoencoder, data: Rows | ExampleStream, options: TrainOptions): Plan {
  requireModel('model', model);
  const read = readOptions('train', options, trainOptions);
  return planned([{ model, ...read }], data, read);
}

/**
 * The plan of several trainings: {@link planOne} with the options of `trainTogether`.
 *
 * @throws RangeError or TypeError naming the argument, the permitted range and the value.
 */
export function planTraining(
  runs: readonly TrainingRun[],
  data: Rows | ExampleStream,
  options: TrainTogetherOptions,
): Plan {
  const read = readOptions('trainTogether', options, trainTogetherOptions);
  requireArray('runs', runs, 'an array of { model, … }');
  if (runs.length === 0) throw new RangeError('runs must hold at least one training; got none');
  return planned(
    runs.map((run) => readOptions('trainTogether', run, trainingRun)),
    data,
    read,
  );
}

/** Checks everything that can be wrong with options and data together, before anything starts. */
function planned(
  runs: readonly Filled<typeof trainingRun>[],
  data: Rows | ExampleStream,
  options: Omit<Filled<typeof trainTogetherOptions>, 'onProgress'>,
): Plan {
  const { epochs, seed, recordsPerEpoch, compile, precision } = options;
  const problem = precisionProblem(precision, { backend: chosenBackend(), compile });
  if (problem) throw new RangeError(problem);
  const examples = isExampleStream(data) ? data : asDataset('data', data);
  for (const { model } of runs)
    requireColumns('data', shapeOf(examples), model.architecture.inputDim, 'inputDim');
  if (examples.count === 0) throw new RangeError('data must hold at least one example; got 0');
  const batchSize = requireInteger('batchSize', options.batchSize ?? Math.min(128, examples.count), {
    min: 1,
    max: examples.count,
  });
  const monitored =
    options.monitor !== undefined ? asDataset('monitor', options.monitor) : sampleOf(examples, seed);
  for (const { model } of runs)
    requireColumns('monitor', shapeOf(monitored), model.architecture.inputDim, 'inputDim');
  if (monitored.count === 0) throw new RangeError('monitor must hold at least one example; got 0');
  const rest = options.rest ?? restOf(runs) ?? 'spread';
  const order = { seed, batchSize, examples: examples.count, rest };
  const perEpoch = stepsPerEpoch(order);
  const steps = epochs * perEpoch;
  const generated = isExampleStream(examples);
  if (generated) requireInteger('epochs', epochs, { max: Math.floor(MOST_ROWS / examples.count) });
  // A data set or a stream stays as it is, and is hashed when a state is saved or resumed. A matrix may be changed.
  const checksum = generated || isDataset(data) ? undefined : rowsChecksum(examples);

  const members = runs.map((run): PlannedMember => {
    const { model, penalty, resume } = run;
    const rules = defineRules(run.rules);
    const steered = rules.some(({ strength }) => strength);
    const changes = steered || run.schedule?.strength !== undefined;
    const step = objectiveStep(model.architecture, run, rules, penalty !== undefined && changes);
    if (penalty === undefined && steered) {
      throw new RangeError('seekL0 steers a penalty; got a training without one');
    }
    const setup = {
      get data() {
        return checksum ?? rowsChecksum(examples);
      },
      reconstructionLoss: run.reconstructionLoss,
      penalty: penalty?.name ?? 'none',
      learningRate: run.learningRate,
      inputs: step.inputs,
      ...(precision !== 'float32' && { precision }),
      ...habitsOf(run, rules),
    } as const;
    const numbers = { learningRate: setup.learningRate, ...step.inputs };
    const { learningRate, ...scheduled } = scheduleOf(numbers, run.schedule ?? {}, steps, penalty);
    const mayChange = requireMayChange(run.mayChange, setup);
    return {
      model,
      penalty,
      step,
      setup,
      rules,
      learningRate: learningRate as Scheduled,
      scheduled,
      ...(run.betas !== undefined && { betas: run.betas }),
      initial:
        resume !== undefined
          ? resumed(resume, { model, order, setup, mayChange, steps, examples })
          : started(model, rules, () => drawExamples(examples, SAMPLED_EXAMPLES, new Random(seed, SAMPLE))),
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
  return {
    members,
    examples,
    monitored,
    order,
    generated,
    stepsPerEpoch: perEpoch,
    firstStep,
    steps,
    recordsPerEpoch,
    pauses: members.flatMap(({ rules }) => rules.flatMap(({ between }) => between?.every ?? [])),
    compile,
    precision,
    progress: options.progress ?? platform.env('SPARSELAB_PROGRESS') !== 'off',
    signal: stopSignal(options.signal),
  };
}

/** Examples that rules look at before the first step. */
const SAMPLED_EXAMPLES = 4096;

/** The stream of a training's seed that draws them. */
const SAMPLE = 4;

/** The start of a training that resumes no other: the model's own numbers, changed by the rules. */
function started(model: SparseAutoencoder, rules: readonly StepRule[], draw: () => Matrix): OptimizerState {
  let { parameters, state } = model;
  if (!rules.some(({ begin, state: own }) => begin || own)) return initialState(parameters, state);
  let start: RuleStart = { architecture: model.architecture, sample: draw() };
  const starts = rules.map((rule) => {
    const own = start;
    if (rule.input) {
      state = { ...state, ...rule.state?.(parameters, own) };
      start = { ...start, sample: shown(rule, own.sample, state) };
    }
    parameters = rule.begin?.(parameters, own) ?? parameters;
    return own;
  });
  // A rule remembers the parameters after the changes of all rules.
  rules.forEach((rule, index) => {
    state = { ...state, ...rule.state?.(parameters, starts[index] as RuleStart) };
  });
  return initialState(parameters, state);
}

/** Some examples as a rule shows them to the model. */
function shown({ input }: StepRule, sample: Matrix, state: OptimizerState['state']): Matrix {
  return tidied(() => {
    const x = tf.tensor2d(sample.values, [sample.shape[0], sample.shape[1]]);
    return toMatrix('data', input?.(x, tensorsOf(state)) ?? x);
  });
}

const NOT_NEGATIVE: Range = { min: 0 };

/** The numbers that steer a training, those that a schedule names as functions of the step. */
function scheduleOf(
  numbers: Readonly<Record<string, number>>,
  schedule: Readonly<Record<string, Ramp>>,
  steps: number,
  penalty: Penalty | undefined,
): Readonly<Record<string, Scheduled>> {
  const ranges: Readonly<Record<string, Range>> = {
    learningRate: NOT_NEGATIVE,
    strength: NOT_NEGATIVE,
    weightDecay: NOT_NEGATIVE,
    ...penalty?.ranges,
  };
  refuseUnknownOptions('schedule', schedule, Object.keys(numbers));
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => {
      const ramp = schedule[name];
      return [name, ramp === undefined ? value : ramped(name, value, ramp, steps, ranges[name])];
    }),
  );
}

/** The settings that determine the steps of a training besides its numbers; empty if all are defaults. */
function habitsOf(
  { betas, schedule, prefixes }: Filled<typeof trainingRun>,
  rules: readonly StepRule[],
): { habits?: string } {
  const habits = {
    ...(betas && { betas }),
    ...(schedule && Object.keys(schedule).length > 0 && { schedule }),
    ...(prefixes && { prefixes }),
    ...(rules.length > 0 && { rules: rules.map(({ name, settings }) => ({ name, ...settings })) }),
  };
  return Object.keys(habits).length > 0 ? { habits: JSON.stringify(habits) } : {};
}

/** The default monitor data: some examples drawn by the seed; of a stream, which has no order, the first. */
function sampleOf(examples: Dataset | ExampleStream, seed: number): Dataset {
  if (isExampleStream(examples)) return examples.take(Math.min(MONITORED_EXAMPLES, examples.count));
  const sampled = new Random(seed, MONITOR).permutation(examples.count).subarray(0, MONITORED_EXAMPLES);
  return examples.select(sampled.sort());
}

const shapeOf = ({ count, dim }: Dataset | ExampleStream) => [count, dim] as const;

function asDataset(name: string, rows: Rows): Dataset {
  if (isDataset(rows)) return rows;
  const { values, shape } = toMatrix(name, rows);
  // A tensor's memory may be reused once it is disposed; a matrix stays the caller's.
  return new Dataset({
    name,
    values: isTensor(rows) ? values.slice() : values,
    count: shape[0],
    dim: shape[1],
  });
}

/** The `rest` of the resumed trainings; `undefined` if none is resumed. */
function restOf(runs: readonly Filled<typeof trainingRun>[]): RestBatch | undefined {
  const order = runs.find(({ resume }) => resume !== undefined)?.resume?.order;
  return order && (order.rest ?? FIRST_REST);
}

/** The names of the numbers that may differ on purpose, of which one is the learning rate. */
function requireMayChange(names: readonly string[], { inputs }: TrainingSetup): readonly string[] {
  requireArray('mayChange', names, 'an array of names');
  return names.map((name) => requireOneOf('mayChange', name, ['learningRate', ...Object.keys(inputs)]));
}

/** A resumed training. */
interface Resumed {
  readonly model: SparseAutoencoder;
  readonly order: BatchOrder;
  readonly setup: TrainingSetup;
  readonly mayChange: readonly string[];
  readonly steps: number;
  readonly examples: Dataset | ExampleStream;
}

function resumed(
  state: TrainingState,
  { model, order, setup, mayChange, steps, examples }: Resumed,
): OptimizerState {
  // By its parts: after an edit and a new import, a notebook holds states of the class as it was before.
  if (!state?.optimizer || !state.order || !state.architecture) {
    throw new TypeError(`resume must be a TrainingState; got ${show(state)}`);
  }
  const rest = order.examples % order.batchSize === 0 ? order.rest : (state.order.rest ?? FIRST_REST);
  const formOf = (architecture: SparseAutoencoder['architecture']) =>
    Object.fromEntries(
      Object.entries(describeArchitecture(architecture)).map(([name, value]) => [
        name,
        typeof value === 'object' ? JSON.stringify(value) : value,
      ]),
    );
  const before = { ...formOf(state.architecture), ...state.order, rest };
  requireSame({ ...formOf(model.architecture), ...order }, before);
  if (state.setup) {
    requireSameData(state.setup, examples);
    requireSameSetup(setup, state.setup, mayChange);
  }
  requireInteger('resume.step', state.step, { min: 0, max: steps });
  return state.optimizer;
}

/** @throws RangeError with both checksums if they differ. */
function requireSameData({ data, ofStored }: TrainingSetup, examples: Dataset | ExampleStream): void {
  const now = ofStored && isDataset(examples) ? storedChecksum(examples) : rowsChecksum(examples);
  if (now === data) return;
  throw new RangeError(
    'resume must be the state of a training on the same data; ' +
      `got one on other rows, or in another order: SHA-256 ${data}, now ${now}`,
  );
}

/** @throws RangeError naming what differs, and by which option it may. */
function requireSameSetup(now: TrainingSetup, before: TrainingSetup, mayChange: readonly string[]): void {
  const kind = ({ reconstructionLoss, penalty, precision, habits }: TrainingSetup) => ({
    reconstructionLoss,
    penalty,
    precision: precision ?? 'float32',
    habits,
  });
  requireSame(kind(now), kind(before));
  const numbers = ({ learningRate, inputs }: TrainingSetup): Named<number> => ({ learningRate, ...inputs });
  for (const name of Object.keys(numbers(before))) {
    if (name in numbers(now)) continue;
    throw new RangeError(
      `resume must be the state of a training without ${name}; got ${numbers(before)[name]}`,
    );
  }
  const unchanged = ([name]: [string, number]) => !mayChange.includes(name);
  requireSame(
    Object.fromEntries(Object.entries(numbers(now)).filter(unchanged)),
    numbers(before),
    (name) => `; to change it on purpose: mayChange: ['${name}']`,
  );
}

function requireSame(
  expected: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
  remedy: (name: string) => string = () => '',
): void {
  for (const [name, value] of Object.entries(expected)) {
    if (given[name] === value) continue;
    throw new RangeError(
      `resume must be the state of a training with ${name} ${show(value)}; got ${show(given[name])}${remedy(name)}`,
    );
  }
}
