import { isDataset } from '../datasets/dataset';
import type { Rows } from '../datasets/rows';
import { requireModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { loss } from '../model/loss';
import type { LossTerms } from '../model/lossTerms';
import type { Penalty } from '../model/penalties';
import { type OptionsOf, optional, readOptions, string, value } from '../numbers/options';
import type { Figure } from './figure';
import { type ImageShape, requireImageShape } from './imageTiles';
import { shades, TRANSPARENT } from './palette';
import type { Annotation, Arrow, ScatterTrace } from './plotly';
import { extent, firstRows, rounded } from './plotRows';
import { encodePng, pngAddress } from './png';
import { chart, colorOf, GREY, SEQUENTIAL } from './theme';

const lossDiagramOptions = {
  /** The sparsity term; without one the drawing marks its absence. */
  penalty: optional(value<Penalty>()),
  /** Height and width of an image; a Dataset knows its own, other rows are drawn as a square. */
  imageShape: optional(value<ImageShape>()),
  title: optional(string, 'Where the loss comes from'),
};

/** How {@link lossDiagram} draws. @interface */
export type LossDiagramOptions = OptionsOf<typeof lossDiagramOptions>;

/** The side of the squares that hold x, h and x̂, and the arrows' room between them, in pixels of the picture. */
const BOX = 112;
const GAP = 84;
const WIDTH = 3 * BOX + 2 * GAP;
const MIDDLE = WIDTH / 2;

/**
 * The height of the lines below: the penalty, and the total where everything meets. On a phone all of this shrinks but the
 * letters, so a line of text needs room for one half as high again.
 */
const LINE = 24;
const PENALTY_Y = BOX + 48;
const TOTAL_Y = PENALTY_Y + 64;
const HEIGHT = TOTAL_Y + 8 + LINE + 4;

/** Palette entries: 0 is transparent; then come so many levels of grey, as many of blue, and the frame's colour. */
const LEVELS = 127;
const FIRST_GREY = 1;
const FIRST_BLUE = FIRST_GREY + LEVELS;
const FRAME = FIRST_BLUE + LEVELS;

const ERROR_COLOR = colorOf(0);
const PENALTY_COLOR = colorOf(1);
const QUIET = '#57606a';
const FAINT = '#d0d7de';
const FRAME_COLOR = [208, 215, 222, 255] as const;

type Point = readonly [x: number, y: number];

/**
 * Where a sparsity term enters the loss, drawn from a model of your own: x → encoder → h → decoder → x̂; the
 * reconstruction error compares the two ends, the penalty looks at the middle, and both meet in the total.
 *
 * The pictures are the first row's; the numbers are averages over all rows.
 *
 * @param x Rows of the model's `inputDim` numbers.
 * @throws RangeError or TypeError if the rows or the penalty do not fit the model.
 *
 * @example lossDiagram(model, mnist.test.take(1000), { penalty: l1(1e-3) })
 */
export function lossDiagram(model: SparseAutoencoder, x: Rows, options: LossDiagramOptions = {}): Figure {
  const { penalty, title, ...read } = readOptions('lossDiagram', options, lossDiagramOptions);
  requireModel('model', model);
  const { shown, total } = firstRows('x', x, 1);
  const given = read.imageShape ?? (isDataset(x) ? x.imageShape : undefined);
  const imageShape = given ? requireImageShape(given, shown.shape[1]) : squareFor(shown.shape[1]);
  const { activations, reconstruction } = model.forward(shown);
  const terms = loss(model, x, penalty ? { penalty } : {});
  const examples = `first of ${total.toLocaleString('en')} examples; numbers averaged over all`;
  return chart({
    title,
    subtitle: total > 1 ? examples : undefined,
    data: [
      {
        type: 'image',
        source: picture(shown.values, activations.values, reconstruction.values, imageShape),
        hoverinfo: 'skip',
      },
      // From x and from x̂ down, and towards the total.
      ...[-1, 1].map((side) => elbow(MIDDLE + side * (BOX + GAP), MIDDLE + side * 90)),
    ],
    layout: {
      height: 376,
      margin: { l: 12, r: 12, t: 64, b: 12 },
      showlegend: false,
      xaxis: { visible: false, range: [-4, WIDTH + 4], constrain: 'domain', fixedrange: true },
      yaxis: {
        visible: false,
        autorange: false,
        range: [HEIGHT, -22],
        scaleanchor: 'x',
        constrain: 'domain',
        fixedrange: true,
      },
      annotations: [...forwardLabels(activations.values), ...lossLabels(terms, penalty)],
    },
  });
}

/** Texts above and between the three boxes. */
function forwardLabels(h: Float32Array): (Annotation | Arrow)[] {
  const active = h.reduce((count, value) => count + Number(value !== 0), 0);
  const above = -4;
  const centre = BOX / 2;
  const margin = 4;
  return [
    label('x', centre, above),
    label(`h: ${active} of ${h.length} active`, MIDDLE, above),
    label('x̂', WIDTH - centre, above),
    arrow([BOX + margin, centre], [BOX + GAP - margin, centre], QUIET),
    arrow([WIDTH - BOX - GAP + margin, centre], [WIDTH - BOX - margin, centre], QUIET),
    label('encoder', BOX + GAP / 2, centre - 8, QUIET),
    label('decoder', WIDTH - BOX - GAP / 2, centre - 8, QUIET),
  ];
}

/** The terms of the loss, and how they meet in the total. */
function lossLabels(
  { reconstruction, penalty: term, total }: LossTerms,
  penalty?: Penalty,
): (Annotation | Arrow)[] {
  const path = penalty ? PENALTY_COLOR : FAINT;
  const sum = penalty ? `${short(reconstruction)} + ${short(penalty.strength)} × ${short(term)}` : 'error';
  return [
    arrow([MIDDLE, BOX + 4], [MIDDLE, PENALTY_Y - LINE], path),
    arrow([MIDDLE, PENALTY_Y + 6], [MIDDLE, TOTAL_Y - LINE], path),
    penalty
      ? label(`penalty ${penalty.name} = ${short(term)}`, MIDDLE, PENALTY_Y, PENALTY_COLOR)
      : label('no penalty', MIDDLE, PENALTY_Y, QUIET),
    ...[-1, 1].map((side) =>
      arrow([MIDDLE + side * 120, TOTAL_Y], [MIDDLE + side * 84, TOTAL_Y], ERROR_COLOR),
    ),
    // In the elbow from x, above the line: below it the sum would be in its way.
    { ...label(`error = ${short(reconstruction)}`, BOX / 2 + 6, TOTAL_Y - 12, ERROR_COLOR), xanchor: 'left' },
    label(`<b>total = ${short(total)}</b>`, MIDDLE, TOTAL_Y + 8),
    label(`= ${sum}`, MIDDLE, TOTAL_Y + 8 + LINE, QUIET),
  ];
}

/** The three boxes side by side, as a PNG in a `data:` address. */
function picture(x: Float32Array, h: Float32Array, reconstruction: Float32Array, shape: ImageShape): string {
  const [low, high] = extent(x);
  const grey = (values: Float32Array) => levels(values, Math.min(0, low), Math.max(1, high), FIRST_GREY);
  const strengths = h.map(Math.abs);
  const pixels = new Uint8Array(WIDTH * BOX);
  drawBox(pixels, 0, grey(x), shape);
  drawBox(pixels, BOX + GAP, levels(strengths, 0, extent(strengths)[1], FIRST_BLUE), squareFor(h.length));
  drawBox(pixels, 2 * (BOX + GAP), grey(reconstruction), shape);
  const palette = [TRANSPARENT, ...shades(GREY, LEVELS), ...shades(SEQUENTIAL, LEVELS), FRAME_COLOR];
  return pngAddress(encodePng(pixels, WIDTH, BOX, palette));
}

/** Each value as a palette entry. */
function levels(values: Float32Array, low: number, high: number, first: number): Uint8Array {
  const span = high - low || 1;
  return Uint8Array.from(values, (value) => {
    const position = Math.min(1, Math.max(0, (value - low) / span));
    return first + Math.round(position * (LEVELS - 1));
  });
}

/** The smallest square of cells that this many numbers fit into. */
function squareFor(numbers: number): ImageShape {
  const side = Math.ceil(Math.sqrt(numbers));
  return [side, side];
}

/** Draws cells into the square box that begins at `left`; cells without a number stay transparent. */
function drawBox(pixels: Uint8Array, left: number, cells: Uint8Array, [rows, columns]: ImageShape): void {
  for (let y = 0; y < BOX; y++) {
    for (let x = 0; x < BOX; x++) {
      const cell = Math.floor((y * rows) / BOX) * columns + Math.floor((x * columns) / BOX);
      const edge = x === 0 || y === 0 || x === BOX - 1 || y === BOX - 1;
      pixels[y * WIDTH + left + x] = edge ? FRAME : (cells[cell] ?? 0);
    }
  }
}

/** From below a box straight down to the total's height, then towards it. */
function elbow(from: number, to: number): ScatterTrace {
  const line = { color: ERROR_COLOR, width: 1.5 };
  return {
    type: 'scatter',
    mode: 'lines',
    x: [from, from, to],
    y: [BOX + 6, TOTAL_Y, TOTAL_Y],
    line,
    hoverinfo: 'skip',
  };
}

const short = (value: number) => rounded(value, 3);

function arrow([ax, ay]: Point, [x, y]: Point, arrowcolor: string): Arrow {
  const inAxes = { xref: 'x', yref: 'y', axref: 'x', ayref: 'y' } as const;
  return { x, y, ax, ay, ...inAxes, text: '', showarrow: true, arrowhead: 2, arrowwidth: 1.5, arrowcolor };
}

function label(text: string, x: number, y: number, color?: string): Annotation {
  return {
    text,
    x,
    y,
    xanchor: 'center',
    yanchor: 'bottom',
    showarrow: false,
    font: { size: 12, ...(color === undefined ? {} : { color }) },
  };
}
