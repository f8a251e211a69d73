/**
 * Makes every place of a cell that awaits stoppable:
 *
 *     await e                    →  await __guard(e)
 *     for await (const x of xs)  →  for await (const x of __guardEach(xs))
 *
 * What the two functions do is the running cell's business; see `runtime/guards.ts`.
 *
 * @module
 */

import type * as Ts from '@tslab/typescript-for-tslab';

/** The name that guards an awaited value. */
export const GUARD = '__guard';
/** The name that guards an iterated value. */
export const GUARD_EACH = '__guardEach';

/**
 * A TypeScript transformer of one source file.
 *
 * @param onTopLevel called when the file awaits outside of every function. tslab looks for this too, but
 *   overlooks `for await`.
 */
export function guardAwaits(ts: typeof Ts, onTopLevel: () => void): Ts.TransformerFactory<Ts.SourceFile> {
  return (context) => {
    const { factory } = context;
    let functions = 0;
    const call = (name: string, argument: Ts.Expression) =>
      factory.createCallExpression(factory.createIdentifier(name), undefined, [argument]);

    const visitInside = (node: Ts.Node): Ts.Node => {
      if (!ts.isFunctionLike(node)) return ts.visitEachChild(node, visit, context);
      functions++;
      const visited = ts.visitEachChild(node, visit, context);
      functions--;
      return visited;
    };
    const visit = (node: Ts.Node): Ts.Node => {
      const visited = visitInside(node);
      if (ts.isAwaitExpression(visited)) {
        if (functions === 0) onTopLevel();
        return factory.updateAwaitExpression(visited, call(GUARD, visited.expression));
      }
      if (ts.isForOfStatement(visited) && visited.awaitModifier !== undefined) {
        if (functions === 0) onTopLevel();
        const { awaitModifier, initializer, expression, statement } = visited;
        const values = call(GUARD_EACH, expression);
        return factory.updateForOfStatement(visited, awaitModifier, initializer, values, statement);
      }
      return visited;
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
}
