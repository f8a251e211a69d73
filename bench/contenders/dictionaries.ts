/**
 * Dictionaries of today in Sparselab, trained as a user would: several architectures on the rows of one truth, which are made
 * on the way, or on stored ones where there is more than one epoch. Its answer is measured on rows that no model was trained on.
 *
 * @module
 */
import {
  type AutoencoderOptions,
  auxK,
  batchTopK,
  clipGradient,
  decoderL1,
  jumpRelu,
  l0,
  l0Window,
  recovery,
  SparseAutoencoder,
  type StepRule,
  syntheticFeatures,
  synthSaeBench,
  type TrainingRun,
  topK,
  trainTogether,
} from 'sparselab';
import type { Architecture } from '../work';
import { serve, work } from './common';

const {
  features,
  dim,
  samples,
  rows,
  epochs,
  k,
  architectures,
  strengths = {},
} = work.dictionaries as NonNullable<typeof work.dictionaries>;
const truth = syntheticFeatures({ count: 5000, ...synthSaeBench({ features, dim }) });
const stream = truth.stream(samples);
const data = rows === 'stored' ? stream.take(samples) : stream;

interface Recipe {
  activation: NonNullable<AutoencoderOptions['hiddenActivation']>;
  /** Long rows keep the direction that chance gave them longer; best where every unit of a few has work at once. */
  initializer: 'unitNorm' | 'shortNorm';
  run?: Partial<TrainingRun>;
  rules?: StepRule[];
}

/** Where thresholds start, and the window in which they learn: as wide as pre-activations are far from each other here. */
const THRESHOLDS = { threshold: 0.1, bandwidth: 0.5 };

/** A unit is dead after so many silent steps, as with SAELens. In a shorter training none is, and AuxK has nothing to do. */
const DEAD_AFTER = 1000;
const steps = Math.floor(samples / work.batchSize) * epochs;
const keptAlive = () => (steps > DEAD_AFTER ? [auxK({ alpha: 1, deadAfter: DEAD_AFTER })] : []);

/** SAELens' objective is the squared error, ours half of it: so its strengths are halved. */
const halved = (name: Architecture) => (strengths[name] as number) / 2;

const recipes: Readonly<Record<Architecture, () => Recipe>> = {
  standard: () => ({
    activation: 'relu',
    initializer: 'unitNorm',
    run: { penalty: decoderL1(halved('standard')) },
  }),
  jumprelu: () => ({
    activation: jumpRelu(THRESHOLDS),
    initializer: 'shortNorm',
    run: { penalty: l0Window({ lambda: halved('jumprelu'), bandwidth: THRESHOLDS.bandwidth }) },
  }),
  topk: () => ({ activation: topK(k), initializer: 'unitNorm', rules: keptAlive() }),
  batchtopk: () => ({ activation: batchTopK(k), initializer: 'shortNorm', rules: keptAlive() }),
  matryoshka: () => ({
    activation: batchTopK(k),
    initializer: 'shortNorm',
    run: { prefixes: [1 / 8, 1 / 4, 1 / 2, 1].map((share) => share * work.hiddenDim) },
    rules: keptAlive(),
  }),
};

void serve(async (number) => {
  const runs = architectures.map((name) => {
    const { activation, initializer, run = {}, rules = [] } = recipes[name]();
    const model = new SparseAutoencoder({
      inputDim: dim,
      hiddenDim: work.hiddenDim,
      hiddenActivation: activation,
      subtractDecoderBias: true,
      initializer,
      seed: number,
    });
    return {
      model,
      reconstructionLoss: 'halfSquaredError' as const,
      learningRate: work.learningRate ?? 3e-4,
      ...run,
      rules: [clipGradient(1), ...rules],
    };
  });
  const started = performance.now();
  await trainTogether(runs, data, {
    epochs,
    batchSize: work.batchSize,
    rest: 'drop',
    seed: number,
    recordsPerEpoch: 1,
    progress: false,
  });
  const seconds = (performance.now() - started) / 1000;
  if (rows !== 'stored') return { seconds };
  const judged = architectures.flatMap((name, index) => {
    const { model } = runs[index] as (typeof runs)[number];
    const found = recovery(model, truth);
    return [
      [`${name} mcc`, found.mcc],
      [`${name} f1`, found.f1],
      [`${name} l0`, l0(model.encode(truth))],
    ] as const;
  });
  return { seconds, ...Object.fromEntries(judged) };
});
