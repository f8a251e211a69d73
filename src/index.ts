// Every public name, grouped in the order in which the lessons meet them.

// ── What it is learned from ──────────────────────────────────────────────────────────────────────────────────────

export * from './datasets';
export { Random } from './random';
export type { Rows } from './rows';
export type { Matrix, Values, Vector } from './values';

// ── The model ────────────────────────────────────────────────────────────────────────────────────────────────────

export type { ActivationName } from './activationFunctions';
export type { Architecture, ForwardPass, Initializer } from './architecture';
export { type AutoencoderOptions, SparseAutoencoder } from './autoencoder';

// ── The loss and its penalties ───────────────────────────────────────────────────────────────────────────────────

export { type GradientCheck, type GradientCheckOptions, gradientCheck } from './gradientCheck';
export { type LossTerms, loss, type Objective, type ReconstructionError } from './loss';
export { type KlOptions, kl, l1, type Penalty } from './penalties';

// ── Training ─────────────────────────────────────────────────────────────────────────────────────────────────────

export { History, type HistoryRow, type TrainingEnd } from './history';
export { previousRun } from './previousRun';
export {
  type Progress,
  type TrainingRun,
  type TrainOptions,
  type TrainTogetherOptions,
  train,
  trainTogether,
} from './train';
export { clearTrainingCache, trainCached } from './trainingCache';
export { TrainingState } from './trainingState';

// ── What to measure, and to see ──────────────────────────────────────────────────────────────────────────────────

export type { Diagnosis, DiagnosisName } from './diagnoses';
export { type DisplayOptions, display } from './display';
export { liveFigures } from './liveFigures';
export {
  deadFraction,
  fractionOfVarianceUnexplained,
  l0,
  meanActivation,
  meanSquaredError,
} from './metrics';
export { type DiagnoseOptions, diagnose } from './monitor';
export * from './plots';
export { Table, type TableCell, type TableRow, table } from './table';
export { tensorBoard } from './tensorBoard';

// ── Trying by hand ───────────────────────────────────────────────────────────────────────────────────────────────

export * from './controls';
export { type InputOptions, input } from './input';

// ── Reading the features ─────────────────────────────────────────────────────────────────────────────────────────

export * from './features';
export { type Encoder, type ProbeOptions, type ProbeResult, probe, rawInputs } from './probe';

// ── Many trainings ───────────────────────────────────────────────────────────────────────────────────────────────

export * from './sweep';

// ── Exercises ────────────────────────────────────────────────────────────────────────────────────────────────────

export * from './assignments';
export * from './exercises';

// ── Where it runs ────────────────────────────────────────────────────────────────────────────────────────────────

/** TensorFlow.js, on the fastest backend there is. */
export * as tf from '@tensorflow/tfjs';

import './tensorDisplay'; // A cell shows a tensor's numbers.

export { type Backend, backendReady, TraceError } from './engine';
