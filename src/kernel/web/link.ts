/**
 * Makes a function of compiled code.
 *
 * @module
 */

import type { CompiledCell } from '../core/compiler/cellCompiler';

/** Evaluates at the top, where no name of the kernel's own can be seen. */
// biome-ignore lint/security/noGlobalEval: running what its user writes is what a kernel is for
const evaluate = globalThis.eval;

/**
 * The code as a strict function without parameters, which finds `values` by their names.
 *
 * @param label under which stack traces know it
 * @throws SyntaxError if the engine refuses it
 */
export function link(
  { code, names, isAsync }: Pick<CompiledCell, 'code' | 'names' | 'isAsync'>,
  label: string,
  values: Readonly<Record<string, unknown>>,
): () => unknown {
  const parameters = Object.keys(values).map((name) => names.get(name) ?? name);
  // A function inside another, so that the author's own names may be those of parameters.
  const head = `(function (${parameters.join(', ')}) { 'use strict'; return ${isAsync ? 'async ' : ''}() => {`;
  const outer = evaluate(`${head}\n${code}\n}; })\n//# sourceURL=${label}`) as (
    ...values: unknown[]
  ) => () => unknown;
  return outer(...Object.values(values));
}

/** The lines that {@link link} puts before the code. */
export const LINES_BEFORE = 1;
