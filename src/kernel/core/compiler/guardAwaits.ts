/**
 * Makes every place that awaits stoppable:
 *
 *     await e                    →  await __guard(e)
 *     for await (const x of xs)  →  for await (const x of __guardEach(xs))
 *
 * The running cell gives the two functions their meaning; see `runtime/guards.ts`.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import type { Instrument } from './system';

/** The name that guards an awaited value. */
export const GUARD = '__guard';
/** The name that guards an iterated value. */
export const GUARD_EACH = '__guardEach';

/** Guards each `await` of cells and local files. */
export const guardAwaits: Instrument = {
  names: [GUARD, GUARD_EACH],
  transformer: (ts, nameOf) => (context) => {
    const { factory } = context;
    const call = (name: string, argument: Ts.Expression) =>
      factory.createCallExpression(factory.createIdentifier(nameOf(name)), undefined, [argument]);
    const visit = (node: Ts.Node): Ts.Node => {
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isAwaitExpression(visited)) {
        return factory.updateAwaitExpression(visited, call(GUARD, visited.expression));
      }
      if (ts.isForOfStatement(visited) && visited.awaitModifier !== undefined) {
        const { awaitModifier, initializer, expression, statement } = visited;
        const values = call(GUARD_EACH, expression);
        return factory.updateForOfStatement(visited, awaitModifier, initializer, values, statement);
      }
      return visited;
    };
    return (file) => ts.visitEachChild(file, visit, context);
  },
};
