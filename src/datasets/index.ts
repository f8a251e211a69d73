export { type CsvOptions, loadCsv } from './csv';
export { Dataset, type DatasetDescription, type DatasetInit } from './dataset';
export { loadDigits } from './digits';
export { ExampleStream, type ExampleStreamInit } from './exampleStream';
export type { Examples } from './examples';
export { type FashionMnist, type FashionMnistOptions, loadFashionMnist } from './fashionMnist';
export type { Correlation } from './featureCorrelation';
export { type Exclusion, type FeatureTreesOptions, featureTrees, type Parents } from './featureForest';
export { type IdxArray, parseIdx } from './idx';
export { type ImagesOptions, loadImages } from './images';
export { loadMnist, type Mnist, type MnistOptions } from './mnist';
export { loadNaturalPatches, loadNaturalPictures, type NaturalPatchesOptions } from './naturalPatches';
export {
  type FeatureTruthOptions,
  SyntheticFeatures,
  type SyntheticFeaturesOptions,
  type SynthSaeBenchOptions,
  syntheticFeatures,
  synthSaeBench,
  type ZipfOptions,
  zipf,
} from './syntheticFeatures';
export { loadWords, type NearWord, type WordsOptions, WordVectors } from './words';
