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

/** A TypeScript transformer of one source file. */
export function guardAwaits(ts: typeof Ts): Ts.TransformerFactory<Ts.SourceFile> {
  return (context) => {
    const { factory } = context;
    const call = (name: string, argument: Ts.Expression) =>
      factory.createCallExpression(factory.createIdentifier(name), undefined, [argument]);
    const visit = (node: Ts.Node): Ts.Node => {
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isAwaitExpression(visited)) {
        return factory.updateAwaitExpression(visited, call(GUARD, visited.expression));
      }
      if (ts.isForOfStatement(visited) && visited.awaitModifier !== undefined) {
        const { awaitModifier, initializer, expression, statement } = visited;
        return factory.updateForOfStatement(
          visited,
          awaitModifier,
          initializer,
          call(GUARD_EACH, expression),
          statement,
        );
      }
      return visited;
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
}
