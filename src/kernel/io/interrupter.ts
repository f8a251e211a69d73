/**
 * Stops what the main thread is running, from the I/O thread.
 *
 * 1. It asks: an `interrupt` message, which the main thread hears as soon as its event loop turns. That stops
 *    everything that awaits.
 * 2. If the main thread does not answer, JavaScript is running there without a pause. The inspector ends it
 *    (`Runtime.terminateExecution`), wherever it was called from: a cell, a timer, after an await. Then the
 *    event loop turns and step 1 is heard.
 *
 * @module
 */

import { Session } from 'node:inspector';
import type { SharedState, ToMain } from './shared';
import { UNWIND_EXPRESSION } from './unwind';

/** How long the main thread may take to hear an interrupt by itself, and between two attempts to end what it runs. */
const PATIENCE_MS = 50;

/** Interrupts the main thread. */
export class Interrupter {
  #number = 0;

  constructor(
    readonly post: (message: ToMain) => void,
    readonly state: SharedState,
  ) {}

  /** Stops the running cell, in at most about 100 ms; does nothing to an idle kernel. */
  interrupt(): void {
    this.#insist({ kind: 'interrupt', number: ++this.#number }, this.#number);
  }

  /** Ends what is running so that the main thread hears `shutdown` and exits. */
  shutdown(): void {
    this.#insist({ kind: 'shutdown' }, ++this.#number);
  }

  #insist(message: ToMain, number: number): void {
    this.post(message);
    const timer = setInterval(() => {
      if (this.state.isAcknowledged(number)) clearInterval(timer);
      else if (!this.state.isShielded) {
        terminateMainThread();
        // What was being delivered may have been ended too.
        this.post(message);
      }
    }, PATIENCE_MS);
  }
}

function terminateMainThread(): void {
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.evaluate', { expression: UNWIND_EXPRESSION });
  session.post('Runtime.terminateExecution', () => session.disconnect());
}
