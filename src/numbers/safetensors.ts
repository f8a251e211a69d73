/**
 * Named arrays in a file. The format is safetensors, which Python and Rust read as well: the length of a JSON header
 * (8 bytes, little-endian), the header (for each array its dtype, shape and byte range; free text under
 * `__metadata__`), then the numbers, little-endian, row-major.
 *
 * We write float32 only, and add a SHA-256 of the content to the metadata, so that a damaged file is refused rather than
 * believed. A file that another program has written again, in another order, has the same content.
 *
 * https://github.com/huggingface/safetensors#format
 *
 * @module
 */
import { platform } from '#platform';
import { sha256 } from '../provenance/sha256';
import { requireText, shortened, show } from './arguments';
import { bytesOf, concatBytes, utf8 } from './bytes';
import { fileKind } from './fileKind';
import { sizeOf, type Values } from './values';

/** Content of a file. */
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
 * Writes the arrays to `path`. The file appears whole or not at all: it is written next to its place and renamed.
 *
 * @throws Error from the file system (no such folder, disk full); an older file of that name then still stands.
 */
export function writeSafetensors(path: string, { arrays, metadata }: SafetensorsContent): void {
  requireText('path', path);
  const { header, body } = canonical(arrays);
  const digest = digestOf({ arrays, metadata });
  const text = JSON.stringify({ ...header, [METADATA]: { ...metadata, [DIGEST]: digest } });
  // Padded with spaces so that the numbers start at a multiple of eight bytes.
  const headerBytes = utf8(text.padEnd(text.length + ((8 - (utf8(text).length % 8)) % 8)));
  const length = bytesOf(8, (view) => view.setBigUint64(0, BigInt(headerBytes.length), true));

  platform.files.write(path, concatBytes([length, headerBytes, body]));
}

/** The one layout of some arrays: sorted by name, one after another. */
function canonical(arrays: SafetensorsContent['arrays']): {
  header: Record<string, ArrayEntry>;
  body: Uint8Array;
} {
  let offset = 0;
  const parts: Uint8Array[] = [];
  const header = Object.keys(arrays)
    .sort()
    .map((name): [string, ArrayEntry] => {
      const { values, shape } = arrays[name] as Values;
      const part = littleEndianBytes(values);
      parts.push(part);
      const start = offset;
      offset += part.length;
      return [name, { dtype: 'F32', shape, data_offsets: [start, offset] }];
    });
  return { header: Object.fromEntries(header), body: concatBytes(parts) };
}

/**
 * Reads a file that {@link writeSafetensors} wrote, also where another program has written it again since.
 *
 * The header is compared with the file before any array is made.
 *
 * @throws Error naming the file and the problem: no file, too short, no header, a name twice, bytes that belong to
 * two arrays or to none, no file of Sparselab's, or numbers that do not match their SHA-256.
 */
export function readSafetensors(path: string): SafetensorsContent {
  // A number would be read as an open file, 0 as standard input.
  requireText('path', path);
  return naming(path, () => {
    const { entries, metadata: texts, body } = partsOf(platform.files.read(path));
    const { [DIGEST]: digest, ...metadata } = texts;
    const isOurs = metadata.format?.startsWith(OURS) && digest !== undefined && entries.length <= MOST_ARRAYS;
    if (!isOurs) throw new Error(foreign(entries, metadata));
    requireCover(entries, body.length);
    const arrays = arraysOf(entries, body, ['F32']);
    const found = digestOf({ arrays, metadata });
    if (digest !== found) {
      throw new Error(
        `its content has SHA-256 ${found}, its header says ${show(digest)}: it was damaged or changed`,
      );
    }
    return { arrays, metadata };
  });
}

/**
 * Reads a file that any program wrote: numbers of 16, 32 or 64 bits, or signed bytes, brought to float32.
 *
 * @throws Error naming the file and the problem, as {@link readSafetensors}, or an array of another dtype.
 */
export function readAnySafetensors(path: string): SafetensorsContent {
  requireText('path', path);
  return parseAnySafetensors(path, platform.files.read(path));
}

/** The same of a file's bytes. */
export function parseAnySafetensors(path: string, bytes: Uint8Array): SafetensorsContent {
  return naming(path, () => {
    const { entries, metadata, body } = partsOf(bytes);
    requireCover(entries, body.length);
    return { arrays: arraysOf(entries, body, Object.keys(dtypes)), metadata };
  });
}

/** A file's header, and the bytes after it. */
function partsOf(file: Uint8Array): Header & { readonly body: Uint8Array } {
  if (file.length < 8)
    throw new Error(`it has ${file.length} bytes, fewer than the 8 of the header's length`);
  const headerLength = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (headerLength > BigInt(Math.min(file.length - 8, MAX_HEADER_BYTES))) {
    const kind =
      fileKind(file) ?? `its header would be ${headerLength} bytes long, the file has ${file.length}`;
    throw new Error(kind);
  }
  const bodyStart = 8 + Number(headerLength);
  const header = parseHeader(textOf(file.subarray(8, bodyStart)));
  return { ...header, body: file.subarray(bodyStart) };
}

/** @throws Error if it is not UTF-8; a byte order mark is none of JSON's characters. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error('its header is not JSON');
  }
}

/** The arrays of a file, as float32. @throws Error naming one whose dtype or size is wrong. */
function arraysOf(
  entries: Header['entries'],
  body: Uint8Array,
  permitted: readonly string[],
): Record<string, Values> {
  return Object.fromEntries(
    entries.map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [start, end],
        },
      ]): [string, Values] => {
        const type = permitted.includes(dtype) ? dtypes[dtype] : undefined;
        if (!type) {
          const supported = permitted.length > 1 ? `${permitted.join(', ')} are` : `${permitted[0]} is`;
          throw new Error(`${show(name)} has dtype ${show(dtype)}, only ${supported} supported`);
        }
        if (end - start !== sizeOf(shape) * type.bytes) {
          throw new Error(`${show(name)} of shape ${show(shape)} cannot have ${end - start} bytes`);
        }
        return [name, { values: type.read(body.subarray(start, end)), shape }];
      },
    ),
  );
}

/** The dtypes that can be read, each as float32. */
const dtypes: Readonly<
  Record<string, { readonly bytes: number; readonly read: (bytes: Uint8Array) => Float32Array }>
> = {
  F32: { bytes: 4, read: float32FromLittleEndian },
  F64: { bytes: 8, read: (bytes) => eachNumber(bytes, 8, (view, at) => view.getFloat64(at, true)) },
  F16: { bytes: 2, read: (bytes) => eachNumber(bytes, 2, (view, at) => halfFloat(view.getUint16(at, true))) },
  BF16: { bytes: 2, read: (bytes) => float32OfBits(bytes) },
  I8: { bytes: 1, read: (bytes) => eachNumber(bytes, 1, (view, at) => view.getInt8(at)) },
};

function eachNumber(
  bytes: Uint8Array,
  size: number,
  number: (view: DataView, at: number) => number,
): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: bytes.length / size }, (_, i) => number(view, i * size));
}

/** bfloat16: the upper half of a float32. */
function float32OfBits(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const bits = Uint32Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i, true) << 16);
  return new Float32Array(bits.buffer);
}

/** IEEE 754 binary16: a sign, five bits of exponent, ten of fraction. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

interface ArrayEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [start: number, end: number];
}

interface Header {
  readonly entries: readonly [name: string, entry: ArrayEntry][];
  readonly metadata: Readonly<Record<string, string>>;
}

function parseHeader(text: string): Header {
  requireFlatJson(text);
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw new Error('its header is not JSON');
  }
  if (!isRecord(header)) throw new Error('its header is not a JSON object');
  const { [METADATA]: metadata = {}, ...rest } = header;
  if (
    !isRecord(metadata ?? {}) ||
    !Object.values(metadata ?? {}).every((value) => typeof value === 'string')
  ) {
    throw new Error(`its ${METADATA} must hold strings`);
  }
  const entries = Object.entries(rest).map(([name, entry]): [string, ArrayEntry] => {
    const { dtype, shape, data_offsets: range } = (isRecord(entry) ? entry : {}) as Partial<ArrayEntry>;
    if (typeof dtype !== 'string' || !isNaturals(shape) || !isNaturals(range) || range.length !== 2) {
      throw new Error(`${show(name)} lacks a dtype, a shape or a byte range`);
    }
    return [name, { dtype, shape, data_offsets: range as unknown as [number, number] }];
  });
  return { entries, metadata: (metadata ?? {}) as Record<string, string> };
}

/** Levels of `{` and `[` in a header: the whole, an array's entry, its shape. */
const MOST_LEVELS = 3;

/**
 * Refuses what JSON.parse accepts: a name that occurs twice, of which it keeps the last, and unlimited nesting.
 *
 * @throws Error naming what is wrong.
 */
function requireFlatJson(text: string): void {
  /** For each open level the names so far; none in a list. */
  const levels: (Set<string> | undefined)[] = [];
  let start: number | undefined;
  let newest = '';
  // Small tokens, not whole strings: an expression for those takes time squared where one never ends.
  for (const { 0: token, index } of text.matchAll(/\\.|["{}[\]:]/gs)) {
    if (token === '"') {
      if (start !== undefined) newest = text.slice(start, index + 1);
      start = start === undefined ? index : undefined;
    } else if (start !== undefined) {
      // Inside a string.
    } else if (token === '{' || token === '[') {
      levels.push(token === '{' ? new Set() : undefined);
      if (levels.length > MOST_LEVELS)
        throw new Error('its header is nested more deeply than a header can be');
    } else if (token === '}' || token === ']') {
      levels.pop();
    } else if (token === ':') {
      const key = keyOf(newest);
      const names = levels.at(-1);
      if (names?.has(key)) throw new Error(`its header has ${show(key)} twice`);
      names?.add(key);
      // None of ours: to read on would take seconds.
      if (levels.length === 1 && names && names.size > MOST_ARRAYS + 1) throw new Error(crowded(names));
    }
  }
}

/** A name as JSON writes it, with its escapes undone; as it stands where it is not JSON. */
function keyOf(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted;
  }
}

/**
 * As the format has it, every byte belongs to one array.
 *
 * @throws Error naming the arrays that share bytes, or the bytes that belong to none.
 */
function requireCover(entries: Header['entries'], bytes: number): void {
  const start = ([, entry]: Header['entries'][number]) => entry.data_offsets[0];
  const end = ([, entry]: Header['entries'][number]) => entry.data_offsets[1];
  let covered = 0;
  let before = '';
  for (const entry of [...entries].sort((a, b) => start(a) - start(b) || end(a) - end(b))) {
    const [name] = entry;
    const place = `${show(name)} cannot lie at bytes ${start(entry)} to ${end(entry)}`;
    if (end(entry) < start(entry)) throw new Error(place);
    if (end(entry) > bytes) throw new Error(`${place} of ${bytes}: it was cut short`);
    if (start(entry) < covered) throw new Error(`${show(before)} and ${show(name)} share bytes`);
    if (start(entry) > covered) throw new Error(`bytes ${covered} to ${start(entry)} belong to no array`);
    [covered, before] = [end(entry), name];
  }
  if (covered < bytes) throw new Error(`bytes ${covered} to ${bytes} belong to no array`);
}

/** Our files hold some ten. */
const MOST_ARRAYS = 1000;

/** Arrays that a message lists. */
const LISTED = 8;

/** The same of a file with so many arrays that its header is not read to its end. */
function crowded(names: ReadonlySet<string>): string {
  const listed = [...names].filter((name) => name !== METADATA).slice(0, LISTED);
  return `it is not one of ours; it holds more than ${MOST_ARRAYS} arrays: ${listed.map(show).join(', ')} …`;
}

/** A description, for people, of a file that is not ours. */
function foreign(entries: Header['entries'], { format }: Readonly<Record<string, string>>): string {
  const listed = entries
    .slice(0, LISTED)
    .map(([name, { dtype, shape }]) => `${show(name)} ${shortened(dtype)} ${show(shape)}`);
  if (entries.length > LISTED) listed.push(`${entries.length - LISTED} more`);
  const metadata =
    format === undefined ? 'it has no metadata of Sparselab’s' : `its metadata's format is ${show(format)}`;
  return `it is not one of ours (${metadata}); it holds ${listed.join(', ') || 'no arrays'}`;
}

/**
 * The result of `read`; its errors name the file.
 *
 * @throws Error naming the file and the problem.
 */
export function naming<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${path} is not a file that Sparselab can read: ${reason}`, { cause });
  }
}

/** Prefix of the `format` of our files. */
const OURS = 'sparselab ';

/** The order in which our files have always written their metadata; other keys come after, by name. */
const METADATA_ORDER = ['format', 'architecture', 'training', 'history'];

/**
 * The SHA-256, in hex, of a content in its canonical layout, whatever layout a file has.
 */
function digestOf({ arrays, metadata }: SafetensorsContent): string {
  const place = (name: string) => METADATA_ORDER.indexOf(name) + 1 || METADATA_ORDER.length + 1;
  const names = Object.keys(metadata).sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  const { header, body } = canonical(arrays);
  const texts = Object.fromEntries(names.map((name) => [name, metadata[name]]));
  return sha256(JSON.stringify({ ...header, [METADATA]: texts }), body);
}

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

/** The arrays whose names begin with a prefix, by the rest of the name. */
export function arraysUnder(
  prefix: string,
  arrays: SafetensorsContent['arrays'],
): Readonly<Record<string, Values>> {
  return Object.fromEntries(
    Object.entries(arrays)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, array]) => [name.slice(prefix.length), array]),
  );
}
