import * as tf from '@tensorflow/tfjs';
import { show } from '../arguments';
import type { SparseAutoencoder } from '../autoencoder';
import type { Dataset } from '../datasets/dataset';
import { deadFraction, fractionOfVarianceUnexplained, l0, meanSquaredError } from '../metrics';
import { toTensor } from '../rows';
import { loadFunction, type ModuleExport, modulePart } from './projectModules';
import type { Part } from './trial';

/** What the library itself measures. */
export type MetricName = 'mse' | 'l0' | 'deadFraction' | 'fractionOfVarianceUnexplained';

/** A metric by name, or a function of one's own: `(model, data, parameters) => number`, or a promise of it. */
export type MetricChoice = MetricName | ModuleExport;

/** The numbers that every training's last record holds as well. */
export type StandardMetrics = Readonly<Record<MetricName, number>>;

/** What is measured unless told. */
export const METRIC_NAMES: readonly MetricName[] = [
  'mse',
  'l0',
  'deadFraction',
  'fractionOfVarianceUnexplained',
];

/** @throws TypeError if there is no such metric, or two have one name. */
export function metricParts(choices: readonly MetricChoice[]): Part[] {
  const parts = choices.map((choice): Part => {
    if (typeof choice === 'object' && choice !== null && 'module' in choice) return modulePart(choice);
    if (!METRIC_NAMES.includes(choice)) {
      throw new TypeError(
        `metrics must be some of ${METRIC_NAMES.map(show).join(', ')} or fromModule(…); got ${show(choice)}`,
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

/**
 * Measures a trained model.
 *
 * @param standard The standard metrics, however they were measured.
 * @throws TypeError if a metric of one's own does not return a number.
 */
export async function measureParts(
  parts: readonly Part[],
  model: SparseAutoencoder,
  data: Dataset,
  standard: () => StandardMetrics,
): Promise<Record<string, number>> {
  const measured: Record<string, number> = {};
  for (const { name, parameters, module } of parts) {
    if (module) {
      const measure = loadFunction({ name, parameters, module });
      const value: unknown = await measure(model as never, data as never, parameters as never);
      if (typeof value !== 'number') {
        throw new TypeError(`${module.path}: ${name} must return a number; got ${show(value)}`);
      }
      measured[name] = value;
    } else {
      if (!METRIC_NAMES.includes(name as MetricName)) throw new TypeError(`metrics has no ${show(name)}`);
      measured[name] = standard()[name as MetricName];
    }
  }
  return measured;
}

/** The standard metrics on all rows of a data set, as one batch. */
export function standardMetrics(model: SparseAutoencoder, data: Dataset): StandardMetrics {
  return tf.tidy(() => {
    const x = toTensor('evaluate', data);
    const { activations, reconstruction } = model.forward(x);
    return {
      mse: meanSquaredError(x, reconstruction),
      l0: l0(activations),
      deadFraction: deadFraction(activations),
      fractionOfVarianceUnexplained: fractionOfVarianceUnexplained(x, reconstruction),
    };
  });
}
