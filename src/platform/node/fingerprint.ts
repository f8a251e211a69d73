/**
 * Which version of some code this is: one hash over a module, every local module that it requires, and the versions of
 * the packages that they require.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, extname, join, relative, sep } from 'node:path';

/** The compiled library. */
export const libraryRoot = join(__dirname, '..', '..');
/** The project's folder: what paths of modules start from. */
export const projectRoot = join(libraryRoot, '..');

/** A version of some code. */
export interface Fingerprint {
  /** The hash of everything below. */
  readonly sha256: string;
  /** The local files it covers, by absolute path. */
  readonly files: readonly string[];
}

/**
 * The fingerprint of CommonJS modules. It follows `require('…')` with a literal text, which is all that TypeScript
 * emits; line ends do not count, comments do.
 *
 * @param entries The modules' absolute paths.
 * @throws Error if a local module that is required cannot be read.
 */
export function fingerprint(...entries: readonly string[]): Fingerprint {
  const local = new Map<string, string>();
  const packages = new Map<string, string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (local.has(file)) continue;
    const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
    local.set(file, sha256(text));
    if (extname(file) === '.json') continue;
    for (const specifier of requiredBy(text)) {
      if (isBuiltin(specifier)) continue;
      // `#platform` and its like name files of the library, by package.json's `imports`.
      if (/^[.#]/.test(specifier)) waiting.push(createRequire(file).resolve(specifier));
      else packages.set(packageName(specifier), packageVersion(packageName(specifier), dirname(file)));
    }
  }
  // The library under its own name is covered by the fingerprint of the library.
  packages.delete('sparselab');
  const portable = [...local].map(
    ([file, hash]) => `${relative(projectRoot, file).split(sep).join('/')} ${hash}`,
  );
  const versions = [...packages].map(([name, version]) => `${name} ${version}`);
  return {
    sha256: sha256([...portable.sort(), '', ...versions.sort()].join('\n')),
    files: [...local.keys()],
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function requiredBy(text: string): string[] {
  return Array.from(
    text.matchAll(/\brequire\((['"])([^'"]+)\1\)/g),
    ([, , specifier]) => specifier as string,
  );
}

/** `@scope/name/file` → `@scope/name`. */
function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function packageVersion(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    try {
      const text = readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    } catch (error) {
      // Under Node's permission model a folder above the project may be out of reach.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ERR_ACCESS_DENIED') throw error;
    }
    if (folder === dirname(folder)) return 'missing';
  }
}
