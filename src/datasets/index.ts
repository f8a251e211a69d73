export { Dataset, type DatasetInit } from './dataset';
export { loadDigits } from './digits';
export { type FashionMnist, loadFashionMnist } from './fashionMnist';
export { type IdxArray, parseIdx } from './idx';
export { loadMnist, type Mnist } from './mnist';
export { loadNaturalPatches, loadNaturalPictures, type NaturalPatchesOptions } from './naturalPatches';
export { SyntheticFeatures, type SyntheticFeaturesOptions, syntheticFeatures } from './syntheticFeatures';
