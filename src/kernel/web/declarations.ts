/**
 * The files that the compiler reads in a page: declarations of the library and of its imports, from one archive.
 *
 * @module
 */

import type { CompilerSystem } from '../core/compiler/system';

/** Where cells stand. Packages are found as on a disk, in `/node_modules`. */
export const FOLDER = '/lessons';

/** The pack of `npm run site`. */
export interface Archive {
  /** The folder of TypeScript's own declarations. */
  readonly libraryFolder: string;
  readonly ambientFiles: readonly string[];
  /** Texts by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** Fetches an archive, compressed by gzip. */
export async function fetchArchive(address: string): Promise<Archive> {
  const response = await fetch(address);
  if (!response.ok || response.body === null) {
    throw new Error(
      `${address} must be there, with the declarations of the library; got status ${response.status}`,
    );
  }
  const unpacked = response.body.pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(unpacked).json()) as Archive;
}

/** The archive as a file system. */
export function filesOf({ libraryFolder, ambientFiles, files }: Archive): CompilerSystem {
  const texts = new Map(Object.entries(files));
  /** The folders in each folder. */
  const folders = new Map<string, Set<string>>([
    ['/', new Set()],
    [FOLDER, new Set()],
  ]);
  for (const path of texts.keys()) {
    for (let at = path.lastIndexOf('/'), inner = ''; at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      const known = folders.get(folder);
      if (known === undefined) folders.set(folder, new Set(inner === '' ? [] : [inner]));
      else if (inner !== '') known.add(inner);
      inner = folder.slice(folder.lastIndexOf('/') + 1);
    }
  }
  const plain = (path: string) => (path.length > 1 ? path.replace(/\/$/, '') : path);
  return {
    folder: FOLDER,
    useCaseSensitiveFileNames: true,
    libraryFolder,
    ambientFiles,
    fileExists: (path) => texts.has(path),
    directoryExists: (path) => folders.has(plain(path)),
    getDirectories: (path) => [...(folders.get(plain(path)) ?? [])],
    readDirectory: () => [],
    readFile: (path) => texts.get(path),
    realpath: (path) => path,
    version: (path) => (texts.has(path) ? 'of the site' : ''),
  };
}
