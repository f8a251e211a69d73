/**
 * Values as text, whatever they are: getters that throw, proxies that answer to every name, values without an end.
 *
 * @module
 */

import type { InspectOptions, Platform } from '../platform';
import { KeyboardInterrupt } from './cell';

/** Longer texts inside a value are cut. */
const LONGEST_STRING = 10_000;

/** The reaction of the value. */
export interface ValueText {
  readonly text: string;
  /** The error of its own display method. */
  readonly thrown?: { readonly error: unknown };
}

/**
 * A value as text: its own way if it has one, else as the platform shows it.
 *
 * @throws KeyboardInterrupt if its own way was stopped
 */
export function valueText(inspect: Platform['inspect'], value: unknown, options?: InspectOptions): ValueText {
  try {
    return { text: inspect(value, options) };
  } catch (error) {
    if (KeyboardInterrupt.is(error)) throw error;
    const plain = { ...options, customInspect: false };
    return { text: safely(() => inspect(value, plain), 'a value that cannot be shown'), thrown: { error } };
  }
}

/** A value in a message or a traceback, of bounded length. */
export function shortText(inspect: Platform['inspect'], value: unknown, limit: number): string {
  return cut(valueText(inspect, value, { depth: 2, maxStringLength: LONGEST_STRING }).text, limit);
}

/** A string of at most about `limit` characters, with a note of the missing part. */
export function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length} characters)`;
}

/** Objects are anybody's: a getter of theirs may throw. A stop of it is not the object's answer and is passed on. */
export function safely<T>(read: () => T, fallback: T): T {
  try {
    return read();
  } catch (error) {
    if (KeyboardInterrupt.is(error)) throw error;
    return fallback;
  }
}
