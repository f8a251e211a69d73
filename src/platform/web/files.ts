import type { FileEntry, Files, Log } from '../platform';
import { storage } from './storage';

/** Whether a path is a file of the site, which is fetched, not one that was written here. */
const isAddress = (path: string): boolean => /^https?:/.test(path);

/** The part of the page's own class that is used here; TypeScript's `dom` would bring all of a page's names into the library. */
declare const XMLHttpRequest: new () => {
  open(method: string, address: string, asynchronous: boolean): void;
  responseType: string;
  send(): void;
  readonly status: number;
  readonly response: unknown;
};

/** The paths of what was written. */
export const writtenPaths = (): string[] => storage.paths;

/** Files of a web page: those of the site are fetched, those that are written are kept by the browser, where it lets them. */
export const files: Files = {
  lasting: false,
  join: (first = '', ...parts) =>
    isAddress(first) ? new URL(parts.join('/'), `${first}/`).href : normal([first, ...parts].join('/')),
  resolve: (folder, path) => normal(path.startsWith('/') ? path : `${folder}/${path}`),
  exists: (path) => storage.entry(normal(path)) !== undefined || (isAddress(path) && siteFiles().has(path)),
  read(path, start = 0) {
    const bytes =
      storage.read(normal(path), start) ?? (isAddress(path) ? fetched(path)?.subarray(start) : undefined);
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

/** The address of the page's or worker's own script: the site's files stand next to it. */
declare const location: { readonly href: string };

let listed: ReadonlySet<string> | undefined;

/** The addresses of the site's files, which `files.json` lists: some servers answer with a page where there is none. */
function siteFiles(): ReadonlySet<string> {
  if (listed === undefined) {
    const list = fetched(new URL('files.json', location.href).href);
    if (list === undefined) return new Set();
    const names = JSON.parse(new TextDecoder().decode(list)) as string[];
    listed = new Set(names.map((name) => new URL(name, location.href).href));
  }
  return listed;
}

/** A file of the site, `undefined` if there is none. In a worker a request may wait; elsewhere no answer is bytes. */
function fetched(path: string): Uint8Array | undefined {
  const request = new XMLHttpRequest();
  request.open('GET', path, false);
  request.responseType = 'arraybuffer';
  request.send();
  return request.status === 200 ? new Uint8Array(request.response as ArrayBuffer) : undefined;
}
