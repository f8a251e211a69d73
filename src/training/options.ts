import type { Rows } from '../datasets/rows';
import type { SparseAutoencoder } from '../model/autoencoder';
import type { History } from '../model/history';
import { OBJECTIVE_KEYS, type Objective } from '../model/loss';
import type { LossTerms } from '../model/lossTerms';
import type { StepRule } from '../model/stepRule';
import type { RestBatch, TrainingState } from '../model/trainingState';
import type { Ramp } from './ramp';
import type { RuleData } from './rules';

/** What trainings that run together have in common. */
export interface SharedTrainOptions {
  /** The number of passes over the data, counted from the very start also when it is resumed. Required. */
  readonly epochs: number;
  /** The most examples per step, from 1 to all. Default: 128, or all if there are fewer. */
  readonly batchSize?: number;
  /**
   * What an epoch does with the examples that whole batches leave over, see {@link RestBatch}. Default: `spread`, so that no
   * batch is too small for a statistic such as the ρ̂ of {@link kl}; a resumed training's own.
   */
  readonly rest?: RestBatch;
  /** Shuffles the examples; the same seed gives the same run. Default: 0. */
  readonly seed?: number;
  /** Rows recorded per epoch, at equal distances. Default: 4. */
  readonly recordsPerEpoch?: number;
  /** The examples on which rows are measured. Default: 1000 of the data, drawn by the seed. */
  readonly monitor?: Rows;
  /**
   * Whether native TensorFlow runs the steps as one compiled graph, which is far faster; `false` runs them operation by
   * operation, so that a custom penalty may also read its tensors or draw random numbers. Default: `true`.
   */
  readonly compile?: boolean;
  /**
   * Whether a training of more than two seconds shows how far it is: a bar below the cell, a few lines on stderr outside
   * a notebook. Default: `true`, unless `SPARSELAB_PROGRESS` in the environment is `off`.
   */
  readonly progress?: boolean;
  /** Stops the training between two steps when aborted, as a stop of the running cell does in any case. */
  readonly signal?: AbortSignal;
}

/** What each training has of its own, also when several run together. */
export interface OwnTrainOptions extends Objective {
  /** Adam's step size η > 0. Default: 0.001. */
  readonly learningRate?: number;
  /** Adam's β₁ and β₂, in [0, 1): what its running means of gradient and squared gradient keep. Default: 0.9 and 0.999. */
  readonly betas?: readonly [beta1: number, beta2: number];
  /**
   * How numbers change from step to step: `learningRate`, `strength` (λ or β), `weightDecay` or a parameter of the penalty such
   * as `p`, by name, see {@link Ramp}. Default: they do not.
   */
  readonly schedule?: Readonly<Record<string, Ramp>>;
  /**
   * What happens besides lowering the loss, in this order: {@link unitNormDecoder}, {@link auxK}, … or a custom rule, see
   * {@link StepRule}. Default: nothing.
   */
  readonly rules?: readonly (StepRule | RuleData)[];
  /** Goes on from the state of an earlier training, `history.state`, instead of the model's own parameters. */
  readonly resume?: TrainingState;
  /**
   * What differs on purpose from the training that is resumed: `learningRate`, `strength` (λ or β), `weightDecay`, or a
   * parameter of the penalty such as `rho`. Default: nothing. (`epochs` may always differ; data, model, `seed`, batches,
   * reconstruction error, kind of penalty, schedule and rules never.)
   */
  readonly mayChange?: readonly string[];
}

/** What `train` takes besides the model and the data. */
export interface TrainOptions extends SharedTrainOptions, OwnTrainOptions {
  /** Called after every slice of about a twentieth of a second. */
  readonly onProgress?: (progress: Progress) => void;
}

/** One of the trainings that `trainTogether` runs. */
export interface TrainingRun extends OwnTrainOptions {
  readonly model: SparseAutoencoder;
}

/** What `trainTogether` takes besides the trainings and the data. */
export interface TrainTogetherOptions extends SharedTrainOptions {
  /** Called after every slice of about a twentieth of a second, with each training's progress. */
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

/** The names of {@link OwnTrainOptions}, for checks. */
export const OWN_KEYS: readonly (keyof OwnTrainOptions)[] = [
  ...OBJECTIVE_KEYS,
  'learningRate',
  'betas',
  'schedule',
  'rules',
  'resume',
  'mayChange',
];

/** The names of {@link TrainTogetherOptions}, for checks. */
export const SHARED_KEYS: readonly (keyof TrainTogetherOptions)[] = [
  'epochs',
  'batchSize',
  'rest',
  'seed',
  'recordsPerEpoch',
  'monitor',
  'compile',
  'progress',
  'signal',
  'onProgress',
];
