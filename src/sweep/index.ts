export { bestWithin, type Choice, type Goal, oneStandardError, paretoKnee, type Rule } from './choose';
export type { DataChoice, NamedData } from './dataSources';
export type { TrialOptions } from './defineTrials';
export type { Limits } from './executors/executor';
export { liveParetoPlot } from './liveParetoPlot';
export type { MetricChoice, MetricName, ProbeMetric, ThresholdMetric } from './metricParts';
export type { PenaltyChoice } from './penaltyParts';
export { describeProgress, type SweepProgress, type TrialFailure } from './progress';
export { fromModule, type ModuleExport } from './projectModules';
export { QueueError } from './queue/queueError';
export type { SweepRow } from './row';
export {
  gridSearch,
  type HalvingOptions,
  type RandomSearchOptions,
  randomSearch,
  type Search,
  successiveHalving,
  type Trial,
} from './search';
export {
  type Distribution,
  geomspace,
  integers,
  linspace,
  logUniform,
  type Setting,
  type Settings,
  type Space,
  uniform,
} from './space';
export { StoreError } from './store';
export { type SweepOptions, sweep } from './sweep';
export { type Column, SweepTable } from './table';
