/**
 * Checks that teach: each compares an answer with the mathematics and, where it differs, names the likely mistake.
 *
 * @module
 */
export { l0, meanImage, meanSquaredError, parameterCount } from './autoencoder';
export { l1, l1Gradient, softThreshold, sparseLoss, strength } from './l1';
