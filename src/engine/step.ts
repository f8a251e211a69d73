/**
 * A training step as a pure function, and the state that the steps advance.
 *
 * @module
 */
import type * as tf from '@tensorflow/tfjs';
import type { Values } from '../numbers/values';

/** Something for each trainable array, by its name. */
export type Named<T> = Readonly<Record<string, T>>;

/** A number that steers a training: the same in all steps, or a function of the steps taken before. */
export type Scheduled = number | ((taken: number) => number);

/** The value of a scheduled number in the step after `taken` others. */
export function valueAt(scheduled: Scheduled, taken: number): number {
  return typeof scheduled === 'number' ? scheduled : scheduled(taken);
}

/** Hands a tensor that a loss has on the way to {@link TrainingStep.nextState}, by a name. */
export type See = (name: string, tensor: tf.Tensor) => void;

/**
 * A training step, written once, in plain tf operations; the engine differentiates and runs it:
 *
 *     loss → gradients → nextState → Adam → settle
 *
 * Each function is pure: it reads nothing but its arguments and makes no tensor that outlives it.
 */
export interface TrainingStep<Term extends string = string> {
  /** Scalars that steer the loss and may differ from run to run or step to step (λ, β, ρ): arguments, never frozen constants. */
  readonly inputs: Named<number>;
  /** The names of the results of `loss`, in the order in which an engine reports them; one of them is `total`. */
  readonly terms: readonly Term[];
  /**
   * The loss of a batch.
   *
   * @param parameters The trainable arrays.
   * @param batch Examples, [batch, dim].
   * @param inputs The scalars of `inputs`.
   * @param state The arrays that no gradient moves.
   * @param see Called with the inputs of `nextState`.
   * @returns Each term as a scalar; `total` is what training lowers.
   */
  loss(
    parameters: Named<tf.Tensor>,
    batch: tf.Tensor2D,
    inputs: Named<tf.Scalar>,
    state: Named<tf.Tensor>,
    see: See,
  ): Readonly<Record<Term, tf.Scalar>>;
  /** Gradients for Adam instead of those of `total`. Default: these. */
  gradients?(
    gradients: Named<tf.Tensor>,
    parameters: Named<tf.Tensor>,
    inputs: Named<tf.Scalar>,
  ): Named<tf.Tensor>;
  /** Arrays of the state after this batch; the others stay as they are. */
  nextState?(state: Named<tf.Tensor>, seen: Named<tf.Tensor>, inputs: Named<tf.Scalar>): Named<tf.Tensor>;
  /** Parameters and state after Adam's update; arrays that it does not name stay as they are. */
  settle?(parameters: Named<tf.Tensor>, state: Named<tf.Tensor>, inputs: Named<tf.Scalar>): Settled;
}

/** Arrays that a step sets after Adam has moved. */
export interface Settled {
  readonly parameters?: Named<tf.Tensor>;
  readonly state?: Named<tf.Tensor>;
}

/** The examples that the steps draw their batches from. Row i stands for `values[i·dim …] × scale`. */
export interface Examples {
  readonly values: Float32Array | Uint8Array;
  readonly count: number;
  readonly dim: number;
  readonly scale: number;
}

/**
 * Examples that are made when a step needs them, instead of being stored: any number of them, none of them twice.
 */
export interface ExampleSource {
  /** Numbers in an example. */
  readonly dim: number;
  /**
   * Makes a batch. A pure function, of the key alone: see `randomUniform` and `randomNormal`.
   *
   * @param key Which batch: two whole numbers, int32.
   * @returns Examples, [batchSize, dim].
   */
  sample(key: tf.Tensor1D, batchSize: number): tf.Tensor2D;
}

/**
 * Examples that plain JavaScript makes when a step needs them. They have row numbers, as stored ones do, and the same number
 * gives the same row on every engine and in every batch.
 */
export interface GeneratedExamples {
  /** Numbers in an example. */
  readonly dim: number;
  /** The rows of these numbers, [rows.length, dim], row-major. */
  gather(rows: Int32Array): Float32Array;
}

/** Where batches come from. */
export type BatchSource = Examples | GeneratedExamples | ExampleSource;

/** Numbers that name a batch of an {@link ExampleSource}: its key. Other batches are named by the row numbers of their examples. */
export const KEY_LENGTH = 2;

/** Whether batches are made by tf operations. */
export function isExampleSource(source: BatchSource): source is ExampleSource {
  return 'sample' in source;
}

/** Whether examples are stored. */
export function isStored(source: BatchSource): source is Examples {
  return 'values' in source;
}

/** Everything that a step changes, which is enough to go on as if nothing had happened. */
export interface OptimizerState {
  /** Steps taken so far. */
  readonly step: number;
  /** The trainable arrays. */
  readonly parameters: Named<Values>;
  /** Adam's running mean of each gradient. */
  readonly firstMoments: Named<Values>;
  /** Adam's running mean of each squared gradient. */
  readonly secondMoments: Named<Values>;
  /** Values that the step itself changes: thresholds, running means, counts. */
  readonly state: Named<Values>;
}

/** The arrays of an {@link OptimizerState} that belong to its parameters, in the order in which they are saved. */
export const parameterGroups = ['parameters', 'firstMoments', 'secondMoments'] as const;

/** One model in training: what its steps lower, where they start, and how far they go. */
export interface Member {
  readonly step: TrainingStep;
  readonly initial: OptimizerState;
  /** Adam's step size η. */
  readonly learningRate: Scheduled;
  /** The scalars of `step.inputs` that change from step to step. */
  readonly scheduled?: Named<Scheduled>;
  /** Adam's β₁ and β₂. Default: {@link ADAM_BETAS}. */
  readonly betas?: readonly [beta1: number, beta2: number];
}

/** The scalars that steer a member's loss in the step after `taken` others. */
export function inputsAt({ step, scheduled = {} }: Member, taken: number): Named<number> {
  return mapNamed(step.inputs, (value, name) => valueAt(scheduled[name] ?? value, taken));
}

/** Trains one model or several at once, each on the same batches. */
export interface StepRunner {
  /**
   * Takes one step for each batch, without a break: callers keep the call short.
   *
   * @param batches What names the batches, one after another: the row numbers of their examples, or their keys.
   * @param batchSize Examples a batch.
   * @returns For each member the terms of each step, taken before its update: [steps, terms], row-major.
   */
  run(batches: Int32Array, batchSize: number): Float32Array[];
  /** A copy of each member's state as it is now. */
  states(): OptimizerState[];
  /** Puts other numbers into the members' arrays; the steps taken stay what they are. */
  assign(states: readonly OptimizerState[]): void;
  /**
   * Looks whether what has run is what the steps are, before one relies on a state.
   *
   * @throws TraceError if a step is no longer what it was when the runner was made.
   */
  verify(): void;
  /** Frees what the runner holds. */
  dispose(): void;
}

/** The state before the first step. */
export function initialState(parameters: Named<Values>, state: Named<Values> = {}): OptimizerState {
  const zeros = (): Named<Values> =>
    mapNamed(parameters, ({ values, shape }) => ({ values: new Float32Array(values.length), shape }));
  return {
    step: 0,
    parameters: copyOf(parameters),
    firstMoments: zeros(),
    secondMoments: zeros(),
    state: copyOf(state),
  };
}

/** A copy that later steps do not change. */
export function copyOf(arrays: Named<Values>): Named<Values> {
  return mapNamed(arrays, ({ values, shape }) => ({ values: values.slice(), shape }));
}

/** Applies a function to each entry, keeping names and order. */
export function mapNamed<T, U>(named: Named<T>, map: (entry: T, name: string) => U): Named<U> {
  return Object.fromEntries(Object.entries(named).map(([name, entry]) => [name, map(entry, name)]));
}
