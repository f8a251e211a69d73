/**
 * Lets a cell hold code that was written for a module: whatever a cell declares is there for the cells that follow, so
 * `export` adds nothing, and the compiler would refuse it.
 *
 *     export const x = 1    →         const x = 1
 *     export default x      →                 x
 *
 * @module
 */

import type * as Ts from '@tslab/typescript-for-tslab';

/** The source with blanks in place of each `export` that stands before a declaration or a value: nothing moves. */
export function dropExports(ts: typeof Ts, source: string): string {
  if (!/\bexport\b/.test(source)) return source;
  const file = ts.createSourceFile('cell.tsx', source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const ends = file.statements.flatMap((statement): [start: number, end: number][] => {
    const start = statement.getStart(file);
    if (ts.isExportAssignment(statement) && !statement.isExportEquals) {
      return [[start, statement.expression.getStart(file)]];
    }
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    return modifiers
      .filter(({ kind }) => kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword)
      .map((modifier) => [modifier.getStart(file), modifier.end]);
  });
  return ends.reduce(
    (text, [start, end]) => text.slice(0, start) + blank(text.slice(start, end)) + text.slice(end),
    source,
  );
}

/** As many blanks; lines stay lines. */
const blank = (text: string) => text.replace(/[^\r\n]/g, ' ');
