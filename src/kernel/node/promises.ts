/**
 * How promises look when they are printed.
 *
 * @module
 */

import { inspect } from 'node:util';

/**
 * Before version 24, Node notes the asynchronous context on each promise, where `console.log(promise)` shows it.
 * This hides it.
 */
export function hideContextOfPromises(): void {
  const value = function (this: object): object {
    for (const symbol of Object.getOwnPropertySymbols(this)) {
      if (CONTEXT_SYMBOLS.has(symbol.description)) Object.defineProperty(this, symbol, { enumerable: false });
    }
    // The value that asks `inspect` for its usual output.
    return this;
  };
  Object.defineProperty(Promise.prototype, inspect.custom, { value, configurable: true, writable: true });
}

const CONTEXT_SYMBOLS: ReadonlySet<string | undefined> = new Set([
  'async_id_symbol',
  'trigger_async_id_symbol',
  'kResourceStore',
]);
