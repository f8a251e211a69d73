/**
 * The display of a model or a training state as a cell's last expression: its layers, their shapes, and its training data.
 *
 * @module
 */

import { counted, grouped } from '../numbers/shown';
import type { Values } from '../numbers/values';
import type { MimeBundle } from '../page/cell';
import { DISPLAY } from '../page/cell';
import { escapeHtml } from '../page/escapeHtml';
import { Table } from '../page/table';
import { showActivation } from './activations';
import type { Architecture, ByParameter } from './architecture';

/** The displayed facts of a model. */
interface ShownModel {
  readonly architecture: Architecture;
  readonly parameters: ByParameter<Values>;
  readonly parameterCount: number;
  /** Its last training. */
  readonly history: { readonly data: string | undefined; toString(): string } | undefined;
}

/** The displayed facts of a training state. */
interface ShownState {
  readonly architecture: Architecture;
  readonly step: number;
  readonly order: { readonly batchSize: number; readonly examples: number; readonly seed: number };
  readonly setup?:
    | { readonly reconstructionLoss: string; readonly penalty: string; readonly precision?: string }
    | undefined;
}

/** A model in a line: `SparseAutoencoder: 784 → 64 relu → 784 linear, 101,200 parameters`. */
export function describeModel({
  architecture,
  parameterCount,
}: Pick<ShownModel, 'architecture' | 'parameterCount'>): string {
  return `SparseAutoencoder: ${describeForm(architecture)}, ${counted(parameterCount, 'parameter')}`;
}

/** The line, a row for each layer, and the last training, as text and as HTML. */
export function summarizeModel(model: ShownModel): MimeBundle {
  const { architecture, parameters, history } = model;
  const { inputDim, hiddenDim, hiddenActivation, outputActivation } = architecture;
  const isDecoder = (name: string) => name.startsWith('decoder');
  // An activation's own arrays, such as thresholds, belong to the encoder.
  const sizeOf = (layer: string) =>
    Object.entries(parameters)
      .filter(([name]) => isDecoder(name) === isDecoder(layer))
      .reduce((sum, [, { values }]) => sum + values.length, 0);
  const row = (layer: string, activation: string, shape: string) => ({
    layer,
    activation,
    shape,
    parameters: grouped(sizeOf(layer)),
  });
  const layers = new Table(
    [
      row('encoder', showActivation(hiddenActivation), `[${inputDim}, ${hiddenDim}]`),
      row('decoder', outputActivation, `[${hiddenDim}, ${inputDim}]`),
    ],
    3,
  );
  const trained = history ? `${history}${history.data ? `, on ${history.data}` : ''}` : 'not trained yet';
  const { 'text/html': html } = layers[DISPLAY]();
  return {
    'text/plain': [describeModel(model), String(layers), trained].join('\n'),
    'text/html': `<p>${escapeHtml(describeModel(model))}</p>${html}<p>${escapeHtml(trained)}</p>`,
  };
}

/** A training state in a line. */
export function describeState({ architecture, step, order, setup }: ShownState): string {
  const { batchSize, examples, seed } = order;
  const batches = `batches of ${grouped(batchSize)} of ${grouped(examples)} examples, seed ${seed}`;
  const loss = setup
    ? `, ${setup.reconstructionLoss}${setup.penalty === 'none' ? '' : ` and ${setup.penalty}`}`
    : '';
  const products = setup?.precision === undefined ? '' : `, products in ${setup.precision}`;
  return `TrainingState: ${describeForm(architecture)}, after ${counted(step, 'step')}, ${batches}${loss}${products}`;
}

function describeForm(architecture: Architecture): string {
  const { inputDim, hiddenDim, hiddenActivation, outputActivation, tied } = architecture;
  const form = `${inputDim} → ${hiddenDim} ${showActivation(hiddenActivation)} → ${inputDim} ${outputActivation}`;
  return tied ? `${form}, tied` : form;
}
