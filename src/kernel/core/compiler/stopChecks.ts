/**
 * Makes code stoppable that does not pause:
 *
 *     while (a) b();           →   while (a) { if (__stopFlag[0] > 0) throw __stopped(); b(); }
 *     const f = () => g(f);    →   const f = () => { if (__stopFlag[0] > 1) throw __stopped(); return g(f); };
 *
 * Code can go on for ever by a loop, or by functions that call each other: directly, or by promises and microtasks. So
 * loops are checked, and functions that contain a call.
 *
 * The flag is an `Int32Array` that another thread may set at any time; the function gives what is to be thrown. The
 * check is a plain look at it that makes no call unless it throws, so that V8 compiles the code as if it were not there:
 * a loop takes 1.0 to 1.3 times as long, 1.4 if it is empty; a function that does next to nothing 0.9 to 1.25 times.
 * With `Atomics.load`, or a call that may return, it is several times that.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import { isDirective } from './parsed';
import type { Instrument, TypeScript } from './system';

/** The name of the flag: at its first place one of {@link StopLevel}. */
export const STOP_FLAG = '__stopFlag';
/** The name of the function that gives what is thrown. */
export const STOPPED = '__stopped';

/** The code that a stop leaves at the next check: none, loops, or loops and functions. */
export const LEAVE = { nothing: 0, loops: 1, functions: 2 } as const;
export type StopLevel = (typeof LEAVE)[keyof typeof LEAVE];

/** Checks the loops and functions of cells and local files. */
export const stopChecks: Instrument = {
  names: [STOP_FLAG, STOPPED],

  transformer: (ts, nameOf) => (context) => {
    const { factory } = context;
    const check = (below: StopLevel) => {
      const flag = factory.createElementAccessExpression(factory.createIdentifier(nameOf(STOP_FLAG)), 0);
      const stopped = factory.createCallExpression(factory.createIdentifier(nameOf(STOPPED)), undefined, []);
      return factory.createIfStatement(
        factory.createGreaterThan(flag, factory.createNumericLiteral(below)),
        factory.createThrowStatement(stopped),
      );
    };
    /** A loop's statement, or the body of a function, with the check before it. */
    const checked = (body: Ts.Node, below: StopLevel): Ts.Block => {
      if (!ts.isBlock(body)) {
        const statement = ts.isExpression(body) ? factory.createReturnStatement(body) : body;
        return factory.createBlock([check(below), statement as Ts.Statement]);
      }
      const { statements } = body;
      const directives = statements.findIndex((each) => !isDirective(ts, each));
      const at = directives === -1 ? statements.length : directives;
      return factory.updateBlock(body, [...statements.slice(0, at), check(below), ...statements.slice(at)]);
    };

    const visit = (node: Ts.Node): Ts.Node => {
      const { body, below } = bodyToCheck(ts, node);
      const visitChild = (child: Ts.Node) => (child === body ? checked(visit(child), below) : visit(child));
      return ts.visitEachChild(node, visitChild, context);
    };
    return (file) => ts.visitEachChild(file, visit, context);
  },
};

function bodyToCheck(ts: TypeScript, node: Ts.Node): { body: Ts.Node | undefined; below: StopLevel } {
  if (ts.isIterationStatement(node, false)) return { body: node.statement, below: LEAVE.nothing };
  const body = ts.isFunctionLike(node) && 'body' in node ? (node.body as Ts.Node | undefined) : undefined;
  return { body: body && calls(ts, body) ? body : undefined, below: LEAVE.loops };
}

/** Whether code calls anything itself, not only in functions inside it. */
function calls(ts: TypeScript, node: Ts.Node): boolean {
  if (ts.isFunctionLike(node)) return false;
  if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node))
    return true;
  return ts.forEachChild(node, (child) => calls(ts, child)) ?? false;
}
