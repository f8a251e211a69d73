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

/** A template or a comment without an end: it may continue over several lines. */
const OPEN: ReadonlySet<number> = new Set([1160, 1010]);
/** A string or a regular expression without an end: it must end in its line. */
const CLOSED: ReadonlySet<number> = new Set([1002, 1161]);

/** Code is unfinished if the first thing that is wrong with it is that it ends. */
export function completeness(ts: TypeScript, source: string): Completeness {
  const { file, errors } = parseCell(ts, source);
  const [first] = errors;
  const incomplete: Completeness = { status: 'incomplete', indent: indentAfter(source) };
  if (first === undefined) return isBegun(ts, file) ? incomplete : { status: 'complete' };
  if (errors.some(({ code }) => CLOSED.has(code))) return { status: 'invalid' };
  const isOpen = errors.some(({ code }) => OPEN.has(code)) || first.start >= endOfCode(ts, file);
  return isOpen ? incomplete : { status: 'invalid' };
}

/** Where the last token ends; blanks and comments may follow. Where it is `import` or `export`, where it begins: nothing fits it alone. */
function endOfCode(ts: TypeScript, { text }: Ts.SourceFile): number {
  const { EndOfFileToken, ExportKeyword, ImportKeyword } = ts.SyntaxKind;
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text);
  let end = 0;
  for (let kind = scanner.scan(); kind !== EndOfFileToken; kind = scanner.scan()) {
    end = kind === ExportKeyword || kind === ImportKeyword ? scanner.getTokenStart() : scanner.getTokenEnd();
  }
  return end;
}

/** Whether code ends in a declaration that the parser takes and that cannot run: `function f()`, `const x`, `export let`. */
function isBegun(ts: TypeScript, { statements, text }: Ts.SourceFile): boolean {
  const last = statements.at(-1);
  if (last === undefined || text.slice(0, last.end).endsWith(';')) return false;
  if (
    ts.canHaveModifiers(last) &&
    ts.getModifiers(last)?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword)
  )
    return false;
  if (ts.isFunctionDeclaration(last)) return last.body === undefined;
  if (!ts.isVariableStatement(last)) return false;
  const { declarations, flags } = last.declarationList;
  const variable = declarations.at(-1);
  const isConstant =
    (flags & ts.NodeFlags.Const) !== 0 || (variable !== undefined && !ts.isIdentifier(variable.name));
  return variable === undefined || (isConstant && variable.initializer === undefined);
}

/** That of the last line, and one step more behind a bracket or arrow that opens something. */
function indentAfter(source: string): string {
  const last = source.trimEnd().split('\n').at(-1) ?? '';
  const indent = /^[ \t]*/.exec(last)?.[0] ?? '';
  return /([{([]|=>)$/.test(last) ? `${indent}  ` : indent;
}
