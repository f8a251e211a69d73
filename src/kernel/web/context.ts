/**
 * A store that follows code through awaits, timers and callbacks, in a browser, which has none of its own.
 *
 * Every function that takes a callback binds it to the current context. The language's own `await` cannot be bound, so it must
 * not be met: the library's bundle has it translated to promises (`src/setup/site/bundles.mjs`), and cells enter again what was
 * current (`resumeAwaits.ts`).
 *
 * @module
 */

import type { Context } from '../core/platform';

/** The one store of a worker. */
export class WebContext<T> implements Context<T> {
  #current: T | undefined;

  current(): T | undefined {
    return this.#current;
  }

  run<R>(value: T | undefined, work: () => R): R {
    const before = this.#current;
    this.#current = value;
    try {
      return work();
    } finally {
      this.#current = before;
    }
  }

  /** Makes `value` current until the code that runs has returned to the event loop, or waits. */
  enter(value: T | undefined): void {
    this.#current = value;
  }

  /** The function, bound to the current context. A value that is not a function stays as it is. */
  bind<F>(callback: F): F {
    if (typeof callback !== 'function') return callback;
    const context = this;
    const value = this.#current;
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return context.run(value, () => callback.apply(this, args));
    };
    return bound as F;
  }
}

/** Functions that take a callback as their first argument. */
type Scheduler = (callback: unknown, ...rest: unknown[]) => unknown;

/**
 * From now on callbacks of promises and timers run in the context in which they were handed over.
 *
 * @param onError hears, in that context, what a timer's callback throws
 */
export function followCallbacks(context: WebContext<unknown>, onError: (thrown: unknown) => void): void {
  // By the prototype, so that promises of all libraries are followed.
  const { prototype } = Promise;
  const then = Reflect.get(prototype, 'then') as (this: unknown, ...callbacks: unknown[]) => unknown;
  Reflect.set(prototype, 'then', function (this: unknown, done: unknown, failed: unknown) {
    return then.call(this, context.bind(done), context.bind(failed));
  });
  const globals = globalThis as unknown as Record<string, Scheduler>;
  for (const name of ['setTimeout', 'setInterval', 'queueMicrotask']) {
    const schedule = globals[name] as Scheduler;
    globals[name] = (callback, ...rest) =>
      schedule.call(globalThis, context.bind(caught(callback, onError)), ...rest);
  }
}

/** The function, of which `onError` hears what it throws. A value that is not a function stays as it is. */
function caught(callback: unknown, onError: (thrown: unknown) => void): unknown {
  if (typeof callback !== 'function') return callback;
  return function (this: unknown, ...args: unknown[]): void {
    try {
      callback.apply(this, args);
    } catch (thrown) {
      onError(thrown);
    }
  };
}
