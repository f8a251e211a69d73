/**
 * Output of cells to stdout and stderr goes below the cell that wrote it.
 *
 * @module
 */

import { StringDecoder } from 'node:string_decoder';
import type { Cells } from '../core/runtime/cell';

/** Taken before a cell can replace it, as libraries that test timers do. */
const nextTick = process.nextTick.bind(process);

/** Redirects `process.stdout` and `process.stderr`, and with them `console`. */
export function redirectOutput(cells: Cells): void {
  redirect(process.stdout, 'stdout', cells);
  redirect(process.stderr, 'stderr', cells);
}

function redirect(stream: NodeJS.WriteStream, name: 'stdout' | 'stderr', cells: Cells): void {
  const writeToProcess = stream.write.bind(stream);
  // A character may arrive in two chunks.
  const decoder = new StringDecoder('utf8');

  const write = (chunk: unknown, encoding?: unknown, callback?: unknown): boolean => {
    const done = typeof encoding === 'function' ? encoding : callback;
    const charset = typeof encoding === 'string' ? (encoding as BufferEncoding) : undefined;
    const cell = cells.current;
    if (cell === undefined) writeToProcess(chunk as string | Uint8Array, charset);
    else {
      const text =
        typeof chunk === 'string' ? asText(chunk, charset) : decoder.write(Buffer.from(chunk as Uint8Array));
      if (text !== '') cell.output.stream(name, text);
    }
    if (typeof done === 'function') nextTick(done as () => void);
    return true;
  };
  // `write` is overloaded; this one function takes the arguments of all of its forms.
  stream.write = write as typeof stream.write;
  // It can be ended no more than Node's own can.
  const end = (...last: unknown[]) => {
    if (typeof last[0] === 'string' || last[0] instanceof Uint8Array) write(...(last as [unknown]));
    return stream;
  };
  stream.end = end as typeof stream.end;
}

/** `write(text, 'base64')` and the like mean the bytes; the usual encodings mean the text itself. */
function asText(chunk: string, encoding: BufferEncoding | undefined): string {
  return encoding === 'hex' || encoding === 'base64' || encoding === 'base64url'
    ? Buffer.from(chunk, encoding).toString('utf8')
    : chunk;
}
