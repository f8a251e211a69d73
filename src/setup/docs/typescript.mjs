/**
 * TypeDoc asks for `typescript`, which is the native 7 here and has no JavaScript API: it gets TypeScript 6, by which the kernel
 * compiles cells.
 */

/** @type {import('node:module').ResolveHook} */
export const resolve = (specifier, context, next) =>
  next(specifier === 'typescript' ? 'typescript-js' : specifier, context);
