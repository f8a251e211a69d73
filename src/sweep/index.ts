export { bestUnder, type Choice, type Goal, kneeOfFront, oneStandardError, type Rule } from './choose';
export type { DataChoice, NamedData } from './dataSources';
export type { TrialOptions } from './defineTrials';
export { liveFront } from './liveFront';
export type { MetricChoice, MetricName, ProbeMetric, ThresholdMetric } from './metricParts';
export type { PenaltyChoice } from './penaltyParts';
export type { Limits } from './places/place';
export { describeProgress, type SweepProgress, type TrialFailure } from './progress';
export { fromModule, type ModuleExport } from './projectModules';
export { QueueError } from './queue/queueError';
export type { SweepRow } from './row';
export {
  gridSearch,
  type HalvingOptions,
  randomSearch,
  type Search,
  successiveHalving,
  type Trial,
} from './search';
export {
  type Distribution,
  integers,
  linspace,
  logspace,
  logUniform,
  type Setting,
  type Settings,
  type Space,
  uniform,
} from './space';
export { StoreError } from './store';
export { type SweepOptions, sweep } from './sweep';
export { type Column, SweepTable } from './table';
