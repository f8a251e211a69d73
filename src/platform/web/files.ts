import type { FileEntry, Files, Log } from '../platform';
import { isSiteFile, readSiteFile } from './siteFiles';
import { storage } from './storage';

/** Whether a path is a file of the site, which is fetched, not one that was written here. */
const isAddress = (path: string): boolean => /^https?:/.test(path);

/** The paths of the written files. */
export const writtenPaths = (): string[] => storage.paths;

/** Files of a web page: those of the site are fetched, those that are written are kept by the browser, where it lets them. */
export const files: Files = {
  lasting: false,
  join: (first = '', ...parts) =>
    isAddress(first) ? new URL(parts.join('/'), `${first}/`).href : normal([first, ...parts].join('/')),
  resolve: (folder, path) => normal(path.startsWith('/') ? path : `${folder}/${path}`),
  exists: (path) => storage.entry(normal(path)) !== undefined || (isAddress(path) && isSiteFile(path)),
  read(path, start = 0, onProgress) {
    const bytes =
      storage.read(normal(path), start) ??
      (isAddress(path) ? readSiteFile(path, onProgress)?.subarray(start) : undefined);
    if (bytes === undefined) {
      throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
    }
    return bytes;
  },
  write: (path, bytes) => void storage.write(normal(path), bytes),
  append(path, bytes, { create = false } = {}) {
    if (create && storage.entry(normal(path))) {
      throw new Error(`EEXIST: file already exists, open '${path}'`);
    }
    storage.append(normal(path), bytes);
  },
  openLog: (path): Log => ({
    append: (bytes) => storage.append(normal(path), bytes),
    async close() {},
  }),
  list(folder): FileEntry[] {
    const start = `${normal(folder)}/`;
    return storage.paths
      .filter((path) => path.startsWith(start) && !path.slice(start.length).includes('/'))
      .sort()
      .map((path) => ({
        name: path.slice(start.length),
        ...(storage.entry(path) as Omit<FileEntry, 'name'>),
      }));
  },
  makeFolder() {},
  remove: (path) => void storage.remove(normal(path)),
  touch: (path) => void storage.touch(normal(path)),
};

/** `a/./b/../c` → `a/c`. */
function normal(path: string): string {
  if (isAddress(path)) return new URL(path).href;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}
