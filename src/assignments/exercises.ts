// Every exercise, in the order of the assignments.

export { type Diagnosis, deadUnits, diagnose, firstBadStep, type RunSummary } from './diagnosis';
export {
  klDivergence,
  klPenalty,
  l1Penalty,
  l1Slope,
  meanActivations,
  meanSquaredError,
  totalLoss,
} from './penalties';
export { chooseRun, convertStrength, paretoFront, type SweepRun, strengths } from './strength';
export { type AdamState, adamStep, batches, descend, numericGradient, relativeError } from './training';
