import { inflateSync } from 'fflate';

/** fflate's error code for an end in the middle of the data. */
const UNEXPECTED_END = 0;

/** The checksum and the length of the data, which follow it. */
const TRAILER_BYTES = 8;

/** The most that deflate can shrink data by. */
const MOST_RATIO = 1032;

/** Flags of a header: what follows its ten bytes. */
const HEADER_CHECK = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;

/**
 * Unpacks gzip as Node's zlib does: its checksum and length are looked at, several members are joined, and zeros
 * behind them are ignored.
 *
 * @param most How many bytes it may unpack to.
 * @throws Error with zlib's message and code: `Z_BUF_ERROR` if the file ends too soon, `Z_DATA_ERROR` if it is damaged or no
 * gzip, `ERR_BUFFER_TOO_LARGE` if there is more than `most`.
 */
export function gunzip(bytes: Uint8Array, most = Number.POSITIVE_INFINITY): Uint8Array {
  const body = bytes.subarray(headerLength(bytes));
  const data = inflated(body, most);
  const trailer = new Uint8Array(TRAILER_BYTES);
  const view = new DataView(trailer.buffer);
  view.setUint32(0, crc32(data), true);
  view.setUint32(4, data.length, true);
  // fflate does not say where the data ends: its trailer says it.
  const end = indexOf(body, trailer);
  if (end < 0) {
    // If the data goes on into what would be the trailer, there is no whole trailer.
    inflated(body.subarray(0, -TRAILER_BYTES), most);
    throw zlibError('Z_DATA_ERROR', 'incorrect data check');
  }
  const rest = body.subarray(end + TRAILER_BYTES);
  // Zeros fill up the blocks of a tape.
  if (rest.length === 0 || rest[0] === 0) return data;
  const more = gunzip(rest, most - data.length);
  const all = new Uint8Array(data.length + more.length);
  all.set(data);
  all.set(more, data.length);
  return all;
}

const startsAsGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** How many bytes come before the data. */
function headerLength(bytes: Uint8Array): number {
  if (bytes.length > 1 && !startsAsGzip(bytes)) throw zlibError('Z_DATA_ERROR', 'incorrect header check');
  if (bytes.length > 2 && bytes[2] !== 8) throw zlibError('Z_DATA_ERROR', 'unknown compression method');
  const flags = bytes[3] ?? 0;
  let length = 10;
  if (flags & EXTRA) length += 2 + (bytes[length] ?? 0) + 256 * (bytes[length + 1] ?? 0);
  for (const text of [NAME, COMMENT]) {
    if (flags & text) length = bytes.indexOf(0, length) + 1 || Number.POSITIVE_INFINITY;
  }
  if (flags & HEADER_CHECK) length += 2;
  if (length >= bytes.length) throw zlibError('Z_BUF_ERROR', 'unexpected end of file');
  return length;
}

/** Unpacks deflated bytes; it takes no more room than they may need. */
function inflated(bytes: Uint8Array, most: number): Uint8Array {
  const room = Number.isFinite(most)
    ? { out: new Uint8Array(Math.min(most, bytes.length * MOST_RATIO) + 1) }
    : {};
  let data: Uint8Array;
  try {
    data = inflateSync(bytes, room);
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(most);
    const { code, message } = error as { code?: number; message: string };
    if (code === UNEXPECTED_END) throw zlibError('Z_BUF_ERROR', 'unexpected end of file');
    throw zlibError('Z_DATA_ERROR', message);
  }
  if (data.length > most) throw tooLarge(most);
  return data;
}

const zlibError = (code: string, message: string) => Object.assign(new Error(message), { code });

const tooLarge = (most: number) =>
  Object.assign(new RangeError(`Cannot create a Buffer larger than ${most} bytes`), {
    code: 'ERR_BUFFER_TOO_LARGE',
  });

/** Where a piece begins in some bytes; −1 if it does not occur. */
function indexOf(bytes: Uint8Array, piece: Uint8Array): number {
  const first = piece[0] as number;
  for (let start = bytes.indexOf(first); start >= 0; start = bytes.indexOf(first, start + 1)) {
    if (piece.every((byte, index) => bytes[start + index] === byte)) return start;
  }
  return -1;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

/** The checksum of gzip. */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] as number);
  return ~crc >>> 0;
}
