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
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { sha256 } from '../provenance/sha256';
import { requireText } from './arguments';
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
  const parts: Buffer[] = [];
  let offset = 0;
  for (const name of names) {
    const { values, shape } = arrays[name] as Values;
    const part = littleEndianBytes(values);
    parts.push(part);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + part.length] };
    offset += part.length;
  }
  const body = Buffer.concat(parts);
  const digest = digestOf({ ...header, [METADATA]: metadata }, body);
  const text = JSON.stringify({ ...header, [METADATA]: { ...metadata, [DIGEST]: digest } });
  // Padded with spaces so that the numbers start at a multiple of eight bytes.
  const headerBytes = Buffer.from(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerBytes.length));

  const place = placeOf(path);
  const unfinished = `${place}.${randomUUID()}.tmp`;
  try {
    writeFileSync(unfinished, Buffer.concat([length, headerBytes, body]), { flag: 'wx' });
    renameSync(unfinished, place);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/** Where a file at this path lies: what a link points to. Only a file may be replaced, no folder and no device. */
function placeOf(path: string): string {
  if (!existsSync(path)) return path;
  const place = realpathSync(path);
  if (!statSync(place).isFile()) throw new Error(`path must be a file or a new one; ${path} is none`);
  return place;
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
  const file = naming(path, () => readFileSync(path));

  if (file.length < 8) throw refuse(`it has ${file.length} bytes, fewer than the 8 of the header's length`);
  const headerLength = file.readBigUInt64LE(0);
  if (headerLength > BigInt(Math.min(file.length - 8, MAX_HEADER_BYTES))) {
    throw refuse(`its header would be ${headerLength} bytes long, the file has ${file.length}`);
  }
  const bodyStart = 8 + Number(headerLength);
  let header: unknown;
  try {
    header = JSON.parse(file.toString('utf8', 8, bodyStart));
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
const digestOf = (header: object, body: Buffer): string => sha256(JSON.stringify(header), body);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNaturals = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);

// Every platform that Node runs on today is little-endian except IBM's, where swap32 puts the bytes right.
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function littleEndianBytes(values: Float32Array): Buffer {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return isLittleEndian ? bytes : Buffer.from(bytes).swap32();
}

function float32FromLittleEndian(bytes: Buffer): Float32Array {
  const copy = Buffer.from(Uint8Array.prototype.slice.call(bytes).buffer);
  if (!isLittleEndian) copy.swap32();
  return new Float32Array(copy.buffer, copy.byteOffset, copy.length / BYTES);
}
