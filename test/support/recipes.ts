import {
  type Activation,
  auxK,
  averageWeights,
  batchTopK,
  clipGradient,
  decoderL1,
  gated,
  jumpRelu,
  l0Window,
  l1,
  lp,
  masked,
  type Objective,
  SparseAutoencoder,
  type StepRule,
  scaleInputs,
  seekL0,
  topK,
  unitNormDecoder,
  winnerTakeAll,
} from 'sparselab';
import { type Examples, initialState, type Member } from 'sparselab/dist/engine';
import { objectiveStep } from 'sparselab/dist/model/loss';
import { ramped } from 'sparselab/dist/training/ramp';

/** Units above the mean of their example. */
const aboveMean: Activation = {
  name: 'above mean',
  sparse: true,
  range: [0, Infinity],
  apply: (z) => masked(z, (values) => values.greater(values.mean(1, true)).logicalAnd(values.greater(0))),
};

/** A dictionary's activation, objective and rules. */
export interface Recipe {
  readonly activation: Activation | 'relu';
  readonly objective?: Objective;
  readonly rules?: readonly StepRule[];
  /** Of the objective, without the last: all units. */
  readonly prefixes?: readonly number[];
}

/** Dictionaries of today, between them every activation and rule that changes what a step is. */
export const recipes: Record<string, Recipe> = {
  'topK with AuxK': { activation: topK(3), rules: [auxK({ k: 4, deadAfter: 2 })] },
  'batchTopK with unit rows': { activation: batchTopK(2.5), rules: [unitNormDecoder()] },
  'winnerTakeAll with clipped gradients': { activation: winnerTakeAll(0.3), rules: [clipGradient(0.01)] },
  'jumpRelu with L0': {
    activation: jumpRelu({ threshold: 0.1, bandwidth: 0.5 }),
    objective: { penalty: l0Window({ lambda: 0.01, bandwidth: 0.5 }) },
    rules: [seekL0(4)],
  },
  'gated with L1': { activation: gated(), objective: { penalty: l1(0.01) } },
  'Matryoshka with batchTopK': { activation: batchTopK(3), prefixes: [4, 7] },
  'relu with decoder L1 and a running mean': {
    activation: 'relu',
    objective: { penalty: decoderL1(0.01) },
    rules: [averageWeights(0.5)],
  },
  'relu with Lp on scaled inputs': {
    activation: 'relu',
    objective: { penalty: lp({ lambda: 0.01, p: 0.7 }) },
    rules: [scaleInputs(), unitNormDecoder()],
  },
  'a custom activation': { activation: aboveMean, objective: { penalty: l1(0.01) } },
};

/** A model of a recipe before its first step. */
export function recipeMember(
  { activation, objective = {}, rules = [], prefixes }: Recipe,
  { values, count, dim }: Examples & { readonly values: Float32Array },
  hiddenDim: number,
): Member {
  const { architecture, parameters, state } = new SparseAutoencoder({
    inputDim: dim,
    hiddenDim,
    hiddenActivation: activation,
    subtractDecoderBias: true,
    seed: 2,
  });
  const start = { architecture, sample: { values, shape: [count, dim] as const } };
  const own = rules.map((rule) => rule.state?.(parameters, start));
  const step = objectiveStep(
    architecture,
    { ...objective, ...(prefixes && { prefixes: [...prefixes, hiddenDim] }) },
    rules,
  );
  return {
    step,
    initial: initialState(parameters, Object.assign({ ...state }, ...own)),
    learningRate: ramped('learningRate', 1e-2, { warmUp: 3, decay: 1 }, 4),
    betas: [0.5, 0.9],
    scheduled: { strength: ramped('strength', step.inputs.strength as number, { warmUp: 2 }, 4) },
  };
}
