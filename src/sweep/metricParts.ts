import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../datasets/dataset';
import { toTensor } from '../datasets/rows';
import type { SyntheticFeatures } from '../datasets/syntheticFeatures';
import { probe } from '../features/probe';
import { type Recovery, recovery } from '../features/recovery';
import type { SparseAutoencoder } from '../model/autoencoder';
import { evaluate } from '../model/evaluate';
import { deadFraction, l0, type Measurements } from '../model/metrics';
import { requireArray, requireNumber, show } from '../numbers/arguments';
import { mean } from '../numbers/arithmetic';
import { type DataChoice, dataPart, loadData } from './dataSources';
import type { ModuleExport } from './projectModules';
import { type Entry, type Parameters, Registry } from './registry';
import type { Component, DataComponent } from './trial';

/** Metrics of {@link recovery}, for synthetic features, whose truth is known. */
type TruthMetric = 'mcc' | 'f1' | 'precision' | 'recall' | 'uniqueness' | 'shrinkage';

/** The library's own metrics. `meanActivation` is one number: the mean over units and examples. */
export type MetricName =
  | 'mse'
  | 'l0'
  | 'deadFraction'
  | 'fractionOfVarianceUnexplained'
  | 'meanActivation'
  | TruthMetric;

/** Active units, counted above another threshold than the model's own. */
export interface ThresholdMetric {
  readonly name: 'l0' | 'deadFraction';
  readonly threshold: number;
}

/** The fraction of examples that a linear classifier on the codes gets right, as `probe` does. */
export interface ProbeMetric {
  readonly name: 'probeAccuracy';
  /** The labelled examples that the classifier learns from; it is judged on the data that the trial is measured on. */
  readonly learnFrom: DataChoice;
  /** Strength of ½ ΣW² relative to the classifier's mean cross-entropy. Default: 1e-5. */
  readonly weightDecay?: number;
}

/** A metric by name, some with parameters, or a custom function: `(model, data, parameters) => number`, or a promise of it. */
export type MetricChoice = MetricName | ThresholdMetric | ProbeMetric | ModuleExport;

/** The default metrics. */
export const METRIC_NAMES: readonly MetricName[] = [
  'mse',
  'l0',
  'deadFraction',
  'fractionOfVarianceUnexplained',
];

/** Measurements that several metrics share, made once. */
interface Shared {
  standard(): Measurements;
  recovered(): Recovery;
}

/** Measures a trained model. */
type Measure = (
  model: SparseAutoencoder,
  data: Dataset,
  parameters: Parameters,
  shared: Shared,
) => number | Promise<number>;

const plain = (name: Exclude<MetricName, 'meanActivation' | TruthMetric>): Entry<Measure> => ({
  keys: [],
  use: (_model, _data, _parameters, { standard }) => standard()[name],
});

const againstTruth = (name: TruthMetric): Entry<Measure> => ({
  keys: [],
  use: (_model, _data, _parameters, { recovered }) => recovered()[name],
});

/** The metrics that need true features. */
const truthMetrics: Readonly<Record<TruthMetric, Entry<Measure>>> = {
  mcc: againstTruth('mcc'),
  f1: againstTruth('f1'),
  precision: againstTruth('precision'),
  recall: againstTruth('recall'),
  uniqueness: againstTruth('uniqueness'),
  shrinkage: againstTruth('shrinkage'),
};

/** Active units or dead ones: counted above the model's threshold, or above a given one. */
const countAbove = (
  name: ThresholdMetric['name'],
  count: (h: tf.Tensor2D, threshold: number) => number,
): Entry<Measure> => ({
  keys: ['threshold'],
  check: ({ threshold }) =>
    threshold === undefined ? {} : { threshold: requireNumber('metrics.threshold', threshold, { min: 0 }) },
  use: (model, data, { threshold }, { standard }) =>
    threshold === undefined
      ? standard()[name]
      : tf.tidy(() => count(model.forward(toTensor('evaluate', data)).activations, threshold as number)),
});

const metrics = new Registry<Measure>('metric', "{ name: 'l0', threshold: 0.1 }", {
  mse: plain('mse'),
  l0: countAbove('l0', l0),
  deadFraction: countAbove('deadFraction', deadFraction),
  fractionOfVarianceUnexplained: plain('fractionOfVarianceUnexplained'),
  meanActivation: {
    keys: [],
    use: (_model, _data, _parameters, { standard }) => mean(standard().meanActivation),
  },
  probeAccuracy: {
    keys: ['learnFrom', 'weightDecay'],
    check: ({ learnFrom, weightDecay = 1e-5 }) => ({
      learnFrom: dataPart('metrics.learnFrom', learnFrom as DataChoice),
      weightDecay: requireNumber('metrics.weightDecay', weightDecay, { min: 0 }),
    }),
    // loadData refuses what is not a data set.
    use: (model, data, { learnFrom, weightDecay }) =>
      probe(model, loadData(learnFrom as unknown as DataComponent), data, {
        weightDecay: weightDecay as number,
      }).testAccuracy,
  },
  ...truthMetrics,
});

/**
 * The metrics as components of a specification.
 *
 * @param data What the models are measured on.
 * @throws TypeError if there is no such metric, two have the same name, or one needs true features and the data have none.
 */
export function metricParts(choices: readonly MetricChoice[], data: DataComponent): Component[] {
  const parts = requireArray('metrics', choices, 'an array of metrics').map((choice) =>
    metrics.part('metrics', choice),
  );
  const names = parts.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`metrics must have different names; got ${show(twice)} twice`);
  const needy = parts.find(({ name, module }) => !module && name in truthMetrics);
  if (needy && !data.module && data.name !== 'synthetic features') {
    throw new TypeError(
      `metrics must not hold ${show(needy.name)} without true features: data or evaluate must be 'synthetic features'; ` +
        `got ${show(data.name)}`,
    );
  }
  return parts;
}

/**
 * Loads what metrics name besides the trial's own data: a worker that has other versions refuses before it trains.
 *
 * @throws TrialRefusedError if a module or a data set is another version here.
 */
export function loadMetrics(parts: readonly Component[]): void {
  for (const part of parts) {
    metrics.use(part);
    const { learnFrom } = part.parameters;
    if (!part.module && learnFrom !== undefined) loadData(learnFrom as unknown as DataComponent);
  }
}

/**
 * Measures a trained model.
 *
 * @param recorded What is known of the model on these data, if its training has measured it.
 * @throws TypeError if a custom metric does not return a number.
 */
export async function measureParts(
  parts: readonly Component[],
  model: SparseAutoencoder,
  data: Dataset,
  recorded: Measurements | undefined,
): Promise<Record<string, number>> {
  let known = recorded;
  let ofTruth: Recovery | undefined;
  const shared: Shared = {
    standard() {
      known ??= evaluate(model, data);
      return known;
    },
    recovered() {
      // It refuses what are not synthetic features.
      ofTruth ??= recovery(model, data as SyntheticFeatures);
      return ofTruth;
    },
  };
  const results: Record<string, number> = {};
  for (const part of parts) {
    const value: unknown = await metrics.use(part)(model, data, part.parameters, shared);
    if (typeof value !== 'number') {
      throw new TypeError(`${part.module?.path}: ${part.name} must return a number; got ${show(value)}`);
    }
    results[part.name] = value;
  }
  return results;
}
