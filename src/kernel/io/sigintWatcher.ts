/**
 * A thread that waits for SIGINT and tells its parent thread.
 *
 * Node hands signals to the main thread's event loop, which is the one that an endless loop blocks. A script
 * run with `breakOnSigint` is the only way that Node offers to hear a signal elsewhere, so this thread sleeps
 * inside such a script for as long as the kernel lives.
 *
 * @module
 */

import { Script } from 'node:vm';
import { parentPort } from 'node:worker_threads';

const sleep = new Script('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)');

for (;;) {
  try {
    sleep.runInThisContext({ breakOnSigint: true, displayErrors: false });
  } catch {
    parentPort?.postMessage('SIGINT');
  }
}
