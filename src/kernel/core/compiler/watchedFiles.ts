/**
 * The files that the compiler depends on, looked at before each cell instead of being watched all the time.
 *
 * tslab's converter asks `ts.sys` to watch every file and folder of its program, node_modules included: hundreds
 * of watchers that poll for as long as the kernel lives. A cell is the only moment that matters, and only the
 * user's own files change.
 *
 * @module
 */

import { readdirSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type * as Ts from '@tslab/typescript-for-tslab';
import { fingerprint } from './fingerprint';

interface WatchedFile {
  readonly changed: Ts.FileWatcherCallback;
  seen: string;
}

interface WatchedFolder {
  readonly changed: Ts.DirectoryWatcherCallback;
  seen: ReadonlySet<string>;
}

/** Stands in for the file watchers of `ts.sys`. */
export class WatchedFiles {
  readonly #files = new Map<string, WatchedFile>();
  readonly #folders = new Map<string, WatchedFolder>();

  constructor(readonly ts: typeof Ts) {
    ts.sys.watchFile = (path, changed) => {
      if (!isOwn(path)) return { close() {} };
      this.#files.set(path, { changed, seen: fingerprint(path) });
      return { close: () => this.#files.delete(path) };
    };
    ts.sys.watchDirectory = (path, changed) => {
      if (!isOwn(path)) return { close() {} };
      this.#folders.set(path, { changed, seen: entries(path) });
      return { close: () => this.#folders.delete(path) };
    };
  }

  /** Watches nothing any more. */
  forget(): void {
    this.#files.clear();
    this.#folders.clear();
  }

  /** Tells the compiler what has changed since the last call. */
  refresh(): void {
    for (const [path, folder] of this.#folders) {
      const now = entries(path);
      for (const name of now) if (!folder.seen.has(name)) folder.changed(`${path}/${name}`);
      for (const name of folder.seen) if (!now.has(name)) folder.changed(`${path}/${name}`);
      folder.seen = now;
    }
    for (const [path, file] of this.#files) {
      const now = fingerprint(path);
      if (now === file.seen) continue;
      const { Changed, Created, Deleted } = this.ts.FileWatcherEventKind;
      const kind = now === '' ? Deleted : file.seen === '' ? Created : Changed;
      file.seen = now;
      file.changed(path, kind);
    }
  }
}

/** Whether the user may change this file: not an installed package. */
function isOwn(path: string): boolean {
  return isAbsolute(path) && !path.includes('/node_modules');
}

function entries(folder: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(folder));
  } catch {
    return new Set();
  }
}
