/**
 * Lines of text between this process and the one that started it: standard input and output, read while the thread
 * waits. A kernel uses neither for anything else.
 *
 * @module
 */
import { readSync, writevSync } from 'node:fs';

const STDIN = 0;
const STDOUT = 1;
const PAUSE_MS = 2;
const pause = new Int32Array(new SharedArrayBuffer(4));
const chunk = Buffer.alloc(65_536);
const complete: string[] = [];
let partial: Buffer[] = [];

/**
 * The next line; waits for it.
 *
 * @throws Error if there will be none
 */
export function readLine(): string {
  for (;;) {
    const line = complete.shift();
    if (line !== undefined) return line;
    const length = retrying(() => readSync(STDIN, chunk, 0, chunk.length, null));
    if (length === 0) throw new Error('the other process is gone');
    take(chunk.subarray(0, length));
  }
}

/**
 * Writes a line of its own, whatever was written before. The kernel shows what `fs.writeSync(1, …)` writes below the cell
 * (kernel/node/inherited.ts), and leaves `writev` alone.
 */
export function writeLine(line: string): void {
  const bytes = Buffer.from(`\n${line}\n`);
  for (let done = 0; done < bytes.length; )
    done += retrying(() => writevSync(STDOUT, [bytes.subarray(done)]));
}

function take(bytes: Buffer): void {
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    complete.push(Buffer.concat([...partial, bytes.subarray(start, end)]).toString());
    partial = [];
    start = end + 1;
  }
  if (start < bytes.length) partial.push(Buffer.from(bytes.subarray(start)));
}

/** A pipe that somebody has set to not waiting says EAGAIN. */
function retrying(work: () => number): number {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EOF') return 0;
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, PAUSE_MS);
    }
  }
}
