import * as tf from '@tensorflow/tfjs';
import { type Rows, requireColumns, requireRows, toTensor } from '../datasets/rows';
import { activeThreshold } from './activeThreshold';
import { requireModel } from './architecture';
import type { SparseAutoencoder } from './autoencoder';
import { type Measurements, measurements } from './metrics';

/**
 * Measures a model on data: `mse`, `l0`, `deadFraction`, `fractionOfVarianceUnexplained` and `meanActivation`, the metrics of a
 * training's records, in one pass over all rows.
 *
 * A unit counts as active where its activation is above 0 if its zeros are exact (relu), else above 0.1, as in `history`,
 * `diagnose` and the panels; {@link l0} and {@link deadFraction} take other thresholds.
 *
 * @param data Rows of the model's `inputDim` numbers.
 * @returns Plain numbers; `meanActivation` has one for each hidden unit.
 * @throws RangeError if there is no row, or the rows have another length.
 * @throws TypeError if `model` is not a model, or `data` is not rows.
 *
 * @example
 * const { mse, l0 } = evaluate(model, mnist.test);
 */
export function evaluate(model: SparseAutoencoder, data: Rows): Measurements {
  requireModel('model', model);
  return tf.tidy(() => {
    const x = toTensor('data', data);
    requireColumns('data', x.shape, model.architecture.inputDim, 'inputDim');
    requireRows('data', x.shape);
    return measurements(x, model.forward(x), activeThreshold(model.architecture));
  });
}
