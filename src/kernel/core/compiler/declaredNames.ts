/**
 * The names that code declares at its top level, for the cells that follow.
 *
 * @module
 */

import type * as Ts from '@tslab/typescript-for-tslab';

/** The names that a cell declares, whether it compiles or not. */
export function namesDeclaredIn(ts: typeof Ts, source: string): string[] {
  const file = ts.createSourceFile('cell.tsx', source, ts.ScriptTarget.Latest, false, ts.ScriptKind.TSX);
  return file.statements.flatMap((statement) => declaredNames(ts, statement));
}

/** The names that a statement declares. */
export function declaredNames(ts: typeof Ts, statement: Ts.Statement): string[] {
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
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isModuleDeclaration(statement);
  return named && statement.name !== undefined ? [statement.name.text] : [];
}

/** `a` alone, or all names of a pattern such as `{ a, b: [c] }`. */
export function boundIdentifiers(ts: typeof Ts, name: Ts.BindingName): Ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) =>
    ts.isBindingElement(element) ? boundIdentifiers(ts, element.name) : [],
  );
}
