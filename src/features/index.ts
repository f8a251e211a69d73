export { maxActivatingInputs } from './maxActivatingInputs';
export { type Orientation, orientationSelectivity } from './orientation';
export { type ActivatingExample, topActivating } from './topActivating';
export { unitActivations } from './unitActivations';
export { unitSimilarity } from './unitSimilarity';
export { type UnitStatistics, unitStatistics } from './unitStatistics';
