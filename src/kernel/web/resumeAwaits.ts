/**
 * After each `await` of a cell, the context from before it is current again:
 *
 *     await e                    →  __settled(await e)
 *     for await (const x of xs)  →  { const __here = __current(); for await (const x of xs) { __resume(__here); … } __resume(__here); }
 *
 * The awaited value is that of `guard` below: it is never rejected, so that a `catch` is entered in the same way.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import type { Instrument } from '../core/compiler/system';
import type { Guards } from '../core/runtime/guards';
import { SystemPromise } from '../core/runtime/systemPromise';
import type { WebContext } from './context';

const SETTLED = '__settled';
const CURRENT = '__current';
const RESUME = '__resume';
const HERE = '__here';

/** To be applied after `guardAwaits`, whose guard must be that of {@link resuming}. */
export const resumeAwaits: Instrument = {
  names: [SETTLED, CURRENT, RESUME],
  transformer: (ts, nameOf) => (context) => {
    const { factory } = context;
    const here = nameOf(HERE);
    const call = (name: string, ...values: Ts.Expression[]) =>
      factory.createCallExpression(factory.createIdentifier(nameOf(name)), undefined, values);
    const resume = () => factory.createExpressionStatement(call(RESUME, factory.createIdentifier(here)));
    const remember = () =>
      factory.createVariableStatement(
        undefined,
        factory.createVariableDeclarationList(
          [factory.createVariableDeclaration(here, undefined, undefined, call(CURRENT))],
          ts.NodeFlags.Const,
        ),
      );
    const resumed = (loop: Ts.ForOfStatement): Ts.ForOfStatement => {
      const { awaitModifier, initializer, expression, statement } = loop;
      const block = factory.createBlock([resume(), statement]);
      return factory.updateForOfStatement(loop, awaitModifier, initializer, expression, block);
    };
    const isLoop = (node: Ts.Node): node is Ts.ForOfStatement =>
      ts.isForOfStatement(node) && node.awaitModifier !== undefined;
    const labelled = new Set<Ts.Node>();
    const visit = (node: Ts.Node): Ts.Node => {
      if (ts.isLabeledStatement(node)) labelled.add(node.statement);
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isAwaitExpression(visited)) return call(SETTLED, visited);
      const whole = isLoop(visited) ? resumed(visited) : visited;
      // Its label stays at the loop.
      let inner: Ts.Node = node;
      while (ts.isLabeledStatement(inner)) inner = inner.statement;
      return isLoop(inner) && !labelled.has(node)
        ? factory.createBlock([remember(), whole as Ts.Statement, resume()])
        : whole;
    };
    return (file) => ts.visitEachChild(file, visit, context);
  },
};

/** The result of an awaited promise, and the context in which it was awaited. */
interface Outcome<T> {
  readonly here: T | undefined;
  readonly value?: unknown;
  readonly failure?: { readonly error: unknown };
}

/** The functions that the code of the two instruments calls by name. */
export function resuming<T>(context: WebContext<T>, { guard, guardEach }: Guards) {
  return {
    /** For `guardAwaits`. */
    guard(value: unknown): Promise<Outcome<T>> {
      const here = context.current();
      return SystemPromise.resolve(guard(value)).then(
        (settled) => ({ here, value: settled }),
        (error: unknown) => ({ here, failure: { error } }),
      );
    },
    guardEach,
    given: {
      [SETTLED]({ here, value, failure }: Outcome<T>): unknown {
        context.enter(here);
        if (failure !== undefined) throw failure.error;
        return value;
      },
      [CURRENT]: () => context.current(),
      [RESUME]: (here: T | undefined) => context.enter(here),
    },
  };
}
