import { type Dataset, requireDataset } from '../datasets/dataset';
import { orientationSelectivity } from '../features/orientation';
import { topActivating } from '../features/topActivating';
import { unitActivations } from '../features/unitActivations';
import { unitStatistics } from '../features/unitStatistics';
import { activeThreshold } from '../model/activeThreshold';
import { requireModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { requireInteger } from '../numbers/arguments';
import { integer, type OptionsOf, optional, readOptions, string, value } from '../numbers/options';
import { percent } from '../numbers/shown';
import type { Matrix } from '../numbers/values';
import { activationHistogram } from './activationHistogram';
import type { Figure } from './figure';
import { imageGrid } from './imageGrid';
import { type ImageShape, requireImageShape } from './imageTiles';
import { panels } from './panels';
import { rounded } from './plotRows';
import { weightImages } from './weightImages';

const unitDashboardOptions = {
  /** Height and width of an input image. Default: the Dataset's, or a square. */
  imageShape: optional(value<ImageShape>()),
  /** How many of the inputs that excite it most. Default: 12. */
  count: optional(integer({ min: 1, max: 40 }), 12),
  title: optional(string),
};

/** How {@link unitDashboard} draws. @interface */
export type UnitDashboardOptions = OptionsOf<typeof unitDashboardOptions>;

/**
 * All about one hidden unit in one figure: its weights as a picture, the inputs that excite it most, and how often it fires
 * how strongly; above them its mean activation, how often it is active and how clearly its weights have one direction
 * ({@link orientationSelectivity}).
 *
 * @param data Examples to look at, preferably not those that the model was trained on.
 * @param unit Which unit, counted from 0.
 * @throws RangeError if there is no such unit, the rows are not images of that shape, or an option is out of its range.
 *
 * @example unitDashboard(model, mnist.test, 17)
 */
export function unitDashboard(
  model: SparseAutoencoder,
  data: Dataset,
  unit: number,
  options: UnitDashboardOptions = {},
): Figure {
  const { count, title, ...read } = readOptions('unitDashboard', options, unitDashboardOptions);
  requireModel('model', model);
  requireDataset('data', data);
  const { inputDim, hiddenDim } = model.architecture;
  requireInteger('unit', unit, { min: 0, max: hiddenDim - 1 });
  const imageShape = requireImageShape(read.imageShape ?? data.imageShape, inputDim);
  const own = unitActivations(model.encode(data), unit);
  const top = topActivating(own, 0, count);
  const inputs = data.select(top.map(({ row }) => row));
  const columns = Math.min(top.length, 6);

  return panels(title ?? `Unit ${unit} of ${hiddenDim}`, describe(model, own, unit, imageShape), 460, [
    {
      figure: weightImages(model.encoderWeights, { imageShape, units: [unit], unitsAre: 'columns' }),
      x: [0, 0.3],
      y: [0.55, 0.94],
      caption: 'weights',
    },
    {
      figure: imageGrid(inputs, {
        imageShape,
        columns,
        count,
        captions: top.map(({ activation }) => String(rounded(activation, 2))),
      }),
      x: [0.36, 1],
      y: [0.55, 0.94],
      caption: 'inputs that excite it most',
    },
    {
      figure: activationHistogram(own),
      x: [0, 1],
      y: [0, 0.38],
      caption: 'how strongly it fires',
    },
  ]);
}

function describe(model: SparseAutoencoder, own: Matrix, unit: number, imageShape: ImageShape): string {
  const threshold = activeThreshold(model.architecture);
  const [statistics] = unitStatistics(own, threshold);
  const { mean = 0, max = 0, activationFrequency = 0 } = statistics ?? {};
  const { values, shape } = model.encoderWeights;
  const weights = Array.from({ length: shape[0] }, (_, input) => values[input * shape[1] + unit] as number);
  const { selectivity } = orientationSelectivity(weights, imageShape);
  return [
    `mean ${rounded(mean, 3)}, largest ${rounded(max, 3)}`,
    `${threshold === 0 ? 'active' : `above ${threshold}`} ${percent(activationFrequency, 1)}`,
    `orientation ${selectivity.toFixed(2)}`,
  ].join('; ');
}
