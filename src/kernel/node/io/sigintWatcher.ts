/**
 * A thread that waits for SIGINT and tells its parent thread.
 *
 * Node hands signals to the main thread's event loop, which is the one that an endless loop blocks. A script
 * run with `breakOnSigint` is the only way that Node offers to hear a signal elsewhere, so this thread sleeps
 * inside such a script for as long as the kernel lives.
 *
 * Each signal wakes the sleeper, and until it sleeps again a further signal would find nobody and end the
 * process. So it sleeps inside a second such script, which takes a signal at that moment.
 *
 * @module
 */

import { Script } from 'node:vm';
import { parentPort } from 'node:worker_threads';

const LISTEN = Symbol.for('sparselab.kernel.listen');

const sleep = new Script('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)');
const listen = new Script("globalThis[Symbol.for('sparselab.kernel.listen')]()");

Object.defineProperty(globalThis, LISTEN, { value: () => reportSignals(sleep) });
reportSignals(listen);

/** Runs a script that only a signal ends, again and again. */
function reportSignals(script: Script): never {
  for (;;) {
    try {
      script.runInThisContext({ breakOnSigint: true, displayErrors: false });
    } catch {
      parentPort?.postMessage('SIGINT');
    }
  }
}
