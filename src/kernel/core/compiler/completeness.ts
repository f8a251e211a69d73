/**
 * Whether a front end may run code as it stands, or its author goes on typing.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import { parseCell } from './parsed';
import type { TypeScript } from './system';

/** The answer. */
export type Completeness =
  | { readonly status: 'complete' | 'invalid' }
  | { readonly status: 'incomplete'; readonly indent: string };

/** What may go on over several lines and has no end: a template, a comment. */
const OPEN: ReadonlySet<number> = new Set([1160, 1010]);
/** What must end in its line: a text, a regular expression. */
const CLOSED: ReadonlySet<number> = new Set([1002, 1161]);

/** Code is unfinished if the first thing that is wrong with it is that it ends. */
export function completeness(ts: TypeScript, source: string): Completeness {
  const { file, errors } = parseCell(ts, source);
  const [first] = errors;
  if (first === undefined) return { status: 'complete' };
  if (errors.some(({ code }) => CLOSED.has(code))) return { status: 'invalid' };
  const isOpen = errors.some(({ code }) => OPEN.has(code)) || first.start >= endOfCode(ts, file);
  return isOpen ? { status: 'incomplete', indent: indentAfter(source) } : { status: 'invalid' };
}

/** Where the last token ends; blanks and comments may follow. */
function endOfCode(ts: TypeScript, { text }: Ts.SourceFile): number {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text);
  let end = 0;
  while (scanner.scan() !== ts.SyntaxKind.EndOfFileToken) end = scanner.getTokenEnd();
  return end;
}

/** That of the last line, and one step more behind a bracket or arrow that opens something. */
function indentAfter(source: string): string {
  const last = source.trimEnd().split('\n').at(-1) ?? '';
  const indent = /^[ \t]*/.exec(last)?.[0] ?? '';
  return /([{([]|=>)$/.test(last) ? `${indent}  ` : indent;
}
