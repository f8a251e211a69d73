/**
 * How a value is shown below its cell.
 *
 * @module
 */

import type { Platform } from '../platform';
import { type MimeBundle, validBundle } from './bundle';
import { KeyboardInterrupt } from './cell';
import { SystemPromise } from './systemPromise';
import { safely, valueText } from './valueText';

/** The method with which a value says how a notebook shows it; the convention is Deno's. */
const DISPLAY = Symbol.for('Jupyter.display');

/** The display of a value. */
export interface Shown {
  readonly data: MimeBundle;
  /** The omitted parts of its own bundle, one line per part. */
  readonly notes: readonly string[];
  /** The error of its display method; `data` is then its text alone. */
  readonly thrown?: { readonly error: unknown };
}

/**
 * How a value is shown: by its own method `[Symbol.for('Jupyter.display')]()` if it has one, and always as text. It may
 * be anything, a proxy that answers to every name, say; whatever it throws, there is a text.
 */
export async function show(value: unknown, inspect: Platform['inspect']): Promise<Shown> {
  try {
    const method = displayMethod(value);
    let own: unknown = method === undefined ? {} : method.call(value);
    // Promises alone are waited for: whatever else has a `then` may be a proxy, which never calls back.
    if (own instanceof SystemPromise) own = await own;
    const { data, notes } = validBundle(own, "Symbol.for('Jupyter.display') must return");
    if ('text/plain' in data) return { data, notes };
    const { text, thrown } = valueText(inspect, value);
    return { data: { ...data, 'text/plain': text }, notes, ...(thrown && { thrown }) };
  } catch (error) {
    return { data: { 'text/plain': valueText(inspect, value).text }, notes: [], thrown: { error } };
  }
}

type DisplayMethod = (this: unknown) => unknown;

/** @throws whatever the value throws when it is asked for a method that it has */
function displayMethod(value: unknown): DisplayMethod | undefined {
  if (!isObject(value)) return undefined;
  let method: unknown;
  try {
    method = (value as Record<symbol, unknown>)[DISPLAY];
    if (typeof method !== 'function') return undefined;
  } catch (error) {
    if (KeyboardInterrupt.is(error) || has(value)) throw error;
    return undefined;
  }
  // A proxy may answer to every name; now it is asked whether it has this one.
  return has(value) ? (method as DisplayMethod) : undefined;
}

function has(value: object): boolean {
  return safely(() => DISPLAY in value, false);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
