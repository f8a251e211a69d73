/**
 * Checks that teach: each compares an answer with the mathematics and, where it differs, names the likely mistake.
 *
 * @module
 */
export { l0, meanImage, meanSquaredError, parameterCount } from './autoencoder';
export { choiceGradient, missingFactor, thresholdSlope, winnerTakeAll } from './choosing';
export { choosePenalty, cut, l1OfMeans, type PenaltyChoices, translateStrength } from './comparison';
export { batchSize, kl, klDivergence, klGradient, klLoss, meanActivation } from './kl';
export { l1, l1Gradient, softThreshold, sparseLoss, strength } from './l1';
export { alwaysOn, type Diagnoses, diagnoses, type Fault, sampleSize, smoothed } from './monitoring';
export {
  decay,
  mostExciting,
  type StoryScore,
  story,
  type TriedDecay,
  topRows,
  withoutUnit,
} from './reading';
export { absorbed, detector, mcc, uniqueness } from './truth';
export {
  type Candidate,
  type DataRoles,
  oneStandardErrorRule,
  pairedEffect,
  standardError,
  whichData,
} from './tuning';
export { cosine, intruder, type Judge, judge, similarityParts, turned } from './words';
