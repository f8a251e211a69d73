// Every exercise, in the order of the assignments.

export { deadUnits, diagnose, firstBadStep, type RunState, type RunSummary } from './definitions/diagnosis';
export { f1, similarities, topK, topKGradient, uniqueness } from './definitions/dictionary';
export {
  klDivergence,
  klPenalty,
  l1Penalty,
  l1Slope,
  meanActivations,
  meanSquaredError,
  totalLoss,
} from './definitions/penalties';
export { chooseRun, convertStrength, paretoFront, type SweepRun, strengths } from './definitions/strength';
export {
  type AdamState,
  adamStep,
  batches,
  descend,
  numericGradient,
  relativeError,
} from './definitions/training';
