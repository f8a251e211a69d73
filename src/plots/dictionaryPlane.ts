import type { SyntheticFeatures } from '../datasets/syntheticFeatures';
import { recovery } from '../features/recovery';
import type { SparseAutoencoder } from '../model/autoencoder';
import { requireArray } from '../numbers/arguments';
import { type OptionsOf, optional, readOptions, string } from '../numbers/options';
import { short } from '../numbers/shown';
import { Figure } from './figure';
import { panels } from './panels';
import type { Cell, ScatterTrace } from './plotly';
import { rounded } from './plotRows';
import { colorOf } from './theme';

const dictionaryPlaneOptions = {
  title: optional(string, 'Dictionaries in the plane'),
};

/** How {@link dictionaryPlane} draws. @interface */
export type DictionaryPlaneOptions = OptionsOf<typeof dictionaryPlaneOptions>;

/** Examples that are drawn, and panels side by side. */
const [MOST_POINTS, COLUMNS] = [150, 5];
/** Space for two lines above a panel, as a fraction of the panel's height. */
const CAPTION = 0.17;
/** How far the plane reaches; true features have length 1. */
const REACH = 1.6;

/**
 * Models of inputs with two numbers, a panel each: the examples as grey points, the true features as dashed rays, each unit's
 * decoder weights as a line from the origin. A dead unit is drawn thin and dotted. Above each panel is its MCC, see
 * {@link recovery}.
 *
 * @param models One or more, with `inputDim` 2.
 * @param truth Rows of features in two dimensions.
 * @throws RangeError or TypeError if there is no model, or a width is not 2.
 *
 * @example
 * const truth = syntheticFeatures({ count: 500, seed: 1, dictionary: [[1, 0], [0, 1]] });
 * dictionaryPlane([new SparseAutoencoder({ inputDim: 2, hiddenDim: 2, seed: 1 })], truth)
 */
export function dictionaryPlane(
  models: readonly SparseAutoencoder[],
  truth: SyntheticFeatures,
  options: DictionaryPlaneOptions = {},
): Figure {
  const { title } = readOptions('dictionaryPlane', options, dictionaryPlaneOptions);
  requireArray('models', models, 'an array of models');
  if (models.length === 0) throw new RangeError('models must hold at least one; got 0');
  if (truth.dim !== 2) throw new RangeError(`truth must have rows of 2 numbers; got ${truth.dim}`);
  const columns = Math.min(COLUMNS, models.length);
  const lines = Math.ceil(models.length / columns);
  const backdrop = [examples(truth), rays(truth)];
  const parts = models.map((model, index) => {
    const { mcc, units } = recovery(model, truth);
    const [column, line] = [index % columns, Math.floor(index / columns)];
    const dead = units.map(({ activationFrequency }) => activationFrequency === 0);
    return {
      figure: new Figure([...backdrop, ...unitsOf(model, dead)], {
        xaxis: { range: [-REACH, REACH], visible: false, fixedrange: true, constrain: 'domain' },
        yaxis: { range: [-REACH, REACH], visible: false, fixedrange: true, scaleanchor: 'x' },
      }),
      x: [column / columns, (column + 0.94) / columns] as const,
      y: [1 - (line + 0.92) / lines, 1 - (line + CAPTION) / lines] as const,
      // Two lines: five panels side by side are narrow.
      caption: `MCC ${short(mcc, 2)}${dead.some(Boolean) ? `<br>${dead.filter(Boolean).length} dead` : ''}`,
    };
  });
  const subtitle = 'lines: units (dotted: dead); dashed rays: true features; dots: examples';
  return panels(title, subtitle, 90 + 200 * lines, parts);
}

function examples(truth: SyntheticFeatures): ScatterTrace {
  const count = Math.min(MOST_POINTS, truth.count);
  const values = truth.gather(Int32Array.from({ length: count }, (_, row) => row));
  const along = (axis: number) =>
    Array.from({ length: count }, (_, row) => rounded(values[2 * row + axis] as number, 3));
  return {
    type: 'scatter',
    mode: 'markers',
    x: along(0),
    y: along(1),
    marker: { color: '#b8bfc7', size: 3 },
    hoverinfo: 'skip',
  };
}

function rays({ dictionary, features }: SyntheticFeatures): ScatterTrace {
  const along = (axis: number): Cell[] =>
    Array.from({ length: features }, (_, feature) => [
      0,
      rounded(1.5 * (dictionary[2 * feature + axis] as number), 3),
      null,
    ]).flat();
  return {
    type: 'scatter',
    mode: 'lines',
    x: along(0),
    y: along(1),
    line: { color: '#57606a', width: 1, dash: 'dash' },
    hoverinfo: 'skip',
  };
}

function unitsOf(
  { decoderWeights: { values } }: SparseAutoencoder,
  dead: readonly boolean[],
): ScatterTrace[] {
  return dead.map((isDead, unit) => ({
    type: 'scatter',
    mode: 'lines+markers',
    name: `unit ${unit}`,
    x: [0, rounded(values[2 * unit] as number, 3)],
    y: [0, rounded(values[2 * unit + 1] as number, 3)],
    line: { color: colorOf(unit), width: isDead ? 1.5 : 4, dash: isDead ? 'dot' : 'solid' },
    marker: { color: colorOf(unit), size: isDead ? 4 : 7 },
    hovertemplate: `unit ${unit}${isDead ? ', dead' : ''}<extra></extra>`,
  }));
}
