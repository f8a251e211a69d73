/**
 * How examples, units and sums of them look on a dashboard: pictures, or words.
 *
 * @module
 */
import { className, type Examples, wordsOf } from '../../datasets/examples';
import type { WordVectors } from '../../datasets/words';
import type { Codes } from '../../features/codes';
import { unitWords } from '../../features/unitWords';
import { short } from '../../numbers/shown';
import { type Matrix, rowAt, transposed } from '../../numbers/values';
import { escapeHtml } from '../../page/escapeHtml';
import { greyRange } from '../imageGrid';
import { type ImageShape, requireImageShape } from '../imageTiles';
import { pictureSheet } from '../pictureSheet';
import type { Colorscale } from '../plotly';
import { extent } from '../plotRows';
import { DIVERGING, GREY } from '../theme';

/** How an example looks. */
export interface ExampleLook {
  /** An example's name in a sentence: `example 17 (7)`, `“apple”`. */
  name(row: number): string;
  /** An example, as HTML. */
  example(row: number): string;
  /** An example as plain text, where that is all of it. */
  plain(row: number): string | undefined;
}

/** Pieces of HTML for a dashboard. */
export interface Look extends ExampleLook {
  /** Large pictures, with captions, of the pattern that a unit looks for and of the one that it adds. */
  unit(unit: number): string;
  /** A unit in a line of a table. */
  smallUnit(unit: number): string;
  /** The head of the column of {@link smallUnit}. */
  readonly smallUnitHead: string;
  /** Picture of a part of a sum, from one unit or several; `limit` is the number that is drawn in full colour. */
  part(values: Float32Array, limit: number, name: string, unit?: number): string;
  /** How to read {@link part}. */
  readonly partKey: string;
  /** An input or a reconstruction of this input. */
  output(values: Float32Array, name: string): string;
}

/** The largest size of a picture; a larger one is drawn with fewer pixels. */
const PICTURE_BYTES = 4000;

/** How many words stand for a unit, for its decoder weights, and for another vector. */
const UNIT_WORDS = 5;
const DECODER_WORDS = 10;
const NEAR_WORDS = 3;

/** How examples look. It keeps the data, but neither codes nor a copy. @throws RangeError as {@link lookOf} */
export function exampleLook(codes: Codes, data: Examples, imageShape?: ImageShape): ExampleLook {
  const words = wordsOf(data);
  return words === undefined ? pictures(codes, imageShape) : wordLook(words);
}

/** @throws RangeError if the examples are neither words nor pictures of that shape */
export function lookOf(codes: Codes, data: Examples, imageShape?: ImageShape): Look {
  const words = wordsOf(data);
  if (words !== undefined) return { ...wordLook(words), ...wordUnits(codes, words) };
  const { draw, ...examples } = pictures(codes, imageShape);
  return { ...examples, ...pictureUnits(codes, draw) };
}

/** Draws a picture: its numbers, those that are drawn in the ends of the scale, the scale, and the alternative text. */
type Draw = (
  values: Float32Array,
  range: readonly [number, number] | undefined,
  colors: Colorscale,
  alt: string,
  kind?: string,
) => string;

function pictures(
  { dataset, x }: Codes,
  given: ImageShape | undefined,
): ExampleLook & { readonly draw: Draw } {
  const imageShape = requireImageShape(given ?? dataset.imageShape, dataset.dim);
  const grey = greyRange(x.values);
  const [height, width] = imageShape;
  const shape = height === width ? '' : ` style="aspect-ratio:${width}/${height}"`;
  const draw: Draw = (values, range = grey, colors, alt, kind = '') => {
    const image = { values, shape: [1, values.length] } as const;
    const { src } = pictureSheet(image, imageShape, () => range, colors, PICTURE_BYTES);
    return `<img class="picture ${kind}" src="${src}" alt="${escapeHtml(alt)}"${shape}>`;
  };
  const name = (row: number) => {
    const label = dataset.labels?.[row];
    return `example ${row}${label === undefined ? '' : ` (${className(dataset, label)})`}`;
  };
  const example = (row: number) => draw(dataset.gather([row]), undefined, GREY, name(row));
  return { name, example, plain: () => undefined, draw };
}

function pictureUnits({ model }: Codes, draw: Draw): Omit<Look, keyof ExampleLook> {
  const decoder = model.decoderWeights;
  const encoder = transposed(model.encoderWeights);
  const weights = (of: Matrix, unit: number, what: string, kind?: string) => {
    const row = rowAt(of, unit);
    return draw(row, [-largest(row), largest(row)], DIVERGING, `Unit ${unit}: ${what}`, kind);
  };
  return {
    unit: (unit) =>
      model.architecture.tied
        ? figure(weights(decoder, unit, 'its weights', 'large'), 'weights (tied)')
        : figure(weights(decoder, unit, 'its decoder weights', 'large'), 'adds (decoder)') +
          figure(weights(encoder, unit, 'its encoder weights', 'large'), 'looks for (encoder)'),
    smallUnit: (unit) => weights(decoder, unit, 'its decoder weights'),
    smallUnitHead: 'adds',
    part: (values, limit, alt) => draw(values, [-limit, limit], DIVERGING, alt),
    partKey: 'Red is added, blue is taken away, on one scale for all parts.',
    output: (values, alt) => draw(values, undefined, GREY, alt),
  };
}

function wordLook(words: WordVectors): ExampleLook {
  const word = (row: number) => words.words[row] as string;
  return { name: (row) => `“${word(row)}”`, example: (row) => italic(word(row)), plain: word };
}

function wordUnits({ model, activations }: Codes, words: WordVectors): Omit<Look, keyof ExampleLook> {
  const list = (texts: readonly string[]) => texts.map(italic).join(', ');
  const near = (values: Float32Array, count: number) => {
    if (largest(values) === 0) return 'nothing';
    return list(words.nearest(values, Math.min(count, words.words.length)).map(({ word }) => word));
  };
  const decoder = model.decoderWeights;
  const smallUnit = (unit: number) => {
    const [own] = unitWords(activations, words.words, { units: [unit], count: UNIT_WORDS });
    return list(own?.words ?? []) || 'silent';
  };
  return {
    unit: (unit) => {
      const nearest = near(rowAt(decoder, unit), DECODER_WORDS);
      return figure(`<p>${nearest}</p>`, 'words that its decoder weights point to');
    },
    smallUnit,
    smallUnitHead: 'strongest words',
    part: (values, _limit, _name, unit) => (unit === undefined ? near(values, NEAR_WORDS) : smallUnit(unit)),
    partKey: 'A unit is shown by the words that excite it most, a sum by the words nearest to it.',
    output: (values) => near(values, NEAR_WORDS),
  };
}

const italic = (text: string): string => `<i>${escapeHtml(text)}</i>`;

const figure = (content: string, caption: string): string =>
  `<figure>${content}<figcaption>${caption}</figcaption></figure>`;

/** The largest magnitude. */
export function largest(values: Float32Array): number {
  const [low, high] = extent(values);
  return Math.max(-low, high);
}

/** A number with its sign. */
export const signedNumber = (value: number): string => `${value < 0 ? '−' : '+'}${short(Math.abs(value))}`;
