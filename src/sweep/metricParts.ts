import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../datasets/dataset';
import { toTensor } from '../datasets/rows';
import { probe } from '../features/probe';
import type { SparseAutoencoder } from '../model/autoencoder';
import { deadFraction, l0, type Measurements, measurements } from '../model/metrics';
import { requireArray, requireNumber, show } from '../numbers/arguments';
import { mean } from '../numbers/arithmetic';
import { canonicalJson } from '../provenance/canonicalJson';
import { type DataChoice, dataPart, loadData } from './dataSources';
import { loadFunction, type ModuleExport, modulePart } from './projectModules';
import type { DataPart, Part } from './trial';

/** What the library itself measures. `meanActivation` is one number: the mean over units and examples. */
export type MetricName = 'mse' | 'l0' | 'deadFraction' | 'fractionOfVarianceUnexplained' | 'meanActivation';

/** Active units, counted where the activation is above a threshold: what a code without exact zeros needs. */
export interface ThresholdMetric {
  readonly name: 'l0' | 'deadFraction';
  readonly threshold: number;
}

/** The share of examples that a linear classifier on the codes gets right, as `probe` does. */
export interface ProbeMetric {
  readonly name: 'probeAccuracy';
  /** The labelled examples that the classifier learns from; it is judged on what the trial is measured on. */
  readonly learnFrom: DataChoice;
  /** Strength of ½ ΣW² beside the classifier's mean cross-entropy. 1e-5 unless told. */
  readonly weightDecay?: number;
}

/** A metric by name, some with parameters, or a function of one's own: `(model, data, parameters) => number`, or a promise of it. */
export type MetricChoice = MetricName | ThresholdMetric | ProbeMetric | ModuleExport;

/** What is measured unless told. */
export const METRIC_NAMES: readonly MetricName[] = [
  'mse',
  'l0',
  'deadFraction',
  'fractionOfVarianceUnexplained',
];

const KNOWN_NAMES: readonly MetricName[] = [...METRIC_NAMES, 'meanActivation'];

type Parameters = Part['parameters'];

/** A metric with parameters: which they are, how they look in a specification, and what is measured with them. */
interface Parametrised {
  readonly keys: readonly string[];
  /** @throws RangeError or TypeError if a parameter is wrong. */
  check(parameters: Readonly<Record<string, unknown>>): Record<string, unknown>;
  measure(model: SparseAutoencoder, data: Dataset, parameters: Parameters): number;
}

const aboveThreshold = (count: (h: tf.Tensor2D, threshold: number) => number): Parametrised => ({
  keys: ['threshold'],
  check: ({ threshold }) => ({ threshold: requireNumber('metrics.threshold', threshold, { min: 0 }) }),
  measure: (model, data, { threshold }) =>
    tf.tidy(() => count(model.forward(toTensor('evaluate', data)).activations, threshold as number)),
});

const parametrised: Readonly<Record<(ThresholdMetric | ProbeMetric)['name'], Parametrised>> = {
  l0: aboveThreshold(l0),
  deadFraction: aboveThreshold(deadFraction),
  probeAccuracy: {
    keys: ['learnFrom', 'weightDecay'],
    check: ({ learnFrom, weightDecay = 1e-5 }) => ({
      learnFrom: dataPart('metrics.learnFrom', learnFrom as DataChoice),
      weightDecay: requireNumber('metrics.weightDecay', weightDecay, { min: 0 }),
    }),
    // loadData refuses what is no data set.
    measure: (model, data, { learnFrom, weightDecay }) =>
      probe(model, loadData(learnFrom as unknown as DataPart), data, { weightDecay: weightDecay as number })
        .testAccuracy,
  },
};

/** @throws TypeError if there is no such metric, or two have one name. */
export function metricParts(choices: readonly MetricChoice[]): Part[] {
  const parts = requireArray('metrics', choices, 'an array of metrics').map((choice): Part => {
    if (typeof choice === 'object' && choice !== null) {
      return 'module' in choice ? modulePart(choice) : parametrisedPart(choice);
    }
    if (!KNOWN_NAMES.includes(choice)) {
      throw new TypeError(
        `metrics must be some of ${KNOWN_NAMES.map(show).join(', ')}, { name: 'l0', threshold: 0.1 }, ` +
          `{ name: 'probeAccuracy', learnFrom: … } or fromModule(…); got ${show(choice)}`,
      );
    }
    return { name: choice, parameters: {} };
  });
  const names = parts.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new TypeError(`metrics must have names of their own; got ${show(twice)} twice`);
  return parts;
}

function parametrisedPart({ name, ...parameters }: ThresholdMetric | ProbeMetric): Part {
  const metric = Object.hasOwn(parametrised, name) ? parametrised[name] : undefined;
  if (!metric) {
    const names = Object.keys(parametrised).map(show).join(', ');
    throw new TypeError(`metrics has no ${show(name)} with parameters; those with are ${names}`);
  }
  const unknown = Object.keys(parameters).find((key) => !metric.keys.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(
      `metric '${name}' has no parameter ${show(unknown)}; it has ${metric.keys.join(', ')}`,
    );
  }
  return { name, parameters: JSON.parse(canonicalJson(metric.check(parameters), 'metrics')) as Parameters };
}

/**
 * Loads what metrics name besides the trial's own data: a worker that has other versions refuses before it trains.
 *
 * @throws TrialRefusedError if a module or a data set is another version here.
 */
export function loadMetrics(parts: readonly Part[]): void {
  for (const { name, parameters, module } of parts) {
    if (module) loadFunction({ name, parameters, module });
    else if (name === 'probeAccuracy') loadData(parameters.learnFrom as unknown as DataPart);
  }
}

/**
 * Measures a trained model.
 *
 * @param recorded What is known of the model on these data, if its training has measured it.
 * @throws TypeError if a metric of one's own does not return a number.
 */
export async function measureParts(
  parts: readonly Part[],
  model: SparseAutoencoder,
  data: Dataset,
  recorded: Measurements | undefined,
): Promise<Record<string, number>> {
  const results: Record<string, number> = {};
  let standard = recorded;
  for (const { name, parameters, module } of parts) {
    if (module) {
      const measure = loadFunction({ name, parameters, module });
      const value: unknown = await measure(model as never, data as never, parameters as never);
      if (typeof value !== 'number') {
        throw new TypeError(`${module.path}: ${name} must return a number; got ${show(value)}`);
      }
      results[name] = value;
    } else if (Object.keys(parameters).length > 0 && Object.hasOwn(parametrised, name)) {
      results[name] = parametrised[name as keyof typeof parametrised].measure(model, data, parameters);
    } else {
      if (!KNOWN_NAMES.includes(name as MetricName)) throw new TypeError(`metrics has no ${show(name)}`);
      standard ??= measured(model, data);
      const value = standard[name as MetricName];
      results[name] = typeof value === 'number' ? value : mean(value);
    }
  }
  return results;
}

/** All rows of a data set, as one batch. */
function measured(model: SparseAutoencoder, data: Dataset): Measurements {
  return tf.tidy(() => {
    const x = toTensor('evaluate', data);
    return measurements(x, model.forward(x));
  });
}
