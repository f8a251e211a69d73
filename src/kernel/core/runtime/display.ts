/**
 * A value as a bundle of MIME types.
 *
 * @module
 */

import { inspect } from 'node:util';
import type { MimeBundle } from './cell';

/** A value says with this method how a notebook shows it; the convention is Deno's. */
const DISPLAY = Symbol.for('Jupyter.display');

/**
 * How a value is shown: by its own method `[Symbol.for('Jupyter.display')]()` if it has one, and always as text.
 *
 * @throws whatever the method throws
 * @throws TypeError if it returns something other than an object
 */
export async function mimeBundle(value: unknown): Promise<MimeBundle> {
  const method = isObject(value) ? (value as Record<symbol, unknown>)[DISPLAY] : undefined;
  const own: unknown = typeof method === 'function' ? await method.call(value) : {};
  if (typeof own !== 'object' || own === null || Array.isArray(own)) {
    throw new TypeError(
      `Symbol.for('Jupyter.display') must return an object of MIME types; got ${inspect(own)}`,
    );
  }
  const bundle = own as MimeBundle;
  return 'text/plain' in bundle ? bundle : { ...bundle, 'text/plain': inspect(value) };
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
