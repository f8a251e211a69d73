/**
 * How many units of a TopK code are dead after a training on patches of photographs: with nothing against it, with AuxK, and
 * with resampling. Rows start short (Glorot) and the learning rate is high: many units die. A unit is dead if it is silent for all patches.
 *
 * @module
 */
import {
  auxK,
  evaluate,
  loadNaturalPatches,
  resample,
  SparseAutoencoder,
  type StepRule,
  startBias,
  topK,
  trainTogether,
} from 'sparselab';
import { serve, work } from './common';

const EPOCHS = 30;
const patches = loadNaturalPatches({ count: 10_000 });

const cures: Readonly<Record<string, () => StepRule[]>> = {
  'no cure': () => [],
  auxK: () => [auxK({ deadAfter: 40, alpha: 1 })],
  resample: () => [resample({ every: 200, deadAfter: 40 })],
};

void serve(async (seed) => {
  const runs = Object.values(cures).map((rules) => ({
    model: new SparseAutoencoder({
      inputDim: patches.dim,
      hiddenDim: work.hiddenDim,
      hiddenActivation: topK(work.k as number),
      subtractDecoderBias: true,
      seed,
    }),
    learningRate: 3e-3,
    rules: [startBias(), ...rules()],
  }));
  const started = performance.now();
  await trainTogether(runs, patches, {
    epochs: EPOCHS,
    batchSize: work.batchSize,
    seed,
    recordsPerEpoch: 1,
    progress: false,
  });
  const seconds = (performance.now() - started) / 1000;
  const dead = Object.keys(cures).map((name, index) => {
    const { model } = runs[index] as (typeof runs)[number];
    return [`dead % ${name}`, 100 * evaluate(model, patches).deadFraction] as const;
  });
  return { seconds, ...Object.fromEntries(dead) };
});
