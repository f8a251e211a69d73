/**
 * Lets `import(…)` and `import.meta` mean the same in code that is no longer a module as in a module:
 *
 *     import('x')  →  __import('x')
 *     import.meta  →  __meta
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import { IMPORT, META } from './ownNames';
import type { Instrument } from './system';

/** The transformer for both. */
export const dynamicImports: Instrument = {
  names: [IMPORT, META],
  transformer: (ts, nameOf) => (context) => {
    const { factory } = context;
    const visit = (node: Ts.Node): Ts.Node => {
      if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
        return factory.createIdentifier(nameOf(META));
      }
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isCallExpression(visited) && visited.expression.kind === ts.SyntaxKind.ImportKeyword) {
        const { typeArguments, arguments: passed } = visited;
        const callee = factory.createIdentifier(nameOf(IMPORT));
        return factory.updateCallExpression(visited, callee, typeArguments, passed);
      }
      return visited;
    };
    return (file) => ts.visitEachChild(file, visit, context);
  },
};
