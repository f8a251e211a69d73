import { requireModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { type Matrix, transposed } from '../numbers/values';
import { unitRows } from './unitRows';

/**
 * For each unit the input that excites it most, of all inputs of length 1: its own weights, brought to that length.
 *
 *     xⱼ = Wₑ[:, j] / ‖Wₑ[:, j]‖
 *
 * For inputs x with ‖x‖ ≤ 1 the unit's pre-activation x·wⱼ + bⱼ is largest where x points along wⱼ. Shown as a picture,
 * this is what UFLDL calls visualising an autoencoder.
 *
 * Reference: Ng, "Sparse autoencoder", CS294A lecture notes, section 4, 2011.
 *
 * @returns `[hiddenDim, inputDim]`, rows of length 1: `weightImages(maxActivatingInputs(model), { imageShape })`.
 *
 * @example maxActivatingInputs(new SparseAutoencoder({ inputDim: 4, hiddenDim: 8 })).shape // → [8, 4]
 */
export function maxActivatingInputs(model: SparseAutoencoder): Matrix {
  requireModel('model', model);
  return unitRows(transposed(model.encoderWeights));
}
