/**
 * Makes a function of compiled code.
 *
 * @module
 */

import { Script } from 'node:vm';

/** Code, and the names that it wants to be given. */
export interface LinkableCode {
  readonly code: string;
  /** As the runtime knows them, and as the code does. */
  readonly names: ReadonlyMap<string, string>;
  readonly isAsync: boolean;
}

/**
 * The code as a strict function without parameters, which finds `values` by their names.
 *
 * @param filename under which V8 knows it
 * @throws SyntaxError if V8 refuses it
 */
export function link(
  { code, names, isAsync }: LinkableCode,
  filename: string,
  values: Readonly<Record<string, unknown>>,
): () => unknown {
  const parameters = Object.keys(values).map((name) => names.get(name) ?? name);
  // A function inside another, so that the author's own names may be those of parameters. All on the line before the
  // code, which keeps the line numbers of its source map.
  const head = `(function (${parameters.join(', ')}) { 'use strict'; return ${isAsync ? 'async ' : ''}() => {`;
  // A first line `#!…` is a comment for Node, which runs such files. The author's own `//# sourceURL=…` would rename the cell
  // in tracebacks: the last such comment counts, and an empty one has no effect.
  const script = new Script(`${head}\n${code.replace(/^#!/, '//')}\n}; })\n//# sourceURL=`, {
    filename,
    lineOffset: -1,
  });
  const outer = script.runInThisContext({ displayErrors: false }) as (...values: unknown[]) => () => unknown;
  return outer(...Object.values(values));
}
