/**
 * Small pictures side by side on a canvas: one picture for the browser, however many units there are.
 *
 * @module
 */
import type { Picture } from '../messages';

/** A colour for each byte, red, green and blue. */
export type Palette = Uint8Array;

type Stop = readonly [position: number, red: number, green: number, blue: number];

/** A scale of colours through these. */
function palette(...stops: readonly Stop[]): Palette {
  const colors = new Uint8Array(3 * 256);
  for (let level = 0; level < 256; level++) {
    const position = level / 255;
    const after = Math.max(
      1,
      stops.findIndex(([at]) => at >= position),
    );
    const [from, to] = [stops[after - 1] as Stop, stops[after] as Stop];
    const fraction = (position - from[0]) / (to[0] - from[0]);
    for (let channel = 1; channel <= 3; channel++) {
      const [start, end] = [from[channel] as number, to[channel] as number];
      colors[3 * level + channel - 1] = Math.round(start + fraction * (end - start));
    }
  }
  return colors;
}

/** Blue through white to red, as the lessons' figures have it; on dark pages through black. */
export const SIGNED = palette(
  [0, 33, 102, 172],
  [0.25, 146, 197, 222],
  [0.5, 255, 255, 255],
  [0.75, 244, 165, 130],
  [1, 178, 24, 43],
);
export const SIGNED_DARK = palette(
  [0, 130, 200, 255],
  [0.25, 43, 105, 165],
  [0.5, 13, 17, 23],
  [0.75, 180, 88, 50],
  [1, 255, 190, 150],
);
export const GREY = palette([0, 0, 0, 0], [1, 255, 255, 255]);

/** Pixels between two pictures. */
const GAP = 1;

/** How pictures are laid out. */
export interface Tiles {
  /** Byte per pixel, picture after picture. */
  readonly pictures: Picture;
  readonly shape: readonly [height: number, width: number];
  readonly palette: Palette;
  /** Pictures side by side. Default: a square. */
  readonly columns?: number;
  /** How opaque each is, from 0 to 1. Default: all are. */
  readonly opacity?: (picture: number) => number;
}

/** Draws pictures, and makes the canvas as large as they need. */
export function drawTiles(
  canvas: HTMLCanvasElement,
  { pictures, shape, palette: colors, ...rest }: Tiles,
): void {
  const [height, width] = shape;
  const size = height * width;
  const count = pictures.length / size;
  const columns = rest.columns ?? Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const across = columns * (width + GAP) - GAP;
  const down = rows * (height + GAP) - GAP;
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.aspectRatio = `${across} / ${down}`;
  }
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(across, down);
  for (let picture = 0; picture < count; picture++) {
    const alpha = Math.round(255 * (rest.opacity?.(picture) ?? 1));
    const left = (picture % columns) * (width + GAP);
    const top = Math.floor(picture / columns) * (height + GAP);
    for (let index = 0; index < size; index++) {
      const level = pictures[picture * size + index] as number;
      const place = 4 * ((top + Math.floor(index / width)) * across + left + (index % width));
      image.data[place] = colors[3 * level] as number;
      image.data[place + 1] = colors[3 * level + 1] as number;
      image.data[place + 2] = colors[3 * level + 2] as number;
      image.data[place + 3] = alpha;
    }
  }
  context.putImageData(image, 0, 0);
}

/** The scale for weights that fits the page's colours. */
export const signedPalette = (): Palette =>
  matchMedia('(prefers-color-scheme: dark)').matches ? SIGNED_DARK : SIGNED;
