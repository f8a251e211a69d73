/**
 * The compiler's complaints about a cell, as an error that a notebook shows.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import { hintFor } from './hints';
import { inAuthorsWords } from './project';
import type { Complaint, TypeScript } from './system';

/** A place in code; both counted from 1. */
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
  /** The complaint; the lines after the first say why. */
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

/** A complaint about a cell: its place is inside the cell, also where more was expected behind its end. */
export function diagnosticOfCell(
  ts: TypeScript,
  source: string,
  folder: string,
  { start = 0, length = 0, code, messageText }: Complaint,
): Diagnostic {
  const last = source.trimEnd().length;
  const from = Math.min(start, last);
  const line = source.split('\n')[positionIn(source, from).line - 1] ?? '';
  const message = inNotebook(code, ts.flattenDiagnosticMessageText(messageText, '\n'), line, folder);
  const end = Math.max(from, Math.min(start + length, last));
  return { file: undefined, start: positionIn(source, from), end: positionIn(source, end), code, message };
}

/** “Cannot use JSX unless the '--jsx' flag is provided”: there is no such flag for a cell. */
const JSX = 17004;

/** The complaint about a cell in which JSX stands, instead of the complaints of the plain TypeScript parser. */
export function jsxInCell(node: Ts.Node): Complaint {
  const messageText = 'A cell cannot hold JSX; a local file that ends in .tsx can, and a cell can import it.';
  return { start: node.getStart(), length: node.getWidth(), code: JSX, messageText };
}

/** A complaint about a local file. */
export function diagnosticOfFile(
  ts: TypeScript,
  name: string,
  text: string,
  { start = 0, length = 0, code, messageText }: Complaint,
): Diagnostic {
  return {
    file: name,
    start: positionIn(text, start),
    end: positionIn(text, start + length),
    code,
    message: ts.flattenDiagnosticMessageText(messageText, '\n'),
  };
}

function positionIn(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split(/\r\n|[\n\r\u2028\u2029]/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** “Cannot find name”; all but the first go on to recommend npm packages, for names such as `test`. */
const UNKNOWN_NAME: ReadonlySet<number> = new Set([
  2304, 2318, 2552, 2580, 2581, 2582, 2584, 2591, 2592, 2593,
]);
/** “Cannot find module”, of an import for its effect alone too. */
const UNKNOWN_MODULE: ReadonlySet<number> = new Set([2307, 2882]);
/** TypeScript's message about names that only a newer engine has, or only a page: a cell has no such option. */
const OTHER_LIBRARY =
  / Do you need to change your target library\? Try changing the 'lib' compiler option to (?:'(\w+)' or later|include 'dom')\./;
/** “No overload matches this call”, with what each of them says; the last one's complaint is the most general. */
const NO_OVERLOAD = /^No overload matches this call\.(?=[\s\S]*\n *Overload (\d+) of \1, .*\n *(.*))/;
const NO_PAGE = 'Cells run without a web page: there is no DOM.';
const NAME_OF_PAGE =
  /^Cannot find name '(?:alert|confirm|prompt|window|localStorage|sessionStorage|HTML\w*Element|XMLHttpRequest|requestAnimationFrame)'\./;

/** A message in terms of notebooks: a name that is missing has mostly been declared by a cell that was not run. */
function inNotebook(code: number, text: string, line: string, folder: string): string {
  const message = inAuthorsWords(text)
    .replace(NO_OVERLOAD, '$2')
    .replace(OTHER_LIBRARY, (_, edition?: string) =>
      edition === undefined
        ? ` ${NO_PAGE}`
        : ` It belongs to ${edition.toUpperCase()}, and the engine that runs the cells is older.`,
    )
    .replace(NAME_OF_PAGE, `$& ${NO_PAGE}`);
  const [first = ''] = message.split('\n');
  const hint = hintFor(first, line);
  if (hint !== '')
    return message.replace(first, `${first.replace(/ Did you mean .*\?$/, '').replace(/\.?$/, '.')} ${hint}`);
  const [, said] =
    (UNKNOWN_NAME.has(code) && /^(Cannot find name '[^']*'\.)(?! Did you mean| Cells run)/.exec(message)) ||
    [];
  if (said !== undefined) return `${said} Has the cell that declares it been run?`;
  const isLocal = UNKNOWN_MODULE.has(code) && /^Cannot find module .*'\.{1,2}\//.test(first);
  return isLocal ? `${message} It is looked for from ${folder}.` : message;
}
