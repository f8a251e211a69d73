/**
 * Puts right which names tslab takes for variables of earlier cells. It writes `exports.` before those, and
 *
 * - leaves out shorthand properties, because the symbol at such a name is the property's:
 *
 *       { a }            →  { a: exports.a }
 *       ({ a = 1 } = b)  →  ({ a: exports.a = 1 } = b)
 *
 * - takes the `p` of `const { p: q } = b` for one if the type of `b` comes from an earlier cell, and `Date` if an earlier cell
 *   adds to it with `declare global`. A name that the checker does not know stands in its place.
 *
 * @module
 */

import type * as Ts from '@tslab/typescript-for-tslab';

/** A TypeScript transformer of the file that holds a cell, to run before types are erased. */
export function qualifyNames(ts: typeof Ts, program: Ts.Program): Ts.TransformerFactory<Ts.SourceFile> {
  return (context) => (file) => {
    const { factory } = context;
    const checker = program.getTypeChecker();

    /** What earlier cells declared stands in a declaration file of the program's own, beside the cell. */
    const earlier = (symbol: Ts.Symbol | undefined): readonly Ts.Declaration[] =>
      symbol?.declarations?.filter((declaration) => {
        const declared = declaration.getSourceFile();
        return declared.isDeclarationFile && program.getRootFileNames().includes(declared.fileName);
      }) ?? [];

    const isOfEarlierCell = (name: Ts.ShorthandPropertyAssignment): boolean =>
      earlier(checker.getShorthandAssignmentValueSymbol(name)).some((each) => !isGlobal(ts, each));

    const isGlobalOfEarlierCell = (name: Ts.Identifier): boolean =>
      earlier(checker.getSymbolAtLocation(name)).some((each) => isGlobal(ts, each));

    const qualify = (node: Ts.ShorthandPropertyAssignment): Ts.Node => {
      const { name, objectAssignmentInitializer: initial } = node;
      const variable = factory.createPropertyAccessExpression(factory.createIdentifier('exports'), name.text);
      const value = initial ? factory.createAssignment(variable, initial) : variable;
      return ts.setTextRange(factory.createPropertyAssignment(name.text, ts.setTextRange(value, node)), node);
    };

    const plain = (name: Ts.Identifier): Ts.Identifier =>
      ts.setTextRange(factory.createIdentifier(name.text), name);

    const unqualify = (node: Ts.BindingElement, property: Ts.Identifier): Ts.Node =>
      factory.updateBindingElement(node, node.dotDotDotToken, plain(property), node.name, node.initializer);

    const visit = (node: Ts.Node): Ts.Node => {
      if (ts.isIdentifier(node)) return isGlobalOfEarlierCell(node) ? plain(node) : node;
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isShorthandPropertyAssignment(node) && ts.isShorthandPropertyAssignment(visited)) {
        return isOfEarlierCell(node) ? qualify(visited) : visited;
      }
      if (ts.isBindingElement(visited) && visited.propertyName && ts.isIdentifier(visited.propertyName)) {
        return unqualify(visited, visited.propertyName);
      }
      return visited;
    };
    return ts.visitEachChild(file, visit, context);
  };
}

/** Whether a declaration stands in `declare global { … }`. */
function isGlobal(ts: typeof Ts, declaration: Ts.Node): boolean {
  const isAugmentation = (node: Ts.Node) => (node.flags & ts.NodeFlags.GlobalAugmentation) !== 0;
  return ts.findAncestor(declaration, isAugmentation) !== undefined;
}
