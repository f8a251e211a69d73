/**
 * The `node:fs` of cells in a page: the files that were written since the page was opened.
 *
 * @module
 */

import { files, writtenPaths } from './files';

const inside = (folder: string): string => `${files.join(folder)}/`;

const missing = (path: string): Error =>
  Object.assign(new Error(`ENOENT: no such file or directory, '${path}'`), { code: 'ENOENT' });

/** Folders are there as long as a file is in them. */
function isFolder(path: string): boolean {
  return writtenPaths().some((written) => written.startsWith(inside(path)));
}

export function existsSync(path: string): boolean {
  return files.exists(files.join(path)) || isFolder(path);
}

/** @param encoding whether to read text, in UTF-8, or bytes */
export function readFileSync(path: string, encoding?: string | { encoding?: string }): string | Uint8Array {
  const bytes = files.read(files.join(path));
  const name = typeof encoding === 'string' ? encoding : encoding?.encoding;
  return name === undefined ? bytes : new TextDecoder(name).decode(bytes);
}

export function writeFileSync(path: string, content: string | Uint8Array): void {
  files.write(files.join(path), typeof content === 'string' ? new TextEncoder().encode(content) : content);
}

export function mkdirSync(): void {}

/** The names in a folder, of files and folders, in order. */
export function readdirSync(folder: string): string[] {
  if (!isFolder(folder)) throw missing(folder);
  const start = inside(folder);
  const names = writtenPaths().flatMap((path) =>
    path.startsWith(start) ? [path.slice(start.length).split('/')[0] as string] : [],
  );
  return [...new Set(names)].sort();
}

export function rmSync(path: string, { recursive = false, force = false } = {}): void {
  if (!existsSync(path) && !force) throw missing(path);
  if (isFolder(path) && !recursive) {
    throw Object.assign(new Error(`EISDIR: ${path} is a directory: give recursive`), { code: 'EISDIR' });
  }
  files.remove(files.join(path));
  for (const written of writtenPaths()) if (written.startsWith(inside(path))) files.remove(written);
}
