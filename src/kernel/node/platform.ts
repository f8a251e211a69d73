/**
 * Node as the core's platform.
 *
 * @module
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import type { Context, Platform } from '../core/platform';
import { log } from './io/log';

const { setImmediate, setTimeout, clearTimeout } = globalThis;

/**
 * Node as the core sees it.
 *
 * @param exit ends the process
 */
export function nodePlatform(exit: () => void): Platform {
  return {
    setImmediate: (callback) => void setImmediate(callback),
    setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
    createContext,
    inspect,
    randomId: randomUUID,
    log,
    exit,
  };
}

function createContext<T>(): Context<T> {
  const storage = new AsyncLocalStorage<T>();
  return { current: () => storage.getStore(), run: (value, work) => storage.run(value, work) };
}
