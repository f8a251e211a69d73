/**
 * A Web Worker as the core's platform.
 *
 * @module
 */

import { inspect } from 'node-inspect-extracted';
import type { Context, Platform } from '../core/platform';
import { scope } from './scope';

const { setTimeout, clearTimeout, crypto, console } = globalThis;
const debug = console.debug.bind(console);

/**
 * A worker as the core sees it. To be called before anything replaces the timers.
 *
 * @param createContext makes the store that follows code
 */
export function webPlatform(createContext: <T>() => Context<T>): Platform {
  return {
    setImmediate: immediates(),
    setTimeout: (callback, milliseconds) => setTimeout.call(globalThis, callback, milliseconds),
    clearTimeout: (timer) => clearTimeout.call(globalThis, timer as NodeJS.Timeout | undefined),
    createContext,
    inspect: inspect as Platform['inspect'],
    randomId,
    log: (line) => debug(`[sparselab] ${line}`),
    exit: () => scope.close(),
  };
}

/** Calls back in turns of the event loop of their own, in order. Not a timer: nested ones wait for 4 ms. */
function immediates(): (callback: () => void) => void {
  const waiting: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  // Node's type of a port knows no `onmessage`.
  Object.assign(port2, { onmessage: () => waiting.shift()?.() });
  return (callback) => {
    waiting.push(callback);
    port1.postMessage(undefined);
  };
}

/** `crypto.randomUUID` is there in secure contexts only. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) =>
    part.toString(16).padStart(8, '0'),
  ).join('');
}
