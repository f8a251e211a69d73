import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Files, Log } from '../platform';

/** Node's file system. */
export const files: Files = {
  lasting: true,
  join,
  resolve,
  exists: existsSync,
  read(path, start = 0) {
    // A device or a pipe may have no end.
    if (!statSync(path).isFile()) throw new Error('it is not a file');
    return start === 0 ? plain(readFileSync(path)) : readFrom(path, start);
  },
  write(path, bytes) {
    const place = placeOf(path);
    // Written next to its place and renamed: it appears whole or not at all.
    const unfinished = `${place}.${randomUUID()}.tmp`;
    try {
      writeFileSync(unfinished, bytes, { flag: 'wx' });
      renameSync(unfinished, place);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  },
  append: (path, bytes, { create = false } = {}) =>
    appendFileSync(path, bytes, { flag: create ? 'ax' : 'a' }),
  openLog: (path) => new DurableLog(path),
  list: (folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map(({ name }) => name)
      .sort()
      .flatMap((name) => {
        // Another process may have removed it meanwhile.
        const found = statSync(join(folder, name), { throwIfNoEntry: false });
        return found?.isFile() ? [{ name, bytes: found.size, used: found.mtimeMs }] : [];
      }),
  makeFolder: (path) => void mkdirSync(path, { recursive: true }),
  remove: (path) => rmSync(path, { force: true }),
  touch(path) {
    const now = new Date();
    utimesSync(path, now, now);
  },
};

/** The same bytes as a Uint8Array, which web pages know, too: a Buffer's `slice`, for one, does something else. */
export const plain = ({ buffer, byteOffset, length }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);

/** Where a file at this path lies: what a link points to. Only a file may be replaced, no folder and no device. */
function placeOf(path: string): string {
  if (!existsSync(path)) return path;
  const place = realpathSync(path);
  if (!statSync(place).isFile()) throw new Error(`path must be a file or a new one; ${path} is not`);
  return place;
}

function readFrom(path: string, start: number): Uint8Array {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(Math.max(0, statSync(path).size - start));
    let read = 0;
    while (read < bytes.length) {
      const count = readSync(descriptor, bytes, read, bytes.length - read, start + read);
      if (count === 0) break;
      read += count;
    }
    return bytes.subarray(0, read);
  } finally {
    closeSync(descriptor);
  }
}

class DurableLog implements Log {
  readonly #path: string;
  #file: FileHandle | undefined;
  #length = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async append(bytes: Uint8Array): Promise<void> {
    if (!this.#file) {
      this.#file = await open(this.#path, 'ax');
      syncFolder(dirname(this.#path));
    }
    try {
      // On a full disk a write may store a part: the rest of it then fails.
      for (let written = 0; written < bytes.length; ) {
        written += (await this.#file.write(bytes, written)).bytesWritten;
      }
      await this.#file.datasync();
      // Data in a file without a name are lost when this process ends.
      if ((await this.#file.stat()).nlink === 0) throw new Error('it has been removed');
      this.#length += bytes.length;
    } catch (error) {
      // Half a line must not precede the next one.
      await this.#file.truncate(this.#length).catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

/** Makes a new file's name durable as well; Windows has no such call and needs none. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
