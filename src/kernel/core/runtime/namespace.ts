/**
 * The result of `import * as` for a CommonJS module.
 *
 * @module
 */

/** A module as `import * as` sees it; its `default` is what `import … from` gives. */
export function namespaceOf(module: unknown): unknown {
  if (Object(module) === module && (module as { __esModule?: unknown }).__esModule === true) return module;
  const names = Object.getOwnPropertyNames(Object(module)).filter((name) => name !== 'default');
  const view = Object.create(null) as object;
  const isPlain = typeof module === 'object' || typeof module === 'function';
  for (const name of isPlain ? names : []) {
    Object.defineProperty(view, name, {
      enumerable: true,
      get: () => (module as Record<string, unknown>)[name],
    });
  }
  return Object.defineProperty(view, 'default', { enumerable: true, value: module });
}
