/**
 * Stack traces as the author of a cell knows them, in whatever form a browser writes them:
 *
 *     at name (In[3]:2:9)     Chromium
 *     name@In[3]:2:9          Firefox, Safari
 *
 * @module
 */

import type { Position } from '../core/compiler/diagnostics';
import type { CodeMap } from '../core/compiler/sourceMap';
import type { StackTraces } from '../core/runtime/errors';
import { LINES_BEFORE } from './link';

/** A call: who, and the file, line and column of it. */
const CALL =
  /^\s*(?:at )?(.*?)(?: \(|@|(?<=^\s*at ))((?:[a-z]+:\/\/|\/|In\[|hidden\[)[^()]*?):(\d+):(\d+)\)?$/;

/** V8's hook for the text of a stack. */
interface V8Errors {
  stackTraceLimit?: number;
  prepareStackTrace?: (error: Error, calls: readonly object[]) => string;
}

/** Source data of a cell. */
interface Origin {
  readonly source: string;
  readonly sourceMap: CodeMap;
}

/** Places in cells, and stacks that speak of them. */
export class WebStackTraces implements StackTraces {
  readonly #origins = new Map<string, Origin>();

  /**
   * @param kernel the address of the worker's own script, whose calls are left out
   * @param library the address of the library's, whose calls count as those of a package
   */
  constructor(
    readonly kernel: string,
    readonly library: string,
  ) {}

  /** From now on `Error.stack` speaks of cells, in engines where it can. */
  install(): void {
    const errors = Error as unknown as V8Errors;
    // The frames of a deep library call must not push out the cell's own line.
    errors.stackTraceLimit = 30;
    errors.prepareStackTrace = (error, calls) =>
      this.#shown(
        heading(error),
        calls.map((call) => `    at ${call}`),
      );
  }

  register(label: string, origin: Origin): void {
    this.#origins.set(label, origin);
  }

  sourceOf(label: string): string | undefined {
    return this.#origins.get(label)?.source;
  }

  place(file: string, { line, column }: Position): Position | undefined {
    return this.#origins.get(file)?.sourceMap.original({ line: line - LINES_BEFORE, column });
  }

  stackOf(error: Error): string {
    const stack = String(error.stack ?? '');
    // Chromium's has been through `prepareStackTrace`; the others' are lists of calls without a heading.
    return /^\s+at /m.test(stack) || stack === ''
      ? stack
      : this.#shown(heading(error), stack.trimEnd().split('\n'));
  }

  /** One line per call, from the innermost outwards; only the kernel calls the cell, so the trace ends with the cell. */
  #shown(head: string, calls: readonly string[]): string {
    const parsed = calls.map((text) => ({ text, call: CALL.exec(text) }));
    const outermost = parsed.findLastIndex(({ call }) => call?.[2] !== undefined && call[2] !== this.kernel);
    const lines = parsed.slice(0, outermost + 1).flatMap(({ text, call }) => {
      const [, name = '', file = '', line, column] = call ?? [];
      if (call === null) return /^\s+at /.test(text) ? [text] : [];
      if (file === this.kernel) return [];
      const place = this.#placed(file, { line: Number(line), column: Number(column) });
      if (place === undefined) return [];
      // A cell calls what earlier cells declared as properties of the state; its author did not.
      const caller = name.replace(/^(async )?(Proxy|Variables)\./, '$1').replace(/^eval$/, '');
      return [caller === '' ? `    at ${place}` : `    at ${caller} (${place})`];
    });
    return [head, ...lines].join('\n');
  }

  #placed(file: string, position: Position): string | undefined {
    if (file === this.library) return `node_modules/sparselab:${position.line}:${position.column}`;
    if (!this.#origins.has(file)) return `${file}:${position.line}:${position.column}`;
    const place = this.place(file, position);
    return place && `${file}:${place.line}:${place.column}`;
  }
}

function heading(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return '<error>';
  }
}
