/**
 * Finds the file of an installed package as the compiler finds its types: with the conditions of `import`.
 *
 * @module
 */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { exports as resolveExports } from 'resolve.exports';

/** Where a package's code lies, and how it is loaded. */
export interface PackageFile {
  readonly path: string;
  readonly isEsModule: boolean;
}

/**
 * The file that `specifier` means for code in `from`.
 *
 * @throws Error as of `require`, if there is none
 */
export function findPackage(specifier: string, from: string): PackageFile {
  const nodeRequire = createRequire(from);
  if (isBuiltin(specifier)) return { path: specifier, isEsModule: false };
  const path = findByExports(specifier, nodeRequire) ?? nodeRequire.resolve(specifier);
  return { path, isEsModule: isEsModule(path) };
}

/** Node's `require` would look at the conditions of `require` alone. */
function findByExports(specifier: string, nodeRequire: NodeJS.Require): string | undefined {
  const name = /^(@[^/]+\/)?[^/.#][^/]*/.exec(specifier)?.[0];
  if (name === undefined) return undefined;
  for (const folder of nodeRequire.resolve.paths(specifier) ?? []) {
    const manifest = join(folder, name, 'package.json');
    if (!existsSync(manifest)) continue;
    const description = JSON.parse(readFileSync(manifest, 'utf8')) as { name: string; exports?: unknown };
    if (description.exports === undefined || description.exports === null) return undefined;
    // A copy under another name has the exports of its own.
    const entry = `.${specifier.slice(name.length)}`;
    const [target] = resolveExports(description, entry) ?? [];
    if (target === undefined) return undefined;
    return nodeRequire.resolve(join(folder, name, target));
  }
  return undefined;
}

function isEsModule(path: string): boolean {
  const extension = extname(path);
  if (extension === '.mjs') return true;
  if (extension !== '.js') return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest))
      return (JSON.parse(readFileSync(manifest, 'utf8')) as { type?: string }).type === 'module';
    if (folder === dirname(folder)) return false;
  }
}
