/**
 * Leaves a function without a name nameless where it is what a cell shows. tslab keeps that in a variable, and a function
 * takes the name of the variable that it is assigned to:
 *
 *     export const tsLastExpr = () => 1  →  export const tsLastExpr = (0, () => 1)
 *
 * @module
 */

import type * as Ts from '@tslab/typescript-for-tslab';

/** A TypeScript transformer of a cell as tslab has made it an ES module. */
export function namelessResult(ts: typeof Ts): Ts.TransformerFactory<Ts.SourceFile> {
  const isNameless = (value: Ts.Expression): boolean =>
    ts.isParenthesizedExpression(value)
      ? isNameless(value.expression)
      : ts.isArrowFunction(value) ||
        ((ts.isFunctionExpression(value) || ts.isClassExpression(value)) && value.name === undefined);

  return (context) => {
    const { factory } = context;
    const visit = (node: Ts.Node): Ts.Node => {
      if (ts.isVariableStatement(node) || ts.isVariableDeclarationList(node))
        return ts.visitEachChild(node, visit, context);
      if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name)) return node;
      const { name, initializer } = node;
      if (!/^tsLastExpr\d*$/.test(name.text) || initializer === undefined || !isNameless(initializer))
        return node;
      const value = factory.createParenthesizedExpression(
        factory.createComma(factory.createNumericLiteral(0), initializer),
      );
      return factory.updateVariableDeclaration(node, name, undefined, undefined, value);
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
}
