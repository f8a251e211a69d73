/**
 * Named arrays in a file. The format is safetensors, which Python and Rust read as well: the length of a JSON header
 * (8 bytes, little-endian), the header (for each array its dtype, shape and byte range; free text under
 * `__metadata__`), then the numbers, little-endian, row-major.
 *
 * We write float32 only, and add a SHA-256 of header and numbers to the metadata, so that a damaged file is refused
 * rather than believed.
 *
 * https://github.com/huggingface/safetensors#format
 *
 * @module
 */
import { platform } from '#platform';
import { sha256 } from '../provenance/sha256';
import { requireText } from './arguments';
import { bytesOf, concatBytes, utf8 } from './bytes';
import { sizeOf, type Values } from './values';

/** What a file holds. */
export interface SafetensorsContent {
  /** The arrays by name. */
  readonly arrays: Readonly<Record<string, Values>>;
  /** Texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

const METADATA = '__metadata__';
const DIGEST = 'sha256';
const BYTES = 4;
/** The format's own bound on a header. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Writes the arrays to `path`. The file appears whole or not at all: it is written beside its place and renamed.
 *
 * @throws Error from the file system (no such folder, disk full); an older file of that name then still stands.
 */
export function writeSafetensors(path: string, { arrays, metadata }: SafetensorsContent): void {
  requireText('path', path);
  const names = Object.keys(arrays).sort();
  const header: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const name of names) {
    const { values, shape } = arrays[name] as Values;
    const part = littleEndianBytes(values);
    parts.push(part);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + part.length] };
    offset += part.length;
  }
  const body = concatBytes(parts);
  const digest = digestOf({ ...header, [METADATA]: metadata }, body);
  const text = JSON.stringify({ ...header, [METADATA]: { ...metadata, [DIGEST]: digest } });
  // Padded with spaces so that the numbers start at a multiple of eight bytes.
  const headerBytes = utf8(text.padEnd(text.length + ((8 - (utf8(text).length % 8)) % 8)));
  const length = bytesOf(8, (view) => view.setBigUint64(0, BigInt(headerBytes.length), true));

  platform.files.write(path, concatBytes([length, headerBytes, body]));
}

/**
 * Reads a file that {@link writeSafetensors} wrote.
 *
 * @throws Error naming the file and what is wrong with it: too short, no header, a range outside the file, another
 * dtype than F32, or numbers that do not match their SHA-256.
 */
export function readSafetensors(path: string): SafetensorsContent {
  // A number would be read as a file that is open, 0 as what is typed.
  requireText('path', path);
  const refuse = (reason: string) => new Error(`${path} is not a file that Sparselab can read: ${reason}`);
  const file = naming(path, () => platform.files.read(path));

  if (file.length < 8) throw refuse(`it has ${file.length} bytes, fewer than the 8 of the header's length`);
  const headerLength = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (headerLength > BigInt(Math.min(file.length - 8, MAX_HEADER_BYTES))) {
    throw refuse(`its header would be ${headerLength} bytes long, the file has ${file.length}`);
  }
  const bodyStart = 8 + Number(headerLength);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(file.subarray(8, bodyStart)));
  } catch {
    throw refuse('its header is not JSON');
  }
  if (!isRecord(header) || !isRecord(header[METADATA])) throw refuse(`its header has no ${METADATA}`);
  const { [DIGEST]: digest, ...metadata } = header[METADATA] as Record<string, string>;
  const body = file.subarray(bodyStart);
  const found = digestOf({ ...header, [METADATA]: metadata }, body);
  if (digest !== found) {
    throw refuse(`its content has SHA-256 ${found}, its header says ${digest ?? 'none'}: it was damaged`);
  }

  const arrays: Record<string, Values> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === METADATA) continue;
    const { dtype, shape, data_offsets: range } = (isRecord(entry) ? entry : {}) as Partial<ArrayEntry>;
    if (dtype !== 'F32') throw refuse(`${name} has dtype ${dtype}, only F32 is supported`);
    if (!isNaturals(shape) || !isNaturals(range)) throw refuse(`${name} lacks a shape or a byte range`);
    const [start = 0, end = 0] = range;
    if (end > body.length || end - start !== sizeOf(shape) * BYTES) {
      throw refuse(`${name} of shape [${shape}] cannot lie at bytes ${start} to ${end} of ${body.length}`);
    }
    arrays[name] = { values: float32FromLittleEndian(body.subarray(start, end)), shape };
  }
  return { arrays, metadata };
}

interface ArrayEntry {
  dtype: string;
  shape: number[];
  data_offsets: number[];
}

/**
 * What `read` returns; its errors name the file.
 *
 * @throws Error naming the file and what is wrong with it.
 */
export function naming<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${path} is not a file that Sparselab can read: ${reason}`, { cause });
  }
}

/** The SHA-256, in hex, of a header without its digest and of the numbers. */
const digestOf = (header: object, body: Uint8Array): string => sha256(JSON.stringify(header), body);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNaturals = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);

// Every platform of today is little-endian except IBM's.
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The numbers' bytes, little-endian: a view of them where the machine is that, too. */
function littleEndianBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return isLittleEndian ? bytes : swapped(bytes);
}

function float32FromLittleEndian(bytes: Uint8Array): Float32Array {
  return new Float32Array((isLittleEndian ? bytes.slice() : swapped(bytes)).buffer);
}

/** A copy with the bytes of each number the other way round. */
function swapped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  for (let start = 0; start < copy.length; start += BYTES) copy.subarray(start, start + BYTES).reverse();
  return copy;
}
