export { Dataset, type DatasetInit } from './dataset';
export { loadDigits } from './digits';
export { type IdxArray, parseIdx } from './idx';
export { loadMnist, type Mnist } from './mnist';
export { SyntheticFeatures, type SyntheticFeaturesOptions, syntheticFeatures } from './syntheticFeatures';
