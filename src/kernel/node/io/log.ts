/**
 * The kernel's own log: stderr of the process, where Jupyter shows it. A cell's output never goes here.
 *
 * @module
 */

import * as fs from 'node:fs';

/** Taken before the kernel sends what cells write with it elsewhere. */
const { writeSync } = fs;
const now = performance.now.bind(performance);

/** An error that occurs a hundred times a minute needs no further line, and a flood on the sockets fills no disk. */
const LINES_A_MINUTE = 100;
const MINUTE_MS = 60_000;
const LONGEST_LINE = 4000;

let minute = now();
let written = 0;
let leftOut = 0;

/** Writes one line; works in any thread, also while the process ends. */
export function log(line: string): void {
  if (now() - minute >= MINUTE_MS) {
    if (leftOut > 0) write(`${leftOut} lines were left out`);
    minute = now();
    written = leftOut = 0;
  }
  if (written === LINES_A_MINUTE) {
    leftOut++;
    return;
  }
  write(line.slice(0, LONGEST_LINE));
  if (++written === LINES_A_MINUTE) write('says no more for a minute');
}

function write(line: string): void {
  try {
    writeSync(2, `[sparselab kernel] ${line}\n`);
  } catch {
    // Nobody reads stderr any more (EPIPE, EAGAIN): there is no one left to tell.
  }
}
