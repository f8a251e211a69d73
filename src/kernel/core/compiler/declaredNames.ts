/**
 * The names that code declares at its top level, for the cells that follow.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import { parseCell } from './parsed';
import type { TypeScript } from './system';

/** The names that a cell declares, whether it compiles or not. */
export function namesDeclaredIn(ts: TypeScript, source: string): string[] {
  return parseCell(ts, source).file.statements.flatMap((statement) => declaredNames(ts, statement));
}

/** The names that a statement declares. */
export function declaredNames(ts: TypeScript, statement: Ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) =>
      boundIdentifiers(ts, name).map(({ text }) => text),
    );
  }
  if (ts.isImportDeclaration(statement)) {
    const { importClause } = statement;
    const bindings = importClause?.namedBindings;
    const named =
      bindings === undefined ? [] : ts.isNamespaceImport(bindings) ? [bindings] : bindings.elements;
    return [importClause, ...named].flatMap((node) => node?.name?.text ?? []);
  }
  if (isAugmentation(ts, statement)) return [];
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isImportEqualsDeclaration(statement) ||
    ts.isModuleDeclaration(statement);
  return named && statement.name !== undefined ? [statement.name.text] : [];
}

/** `declare global { … }` or `declare module 'x' { … }`, which add to declarations elsewhere. */
export function isAugmentation(ts: TypeScript, statement: Ts.Statement): statement is Ts.ModuleDeclaration {
  return (
    ts.isModuleDeclaration(statement) &&
    (ts.isStringLiteral(statement.name) || (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0)
  );
}

/** `a` alone, or all names of a pattern such as `{ a, b: [c] }`. */
export function boundIdentifiers(ts: TypeScript, name: Ts.BindingName): Ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) =>
    ts.isBindingElement(element) ? boundIdentifiers(ts, element.name) : [],
  );
}
