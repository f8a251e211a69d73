/**
 * Errors as a front end shows them: name, message, traceback.
 *
 * @module
 */

import { type Position, TypeScriptError } from '../compiler/diagnostics';
import type { Platform } from '../platform';
import { KeyboardInterrupt } from './cell';
import { codeFrame } from './codeFrame';
import { bold, cyan, dim, red } from './colours';
import { cut, safely, shortText } from './valueText';

/** The content of an `error` message. */
export interface ErrorContent extends Record<string, unknown> {
  readonly ename: string;
  readonly evalue: string;
  /** Lines, coloured with ANSI sequences. */
  readonly traceback: readonly string[];
}

/** Where code stands, as its author knows it. */
export interface StackTraces {
  /** The stack of an error as text. */
  stackOf(error: Error): string;
  /** The text of a cell that has run, or `undefined`. */
  sourceOf(label: string): string | undefined;
  /** The place in the author's code. */
  place(file: string, position: Position): Position | undefined;
}

/** How deep `cause` and `errors` are followed. */
const CAUSE_DEPTH = 5;
/** How many errors are described, inner ones of all depths together. */
const MOST_ERRORS = 12;
/** How many of the compiler's complaints are shown: about imported files, and in all. The rest mostly follows from the first. */
const FILE_DIAGNOSTICS = 3;
const MOST_DIAGNOSTICS = 50;
/** Characters of a name, of a message, of a line of the stack. */
const LONGEST_NAME = 200;
const LONGEST_MESSAGE = 4000;
const LONGEST_CALL = 500;
/** Calls of one error. */
const MOST_CALLS = 50;

/** Turns whatever has been thrown into the content of an `error` message, of bounded length. */
export class ErrorReporter {
  /**
   * @param stackTraces knows the lines of cells
   * @param inspect shows what is thrown and is not an Error
   */
  constructor(
    readonly stackTraces: StackTraces,
    readonly inspect: Platform['inspect'],
  ) {}

  /**
   * Describes a thrown value.
   *
   * @param source the cell's code, for compile errors
   * @throws KeyboardInterrupt if the look at it was stopped
   */
  describe(thrown: unknown, source = ''): ErrorContent {
    if (safely(() => thrown instanceof TypeScriptError, false)) {
      return this.#describeDiagnostics(thrown as TypeScriptError, source);
    }
    if (isError(thrown)) {
      const traceback = this.#traceback(thrown, CAUSE_DEPTH, { errors: MOST_ERRORS });
      return { ename: nameOf(thrown), evalue: messageOf(thrown), traceback };
    }
    const evalue = this.#shown(thrown);
    const traceback = [
      `${bold(red('Thrown'))}: ${evalue}`,
      dim('Only an Error records the line that threw it: throw new Error(…) shows it.'),
    ];
    return { ename: 'Thrown', evalue, traceback };
  }

  /** The text about an error that nobody has handled; empty for a stop, which is not news. */
  uncaught(thrown: unknown): string | undefined {
    if (KeyboardInterrupt.is(thrown)) return undefined;
    return `Uncaught ${this.describe(thrown).traceback.join('\n')}\n`;
  }

  #describeDiagnostics(error: TypeScriptError, source: string): ErrorContent {
    const inCell = error.diagnostics.filter(({ file }) => file === undefined);
    const inFiles = error.diagnostics.filter(({ file }) => file !== undefined);
    const shownDiagnostics = [...inCell.slice(0, MOST_DIAGNOSTICS), ...inFiles.slice(0, FILE_DIAGNOSTICS)];
    const traceback = shownDiagnostics.flatMap(({ file, start, end, code, message }) => {
      const place = `${file === undefined ? 'line ' : `${file}:`}${start.line}:${start.column}, TS${code}`;
      const frame = file === undefined ? codeFrame(source, start, end) : [];
      return [`${bold(red(message))} ${dim(`(${place})`)}`, ...frame, ''];
    });
    const hidden = error.diagnostics.length - shownDiagnostics.length;
    if (hidden > 0)
      traceback.push(
        dim(`… and ${hidden} more${hidden > inFiles.length ? '' : ' in files that the cell imports'}`),
        '',
      );
    return { ename: error.name, evalue: error.message, traceback: traceback.slice(0, -1) };
  }

  /** @param left how many errors may still be described */
  #traceback(error: Error, depth: number, left: { errors: number }): string[] {
    left.errors--;
    const name = nameOf(error);
    const message = messageOf(error);
    const lines = [`${bold(red(name))}${message === '' ? '' : `: ${message}`}`];
    const { frames, frame } = this.#frames(error);
    lines.push(...frame, ...frames.map(dim));
    if (depth === 0) return lines;
    const inner = innerErrors(error);
    for (let index = 0; index < inner.length; index++) {
      if (left.errors <= 0) {
        lines.push('', cyan(`… and ${inner.length - index} more`));
        break;
      }
      lines.push(
        '',
        cyan(`[errors ${index}]`),
        ...this.#inner(
          safely(() => inner[index], undefined),
          depth - 1,
          left,
        ),
      );
    }
    const cause = safely(() => error.cause, undefined);
    if (cause !== undefined && left.errors > 0) {
      lines.push('', cyan('[cause]'), ...this.#inner(cause, depth - 1, left));
    }
    return lines;
  }

  #inner(thrown: unknown, depth: number, left: { errors: number }): string[] {
    if (isError(thrown)) return this.#traceback(thrown, depth, left);
    left.errors--;
    return [this.#shown(thrown)];
  }

  /** A value that is not an Error, as text. */
  #shown(value: unknown): string {
    return shortText(this.inspect, value, LONGEST_MESSAGE);
  }

  /** The calls, without Node's and with those inside a package counted, and the cell's lines around the innermost of its own. */
  #frames(error: Error): { frames: string[]; frame: string[] } {
    const stack = safely(() => this.stackTraces.stackOf(error), '');
    const syntaxError = this.#syntaxErrorFrame(stack);
    if (syntaxError !== undefined) return { frames: [], frame: syntaxError };
    const calls = stack.split('\n').filter((line) => /^ {4}at (?!.*\(node:|(async )?node:)/.test(line));
    const all = calls
      .slice(0, MOST_CALLS)
      .map((line) => (line.length > LONGEST_CALL ? cut(line, LONGEST_CALL) : line));
    const innermost = all.map((line) => CELL_PLACE.exec(line)).find((match) => match !== null);
    const source = innermost?.[1] === undefined ? undefined : this.stackTraces.sourceOf(innermost[1]);
    const place = { line: Number(innermost?.[2]), column: Number(innermost?.[3]) };
    const frame = source === undefined ? [] : [cyan(`${innermost?.[1]}:`), ...codeFrame(source, place), ''];
    return { frames: withoutPackages(all), frame };
  }

  /** Code that V8 refuses and TypeScript accepts, such as a wrong regular expression: the place comes before the message. */
  #syntaxErrorFrame(stack: string): string[] | undefined {
    const match = SYNTAX_ERROR_PLACE.exec(stack);
    const [, label, line, caret] = match ?? [];
    const source = label === undefined ? undefined : this.stackTraces.sourceOf(label);
    if (label === undefined || source === undefined) return undefined;
    const place = this.stackTraces.place(label, { line: Number(line), column: (caret?.length ?? 0) + 1 });
    return place === undefined ? [] : codeFrame(source, place);
  }
}

/** At the end of a line: code given to `eval` names its cell before its own place. */
const CELL_PLACE = /((?:In|hidden)\[\d+\]):(\d+):(\d+)\)?$/;
const SYNTAX_ERROR_PLACE = /^((?:In|hidden)\[\d+\]):(\d+)\n.*\n( *)\^/;

/** Calls inside installed packages, except the one that the cell called, say nothing to a learner. */
function withoutPackages(frames: readonly string[]): string[] {
  const inPackage = frames.map((line) => line.includes('node_modules/') || line.includes('node_modules\\'));
  return frames.filter((_, index) => !inPackage[index] || inPackage[index + 1] === false);
}

/** An Error of this or another realm. */
function isError(value: unknown): value is Error {
  return safely(
    () => value instanceof Error || Object.prototype.toString.call(value) === '[object Error]',
    false,
  );
}

/** The errors that an AggregateError holds; its list is anybody's property. */
function innerErrors(error: Error): readonly unknown[] {
  return safely(() => {
    const errors: unknown = error instanceof AggregateError ? error.errors : [];
    return Array.isArray(errors) ? errors : [];
  }, []);
}

/** `class MyError extends Error {}` leaves `name` at `Error`; its own name says more. */
function nameOf(error: Error): string {
  const own = safely(() => String(error.name), 'Error');
  const name = own === 'Error' ? safely(() => String(error.constructor.name || own), own) : own;
  return cut(name, LONGEST_NAME);
}

/** Without what the compiler has put before names of other cells: V8 quotes the code that runs, as in `__state.x is not a function`. */
function messageOf(error: Error): string {
  const message = cut(
    safely(() => String(error.message), ''),
    LONGEST_MESSAGE,
  );
  return error instanceof TypeError ? message.replace(NAME_OF_ANOTHER_CELL, '$1$2') : message;
}

const NAME_OF_ANOTHER_CELL =
  /\(0 , __(?:state|[mn]\d+)_*\.([\p{ID_Continue}$]+)\)|(?<![\w$.])__(?:state|[mn]\d+)_*\.([\p{ID_Continue}$]+)/gu;
