import { readdir, readFile } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import type { OwnFiles } from '../platform';
import { plain } from './files';

/** Files below the working directory, which is the notebook's folder. */
export const ownFiles: OwnFiles = {
  read: async (path) => plain(await readFile(path)),
  async list(folder) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, path, name }) => `${parentPath ?? path}${sep}${name}`)
      .map((file) => relative(folder, file).split(sep).join('/'))
      .sort();
  },
};
