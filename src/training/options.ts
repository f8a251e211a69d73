import type { Rows } from '../datasets/rows';
import { PRECISIONS } from '../engine';
import { requireModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import type { History } from '../model/history';
import { objectiveOptions } from '../model/loss';
import type { LossTerms } from '../model/lossTerms';
import type { StepRule } from '../model/stepRule';
import { REST_BATCHES, type TrainingState } from '../model/trainingState';
import { requireArray, requireInteger, requireNumber, show } from '../numbers/arguments';
import {
  abortSignal,
  boolean,
  callback,
  checked,
  integer,
  number,
  type Option,
  type OptionsOf,
  oneOf,
  optional,
  value,
} from '../numbers/options';
import type { Ramp } from './ramp';
import type { RuleData } from './rules';

const epochs: Option<number> = (name, given) => {
  if (given === undefined)
    throw new RangeError(
      `${name} is required: the number of passes over the data, such as 10; got undefined`,
    );
  return requireInteger(name, given, { min: 1 });
};

const sharedTrainOptions = {
  /** The number of passes over the data, counted from the very start also when it is resumed. Required. */
  epochs,
  /** The most examples per step, from 1 to all. Default: 128, or all if there are fewer. */
  batchSize: optional(value<number>()),
  /**
   * The use of the examples that whole batches leave over, see {@link RestBatch}. Default: `spread`, so that no
   * batch is too small for a statistic such as the ρ̂ of {@link kl}; a resumed training's own.
   */
  rest: optional(oneOf(REST_BATCHES)),
  /** Shuffles the examples; the same seed gives the same run. Default: 0. */
  seed: optional(integer({ min: 0 }), 0),
  /** Rows recorded per epoch, at equal distances. Default: 4. */
  recordsPerEpoch: optional(integer({ min: 1 }), 4),
  /** The examples on which rows are measured. Default: 1000 of the data, drawn by the seed. */
  monitor: optional(value<Rows>()),
  /**
   * Whether native TensorFlow runs the steps as one compiled graph, which is far faster; `false` runs them operation by
   * operation, so that a custom penalty may also read its tensors or draw random numbers. Default: `true`.
   */
  compile: optional(boolean, true),
  /**
   * The numbers that products of matrices multiply, see {@link Precision}. `bfloat16` takes half to two thirds of the time where
   * they are large; it needs native TensorFlow and a processor that has instructions for it. Default: `float32`.
   */
  precision: optional(oneOf(PRECISIONS), 'float32'),
  /**
   * Whether a training of more than two seconds shows how far it is: a bar below the cell, a few lines on stderr outside
   * a notebook. Default: `true`, unless `SPARSELAB_PROGRESS` in the environment is `off`.
   */
  progress: optional(boolean),
  /** Stops the training between two steps when aborted, as a stop of the running cell does in any case. */
  signal: optional(abortSignal),
};

/** Options that trainings that run together share. @interface */
export type SharedTrainOptions = OptionsOf<typeof sharedTrainOptions>;

const ownTrainOptions = {
  ...objectiveOptions,
  /** Adam's step size η > 0. Default: 0.001. */
  learningRate: optional(number({ above: 0 }), 0.001),
  /** Adam's β₁ and β₂, in [0, 1): what its running means of gradient and squared gradient keep. Default: 0.9 and 0.999. */
  betas: optional(checked<readonly [beta1: number, beta2: number]>(requireBetas)),
  /**
   * How numbers change from step to step: `learningRate`, `strength` (λ or β), `weightDecay` or a parameter of the penalty such
   * as `p`, by name, see {@link Ramp}. Default: they do not.
   */
  schedule: optional(value<Readonly<Record<string, Ramp>>>()),
  /**
   * Rules that act besides lowering the loss, in this order: {@link unitNormDecoder}, {@link auxK}, … or a custom rule, see
   * {@link StepRule}. Default: nothing.
   */
  rules: optional(value<readonly (StepRule | RuleData)[]>(), []),
  /** Goes on from the state of an earlier training, `history.state`, instead of the model's own parameters. */
  resume: optional(value<TrainingState>()),
  /**
   * The intended differences from the training that is resumed: `learningRate`, `strength` (λ or β), `weightDecay`, or a
   * parameter of the penalty such as `rho`. Default: nothing. (`epochs` may always differ; data, model, `seed`, batches,
   * reconstruction error, kind of penalty, schedule and rules never.)
   */
  mayChange: optional(value<readonly string[]>(), []),
};

/** Options of each training, also when several run together. @interface */
export type OwnTrainOptions = OptionsOf<typeof ownTrainOptions>;

function requireBetas(name: string, betas: readonly [beta1: number, beta2: number]): void {
  requireArray(name, betas, '[β₁, β₂]');
  if (betas.length !== 2) throw new RangeError(`${name} must be two numbers, [β₁, β₂]; got ${show(betas)}`);
  for (const [index, beta] of betas.entries()) requireNumber(`${name}[${index}]`, beta, { min: 0, below: 1 });
}

/** Option readers of `train`, for {@link readOptions}. */
export const trainOptions = {
  ...ownTrainOptions,
  ...sharedTrainOptions,
  /** Called after every slice of about a twentieth of a second. */
  onProgress: optional(callback<(progress: Progress) => void>()),
};

/** Options of {@link train}. @interface */
export type TrainOptions = OptionsOf<typeof trainOptions>;

/** A {@link TrainingRun}, for {@link readOptions}. */
export const trainingRun = { model: checked<SparseAutoencoder>(requireModel), ...ownTrainOptions };

/** One of the trainings that `trainTogether` runs. @interface */
export type TrainingRun = OptionsOf<typeof trainingRun>;

/** Option readers of `trainTogether`, for {@link readOptions}. */
export const trainTogetherOptions = {
  ...sharedTrainOptions,
  /** Called after every slice of about a twentieth of a second, with each training's progress. */
  onProgress: optional(callback<(progress: readonly Progress[]) => void>()),
};

/** Options of {@link trainTogether}. @interface */
export type TrainTogetherOptions = OptionsOf<typeof trainTogetherOptions>;

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
  /** The records so far. */
  readonly history: History;
}
