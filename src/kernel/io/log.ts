/**
 * The kernel's own log: stderr of the process, where Jupyter shows it. A cell's output never goes here.
 *
 * @module
 */

import { writeSync } from 'node:fs';

/** Writes one line; works in any thread, also while the process ends. */
export function log(line: string): void {
  try {
    writeSync(2, `[sparselab kernel] ${line}\n`);
  } catch {
    // Nobody reads stderr any more (EPIPE, EAGAIN): there is no one left to tell.
  }
}
