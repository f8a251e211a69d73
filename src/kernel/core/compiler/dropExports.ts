/**
 * Lets a cell hold code that was written for a module: whatever a cell declares is there for the cells that follow, so
 * `export` adds nothing, and the compiler would refuse it, or forget what an earlier cell declared.
 *
 *     export const x = 1         →         const x = 1
 *     export default x           →                 x
 *     export { x, y as z };      →  const     z=y
 *
 * @module
 */

import type * as Ts from '@tslab/typescript-for-tslab';

/** A piece of the source, from `start` to `end`, and what takes its place; not longer than it. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The source without its own names' `export`, in as many characters and lines: nothing else moves. */
export function dropExports(ts: typeof Ts, source: string): string {
  if (!/\bexport\b/.test(source)) return source;
  const file = ts.createSourceFile('cell.tsx', source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  return file.statements
    .flatMap((statement) => editsOf(ts, file, statement))
    .reduce((text, { start, end, text: by }) => {
      const old = text.slice(start, end);
      return text.slice(0, start) + by + blank(old).slice(by.length) + text.slice(end);
    }, source);
}

function editsOf(ts: typeof Ts, file: Ts.SourceFile, statement: Ts.Statement): Edit[] {
  const start = statement.getStart(file);
  if (ts.isExportAssignment(statement) && !statement.isExportEquals) {
    return [{ start, end: statement.expression.getStart(file), text: '' }];
  }
  if (ts.isExportDeclaration(statement)) return editsOfList(ts, file, statement);
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  return modifiers
    .filter(({ kind }) => kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword)
    .map((modifier) => ({ start: modifier.getStart(file), end: modifier.end, text: '' }));
}

/** Of `export { x, y as z }` the new names stay, as constants; what comes from a file is the compiler's to export. */
function editsOfList(ts: typeof Ts, file: Ts.SourceFile, list: Ts.ExportDeclaration): Edit[] {
  const { exportClause: clause, moduleSpecifier, isTypeOnly } = list;
  if (moduleSpecifier !== undefined || clause === undefined || !ts.isNamedExports(clause)) return [];
  const renamed = isTypeOnly
    ? []
    : clause.elements.filter(
        ({ name, propertyName, isTypeOnly: isType }) =>
          propertyName !== undefined && !isType && name.text !== 'default' && name.text !== propertyName.text,
      );
  const start = list.getStart(file);
  const constants = renamed.map((element, index) => ({
    start: element.getStart(file),
    end: element.end,
    text: `${element.name.text}=${element.propertyName?.text}${index < renamed.length - 1 ? ',' : ';'}`,
  }));
  return [{ start, end: list.end, text: constants.length > 0 ? 'const' : '' }, ...constants];
}

/** As many blanks; lines stay lines. */
const blank = (text: string) => text.replace(/[^\r\n]/g, ' ');
