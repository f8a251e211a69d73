/**
 * Whether code awaits outside every function.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import type { TypeScript } from './system';

/** Whether one of these top-level statements of a module makes it asynchronous. */
export function awaitsAtTop(ts: TypeScript, statements: readonly Ts.Statement[]): boolean {
  const awaits = (node: Ts.Node): boolean => {
    if (ts.isAwaitExpression(node)) return true;
    if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) return true;
    if (ts.isVariableDeclarationList(node) && isAwaitUsing(ts, node)) return true;
    // Only a function's computed name and decorators are evaluated where it stands.
    if (ts.isFunctionLike(node)) {
      const decorators = ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : [];
      return (node.name !== undefined && awaits(node.name)) || decorators.some(awaits);
    }
    return ts.forEachChild(node, awaits) ?? false;
  };
  return statements.some(awaits);
}

function isAwaitUsing(ts: TypeScript, { flags }: Ts.VariableDeclarationList): boolean {
  return (flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.AwaitUsing;
}
