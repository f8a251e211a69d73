export { type Absorption, absorption, type PairAbsorption } from './absorption';
export { type Hedging, hedging, type UnitHedging } from './hedging';
export { IntruderGame, type IntruderTally, intruderGame } from './intruderGame';
export {
  type IntruderOptions,
  type IntruderRound,
  type IntruderScore,
  intruderRounds,
  intruderScore,
  type JudgedRound,
  oddOneOut,
} from './intruders';
export { maxActivatingInputs } from './maxActivatingInputs';
export { type Orientation, orientationSelectivity } from './orientation';
export {
  type InputReading,
  type ReadInputOptions,
  type RestSummand,
  readInput,
  type Summand,
  type UnitSummand,
} from './readInput';
export {
  type Ablation,
  type CompanionUnit,
  type LabelShare,
  type QuantileGroup,
  type ReadUnitOptions,
  readUnit,
  type UnitReading,
} from './readUnit';
export { type Recovery, recovery, type UnitMatch, type UnitRecovery } from './recovery';
export { type Stability, type StabilityOptions, stability } from './stability';
export { type ActivatingExample, topActivating } from './topActivating';
export { unitActivations } from './unitActivations';
export { type Excitement, ExplanationScore, type LabelBaseline, type UnitQuestion } from './unitQuestions';
export { unitSimilarity } from './unitSimilarity';
export { type UnitStatistics, unitStatistics } from './unitStatistics';
export { type UnitWords, type UnitWordsOptions, unitWords } from './unitWords';
export { type WordPart, type WordParts, wordParts } from './wordParts';
