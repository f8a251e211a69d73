import { requireInteger, show } from '../numbers/arguments';
import { type Matrix, rowAt } from '../numbers/values';
import type { Figure } from './figure';
import { shades, TRANSPARENT } from './palette';
import type { Annotation, Axis, Colorscale } from './plotly';
import { encodePng, pngAddress } from './png';
import { chart } from './theme';

/** Height and width of an image in pixels. */
export type ImageShape = readonly [height: number, width: number];

/** Images in a grid, and how they are drawn. */
export interface ImageTiles {
  readonly title: string;
  readonly subtitle: string;
  /** One image per row. */
  readonly images: Matrix;
  readonly imageShape: ImageShape;
  /** Images side by side. */
  readonly columns: number;
  /** Values at the ends of the scale; values beyond are drawn as the ends. */
  readonly range: (image: number) => readonly [low: number, high: number];
  readonly colorscale: Colorscale;
  /** The colour between the images. Default: the page's white. */
  readonly background?: string;
  /** Text at the pointer over an image. */
  readonly hover: (image: number) => string;
  /** Label above an image. */
  readonly captions?: readonly string[] | undefined;
  /** Label next to each row of images. */
  readonly rowNames?: readonly string[] | undefined;
  /** A colour bar with its title and ends. Default: none. */
  readonly colorbar?: { readonly title: string; readonly range: readonly [number, number] } | undefined;
}

/**
 * A grid of images as one picture, not as hundreds of plots: one byte per pixel, compressed. An invisible heatmap of one
 * cell per image lies above it and answers the pointer.
 */
export function imageTiles(tiles: ImageTiles): Figure {
  const { title, subtitle, images, imageShape, columns, captions, rowNames, colorbar } = tiles;
  const [height, width] = imageShape;
  const [count] = images.shape;
  const gap = Math.max(1, Math.round(width / 14));
  const captionRoom = captions ? Math.ceil(height * 0.4) : 0;
  const stepX = width + gap;
  const stepY = height + gap + captionRoom;
  const rows = Math.ceil(count / columns);
  const pictureWidth = columns * stepX - gap;
  const pictureHeight = rows * stepY - gap;

  const pixels = new Uint8Array(pictureWidth * pictureHeight);
  for (let image = 0; image < count; image++) {
    const left = (image % columns) * stepX;
    const top = Math.floor(image / columns) * stepY + captionRoom;
    const levels = toLevels(rowAt(images, image), tiles.range(image));
    for (let line = 0; line < height; line++) {
      pixels.set(levels.subarray(line * width, (line + 1) * width), (top + line) * pictureWidth + left);
    }
  }
  const png = encodePng(pixels, pictureWidth, pictureHeight, [
    TRANSPARENT,
    ...shades(tiles.colorscale, LEVELS),
  ]);

  const centreX = (width - 1) / 2;
  const centreY = captionRoom + (height - 1) / 2;
  const grid = <T>(cell: (image: number) => T, none: T): T[][] =>
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_, column) => {
        const image = row * columns + column;
        return image < count ? cell(image) : none;
      }),
    );

  return chart({
    title,
    subtitle,
    data: [
      {
        type: 'image',
        source: pngAddress(png),
        hoverinfo: 'skip',
      },
      {
        type: 'heatmap',
        z: grid<number | null>(() => 0, null),
        text: grid(tiles.hover, ''),
        x0: centreX,
        dx: stepX,
        y0: centreY,
        dy: stepY,
        coloraxis: 'coloraxis',
        opacity: 0,
        hovertemplate: '%{text}<extra></extra>',
      },
    ],
    layout: {
      // As high as the picture is at 700 pixels' width: it fills a notebook, and shrinks on a phone.
      height: Math.round(Math.min(640, (660 * pictureHeight) / pictureWidth) + 92),
      margin: { l: 12, r: 12, t: 72, b: 16 },
      ...(tiles.background && { plot_bgcolor: tiles.background }),
      xaxis: { visible: false, constrain: 'domain', range: [-0.5, pictureWidth - 0.5] },
      yaxis: yAxis(pictureHeight, rowNames, centreY, stepY),
      coloraxis: {
        colorscale: tiles.colorscale,
        cmin: colorbar?.range[0] ?? 0,
        cmax: colorbar?.range[1] ?? 1,
        showscale: colorbar !== undefined,
        ...(colorbar && {
          colorbar: { title: { text: colorbar.title, side: 'right' }, thickness: 12, outlinewidth: 0 },
        }),
      },
      annotations: (captions ?? []).slice(0, count).map(
        (text, image): Annotation => ({
          text,
          x: (image % columns) * stepX + centreX,
          y: Math.floor(image / columns) * stepY + captionRoom - 0.5,
          xanchor: 'center',
          yanchor: 'bottom',
          showarrow: false,
          font: { size: 11 },
        }),
      ),
    },
  });
}

/**
 * Checks that rows of this length are images of this shape.
 *
 * @param imageShape Default: a square.
 * @throws RangeError if the shape is not two sizes or has another number of pixels, or is missing and no square has as many.
 */
export function requireImageShape(imageShape: ImageShape | undefined, pixels: number): ImageShape {
  if (imageShape === undefined) {
    const side = Math.sqrt(pixels);
    if (Number.isInteger(side)) return [side, side];
    throw new RangeError(
      `imageShape must be [height, width] with ${pixels} pixels, which do not make a square; got none`,
    );
  }
  requireInteger('imageShape[0]', imageShape[0], { min: 1 });
  requireInteger('imageShape[1]', imageShape[1], { min: 1 });
  if (imageShape.length !== 2 || imageShape[0] * imageShape[1] !== pixels) {
    throw new RangeError(`imageShape must be [height, width] with ${pixels} pixels; got ${show(imageShape)}`);
  }
  return imageShape;
}

function yAxis(
  pictureHeight: number,
  names: readonly string[] | undefined,
  first: number,
  step: number,
): Axis {
  const range: Axis = {
    autorange: false,
    range: [pictureHeight - 0.5, -0.5],
    scaleanchor: 'x',
    constrain: 'domain',
  };
  if (!names) return { ...range, visible: false };
  return {
    ...range,
    showgrid: false,
    zeroline: false,
    automargin: true,
    tickmode: 'array',
    tickvals: names.map((_, row) => first + row * step),
    ticktext: names,
    ticks: '',
  };
}

/** Palette entries: 0 is the transparent gap between images, 1 … 255 the scale, 128 its exact middle. */
const LEVELS = 255;

function toLevels(values: Float32Array, [low, high]: readonly [number, number]): Uint8Array {
  const span = high - low || 1;
  return Uint8Array.from(values, (value) => {
    const position = Math.min(1, Math.max(0, (value - low) / span));
    return 1 + Math.round(position * (LEVELS - 1));
  });
}
