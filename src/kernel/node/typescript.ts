/**
 * TypeScript in Node: the module itself, and files on disk.
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname } from 'node:path';
import type { CompilerSystem, ReadableSourceMap, TypeScript } from '../core/compiler/system';
import { fingerprint } from './fingerprint';

/** Taken before a cell can replace it. */
const { parse } = JSON;

/** Loads TypeScript; takes about 0.2 s. */
export function loadTypeScript(): TypeScript {
  return require('typescript-js') as TypeScript;
}

/** Files on disk, for cells in `folder`. */
export function filesOnDisk(ts: TypeScript, folder: string): CompilerSystem {
  const { sys } = ts;
  return {
    folder: slashes(folder),
    useCaseSensitiveFileNames: sys.useCaseSensitiveFileNames,
    libraryFolder: slashes(dirname(require.resolve('typescript-js'))),
    ambientFiles: [slashes(`${dirname(require.resolve('@types/node/package.json'))}/index.d.ts`)],
    fileExists: sys.fileExists,
    directoryExists: sys.directoryExists,
    getDirectories: sys.getDirectories,
    readDirectory: sys.readDirectory,
    readFile: sys.readFile,
    realpath: (path) => (sys.realpath ?? ((same) => same))(path),
    version: fingerprint,
  };
}

/** Reads a source map with Node's own reader. */
export function readSourceMap(json: string): ReadableSourceMap {
  const map = new SourceMap(parse(json));
  return {
    original(line, column) {
      const entry = map.findEntry(line, column);
      return 'originalLine' in entry && entry.originalLine !== undefined
        ? { line: entry.originalLine, column: entry.originalColumn }
        : undefined;
    },
  };
}

/** The source map next to a compiled file, or `undefined`. */
export function readSourceMapFile(path: string): SourceMap | undefined {
  try {
    return new SourceMap(parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** The compiler writes paths with forward slashes, on Windows too. */
export function slashes(path: string): string {
  return path.replaceAll('\\', '/');
}
