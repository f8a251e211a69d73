/**
 * Lets a shorthand property name a variable of an earlier cell:
 *
 *     { a }            →  { a: exports.a }
 *     ({ a = 1 } = b)  →  ({ a: exports.a = 1 } = b)
 *
 * tslab writes `exports.` before every other use of an earlier cell's variable but leaves these out, because the symbol
 * at the name is the property's.
 *
 * @module
 */

import type * as Ts from '@tslab/typescript-for-tslab';

/** A TypeScript transformer of the file that holds a cell, to run before types are erased. */
export function qualifyShorthand(ts: typeof Ts, program: Ts.Program): Ts.TransformerFactory<Ts.SourceFile> {
  return (context) => (file) => {
    const { factory } = context;
    const checker = program.getTypeChecker();

    /** What earlier cells declared stands in a declaration file of the program's own, beside the cell. */
    const isOfEarlierCell = (name: Ts.ShorthandPropertyAssignment): boolean =>
      checker.getShorthandAssignmentValueSymbol(name)?.declarations?.some((declaration) => {
        const declared = declaration.getSourceFile();
        return declared.isDeclarationFile && program.getRootFileNames().includes(declared.fileName);
      }) ?? false;

    const visit = (node: Ts.Node): Ts.Node => {
      const visited = ts.visitEachChild(node, visit, context);
      if (!ts.isShorthandPropertyAssignment(node) || !ts.isShorthandPropertyAssignment(visited))
        return visited;
      if (!isOfEarlierCell(node)) return visited;
      const { name, objectAssignmentInitializer: initial } = visited;
      const variable = factory.createPropertyAccessExpression(factory.createIdentifier('exports'), name.text);
      const value = initial ? factory.createAssignment(variable, initial) : variable;
      return ts.setTextRange(factory.createPropertyAssignment(name.text, ts.setTextRange(value, node)), node);
    };
    return ts.visitEachChild(file, visit, context);
  };
}
