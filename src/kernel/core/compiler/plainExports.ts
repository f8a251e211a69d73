/**
 * Makes `exports`, which holds the variables of all cells, an object that nothing special is done with:
 *
 *     exports.f(x)                               →  (0, exports.f)(x)
 *     Object.defineProperty(exports, "join", …)  →  Object.defineProperty(__definable, "join", …)
 *
 * A function of an earlier cell is thus called without a `this`, as it is in its own. And what properties are defined of has
 * another name, so that under its own it is an ordinary, and quick, object.
 *
 * @module
 */

import type * as Ts from '@tslab/typescript-for-tslab';

/** The name of `exports` as an object that properties may be defined of; see `runtime/interpreter.ts`. */
export const DEFINABLE = '__definable';

/** A TypeScript transformer of a cell that has become a CommonJS module. */
export function plainExports(ts: typeof Ts): Ts.TransformerFactory<Ts.SourceFile> {
  const isExports = (node: Ts.Node): boolean => ts.isIdentifier(node) && node.text === 'exports';

  return (context) => {
    const { factory } = context;

    /** A function of `exports`, as a value of its own. */
    const detach = (callee: Ts.Expression): Ts.Expression => {
      if (!ts.isPropertyAccessExpression(callee) || !isExports(callee.expression)) return callee;
      const value = factory.createParenthesizedExpression(
        factory.createComma(factory.createNumericLiteral(0), callee),
      );
      // A stack trace names the end of this; the author looks for the start of the call.
      const start = callee.end - callee.getText().length;
      return ts.setSourceMapRange(value, { pos: start, end: start });
    };
    const definable = (argument: Ts.Expression): Ts.Expression =>
      isExports(argument) ? factory.createIdentifier(DEFINABLE) : argument;

    const visit = (node: Ts.Node): Ts.Node => {
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isCallExpression(visited)) {
        const { expression, typeArguments, arguments: passed } = visited;
        return factory.updateCallExpression(
          visited,
          detach(expression),
          typeArguments,
          passed.map(definable),
        );
      }
      if (ts.isTaggedTemplateExpression(visited)) {
        const { tag, typeArguments, template } = visited;
        return factory.updateTaggedTemplateExpression(visited, detach(tag), typeArguments, template);
      }
      return visited;
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
}
