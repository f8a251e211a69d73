/**
 * What the compiler has against a cell, as an error that a notebook shows.
 *
 * @module
 */

/** A place in a text; both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One complaint of the compiler. */
export interface Diagnostic {
  /** The file, or `undefined` for the cell itself. */
  readonly file: string | undefined;
  readonly start: Position;
  readonly end: Position;
  readonly code: number;
  /** What is wrong; the lines after the first say why. */
  readonly message: string;
}

/** Code that does not compile, and therefore was not run. */
export class TypeScriptError extends Error {
  override readonly name = 'TypeScriptError';

  /** @param diagnostics at least one; in the order of their places */
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(summary(diagnostics));
  }
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const [first] = diagnostics;
  if (first === undefined) return 'the code does not compile';
  const place = `${first.file === undefined ? '' : `${first.file}, `}line ${first.start.line}`;
  const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : '';
  return `${first.message.split('\n')[0]} (${place}, TS${first.code})${more}`;
}
