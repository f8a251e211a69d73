/**
 * Stops what the main thread is running, from the I/O thread.
 *
 * 1. It asks: an `interrupt` message, which the main thread hears as soon as its event loop turns. That stops
 *    everything that awaits.
 * 2. It sets the flag that loops of cells and local files look at: a loop that runs is left by a throw at once. If the
 *    main thread does not answer, functions are left, too.
 * 3. If it still does not answer, a package runs there without a pause. The inspector ends it,
 *    wherever it was called from: a cell, a timer, after an await; see `termination.ts`. Then the event loop
 *    turns and step 1 is heard.
 * 4. Code that was stopped at an `await` may run a `finally` that does not pause: then it is stopped again.
 *
 * @module
 */

import { Session } from 'node:inspector';
import { LEAVE } from '../../core/compiler/stopChecks';
import type { SharedState, ToMain } from './shared';
import { TERMINATE_EXPRESSION } from './termination';

/** How often the I/O thread checks that the main thread has answered. */
const CHECK_MS = 50;

/** How long it has to answer before functions are left as well as loops: callbacks that run meanwhile come to their end. */
const FUNCTIONS_MS = 100;

/**
 * How long it has to answer by itself, before what it runs is ended from outside: a loop that calls slow functions of a
 * package is left between two of them.
 */
const PATIENCE_MS = 250;

/** Interrupts the main thread. */
export class Interrupter {
  #timer: NodeJS.Timeout | undefined;
  #begun = 0;
  #inspector: Session | undefined;

  constructor(
    readonly post: (message: ToMain) => void,
    readonly state: SharedState,
  ) {}

  /** Stops the running cell; does nothing to an idle kernel. */
  interrupt(): void {
    this.#insist({ kind: 'interrupt' });
  }

  /** Ends what is running, so that the main thread hears `shutdown` and exits. */
  shutdown(): void {
    this.#insist({ kind: 'shutdown' });
  }

  /** Ends what the main thread is running; it waits for this inside {@link TERMINATE_EXPRESSION}. */
  terminate(): void {
    this.#inspector?.post('Runtime.terminateExecution');
    this.state.terminationOrdered();
  }

  /** Leaves the main thread alone: Node lets no process end, and says so, while somebody is connected to it. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#inspector?.disconnect();
    this.#inspector = undefined;
  }

  #insist(message: ToMain): void {
    this.#demand(message);
    // One timer, however often the user presses the button.
    this.#timer ??= setInterval(() => this.#insistFurther(), CHECK_MS);
  }

  #demand(message: ToMain): void {
    if (!this.state.isPending) this.#begun = performance.now();
    this.state.demand();
    this.post(message);
  }

  #insistFurther(): void {
    if (!this.state.isPending) {
      if (this.state.overstays) this.#demand({ kind: 'interrupt' });
      else if (!this.state.isFarewell) this.close();
      return;
    }
    const waited = performance.now() - this.#begun;
    this.state.insist(waited < FUNCTIONS_MS ? LEAVE.loops : LEAVE.functions);
    if (waited < PATIENCE_MS) return;
    this.#inspector ??= connectToMainThread();
    this.#inspector?.post('Runtime.evaluate', { expression: TERMINATE_EXPRESSION });
  }
}

/**
 * Node's permission model shuts the inspector off, and an attempt to use it can end the process: then it is not used, and code
 * that only the inspector could end runs to its own end.
 */
function connectToMainThread(): Session | undefined {
  if (process.permission?.has('inspector') === false) return undefined;
  const session = new Session();
  session.connectToMainThread();
  return session;
}
