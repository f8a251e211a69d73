/**
 * Runs pieces of the user's code such that their end is always heard of, however they end.
 *
 * Code may return, throw, reject, be stopped while it awaits, go on in spite of a stop, or be ended from outside
 * in the middle of a loop. In the last case everything below it on the call stack is gone as well, `finally`
 * blocks included. So it gets a turn of the event loop of its own, and nobody waits for it on the stack.
 *
 * @module
 */

import type { Cell, Cells } from './cell';

/** How long a stopped cell may go on, for the sake of its `finally` blocks. */
const FAREWELL_MS = 150;

/** Runs user code, one piece at a time. */
export class Runner {
  #cutOff: (() => void) | undefined;

  constructor(readonly cells: Cells) {}

  /**
   * Runs `work` as part of a cell.
   *
   * @returns what `work` returns, once it has settled and the promise callbacks it left behind have run
   * @throws what `work` throws; the signal's reason if the cell was stopped and `work` did not end by itself
   */
  run<T>(cell: Cell, work: () => T | PromiseLike<T>): Promise<T> {
    const { signal } = cell;
    return new Promise<T>((resolve, reject) => {
      let farewell: NodeJS.Timeout | undefined;
      const onAbort = () => {
        farewell = setTimeout(() => fail(signal.reason), FAREWELL_MS);
      };
      const settle = (deliver: () => void) => {
        clearTimeout(farewell);
        signal.removeEventListener('abort', onAbort);
        // In a turn of its own: what the cell has left in the queue of promise callbacks is done by then.
        setImmediate(deliver);
      };
      const fail = (error: unknown) => settle(() => reject(error));

      setImmediate(() => {
        if (signal.aborted) return fail(signal.reason);
        this.#cutOff = () => fail(signal.reason);
        signal.addEventListener('abort', onAbort);
        try {
          const result = this.cells.run(cell, work);
          Promise.resolve(result).then((value) => settle(() => resolve(value)), fail);
        } catch (error) {
          fail(error);
        }
        this.#cutOff = undefined;
      });
    });
  }

  /**
   * To be called when the event loop turns after a stop: if user code was on the call stack, it is no more, and
   * its piece of work ends here.
   */
  afterInterrupt(): void {
    this.#cutOff?.();
    this.#cutOff = undefined;
  }
}
