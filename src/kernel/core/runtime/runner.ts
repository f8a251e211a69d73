/**
 * Runs pieces of the user's code such that their end is always heard of, however they end.
 *
 * Code may return, throw, reject, be stopped while it awaits, go on in spite of a stop, or be ended from outside
 * in the middle of a loop. In the last case everything below it on the call stack is gone as well, `finally`
 * blocks included. So it gets a turn of the event loop of its own, and nobody waits for it on the stack.
 *
 * @module
 */

import type { Platform, Timer } from '../platform';
import type { Cell, Cells } from './cell';
import { SystemPromise } from './systemPromise';

/** How long a stopped cell may go on, for the sake of its `finally` blocks. */
export const FAREWELL_MS = 150;
/** The same for a cell that was ended from outside: most likely there is nothing left of it that could go on. */
const FORCED_FAREWELL_MS = 20;

/** A piece of work that runs. */
interface Work {
  /** Whether it has returned to the event loop at least once. */
  returned: boolean;
  fail(error: unknown): void;
  readonly cell: Cell;
  farewell: Timer | undefined;
}

/** Runs user code: the cell, and callbacks that arrive while it waits. */
export class Runner {
  readonly #works = new Set<Work>();

  /** @param onStopped called when nothing that a stop has reached runs any more */
  constructor(
    readonly cells: Cells,
    readonly platform: Platform,
    readonly onStopped: () => void = () => {},
  ) {}

  /**
   * Runs `code` as part of a cell.
   *
   * @param onReturn called when `code` has returned, maybe a promise that is still to settle; not if it throws
   * @returns what `code` returns, once it has settled and the promise callbacks it left behind have run
   * @throws what `code` throws; the signal's reason if the cell was stopped and `code` did not end by itself
   */
  run<T>(cell: Cell, code: () => T | PromiseLike<T>, onReturn?: () => void): Promise<T> {
    const { clearTimeout, setImmediate } = this.platform;
    return new SystemPromise<T>((resolve, reject) => {
      const settle = (deliver: () => void) => {
        clearTimeout(work.farewell);
        this.#works.delete(work);
        this.#noteStopped();
        // In a turn of its own: what the cell has left in the queue of promise callbacks is done by then.
        setImmediate(deliver);
      };
      const fail = (error: unknown) => settle(() => reject(error));
      const work: Work = { returned: false, fail, cell, farewell: undefined };

      setImmediate(() => {
        // Nor should code that begins now be stopped for earlier code.
        this.onStopped();
        this.#works.add(work);
        try {
          const result = this.cells.run(cell, code);
          SystemPromise.resolve(result).then((value) => settle(() => resolve(value)), fail);
          // In a turn of its own for the same reason.
          if (onReturn !== undefined) setImmediate(onReturn);
        } catch (error) {
          fail(error);
        }
        work.returned = true;
      });
    });
  }

  /**
   * Stops all that runs. To be called in a turn of the event loop of its own.
   *
   * @param forced whether the code that ran was ended from outside
   */
  interrupt(forced: boolean): void {
    for (const work of this.#works) {
      work.cell.interrupt();
      const leave = () => work.fail(work.cell.signal.reason);
      // It was on the call stack, and the call stack is gone.
      if (!work.returned) leave();
      else work.farewell ??= this.platform.setTimeout(leave, forced ? FORCED_FAREWELL_MS : FAREWELL_MS);
    }
    this.#noteStopped();
  }

  #noteStopped(): void {
    for (const { farewell } of this.#works) if (farewell !== undefined) return;
    this.onStopped();
  }
}
