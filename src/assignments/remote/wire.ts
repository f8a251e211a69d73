/**
 * Values as text, for the way between two processes that share nothing. Plain data is copied; a function stays where it
 * is and is called there.
 *
 * Anybody may have written the incoming data: reading them makes plain values and nothing else, or throws.
 *
 * @module
 */

/** A value as JSON can hold it. Lists are themselves; what JSON has no form for is tagged. */
export type Wire = null | boolean | string | number | readonly Wire[] | Tagged;

type Tagged =
  | { readonly $: 'undefined' }
  | { readonly $: 'number' | 'bigint'; readonly text: string }
  | { readonly $: 'typed'; readonly kind: string; readonly values: readonly Wire[] }
  | { readonly $: 'object'; readonly entries: readonly (readonly [string, Wire])[] }
  | { readonly $: 'theirs' | 'yours'; readonly id: number }
  | { readonly $: 'kept' | 'broken'; readonly value: Wire }
  | { readonly $: 'error'; readonly name: string; readonly message: string };

/** Keeps functions for the other side. */
export interface FunctionDesk {
  /** The number under which the other side can call `f`, and whose function it is. */
  lend(f: Callable): { readonly $: 'theirs' | 'yours'; readonly id: number };
  /** A function of the other side, to be called here. */
  borrow(id: number): Callable;
  /** A function of ours that came back. */
  own(id: number): Callable;
}

/** Any function. */
export type Callable = (...args: unknown[]) => unknown;

const DEEPEST = 60;

/** Those whose elements are numbers. */
const TYPED_ARRAYS = Object.entries({
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
});

/**
 * A value as the other side will read it. Objects of a class become plain ones of their own properties.
 *
 * @throws TypeError for a value that is nested too deeply, or contains itself
 */
export function toWire(value: unknown, desk: FunctionDesk, depth = 0): Wire {
  if (depth > DEEPEST) throw new TypeError(`a value is nested more than ${DEEPEST} deep, or contains itself`);
  const inner = (item: unknown) => toWire(item, desk, depth + 1);
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $: 'number', text: Object.is(value, -0) ? '-0' : String(value) };
    case 'bigint':
      return { $: 'bigint', text: String(value) };
    case 'function':
      return desk.lend(value as Callable);
    case 'object':
      break;
    default:
      return { $: 'undefined' };
  }
  if (value === null) return null;
  if (Array.isArray(value)) return Array.from(value, inner);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const kind = TYPED_ARRAYS.find(([, Kind]) => value instanceof Kind)?.[0] ?? 'Float64Array';
    return { $: 'typed', kind, values: Array.from(value as Float64Array, inner) };
  }
  if (value instanceof Error) return errorToWire(value);
  return { $: 'object', entries: Object.entries(value).map(([key, item]) => [key, inner(item)]) };
}

/** A thrown value, which may be anything, as an error. */
export function errorToWire(error: unknown): Wire {
  try {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    return { $: 'error', name: String(name), message: String(message) };
  } catch {
    return { $: 'error', name: 'Error', message: 'something that cannot be shown' };
  }
}

/**
 * The value that the other side wrote.
 *
 * @throws TypeError for a value that no `toWire` has written
 */
export function fromWire(wire: Wire, desk: FunctionDesk): unknown {
  if (wire === null || typeof wire !== 'object') return wire;
  const inner = (item: Wire) => fromWire(item, desk);
  if (Array.isArray(wire)) return wire.map(inner);
  const tagged = wire as Tagged;
  switch (tagged.$) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number(tagged.text);
    case 'bigint':
      return BigInt(tagged.text);
    case 'typed': {
      const Kind = TYPED_ARRAYS.find(([kind]) => kind === tagged.kind)?.[1] ?? Float64Array;
      return Kind.from(tagged.values.map((item) => Number(inner(item))));
    }
    case 'object':
      return Object.fromEntries(tagged.entries.map(([key, item]) => [key, inner(item)]));
    case 'theirs':
      return desk.borrow(tagged.id);
    case 'yours':
      return desk.own(tagged.id);
    case 'kept':
      return Promise.resolve(inner(tagged.value));
    case 'broken': {
      const promise = Promise.reject(inner(tagged.value));
      // Code that waits for it is told; no code has to wait.
      promise.catch(() => undefined);
      return promise;
    }
    case 'error':
      return Object.assign(new Error(String(tagged.message)), { name: String(tagged.name) });
    default:
      throw new TypeError('a value has an unknown form');
  }
}
