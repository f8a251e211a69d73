/**
 * Makes a bundle of MIME types one that a notebook can hold: JSON under the types that are JSON, text under all others.
 * Front ends send on whatever they get, and a notebook with anything else in it can no longer be saved.
 *
 * The rule is nbformat's: https://nbformat.readthedocs.io/en/latest/format_description.html#display-data
 *
 * @module
 */

/** Representations of one value by MIME type. */
export type MimeBundle = Record<string, unknown>;

/** A bundle as it may leave the kernel. */
export interface ValidBundle {
  readonly data: MimeBundle;
  /** The omitted parts, with a reason: one line per part. */
  readonly notes: readonly string[];
}

/** Taken before a cell can replace them. */
const { parse, stringify } = JSON;

const JSON_TYPE = /^application\/(.*\+)?json$/;
/** Types whose bytes are text. */
const TEXT_TYPE = /^text\/|[/+](xml|javascript|json|x-latex)$/;

/**
 * Bytes become base64, or text where the type is text; typed arrays inside JSON become lists; numbers and lists of
 * texts become text. The rest is left out.
 *
 * @param what the beginning of the error if it is not an object
 * @throws TypeError if it is not an object, or holds what JSON does not have: a `bigint`, an object that contains itself
 */
export function validBundle(bundle: unknown, what: string): ValidBundle {
  if (typeof bundle !== 'object' || bundle === null || Array.isArray(bundle)) {
    throw new TypeError(`${what} an object of MIME types; got ${kindOf(bundle)}`);
  }
  const data: MimeBundle = {};
  const notes: string[] = [];
  for (const [type, value] of Object.entries(bundle)) {
    if (value === undefined) continue;
    const valid = JSON_TYPE.test(type) ? asJson(value) : asText(type, value);
    if (valid !== undefined) data[type] = valid;
    else notes.push(`${type} is left out: it must be ${expected(type)}; got ${kindOf(value)}\n`);
  }
  return { data, notes };
}

function expected(type: string): string {
  return JSON_TYPE.test(type) ? 'JSON' : TEXT_TYPE.test(type) ? 'text' : 'bytes or their base64';
}

/** A copy that is nothing but JSON; `undefined` for values that JSON cannot express, such as a function. */
function asJson(value: unknown): unknown {
  const json: string | undefined = stringify(value, function (this: Record<string, unknown>, key, written) {
    // As it was before a `toJSON` of its own, which makes an object of the bytes of Node's buffers.
    const original = this[key];
    return isNumbers(original) ? Array.from(original) : written;
  });
  return json === undefined ? undefined : parse(json);
}

function asText(type: string, value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint')
    throw new TypeError(`${type} must be ${expected(type)}; got a BigInt, ${value}n`);
  if (Array.isArray(value))
    return value.every((line) => typeof line === 'string') ? value.join('') : undefined;
  const bytes = bytesOf(value);
  if (bytes === undefined) return undefined;
  return TEXT_TYPE.test(type) ? new TextDecoder().decode(bytes) : base64(bytes);
}

function isNumbers(value: unknown): value is ArrayLike<number | bigint> {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** A copy of the bytes of a buffer or a view, shared ones too. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value))
    return Uint8Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return Uint8Array.from(new Uint8Array(value));
  return undefined;
}

/** How many bytes become characters at a time: `String.fromCharCode` takes so many arguments. */
const CHUNK = 1 << 13;

function base64(bytes: Uint8Array): string {
  let characters = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    characters += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(characters);
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  if (typeof value !== 'object' || value === null)
    return typeof value === 'function' ? 'a function' : String(value);
  return Object.prototype.toString.call(value);
}
