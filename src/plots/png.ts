import { platform } from '#platform';
import { base64, bytesOf, concatBytes, utf8 } from '../numbers/bytes';

/** Red, green, blue and opacity, 0 … 255 each. */
export type Rgba = readonly [red: number, green: number, blue: number, opacity: number];

const SIGNATURE = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const PALETTE_COLOR = 3;

/**
 * A picture as a PNG file, one byte per pixel: an index into the palette.
 *
 * Reference: W3C, "Portable Network Graphics (PNG) Specification", third edition.
 *
 * @param pixels `width × height` indices, line after line.
 * @param palette At most 256 colours.
 */
export function encodePng(
  pixels: Uint8Array,
  width: number,
  height: number,
  palette: readonly Rgba[],
): Uint8Array {
  const opacities = Uint8Array.from(palette, ([, , , opacity]) => opacity);
  const header = concatBytes([uint32(width), uint32(height), Uint8Array.of(8, PALETTE_COLOR, 0, 0, 0)]);

  // Each line starts with the number of its filter: 0, none, which serves indices best.
  const lines = new Uint8Array((width + 1) * height);
  for (let line = 0; line < height; line++) {
    lines.set(pixels.subarray(line * width, (line + 1) * width), line * (width + 1) + 1);
  }
  return concatBytes([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Uint8Array.from(palette.flatMap((color) => color.slice(0, 3)))),
    ...(opacities.every((opacity) => opacity === 255) ? [] : [chunk('tRNS', opacities)]),
    // zlib's usual level: the last percent of size would take three times as long, while a training waits.
    chunk('IDAT', platform.deflate(lines)),
    chunk('IEND', new Uint8Array()),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = concatBytes([utf8(type), data]);
  return concatBytes([uint32(data.length), body, uint32(crc32(body))]);
}

const uint32 = (value: number): Uint8Array => bytesOf(4, (view) => view.setUint32(0, value));

/** A PNG file as an address that a page shows without asking anybody. */
export const pngAddress = (png: Uint8Array): string => `data:image/png;base64,${base64(png)}`;

/** The cyclic redundancy check of PNG and zip; Node's own came only with 20.15. */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
