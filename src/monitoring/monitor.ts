/**
 * The usual problems in the training of a sparse autoencoder, each with its symptoms and its remedies.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { isDataset } from '../datasets/dataset';
import { type Rows, requireColumns, toMatrix } from '../datasets/rows';
import { statisticsOf } from '../features/unitStatistics';
import { activeThreshold } from '../model/activeThreshold';
import { requireModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { type History, requireHistory } from '../model/history';
import { requirePenalty } from '../model/loss';
import { fractionOfVarianceUnexplained } from '../model/metrics';
import type { Penalty } from '../model/penalties';
import { checked, type OptionsOf, optional, readOptions } from '../numbers/options';
import { type Matrix, rowRange } from '../numbers/values';
import { checks, type Diagnosis, type DiagnosisInput } from './diagnoses';

const diagnoseOptions = {
  /** The penalty that the model was trained with; without it what depends on it is not looked at. */
  penalty: optional(checked<Penalty>((_, penalty) => requirePenalty(penalty))),
  /** The history of the training. Default: the model's own last training. */
  history: optional(checked<History>(requireHistory)),
};

/** Options of {@link diagnose}. @interface */
export type DiagnoseOptions = OptionsOf<typeof diagnoseOptions>;

/** Examples that are looked at, the first ones. */
const EXAMPLES = 2000;

/**
 * Looks for the usual problems in the record of a training and in the trained model.
 *
 * It knows symptoms, not causes: a finding is a reason to look closer, and an empty list is no proof that all
 * is well. The limits are rules of thumb; each finding states its own.
 *
 * @param model A model that has been trained, wholly or in part.
 * @param data The examples it was trained on, or others like them; the first 2000 are used.
 * @returns The findings, the worst first; empty if all looks well.
 * @throws RangeError if the rows do not have `inputDim` columns.
 *
 * @example
 * const history = await train(model, data, { penalty, learningRate: 3, epochs: 1 });
 * diagnose(model, data, { penalty }).map(({ name }) => name) // ['learning rate too large', 'nothing learned', 'dead units']
 */
export function diagnose(model: SparseAutoencoder, data: Rows, options: DiagnoseOptions = {}): Diagnosis[] {
  requireModel('model', model);
  const { penalty, history = model.history } = readOptions('diagnose', options, diagnoseOptions);
  const x = firstExamples(data);
  requireColumns('data', x.shape, model.architecture.inputDim, 'inputDim');
  if (x.shape[0] === 0) throw new RangeError('data must hold at least one example; got 0');
  const { preActivation, activations, reconstruction } = model.forward(x);
  const input: DiagnosisInput = {
    model,
    penalty,
    rows: history?.rows ?? [],
    status: history?.status,
    x,
    gain: rootMeanSquare(preActivation.values) / (rootMeanSquare(x.values) || 1),
    activations,
    preActivation,
    order: history?.state?.order,
    state: history?.state,
    // A model that has come apart may compute numbers that are not finite, which is not a mistake of the caller's.
    units: statisticsOf(activations, activeThreshold(model.architecture)),
    unexplained: tf.tidy(() => fractionOfVarianceUnexplained(asTensor(x), asTensor(reconstruction))),
  };
  return checks.map((check) => check(input)).filter((diagnosis) => diagnosis !== undefined);
}

function firstExamples(data: Rows): Matrix {
  if (isDataset(data)) return toMatrix('data', data.take(Math.min(EXAMPLES, data.count)));
  const matrix = toMatrix('data', data);
  return rowRange(matrix, 0, Math.min(EXAMPLES, matrix.shape[0]));
}

const asTensor = ({ values, shape }: Matrix): tf.Tensor2D => tf.tensor2d(values, [shape[0], shape[1]]);

const rootMeanSquare = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
