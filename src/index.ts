/**
 * Every public name. Most programs begin with {@link loadMnist} or another {@link Dataset}, a {@link SparseAutoencoder}, a penalty such
 * as {@link l1} or {@link kl}, {@link train} and {@link evaluate}; {@link lossCurves} and {@link weightImages} draw the result,
 * {@link diagnose} says what went wrong, and {@link sweep} compares many trainings.
 *
 * @module sparselab
 */

// ── What it is learned from ──────────────────────────────────────────────────────────────────────────────────────

export * from './datasets';
export type { Rows } from './datasets/rows';
export { Random } from './numbers/random';
export type { Matrix, Values, Vector } from './numbers/values';

// ── The model ────────────────────────────────────────────────────────────────────────────────────────────────────

export * from './interchange';
export type { Activation, ActivationContext } from './model/activation';
export type { ActivationData, ActivationName } from './model/activations';
export type { Architecture, ForwardPass, Initializer } from './model/architecture';
export { type AutoencoderOptions, SparseAutoencoder } from './model/autoencoder';
export { held, masked, onlyIf } from './model/gradients';
export {
  batchTopK,
  gated,
  type JumpReluOptions,
  jumpRelu,
  topK,
  winnerTakeAll,
} from './model/sparseActivations';

// ── The loss and its penalties ───────────────────────────────────────────────────────────────────────────────────

export { type GradientCheck, type GradientCheckOptions, gradientCheck } from './model/gradientCheck';
export { loss, type Objective, type ReconstructionLoss } from './model/loss';
export type { LossTerms } from './model/lossTerms';
export {
  decoderL1,
  type KlOptions,
  kl,
  type L0WindowOptions,
  type LpOptions,
  l0Window,
  l1,
  lp,
  type Penalty,
  type PenaltyContext,
} from './model/penalties';

// ── Training ─────────────────────────────────────────────────────────────────────────────────────────────────────

export type { Precision } from './engine';
export { History, type HistoryRow, type TrainingStatus } from './model/history';
export type { StepRule } from './model/stepRule';
export { type RestBatch, TrainingState } from './model/trainingState';
export { swapPreviousRun } from './monitoring/swapPreviousRun';
export { clearTrainingCache, trainCached } from './training/cache';
export type { Ramp } from './training/ramp';
export {
  type AuxKOptions,
  auxK,
  averageWeights,
  clipGradient,
  type ResampleOptions,
  type RuleData,
  resample,
  scaleInputs,
  seekL0,
  startBias,
  unitNormDecoder,
} from './training/rules';
export {
  type Progress,
  type TrainingRun,
  type TrainOptions,
  type TrainTogetherOptions,
  train,
  trainTogether,
} from './training/train';

// ── What to measure, and to see ──────────────────────────────────────────────────────────────────────────────────

export { evaluate } from './model/evaluate';
export {
  deadFraction,
  fractionOfVarianceUnexplained,
  l0,
  type Measurements,
  meanActivation,
  meanSquaredError,
} from './model/metrics';
export type { Diagnosis, DiagnosisName } from './monitoring/diagnoses';
export { type DiagnoseOptions, diagnose } from './monitoring/monitor';
export { tensorBoard } from './monitoring/tensorBoard';
export { type DisplayOptions, display } from './page/display';
export { SavedPage } from './page/savedPage';
export { Table, type TableCell, type TableOptions, type TableRow, table } from './page/table';
export * from './plots';
export { paretoPlot } from './plots'; // By name, so that the reference has its page here and not at its earlier name.
export { liveFigures } from './plots/liveFigures';

// ── Trying by hand ───────────────────────────────────────────────────────────────────────────────────────────────

export * from './controls';
export { type InputOptions, input } from './page/input';

// ── Reading the features ─────────────────────────────────────────────────────────────────────────────────────────

export * from './features';
export { type Encoder, type ProbeOptions, type ProbeResult, probe, rawInputs } from './features/probe';

// ── Many trainings ───────────────────────────────────────────────────────────────────────────────────────────────

export * from './sweep';
export { bestWithin, geomspace, liveParetoPlot, paretoKnee } from './sweep'; // As for paretoPlot.

// ── Exercises ────────────────────────────────────────────────────────────────────────────────────────────────────

export * from './exercises';

// ── Where it runs ────────────────────────────────────────────────────────────────────────────────────────────────

/** TensorFlow.js, on the fastest backend there is. */
export * as tf from '@tensorflow/tfjs';

// ── Names of earlier versions ────────────────────────────────────────────────────────────────────────────────────

/** Names of version 0.1, so that notebooks and assignments of that time still run: each is the same under its new name. */
export {
  /** @deprecated Import it from `sparselab/teaching`. */
  exercises,
  /** @deprecated Import it from `sparselab/teaching`. */
  expect,
  /** @deprecated Import it from `sparselab/teaching`. */
  points,
  /** @deprecated Import it from `sparselab/teaching`. */
  verify,
} from './assignments';
export {
  /** @deprecated Use `swapPreviousRun`. */
  swapPreviousRun as previousRun,
} from './monitoring/swapPreviousRun';
export {
  /** @deprecated Use `paretoPlot`. */
  paretoPlot as sweepFront,
} from './plots';
export {
  /** @deprecated Use `bestWithin`. */
  bestWithin as bestUnder,
  /** @deprecated Use `geomspace`: NumPy's `logspace` takes exponents. */
  geomspace as logspace,
  /** @deprecated Use `liveParetoPlot`. */
  liveParetoPlot as liveFront,
  /** @deprecated Use `paretoKnee`. */
  paretoKnee as kneeOfFront,
} from './sweep';

import './page/tensorDisplay'; // A cell shows a tensor's numbers.

export { type Backend, backendReady, TraceError } from './engine';
