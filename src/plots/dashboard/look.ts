/**
 * How examples, units and sums of them look on a dashboard: pictures, or words.
 *
 * @module
 */
import { className, type Examples, wordsOf } from '../../datasets/examples';
import type { WordVectors } from '../../datasets/words';
import type { Codes } from '../../features/codes';
import { topActivating } from '../../features/topActivating';
import { short } from '../../numbers/shown';
import { transposed } from '../../numbers/values';
import { escapeHtml } from '../../page/escapeHtml';
import { greyRange } from '../imageGrid';
import { type ImageShape, requireImageShape } from '../imageTiles';
import { pictureSheet } from '../pictureSheet';
import type { Colorscale } from '../plotly';
import { extent, rowAt } from '../plotRows';
import { DIVERGING, GREY } from '../theme';

/** Pieces of HTML for what a dashboard shows. */
export interface Look {
  /** What an example is called in a sentence: `example 17 (7)`, `“apple”`. */
  name(row: number): string;
  /** An example. */
  example(row: number): string;
  /** An example as plain text, where that is all of it. */
  plain(row: number): string | undefined;
  /** What a unit looks for and adds, large, with captions. */
  unit(unit: number): string;
  /** A unit in a line of a table. */
  smallUnit(unit: number): string;
  /** What a part adds to a sum, a unit or several; `limit` is the number that is drawn in full colour. */
  part(values: Float32Array, limit: number, name: string, unit?: number): string;
  /** How to read {@link part}. */
  readonly partKey: string;
  /** An input or a reconstruction of this input. */
  output(values: Float32Array, name: string): string;
}

/** What a picture may take; a larger one is drawn with fewer pixels. */
const PICTURE_BYTES = 4000;

/** How many words stand for a unit, and for a vector. */
const UNIT_WORDS = 5;
const NEAR_WORDS = 3;

/** @throws RangeError if the examples are neither words nor pictures of that shape */
export function lookOf(codes: Codes, data: Examples, imageShape?: ImageShape): Look {
  const words = wordsOf(data);
  return words === undefined ? pictures(codes, imageShape) : wordLook(codes, words);
}

function pictures({ model, dataset, x }: Codes, given: ImageShape | undefined): Look {
  const imageShape = requireImageShape(given ?? dataset.imageShape, dataset.dim);
  const grey = greyRange(x.values);
  const decoder = model.decoderWeights;
  const encoder = transposed(model.encoderWeights);
  const [height, width] = imageShape;
  const draw = (
    values: Float32Array,
    range: readonly [number, number],
    colors: Colorscale,
    alt: string,
    kind = '',
  ) => {
    const image = { values, shape: [1, values.length] } as const;
    const { src } = pictureSheet(image, imageShape, () => range, colors, PICTURE_BYTES);
    const shape = height === width ? '' : ` style="aspect-ratio:${width}/${height}"`;
    return `<img class="picture ${kind}" src="${src}" alt="${escapeHtml(alt)}"${shape}>`;
  };
  const signed = (values: Float32Array, limit: number, alt: string, kind?: string) =>
    draw(values, [-limit, limit], DIVERGING, alt, kind);
  const name = (row: number) => {
    const label = dataset.labels?.[row];
    return `example ${row}${label === undefined ? '' : ` (${className(dataset, label)})`}`;
  };
  const weights = (of: typeof decoder, unit: number, what: string, kind?: string) => {
    const row = rowAt(of, unit);
    return signed(row, largest(row), `Unit ${unit}: ${what}`, kind);
  };
  return {
    name,
    example: (row) => draw(rowAt(x, row), grey, GREY, name(row)),
    plain: () => undefined,
    unit: (unit) => {
      const adds = figure(weights(decoder, unit, 'its decoder weights', 'large'), 'adds (decoder)');
      if (model.architecture.tied)
        return figure(weights(decoder, unit, 'its weights', 'large'), 'weights (tied)');
      return `${adds}${figure(weights(encoder, unit, 'its encoder weights', 'large'), 'looks for (encoder)')}`;
    },
    smallUnit: (unit) => weights(decoder, unit, 'its decoder weights'),
    part: (values, limit, alt) => signed(values, limit, alt),
    partKey: 'Red is added, blue is taken away, on one scale for all parts.',
    output: (values, alt) => draw(values, grey, GREY, alt),
  };
}

function wordLook({ model, activations }: Codes, words: WordVectors): Look {
  const word = (row: number) => words.words[row] as string;
  const list = (texts: readonly string[]) => texts.map((text) => `<i>${escapeHtml(text)}</i>`).join(', ');
  const topWords = (unit: number, count: number) =>
    topActivating(activations, unit, count)
      .filter(({ activation }) => activation > 0)
      .map(({ row }) => word(row));
  const near = (values: Float32Array, count: number) =>
    largest(values) === 0
      ? 'nothing'
      : list(words.nearest(values, Math.min(count, words.words.length)).map((one) => one.word));
  const smallUnit = (unit: number) => list(topWords(unit, UNIT_WORDS)) || 'silent';
  return {
    name: (row) => `“${word(row)}”`,
    example: (row) => `<i>${escapeHtml(word(row))}</i>`,
    plain: word,
    unit: (unit) =>
      figure(
        `<p>${near(rowAt(model.decoderWeights, unit), 10)}</p>`,
        'words that its decoder weights point to',
      ),
    smallUnit,
    part: (values, _limit, _name, unit) => (unit === undefined ? near(values, NEAR_WORDS) : smallUnit(unit)),
    partKey: 'A unit is shown by the words that excite it most, a sum by the words nearest to it.',
    output: (values) => near(values, NEAR_WORDS),
  };
}

const figure = (content: string, caption: string): string =>
  `<figure>${content}<figcaption>${caption}</figcaption></figure>`;

/** The largest magnitude. */
export function largest(values: Float32Array): number {
  const [low, high] = extent(values);
  return Math.max(-low, high);
}

/** A number with its sign. */
export const signedNumber = (value: number): string => `${value < 0 ? '−' : '+'}${short(Math.abs(value))}`;
