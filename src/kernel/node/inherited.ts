/**
 * Output that passes by `process.stdout` and `process.stderr`: of child processes and threads that inherit them, and of writes
 * to the descriptors 1 and 2. It goes below the cell that started them, like all its output.
 *
 * Node cannot exchange a descriptor of its process. So children get a pipe in its place, which the kernel reads; the output of
 * a synchronous child appears when it has ended. Output that a package writes from C++ is not seen.
 *
 * @module
 */

import childProcess, { ChildProcess, type StdioOptions } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import workerThreads, { type WorkerOptions } from 'node:worker_threads';
import type { Cell, Cells } from '../core/runtime/cell';

type StreamName = 'stdout' | 'stderr';
const NAMES: readonly (StreamName | undefined)[] = [undefined, 'stdout', 'stderr'];

/** Sends all such output below its cell, from now on. */
export function redirectInherited(cells: Cells): void {
  redirectChildren(cells);
  redirectSynchronousChildren(cells);
  redirectThreads(cells);
  redirectDescriptors(cells);
  // `import { spawnSync } from 'node:child_process'` in an ES module gets the new function, too.
  syncBuiltinESMExports();
}

/** Which places of `stdio` are our own stdout or stderr; its first is a child's input. */
function inheritedPlaces(stdio: StdioOptions | undefined): Map<number, StreamName> {
  const list: readonly unknown[] = Array.isArray(stdio) ? stdio : [stdio, stdio, stdio];
  const places = new Map<number, StreamName>();
  for (const [index, entry] of list.entries()) {
    const name = entry === 'inherit' ? NAMES[index] : NAMES[OWN.findIndex((own) => own().includes(entry))];
    if (name !== undefined && index > 0) places.set(index, name);
  }
  return places;
}

/** The entries for the descriptors 0, 1 and 2 in a list of `stdio`. */
const OWN: readonly (() => readonly unknown[])[] = [
  () => [],
  () => [1, process.stdout],
  () => [2, process.stderr],
];

/** `stdio` with something else at some places. */
function replaced(
  stdio: StdioOptions | undefined,
  places: ReadonlyMap<number, StreamName>,
  by: (index: number) => 'pipe' | number,
): StdioOptions {
  const list = Array.isArray(stdio) ? stdio : [stdio, stdio, stdio];
  return list.map((entry, index) => (places.has(index) ? by(index) : entry));
}

/** Sends what a stream brings below `cell`, which may have ended long ago. */
function forward(stream: Readable, name: StreamName, cell: Cell): void {
  const decoder = new StringDecoder('utf8');
  stream.on('data', (chunk: Uint8Array) => cell.output.stream(name, decoder.write(Buffer.from(chunk))));
  stream.on('error', () => {});
}

/** The undocumented method of Node that every start of an asynchronous child calls. */
interface Spawning {
  spawn(options: { stdio?: StdioOptions; detached?: boolean }): unknown;
}

function redirectChildren(cells: Cells): void {
  const prototype = ChildProcess.prototype as unknown as Spawning;
  const { spawn } = prototype;
  prototype.spawn = function (this: ChildProcess, options) {
    const cell = cells.current;
    // A detached child may outlive the kernel, and with it the pipe.
    if (cell === undefined || options.detached) return spawn.call(this, options);
    const places = inheritedPlaces(options.stdio);
    if (places.size === 0) return spawn.call(this, options);
    const result = spawn.call(this, { ...options, stdio: replaced(options.stdio, places, () => 'pipe') });
    for (const [index, name] of places) {
      const stream = this.stdio?.[index];
      if (stream) forward(stream as Readable, name, cell);
      // The caller asked for no stream.
      if (this.stdio) (this.stdio as unknown[])[index] = null;
      if (index === 1) this.stdout = null;
      if (index === 2) this.stderr = null;
    }
    return result;
  };
}

/** A synchronous child writes into files, which are shown when it has ended: nothing of the kernel runs before. */
function redirectSynchronousChildren(cells: Cells): void {
  for (const name of ['spawnSync', 'execSync', 'execFileSync'] as const) {
    const run = childProcess[name] as (...args: unknown[]) => unknown;
    const redirected = (...args: unknown[]): unknown => {
      const cell = cells.current;
      const at = args.findLastIndex(
        (each) => typeof each === 'object' && each !== null && !Array.isArray(each),
      );
      const options = args[at] as { stdio?: StdioOptions } | undefined;
      const places = inheritedPlaces(options?.stdio);
      if (cell === undefined || places.size === 0) return run(...args);
      const folder = fs.mkdtempSync(join(tmpdir(), 'cell-output-'));
      const file = (index: number) => join(folder, String(index));
      const descriptors = new Map([...places.keys()].map((index) => [index, fs.openSync(file(index), 'a')]));
      try {
        const stdio = replaced(options?.stdio, places, (index) => descriptors.get(index) ?? 'pipe');
        return run(...args.with(at, { ...options, stdio }));
      } finally {
        for (const [index, descriptor] of descriptors) {
          fs.closeSync(descriptor);
          const text = fs.readFileSync(file(index), 'utf8');
          if (text !== '') cell.output.stream(places.get(index) ?? 'stdout', text);
        }
        fs.rmSync(folder, { recursive: true, force: true });
      }
    };
    Object.assign(childProcess, { [name]: redirected });
  }
}

/** Threads whose output the caller does not take. */
function redirectThreads(cells: Cells): void {
  const { Worker } = workerThreads;
  class CellWorker extends Worker {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      const cell = cells.current;
      super(file, cell === undefined ? options : { ...options, stdout: true, stderr: true });
      if (cell === undefined) return;
      if (!options.stdout) forward(this.stdout, 'stdout', cell);
      if (!options.stderr) forward(this.stderr, 'stderr', cell);
    }
  }
  Object.defineProperty(CellWorker, 'name', { value: Worker.name });
  Object.assign(workerThreads, { Worker: CellWorker });
}

/** The descriptors, and the files that stand for them. */
const DESCRIPTORS: ReadonlyMap<unknown, StreamName> = new Map<unknown, StreamName>([
  [1, 'stdout'],
  [2, 'stderr'],
  ['/dev/stdout', 'stdout'],
  ['/dev/stderr', 'stderr'],
]);

/** `fs.writeSync(1, …)`, `fs.writeFileSync(1, …)` and the like, with which loggers and short programs write past the stream. */
function redirectDescriptors(cells: Cells): void {
  const { write, writeSync } = fs;
  /** Shows what is written below its cell; how many bytes that are, or `undefined` if it goes elsewhere. */
  const shown = (target: unknown, data: unknown, rest: readonly unknown[]): number | undefined => {
    const name = DESCRIPTORS.get(target);
    const cell = cells.current;
    if (name === undefined || cell === undefined) return undefined;
    const bytes = bytesOf(data, rest);
    if (bytes === undefined) return undefined;
    cell.output.stream(name, bytes.toString('utf8'));
    return bytes.length;
  };
  Object.assign(fs, {
    writeSync: (descriptor: number, data: string, ...rest: never[]) =>
      shown(descriptor, data, rest) ?? writeSync(descriptor, data, ...rest),
    write: (descriptor: number, data: string, ...rest: never[]) => {
      const length = shown(descriptor, data, rest);
      const done: unknown = rest.at(-1);
      if (length === undefined || typeof done !== 'function')
        return write(descriptor, data, ...(rest as [never]));
      process.nextTick(done as (...args: unknown[]) => void, null, length, data);
    },
  });
  for (const name of ['writeFile', 'appendFile'] as const) {
    const [writeWhole, writeWholeSync] = [fs[name], fs[`${name}Sync`]];
    Object.assign(fs, {
      [`${name}Sync`]: (target: number, data: string, options?: BufferEncoding) => {
        if (shown(target, data, encodingIn(options)) === undefined) writeWholeSync(target, data, options);
      },
      [name]: (target: number, data: string, ...rest: never[]) => {
        const length = shown(target, data, encodingIn(rest[0]));
        const done: unknown = rest.at(-1);
        if (length === undefined || typeof done !== 'function')
          return writeWhole(target, data, ...(rest as unknown as [never]));
        process.nextTick(done as (...args: unknown[]) => void, null);
      },
    });
  }
}

/** The encoding among the options of `fs.writeFile`, as a list. */
function encodingIn(options: unknown): unknown[] {
  const { encoding = options } = Object(options) as { encoding?: unknown };
  return [encoding];
}

/** The bytes that `fs.write` takes from its arguments: a string with its encoding, or bytes from an offset on. */
function bytesOf(data: unknown, rest: readonly unknown[]): Buffer | undefined {
  if (typeof data === 'string') {
    const encoding = rest.find((each) => typeof each === 'string');
    return Buffer.from(data, encoding as BufferEncoding | undefined);
  }
  if (!ArrayBuffer.isView(data)) return undefined;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const [first, second] = rest;
  const { offset = 0, length } = (
    typeof first === 'object' && first !== null ? first : { offset: first, length: second }
  ) as { offset?: unknown; length?: unknown };
  const from = typeof offset === 'number' ? offset : 0;
  return bytes.subarray(from, typeof length === 'number' ? from + length : undefined);
}
