/**
 * Lets a cell hold code that was written for a module: whatever a cell declares is there for the cells that follow, so
 * `export` adds nothing.
 *
 *     export const x = 1           →         const x = 1
 *     export default x             →                 x
 *     export default { a: 1 }      →  void 0,        { a: 1 }
 *     export = x                   →           x
 *     export { x, y as z };        →  const     z=y
 *     export { x } from './m';     →  import { x } from './m';
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import type { TypeScript } from './system';

/** A piece of the source, from `start` to `end`, and its replacement, which is not longer. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The source without its own names' `export`, in as many characters and lines: nothing else moves. */
export function dropExports(ts: TypeScript, file: Ts.SourceFile): string {
  const source = file.text;
  if (!/\bexport\b/.test(source)) return source;
  return file.statements
    .flatMap((statement) => editsOf(ts, file, statement))
    .reduce((text, { start, end, text: by }) => {
      const old = text.slice(start, end);
      return text.slice(0, start) + by + blank(old).slice(by.length) + text.slice(end);
    }, source);
}

function editsOf(ts: TypeScript, file: Ts.SourceFile, statement: Ts.Statement): Edit[] {
  const start = statement.getStart(file);
  if (ts.isExportAssignment(statement)) {
    const { expression } = statement;
    return [
      { start, end: expression.getStart(file), text: startsLikeStatement(ts, expression) ? 'void 0,' : '' },
    ];
  }
  if (ts.isExportDeclaration(statement)) {
    return statement.moduleSpecifier === undefined
      ? editsOfList(ts, file, statement)
      : [editOfReexport(file, statement)];
  }
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  const exported = modifiers.filter(
    ({ kind }) => kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword,
  );
  const isNameless =
    (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name === undefined;
  const [first] = exported;
  if (isNameless && first !== undefined) {
    return [{ start: first.getStart(file), end: exported.at(-1)?.end ?? first.end, text: 'void 0,' }];
  }
  return exported.map((modifier) => ({ start: modifier.getStart(file), end: modifier.end, text: '' }));
}

/** Whether an expression without more before it would be taken for a block or a declaration. */
function startsLikeStatement(ts: TypeScript, expression: Ts.Expression): boolean {
  let first: Ts.Node = expression;
  for (
    let next: Ts.Node | undefined = first;
    next !== undefined;
    next = ts.forEachChild(next, (child) => child)
  ) {
    if (next.getStart() !== expression.getStart()) break;
    first = next;
    if (ts.isObjectLiteralExpression(first) || ts.isFunctionExpression(first) || ts.isClassExpression(first))
      return true;
  }
  return false;
}

/** A name that a cell re-exports from another module is declared by the cell. */
function editOfReexport(file: Ts.SourceFile, list: Ts.ExportDeclaration): Edit {
  const { exportClause: clause } = list;
  const start = list.getStart(file);
  // All of a module's names: only its effect remains.
  const end =
    clause === undefined ? (list.moduleSpecifier?.getStart(file) ?? start) : start + 'export'.length;
  return { start, end, text: 'import' };
}

/** The new names of `export { x, y as z }` stay, as constants. */
function editsOfList(ts: TypeScript, file: Ts.SourceFile, list: Ts.ExportDeclaration): Edit[] {
  const { exportClause: clause, isTypeOnly } = list;
  if (clause === undefined || !ts.isNamedExports(clause)) return [];
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
