/**
 * The guards around each `await` of a cell, so that a stop reaches it at once.
 *
 * A promise cannot be cancelled, but the wait for it can: the guard's own promise settles with the awaited one
 * or rejects when the cell is stopped. `finally` and `catch` of the cell then run as for any rejection.
 *
 * @module
 */

import type { Platform } from '../platform';
import type { Cell, Cells } from './cell';
import { SystemPromise } from './systemPromise';

/** The functions that compiled cells call; see `compiler/guardAwaits.ts`. */
export interface Guards {
  /** For `await e`. */
  guard(value: unknown): unknown;
  /** For `for await (const x of e)`. */
  guardEach(values: AsyncIterable<unknown> | Iterable<unknown>): AsyncIterable<unknown>;
}

/** How often a cell may await after it was stopped, in its `finally`; one that goes on for ever is left waiting. */
const AWAITS_AFTER_STOP = 1000;

/** Waits that a stop of their cell ends. One listener a cell, however many awaits: an await must stay cheap. */
class Waits {
  readonly #rejections = new Set<(reason: unknown) => void>();
  #afterStop = 0;

  constructor(
    readonly signal: AbortSignal,
    readonly platform: Platform,
  ) {
    signal.addEventListener('abort', () => {
      for (const reject of this.#rejections) reject(signal.reason);
      this.#rejections.clear();
    });
  }

  guard(value: unknown): unknown {
    if (this.signal.aborted) {
      return new SystemPromise((_, reject) => {
        // In a turn of its own: a loop that catches each rejection would else never let the event loop turn.
        if (++this.#afterStop > AWAITS_AFTER_STOP) return;
        this.platform.setImmediate(() => reject(this.signal.reason));
      });
    }
    if (!isThenable(value)) return value;
    return new SystemPromise((resolve, reject) => {
      this.#rejections.add(reject);
      // These two as they are: through them V8 finds the calls that await, which a traceback names.
      const settled = SystemPromise.resolve(value).then(resolve, reject);
      settled.then(() => this.#rejections.delete(reject));
    });
  }
}

/** The guards for all cells: each await is guarded for the cell that runs it, wherever its code was written. */
export function createGuards(cells: Cells, platform: Platform): Guards {
  const waits = new WeakMap<Cell, Waits>();
  const guard = (value: unknown): unknown => {
    const cell = cells.current;
    if (cell === undefined) return value;
    const ofCell = waits.get(cell) ?? new Waits(cell.signal, platform);
    waits.set(cell, ofCell);
    return ofCell.guard(value);
  };
  return {
    guard,
    async *guardEach(values) {
      // A generator of its own, so that `break` and a stop close the iterated one too.
      const iterator = iteratorOf(values, platform.inspect);
      let open = true;
      try {
        for (;;) {
          const { done, value } = (await guard(iterator.next())) as IteratorResult<unknown>;
          if (done) {
            open = false;
            return;
          }
          // A plain iterable may hand out promises.
          yield await guard(value);
        }
      } finally {
        // Guarded, too: a generator that hangs answers only after what it hangs in.
        if (open) await guard(iterator.return?.());
      }
    },
  };
}

type AnyIterator = AsyncIterator<unknown> | Iterator<unknown>;

/** As in the language: the asynchronous iterator if there is one. A text has only the other. */
function iteratorOf(values: unknown, inspect: Platform['inspect']): AnyIterator {
  const methods = Object(values) as Partial<Record<symbol, (this: unknown) => AnyIterator>>;
  const method = methods[Symbol.asyncIterator] ?? methods[Symbol.iterator];
  if (typeof method !== 'function') throw new TypeError(`${inspect(values)} is not async iterable`);
  return method.call(values);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
