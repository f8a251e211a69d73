/**
 * The library in a page: its bundle, and the files that it reads there.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { libraryBundle } from './bundles.mjs';
import { copyData } from './data.mjs';

/** Where the library is, from the site. */
export const LIBRARY = 'live/extensions/sparselab-kernel/static';

/** Writes the library for scripts of that folder. @param {string} folder @returns {Promise<readonly string[]>} the files that went into it */
export async function writeLibrary(folder) {
  mkdirSync(folder, { recursive: true });
  const { code, files } = await libraryBundle();
  writeFileSync(join(folder, 'library.js'), code);
  copyData(folder);
  return files;
}
