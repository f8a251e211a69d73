import { type Dataset, requireDataset } from '../datasets/dataset';
import { topActivating } from '../features/topActivating';
import { type UnitStatistics, unitStatistics } from '../features/unitStatistics';
import { activeThreshold } from '../model/activeThreshold';
import { requireModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { requireFinite, requireInteger } from '../numbers/arguments';
import { integer, number, type OptionsOf, optional, readOptions, value } from '../numbers/options';
import { counted } from '../numbers/shown';
import { rowAt, transposed } from '../numbers/values';
import { DISPLAY, INSPECT, type MimeBundle } from '../page/cell';
import { greyRange } from './imageGrid';
import { type ImageShape, requireImageShape } from './imageTiles';
import { type PictureSheet, pictureSheet } from './pictureSheet';
import { extent, rounded, rowsOf } from './plotRows';
import { DIVERGING, GREY } from './theme';
import { unitMeans } from './unitMeans';

const unitPanelOptions = {
  /** ρ, drawn as a line: the activity that a penalty aims at. */
  target: optional(number({ above: 0 })),
  /** How many of the inputs that excite a unit most. Default: 8. */
  count: optional(integer({ min: 1, max: 40 }), 8),
  /** Height and width of an input image. Default: the Dataset's, or a square. */
  imageShape: optional(value<ImageShape>()),
};

/** How {@link unitPanel} draws. @interface */
export type UnitPanelOptions = OptionsOf<typeof unitPanelOptions>;

/**
 * The quantity that gives a unit its colour. Silent: active for none of the inputs. Always on: for more than 99 of 100. On
 * target: its mean lies between half and twice ρ.
 */
export type UnitState = 'silent' | 'always on' | 'on target' | 'other';

/** One unit in the panel. */
export interface PanelUnit {
  /** ρ̂ⱼ: its activation, averaged over the inputs. */
  readonly mean: number;
  /** Its largest activation. */
  readonly max: number;
  /** Fraction of the inputs for which it is active. */
  readonly activationFrequency: number;
  readonly state: UnitState;
  /** The largest of its weights' magnitudes: full red or blue in its picture. */
  readonly largestWeight: number;
  /** The inputs that excite it most, strongest first: the number of the picture, and the unit's activation. */
  readonly top: readonly (readonly [picture: number, activation: number])[];
}

/** All that a page needs to show the panel, sort it and answer clicks, without a kernel. */
export interface UnitPanelData {
  /** ρ, if there is one. */
  readonly target?: number;
  /** How many inputs were looked at. */
  readonly inputs: number;
  /** A unit counts as active where its activation is above this. */
  readonly threshold: number;
  readonly units: readonly PanelUnit[];
  /** Picture j is unit j's weights, white for 0. */
  readonly weights: PictureSheet;
  /** Each input that excites some unit most, once; none if all units are silent. */
  readonly pictures?: PictureSheet;
  /** The class of each of these pictures, where the data have labels. */
  readonly labels?: readonly string[];
}

/** The MIME type of a unit panel as JSON, {@link UnitPanelData}. */
export const UNITS_MIME = 'application/vnd.sparselab.units+json';

/** A unit counts as always on that is active for a larger fraction of the inputs than this. */
const ALWAYS_ON = 0.99;

/** All hidden units at a glance, as {@link unitPanel} makes it: make it a cell's last expression and the cell shows it. */
export class UnitPanel {
  readonly data: UnitPanelData;

  constructor(data: UnitPanelData) {
    this.data = data;
  }

  /** How many units there are, and how many of them in which state, as a line of text. */
  toString(): string {
    const { units } = this.data;
    const number = (state: UnitState) => units.filter((unit) => unit.state === state).length;
    const states = (['silent', 'always on', 'on target'] as const).filter((state) => number(state) > 0);
    return `Unit panel: ${[counted(units.length, 'unit'), ...states.map((state) => `${number(state)} ${state}`)].join(', ')}`;
  }

  /** Where a kernel only prints values it prints that line. */
  [INSPECT](): string {
    return this.toString();
  }

  /** The display in a notebook: the panel; where a page does not know it, the means as a figure; else a line of text. */
  [DISPLAY](): MimeBundle {
    const { units, target } = this.data;
    const means = unitMeans(
      units.map(({ mean }) => mean),
      target === undefined ? {} : { target },
    );
    return {
      [UNITS_MIME]: this.data,
      ...means[DISPLAY](),
      'text/plain': this.toString(),
    };
  }
}

/**
 * Every hidden unit's mean activation as a bar, next to ρ. The page sorts them (by mean, number, distance from ρ, how often
 * they are active), and a click or the arrow keys choose the unit whose weights and most exciting inputs are shown below: also
 * in a saved notebook and on the course's pages, for all of it is in the output. Drawn again while a model trains, it
 * keeps the reader's order and unit.
 *
 * @param data Inputs to look at, all of them: a sample of one or two thousand will do.
 * @throws RangeError if the rows are not images of `inputDim` pixels, or an option is out of its range.
 *
 * @example
 * unitPanel(model, mnist.test.take(1000), { target: 0.05 })
 * @example
 * const onProgress = liveFigures(() => unitPanel(model, sample, { target: rho })); // while the model trains
 */
export function unitPanel(
  model: SparseAutoencoder,
  data: Dataset,
  options: UnitPanelOptions = {},
): UnitPanel {
  const { target, count, ...read } = readOptions('unitPanel', options, unitPanelOptions);
  requireModel('model', model);
  requireDataset('data', data);
  const imageShape = requireImageShape(read.imageShape ?? data.imageShape, model.architecture.inputDim);
  requireInteger('data.count', data.count, { min: 1 });

  const activations = rowsOf('activations', model.encode(data));
  const weights = transposed(model.encoderWeights);
  requireFinite('weights', weights.values);
  const threshold = activeThreshold(model.architecture);
  const largestWeights = Array.from({ length: weights.shape[0] }, (_, unit) => {
    const [low, high] = extent(rowAt(weights, unit));
    return Math.max(-low, high);
  });

  /** Rows of the data by the number of their picture. */
  const rows: number[] = [];
  const pictureOf = new Map<number, number>();
  const picture = (row: number) => {
    if (!pictureOf.has(row)) pictureOf.set(row, rows.push(row) - 1);
    return pictureOf.get(row) as number;
  };
  const units = unitStatistics(activations, threshold).map((statistics): PanelUnit => {
    const { unit, mean, max, activationFrequency } = statistics;
    return {
      mean: rounded(mean),
      max: rounded(max),
      activationFrequency: rounded(activationFrequency),
      state: stateOf(statistics, target),
      largestWeight: rounded(largestWeights[unit] as number, 3),
      top: topActivating(activations, unit, count)
        .filter(({ activation }) => activation > 0)
        .map(({ row, activation }) => [picture(row), rounded(activation, 3)]),
    };
  });

  const { labels, classNames } = data;
  return new UnitPanel({
    ...(target !== undefined && { target }),
    inputs: data.count,
    threshold,
    units,
    weights: pictureSheet(
      weights,
      imageShape,
      (unit) => [-(largestWeights[unit] as number), largestWeights[unit] as number],
      DIVERGING,
    ),
    ...(rows.length > 0 && { pictures: inputSheet(data.select(rows), imageShape) }),
    ...(labels && {
      labels: rows.map((row) => classNames?.[labels[row] as number] ?? String(labels[row])),
    }),
  });
}

function inputSheet(data: Dataset, imageShape: ImageShape): PictureSheet {
  const inputs = rowsOf('inputs', data);
  const range = greyRange(inputs.values);
  return pictureSheet(inputs, imageShape, () => range, GREY);
}

function stateOf({ mean, activationFrequency }: UnitStatistics, target: number | undefined): UnitState {
  if (activationFrequency === 0) return 'silent';
  if (activationFrequency > ALWAYS_ON) return 'always on';
  return target !== undefined && mean >= target / 2 && mean <= 2 * target ? 'on target' : 'other';
}
