// Every public name, grouped in the order in which the lessons meet them.

/** TensorFlow.js, on the fastest backend there is. */
export * as tf from '@tensorflow/tfjs';
export type { ActivationName } from './activationFunctions';
export type { Architecture, ForwardPass, Initializer } from './architecture';
// The model
export { type AutoencoderOptions, SparseAutoencoder } from './autoencoder';
// Data sets
export * from './datasets';
// Showing it
export { type DisplayOptions, display } from './display';
// Where it runs, and seeded random numbers
export { type Backend, backendReady } from './engine';
export { type GradientCheck, type GradientCheckOptions, gradientCheck } from './gradientCheck';
// Training
export { History, type HistoryRow, type TrainingEnd } from './history';
// The loss and its penalties
export { type LossTerms, loss, type Objective, type ReconstructionError } from './loss';
// What to measure
export {
  deadFraction,
  fractionOfVarianceUnexplained,
  l0,
  meanActivation,
  meanSquaredError,
} from './metrics';
export { type KlOptions, kl, l1, type Penalty } from './penalties';
export { Random } from './random';
export type { Rows } from './rows';
export { type Progress, type TrainOptions, train } from './train';
export { TrainingState } from './trainingState';
export type { Matrix, Values, Vector } from './values';
