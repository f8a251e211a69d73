/**
 * Makes loops stoppable where no memory is shared with the page, so that only a call can find out whether to stop.
 *
 * A call in each turn makes a bare loop several times slower. So a loop that computes without calls is cut into strips:
 *
 *     for (let i = 0; i < n; i++) sum += x[i];
 *     →
 *     {
 *       let i = 0;
 *       let __turns;
 *       for (;;) {
 *         for (__turns = 4096; __turns > 0 && i < n; __turns--, i++) sum += x[i];
 *         if (__turns > 0) break;
 *         __look(0);
 *       }
 *     }
 *
 * Any other loop looks every few turns, as many as `__look` says, by how long they took:
 *
 *     { let __turns = 16, __most = 16; for (const x of xs) { if (--__turns < 0) __turns = __most = __look(__most); f(x); } }
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import type { Instrument, TypeScript } from '../core/compiler/system';

/** The name of the function that throws where a loop is to be left. */
export const LOOK = '__look';
const TURNS = '__turns';
const MOST = '__most';

/** Turns of a loop without calls between two looks: microseconds. */
const STRIP = 4096;
/** Turns of another loop before its first look. */
const FIRST = 16;

/** Makes each loop of a cell check for a stop. */
export const loopLooks: Instrument = {
  names: [LOOK],
  transformer: (ts, nameOf) => (context) => {
    const { factory } = context;
    const [turns, most] = [nameOf(TURNS), nameOf(MOST)].map((name) => factory.createIdentifier(name)) as [
      Ts.Identifier,
      Ts.Identifier,
    ];
    const number = (value: number) => factory.createNumericLiteral(value);
    const look = (value: Ts.Expression) =>
      factory.createCallExpression(factory.createIdentifier(nameOf(LOOK)), undefined, [value]);
    const declare = (...variables: [name: Ts.Identifier, value?: Ts.Expression][]) =>
      factory.createVariableStatement(
        undefined,
        factory.createVariableDeclarationList(
          variables.map(([name, value]) =>
            factory.createVariableDeclaration(name, undefined, undefined, value),
          ),
          ts.NodeFlags.Let,
        ),
      );
    const labelled = (labels: readonly Ts.Identifier[], loop: Ts.Statement) =>
      labels.reduceRight((inner, label) => factory.createLabeledStatement(label, inner), loop);

    const inStrips = (loop: Ts.ForStatement | Ts.WhileStatement, labels: readonly Ts.Identifier[]) => {
      const { initializer, condition, incrementor } = ts.isForStatement(loop)
        ? loop
        : { initializer: undefined, condition: loop.expression, incrementor: undefined };
      const left = factory.createGreaterThan(turns, number(0));
      const counted = factory.createPostfixDecrement(turns);
      const strip = factory.createForStatement(
        factory.createAssignment(turns, number(STRIP)),
        condition ? factory.createLogicalAnd(left, factory.createParenthesizedExpression(condition)) : left,
        incrementor ? factory.createComma(counted, incrementor) : counted,
        loop.statement,
      );
      const first =
        initializer &&
        (ts.isVariableDeclarationList(initializer)
          ? factory.createVariableStatement(undefined, initializer)
          : factory.createExpressionStatement(initializer));
      const strips = factory.createForStatement(
        undefined,
        undefined,
        undefined,
        factory.createBlock([
          labelled(labels, strip),
          factory.createIfStatement(left, factory.createBreakStatement()),
          factory.createExpressionStatement(look(number(0))),
        ]),
      );
      return factory.createBlock([...(first ? [first] : []), declare([turns]), strips]);
    };

    const looking = (body: Ts.Statement): Ts.Block => {
      const next = factory.createAssignment(turns, factory.createAssignment(most, look(most)));
      const check = factory.createIfStatement(
        factory.createLessThan(factory.createPrefixDecrement(turns), number(0)),
        factory.createExpressionStatement(next),
      );
      return factory.createBlock([check, body]);
    };
    const withLooks = (loop: Loop): Loop => {
      const body = looking(loop.statement);
      if (ts.isForStatement(loop)) {
        return factory.updateForStatement(loop, loop.initializer, loop.condition, loop.incrementor, body);
      }
      if (ts.isForInStatement(loop))
        return factory.updateForInStatement(loop, loop.initializer, loop.expression, body);
      if (ts.isForOfStatement(loop)) {
        const { awaitModifier, initializer, expression } = loop;
        return factory.updateForOfStatement(loop, awaitModifier, initializer, expression, body);
      }
      if (ts.isWhileStatement(loop)) return factory.updateWhileStatement(loop, loop.expression, body);
      return factory.updateDoStatement(loop, body, loop.expression);
    };

    const visit = (node: Ts.Node): Ts.Node => {
      const labels: Ts.Identifier[] = [];
      let loop = node;
      for (; ts.isLabeledStatement(loop); loop = loop.statement) labels.push(loop.label);
      if (!isLoop(ts, loop)) return ts.visitEachChild(node, visit, context);
      const strips = (ts.isForStatement(loop) || ts.isWhileStatement(loop)) && isBare(ts, loop);
      const visited = ts.visitEachChild(loop, visit, context);
      return strips
        ? inStrips(visited as Ts.ForStatement | Ts.WhileStatement, labels)
        : factory.createBlock([
            declare([turns, number(FIRST)], [most, number(FIRST)]),
            labelled(labels, withLooks(visited)),
          ]);
    };
    return (file) => ts.visitEachChild(file, visit, context);
  },
};

type Loop = Ts.ForStatement | Ts.ForInStatement | Ts.ForOfStatement | Ts.WhileStatement | Ts.DoStatement;

function isLoop(ts: TypeScript, node: Ts.Node): node is Loop {
  return (
    ts.isForStatement(node) ||
    ts.isForInStatement(node) ||
    ts.isForOfStatement(node) ||
    ts.isWhileStatement(node) ||
    ts.isDoStatement(node)
  );
}

/** Whether a loop does nothing that takes long or keeps its variables: no calls but those of `Math`, no loops, no functions. */
function isBare(ts: TypeScript, loop: Loop): boolean {
  const takesLong = (node: Ts.Node): boolean =>
    (ts.isCallExpression(node) && !isOfMath(ts, node)) ||
    ts.isNewExpression(node) ||
    ts.isTaggedTemplateExpression(node) ||
    ts.isAwaitExpression(node) ||
    ts.isYieldExpression(node) ||
    ts.isFunctionLike(node) ||
    ts.isClassLike(node) ||
    isLoop(ts, node) ||
    (ts.forEachChild(node, takesLong) ?? false);
  return !(ts.forEachChild(loop, takesLong) ?? false);
}

function isOfMath(ts: TypeScript, { expression }: Ts.CallExpression): boolean {
  return (
    ts.isPropertyAccessExpression(expression) &&
    ts.isIdentifier(expression.expression) &&
    expression.expression.text === 'Math'
  );
}
