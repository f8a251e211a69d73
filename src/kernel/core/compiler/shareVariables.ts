/**
 * Lets all cells share one variable where a cell declares one that can change:
 *
 *     let a = 1; … export { a, f }  →  export let a = 1; … export { f }
 *
 * tslab exports a cell's names in a list at its end. Of a variable so exported CommonJS has two copies, one for the cell
 * that declares it and one for all others: what a later cell assigns, functions of the first would never see. Of one that
 * is exported where it is declared there is only `exports.a`. Constants stay as they are, and quick.
 *
 * @module
 */

import type * as Ts from '@tslab/typescript-for-tslab';
import { boundIdentifiers } from './declaredNames';

/** Functions of TypeScript that are not part of its public types. */
interface InternalFactory {
  readonly converters: { convertToAssignmentPattern(pattern: Ts.BindingPattern): Ts.Expression };
}

/** A TypeScript transformer of the file that holds a cell, to run before types are erased. */
export function shareVariables(ts: typeof Ts): Ts.TransformerFactory<Ts.SourceFile> {
  /** Whether a statement declares variables with `let` or `var`. */
  const declaresVariables = (statement: Ts.Statement): statement is Ts.VariableStatement =>
    ts.isVariableStatement(statement) &&
    statement.modifiers === undefined &&
    (statement.declarationList.flags & ts.NodeFlags.Const) === 0;

  const declaredBy = ({ declarationList }: Ts.VariableStatement): Ts.Identifier[] =>
    declarationList.declarations.flatMap(({ name }) => boundIdentifiers(ts, name));

  return ({ factory }) =>
    (file) => {
      const shared = new Set(file.statements.filter(declaresVariables).flatMap(declaredBy).map(textOf));
      if (shared.size === 0) return file;
      const modifiers = [factory.createModifier(ts.SyntaxKind.ExportKeyword)];
      const { converters } = factory as unknown as InternalFactory;

      /** `let { a, b } = c` → `({ a, b } = c); export let a, b`: CommonJS of an exported pattern takes iterables for arrays. */
      const assignThenExport = (statement: Ts.VariableStatement): Ts.Statement[] => {
        const { declarations, flags } = statement.declarationList;
        const assignments = declarations.flatMap(({ name, initializer }) => {
          if (initializer === undefined) return [];
          const target = ts.isIdentifier(name) ? name : converters.convertToAssignmentPattern(name);
          return [factory.createExpressionStatement(factory.createAssignment(target, initializer))];
        });
        const names = declaredBy(statement).map((name) => factory.createVariableDeclaration(name));
        const list = factory.createVariableDeclarationList(names, flags);
        return [...assignments, factory.createVariableStatement(modifiers, list)];
      };

      const exportHere = (statement: Ts.VariableStatement): Ts.Statement[] => {
        const { declarationList } = statement;
        return declarationList.declarations.every(({ name }) => ts.isIdentifier(name))
          ? [factory.updateVariableStatement(statement, modifiers, declarationList)]
          : assignThenExport(statement);
      };

      const exportOthers = (statement: Ts.ExportDeclaration): Ts.Statement => {
        const { exportClause, moduleSpecifier } = statement;
        if (moduleSpecifier || !exportClause || !ts.isNamedExports(exportClause)) return statement;
        const others = exportClause.elements.filter(({ name }) => !shared.has(name.text));
        const clause = factory.updateNamedExports(exportClause, others);
        return factory.updateExportDeclaration(
          statement,
          statement.modifiers,
          statement.isTypeOnly,
          clause,
          moduleSpecifier,
          statement.assertClause,
        );
      };

      const statements = file.statements.flatMap((statement) => {
        if (declaresVariables(statement)) return exportHere(statement);
        return ts.isExportDeclaration(statement) ? exportOthers(statement) : statement;
      });
      return factory.updateSourceFile(file, statements);
    };
}

const textOf = ({ text }: Ts.Identifier) => text;
