import type { FileEntry, Files, Log } from '../platform';

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

interface StoredFile {
  readonly bytes: Uint8Array;
  readonly used: number;
}

/** Files that were written since the page was opened. */
const written = new Map<string, StoredFile>();

/** The paths of the written files. */
export const writtenPaths = (): string[] => [...written.keys()];

/** Files of a web page: those of the site are fetched, those that are written live in memory. */
export const files: Files = {
  lasting: false,
  join: (first = '', ...parts) =>
    isAddress(first) ? new URL(parts.join('/'), `${first}/`).href : normal([first, ...parts].join('/')),
  resolve: (folder, path) => normal(path.startsWith('/') ? path : `${folder}/${path}`),
  exists: (path) => written.has(path) || (isAddress(path) && siteFiles().has(path)),
  read(path, start = 0) {
    const bytes = written.get(path)?.bytes ?? (isAddress(path) ? fetched(path) : undefined);
    if (bytes === undefined) {
      throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
    }
    return bytes.subarray(start);
  },
  write(path, bytes) {
    written.set(path, { bytes: bytes.slice(), used: Date.now() });
  },
  append(path, bytes, { create = false } = {}) {
    const before = written.get(path)?.bytes;
    if (create && before) throw new Error(`EEXIST: file already exists, open '${path}'`);
    const all = new Uint8Array((before?.length ?? 0) + bytes.length);
    if (before) all.set(before);
    all.set(bytes, all.length - bytes.length);
    files.write(path, all);
  },
  openLog: (path): Log => ({
    append: async (bytes) => files.append(path, bytes),
    async close() {},
  }),
  list(folder): FileEntry[] {
    const start = `${normal(folder)}/`;
    return [...written]
      .filter(([path]) => path.startsWith(start) && !path.slice(start.length).includes('/'))
      .map(([path, { bytes, used }]) => ({ name: path.slice(start.length), bytes: bytes.length, used }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  },
  makeFolder() {},
  remove: (path) => void written.delete(path),
  touch(path) {
    const file = written.get(path);
    if (file) written.set(path, { ...file, used: Date.now() });
  },
};

/** `a/./b/../c` → `a/c`. */
function normal(path: string): string {
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
