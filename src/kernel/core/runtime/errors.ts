/**
 * Errors as a front end shows them: name, message, traceback.
 *
 * @module
 */

import { inspect } from 'node:util';
import type { StackTraces } from '../../node/stackTraces';
import { TypeScriptError } from '../compiler/diagnostics';
import { KeyboardInterrupt } from './cell';
import { codeFrame } from './codeFrame';
import { bold, cyan, dim, red } from './colours';

/** The content of an `error` message. */
export interface ErrorContent extends Record<string, unknown> {
  readonly ename: string;
  readonly evalue: string;
  /** Lines, coloured with ANSI sequences. */
  readonly traceback: readonly string[];
}

/** How deep `cause` and `errors` are followed. */
const CAUSE_DEPTH = 5;

/** How many of the compiler's complaints about imported files are shown: the rest mostly follows from the first. */
const FILE_DIAGNOSTICS = 3;

/** Turns whatever has been thrown into the content of an `error` message. */
export class ErrorReporter {
  /** @param stackTraces knows the lines of cells */
  constructor(readonly stackTraces: StackTraces) {}

  /**
   * Describes a thrown value.
   *
   * @param source the cell's code, for what does not compile
   */
  describe(thrown: unknown, source = ''): ErrorContent {
    if (thrown instanceof TypeScriptError) return this.#describeDiagnostics(thrown, source);
    if (isError(thrown)) {
      return {
        ename: nameOf(thrown),
        evalue: messageOf(thrown),
        traceback: this.#traceback(thrown, CAUSE_DEPTH),
      };
    }
    const evalue = shown(thrown);
    const traceback = [
      `${bold(red('Thrown'))}: ${evalue}`,
      dim('Only an Error records the line that threw it: throw new Error(…) shows it.'),
    ];
    return { ename: 'Thrown', evalue, traceback };
  }

  /** What to print of an error that nobody has handled; nothing of a stop, which is no news. */
  uncaught(thrown: unknown): string | undefined {
    if (thrown instanceof KeyboardInterrupt) return undefined;
    return `Uncaught ${this.describe(thrown).traceback.join('\n')}\n`;
  }

  #describeDiagnostics(error: TypeScriptError, source: string): ErrorContent {
    const inCell = error.diagnostics.filter(({ file }) => file === undefined);
    const inFiles = error.diagnostics.filter(({ file }) => file !== undefined);
    const shownDiagnostics = [...inCell, ...inFiles.slice(0, FILE_DIAGNOSTICS)];
    const traceback = shownDiagnostics.flatMap(({ file, start, end, code, message }) => {
      const place = `${file === undefined ? 'line ' : `${file}:`}${start.line}:${start.column}, TS${code}`;
      const frame = file === undefined ? codeFrame(source, start, end) : [];
      return [`${bold(red(message))} ${dim(`(${place})`)}`, ...frame, ''];
    });
    const hidden = error.diagnostics.length - shownDiagnostics.length;
    if (hidden > 0) traceback.push(dim(`… and ${hidden} more in files that the cell imports`), '');
    return { ename: error.name, evalue: error.message, traceback: traceback.slice(0, -1) };
  }

  #traceback(error: Error, depth: number): string[] {
    const name = nameOf(error);
    const message = messageOf(error);
    const lines = [`${bold(red(name))}${message === '' ? '' : `: ${message}`}`];
    const { frames, frame } = this.#frames(error);
    lines.push(...frame, ...frames.map(dim));
    if (depth === 0) return lines;
    if (error instanceof AggregateError) {
      for (const [index, inner] of error.errors.entries()) {
        lines.push('', cyan(`[errors ${index}]`), ...this.#inner(inner, depth - 1));
      }
    }
    if (error.cause !== undefined) lines.push('', cyan('[cause]'), ...this.#inner(error.cause, depth - 1));
    return lines;
  }

  #inner(thrown: unknown, depth: number): string[] {
    return isError(thrown) ? this.#traceback(thrown, depth) : [shown(thrown)];
  }

  /** The calls, without Node's and with those inside a package counted, and the cell's lines around the innermost of its own. */
  #frames(error: Error): { frames: string[]; frame: string[] } {
    const stack = safely(() => String(error.stack ?? ''), '');
    const syntaxError = this.#syntaxErrorFrame(stack);
    if (syntaxError !== undefined) return { frames: [], frame: syntaxError };
    const all = stack.split('\n').filter((line) => /^ {4}at /.test(line) && !line.includes('(node:'));
    const innermost = all.map((line) => CELL_PLACE.exec(line)).find((match) => match !== null);
    const source = innermost?.[1] === undefined ? undefined : this.stackTraces.sourceOf(innermost[1]);
    const place = { line: Number(innermost?.[2]), column: Number(innermost?.[3]) };
    const frame = source === undefined ? [] : [cyan(`${innermost?.[1]}:`), ...codeFrame(source, place), ''];
    return { frames: withoutPackages(all), frame };
  }

  /** What V8 refuses and TypeScript does not, such as a wrong regular expression: the place stands before the message. */
  #syntaxErrorFrame(stack: string): string[] | undefined {
    const match = SYNTAX_ERROR_PLACE.exec(stack);
    const [, label, line, caret] = match ?? [];
    const source = label === undefined ? undefined : this.stackTraces.sourceOf(label);
    if (label === undefined || source === undefined) return undefined;
    const place = this.stackTraces.place(label, { line: Number(line), column: (caret?.length ?? 0) + 1 });
    return place === undefined ? [] : codeFrame(source, place);
  }
}

/** At the end of a line: code given to `eval` names the cell that it stands in before its own place. */
const CELL_PLACE = /((?:In|hidden)\[\d+\]):(\d+):(\d+)\)?$/;
const SYNTAX_ERROR_PLACE = /^((?:In|hidden)\[\d+\]):(\d+)\n.*\n( *)\^/;

/** Calls inside installed packages, but for the one that was called from outside, say nothing to a learner. */
function withoutPackages(frames: readonly string[]): string[] {
  const inPackage = frames.map((line) => line.includes('node_modules/') || line.includes('node_modules\\'));
  return frames.filter((_, index) => !inPackage[index] || inPackage[index + 1] === false);
}

/** An Error of this or another realm. */
function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

/** `class MyError extends Error {}` leaves `name` at `Error`; its own name says more. */
function nameOf(error: Error): string {
  const own = safely(() => String(error.name), 'Error');
  return own === 'Error' ? safely(() => error.constructor.name || own, own) : own;
}

/** A value that is no Error, as text. */
function shown(value: unknown): string {
  return safely(() => inspect(value, { depth: 2 }), 'a value that cannot be shown');
}

/** Without what the compiler has put before names of other cells: V8 quotes the code that runs, as in `__state.x is not a function`. */
function messageOf(error: Error): string {
  const message = safely(() => String(error.message), '');
  return error instanceof TypeError ? message.replace(NAME_OF_ANOTHER_CELL, '$1$2') : message;
}

const NAME_OF_ANOTHER_CELL =
  /\(0 , __(?:state|[mn]\d+)_*\.([\p{ID_Continue}$]+)\)|(?<![\w$.])__(?:state|[mn]\d+)_*\.([\p{ID_Continue}$]+)/gu;

/** Errors are anybody's objects: a getter of theirs may throw. */
function safely<T>(read: () => T, fallback: T): T {
  try {
    return read();
  } catch {
    return fallback;
  }
}
