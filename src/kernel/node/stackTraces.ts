/**
 * Stack traces as the author of the code knows it: lines of the cell and of the .ts files under src/, without
 * the kernel's own calls.
 *
 * V8 asks `Error.prepareStackTrace` for the text when `error.stack` is first read, so that every stack is
 * right, also one that a cell prints itself.
 *
 * @module
 */

import type { SourceMap } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';
import type { Position } from '../core/compiler/diagnostics';
import type { CodeMap } from '../core/compiler/sourceMap';
import { readSourceMapFile } from './typescript';

/** Source data of a cell, or of a local file that a cell has imported. */
export interface CodeOrigin {
  /** The text of a cell; of a file nobody asks for it. */
  readonly source?: string;
  readonly sourceMap: CodeMap | undefined;
}

/** A place in a file or a cell. */
export interface Place extends Position {
  /** `In[3]`, or a path; relative to the project where it lies inside. */
  readonly file: string;
}

const KERNEL_FOLDER = resolve(__dirname, '..') + sep;

/** Makes all stack traces of the process speak of cells and TypeScript files. */
export class StackTraces {
  readonly #origins = new Map<string, CodeOrigin>();
  readonly #fileMaps = new Map<string, SourceMap | undefined>();
  readonly #prepare = (error: Error, sites: readonly NodeJS.CallSite[]): string =>
    [heading(error), ...this.#lines(sites)].join('\n');

  /** @param root the project's folder, whose compiled files have source maps next to them */
  constructor(readonly root: string) {}

  /** From now on `Error.stack` is mapped. */
  install(): void {
    // The frames of a deep library call must not push out the cell's own line.
    Error.stackTraceLimit = 30;
    Error.prepareStackTrace = this.#prepare;
  }

  /** Installs it again if a library has taken it away, rather than put its own in its place. */
  keep(): void {
    if (Error.prepareStackTrace === undefined) Reflect.set(Error, 'prepareStackTrace', this.#prepare);
  }

  /** The stack of an error as text, also while a library shows stacks in its own way. */
  stackOf(error: Error): string {
    const { prepareStackTrace } = Error;
    try {
      // Does nothing where code of a cell has frozen it.
      Reflect.set(Error, 'prepareStackTrace', this.#prepare);
      return String(error.stack ?? '');
    } finally {
      Reflect.set(Error, 'prepareStackTrace', prepareStackTrace);
    }
  }

  /** Remembers code under the name that V8 knows its script by. */
  register(label: string, origin: CodeOrigin): void {
    this.#origins.set(label, origin);
  }

  /** The text of a cell that has run, or `undefined`. */
  sourceOf(label: string): string | undefined {
    return this.#origins.get(label)?.source;
  }

  /** Forgets the source map of a compiled file that has been rewritten. */
  forget(file: string): void {
    this.#fileMaps.delete(file);
  }

  /** The place in the author's code, or `undefined` for code that the compiler or the kernel added. */
  place(file: string, { line, column }: Position): Place | undefined {
    const origin = this.#origins.get(file);
    if (origin !== undefined) {
      const { source, sourceMap } = origin;
      const original = sourceMap?.original({ line, column });
      if (sourceMap === undefined || original === undefined) return undefined;
      return { file: source === undefined ? this.#shown(file) : file, ...original };
    }
    const map = this.#fileMap(file);
    const entry = map?.findEntry(line - 1, column - 1);
    if (entry === undefined || !('originalSource' in entry) || entry.originalLine === undefined) {
      return { file: this.#shown(file), line, column };
    }
    const source = resolve(dirname(file), entry.originalSource);
    return { file: this.#shown(source), line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }

  /** One line per call, from the innermost outwards. */
  #lines(sites: readonly NodeJS.CallSite[]): string[] {
    // Only the kernel and Node call the cell: the trace ends with the cell.
    const outermost = sites.findLastIndex((site) => !isInternal(site.getFileName()));
    return sites.slice(0, outermost + 1).flatMap((site) => {
      const file = site.getFileName();
      const line = site.getLineNumber();
      const column = site.getColumnNumber();
      // A cell calls what earlier cells declared as properties of the state; its author did not.
      const text = `    at ${site}`.replace(/ (async )?(Proxy|Variables)\./, ' $1');
      if (!file || line === null || column === null) return text;
      if (file.startsWith(KERNEL_FOLDER) || file.startsWith('node:internal/')) return [];
      const place = file.startsWith('node:') ? { file, line, column } : this.place(file, { line, column });
      if (place === undefined) return [];
      return text.replace(`${file}:${line}:${column}`, () => `${place.file}:${place.line}:${place.column}`);
    });
  }

  #shown(file: string): string {
    const inside = relative(this.root, file);
    return inside.startsWith('..') || resolve(inside) === inside ? file : inside.replaceAll('\\', '/');
  }

  #fileMap(file: string): SourceMap | undefined {
    if (!file.startsWith(this.root + sep) || file.includes('node_modules')) return undefined;
    if (!this.#fileMaps.has(file)) this.#fileMaps.set(file, readSourceMapFile(`${file}.map`));
    return this.#fileMaps.get(file);
  }
}

function isInternal(file: string | null | undefined): boolean {
  return file === undefined || file === null || file.startsWith('node:') || file.startsWith(KERNEL_FOLDER);
}

function heading(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return '<error>';
  }
}
