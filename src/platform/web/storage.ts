/**
 * Where files of cells outlast the page: the browser's IndexedDB. Browsers have it without encryption, too, which they do
 * not have for their file system.
 *
 * Files are read and written without waiting, so the table of them is in memory and IndexedDB follows: every change is one
 * transaction, sent off at once, so that a worker which is ended a moment later has still made it whole or not at all. Before a
 * cell runs, what other tabs have changed is looked up; before it is over, its own changes are waited for.
 *
 * A file is stored as its parts, so that adding a line to a long log writes a line. A part's key is its file, when it was
 * written, and the writer, so two tabs that add to one file both do. The key also says whether the file begins with the part, so
 * of two tabs that replace a file the later one has written it, whichever of them is stored first.
 *
 * @module
 */

/**
 * A part's file, the time in milliseconds since 1970, unique and rising in its tab, and a name of the tab, which ends in
 * {@link BEGINS} if the file begins with the part: what was written before is no longer part of the file.
 */
type Key = readonly [path: string, time: number, tab: string];

const BEGINS = ' begins';

/** Some bytes of a file, in the order of their times. One without bytes says that the file was used then. */
interface Part {
  readonly key: Key;
  /** A large one that was read from the disk stays there until somebody asks for it. */
  readonly content: Uint8Array | Blob;
  /** Whether it is in the database. */
  stored: boolean;
  /** Whether it can be fetched again. */
  readonly spare: boolean;
}

/** The size in bytes from which a part is stored as a blob, whose bytes stay on the disk until they are read. */
const LARGE = 1 << 16;

const PARTS = 'parts';

/** How long the database may take to open, in milliseconds; some browsers never answer. */
const PATIENCE_MS = 5000;

/** A worker's own; TypeScript's `dom` would bring all of a page's names into the library. */
declare const FileReaderSync: new () => { readAsArrayBuffer(blob: Blob): ArrayBuffer };
declare const location: { readonly href: string };

interface Request {
  readonly result: unknown;
  readonly error: Error | null;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}
interface Store {
  put(value: unknown, key: Key): Request;
  get(key: Key): Request;
  delete(range: unknown): Request;
  getAllKeys(): Request;
}
interface Transaction {
  readonly error: Error | null;
  objectStore(name: string): Store;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
  commit(): void;
}
interface Database {
  transaction(name: string, mode: 'readonly' | 'readwrite'): Transaction;
  createObjectStore(name: string): unknown;
  close(): void;
  onversionchange: (() => void) | null;
  onclose: (() => void) | null;
}
declare const IDBKeyRange: {
  bound(from: unknown, to: unknown, fromOpen?: boolean, toOpen?: boolean): unknown;
};

const sizeOf = ({ content }: Part): number => (content instanceof Blob ? content.size : content.length);

function bytesOf({ content }: Part, start: number): Uint8Array {
  if (!(content instanceof Blob)) return content.subarray(start);
  return new Uint8Array(new FileReaderSync().readAsArrayBuffer(content.slice(start)));
}

/** Files by their paths, in memory, and in IndexedDB once {@link open} was called. */
export class Storage {
  readonly #files = new Map<string, Part[]>();
  readonly #tab = crypto.getRandomValues(new Uint32Array(2)).join('-');
  #database: Database | undefined;
  #opened: Promise<void> | undefined;
  #looks = Promise.resolve();
  /** Why there is no database. */
  #refusal: Error | undefined;
  readonly #pending = new Set<Promise<void>>();
  /** Why what is not stored could not be. */
  #failure: Error | undefined;
  /** Whether the user knows that something is not stored. */
  #told = false;
  #time = 0;

  /** The paths of all files. */
  get paths(): string[] {
    return [...this.#files.keys()];
  }

  /** How long a file is and when it was used last; `undefined` if there is none. */
  entry(path: string): { readonly bytes: number; readonly used: number } | undefined {
    const parts = this.#files.get(path);
    if (parts === undefined) return undefined;
    return { bytes: lengthOf(parts), used: parts.at(-1)?.key[1] ?? 0 };
  }

  /** The bytes of a file from `start` on; `undefined` if there is none. */
  read(path: string, start = 0): Uint8Array | undefined {
    const parts = this.#files.get(path);
    if (parts === undefined) return undefined;
    const wanted: Uint8Array[] = [];
    let at = 0;
    for (const part of parts) {
      const size = sizeOf(part);
      if (at + size > start) wanted.push(bytesOf(part, Math.max(0, start - at)));
      at += size;
    }
    if (wanted.length === 1) return wanted[0];
    const all = new Uint8Array(Math.max(0, at - start));
    let end = 0;
    for (const bytes of wanted) {
      all.set(bytes, end);
      end += bytes.length;
    }
    return all;
  }

  /**
   * Makes the bytes the whole file.
   *
   * @param spare Whether they can be fetched again: then nobody need know if there is no room for them.
   */
  write(path: string, bytes: Uint8Array, { spare = false } = {}): Promise<void> {
    const part = this.#part(path, bytes.slice(), { begins: true, spare });
    this.#files.set(path, [part]);
    return this.#store([part]);
  }

  /** Adds bytes to a file, or begins one. */
  append(path: string, bytes: Uint8Array): Promise<void> {
    const part = this.#part(path, bytes.slice());
    this.#files.set(path, [...(this.#files.get(path) ?? []), part]);
    return this.#store([part]);
  }

  remove(path: string): Promise<void> {
    if (!this.#files.delete(path)) return Promise.resolve();
    return this.#change((store) => store.delete(partsOf(path)), []);
  }

  /** Notes that a file was used now. */
  touch(path: string): Promise<void> {
    const parts = this.#files.get(path);
    if (parts === undefined) return Promise.resolve();
    const earlier = parts.slice(1).filter((part) => sizeOf(part) === 0);
    const now = this.#part(path, new Uint8Array());
    this.#files.set(path, [...parts.filter((part) => !earlier.includes(part)), now]);
    return this.#change(
      (store) => {
        for (const { key } of earlier) store.delete(key);
        put(store, now);
      },
      [now],
    );
  }

  /** Finds the files that were stored, and those that other tabs have changed since. Where nothing can be stored, it does nothing. */
  open(): Promise<void> {
    // One look after the other: two at once would both add what they find.
    this.#looks = this.#looks.then(async () => {
      this.#opened ??= this.#connect().catch((error: unknown) => {
        this.#refusal = error as Error;
      });
      await this.#opened;
      await Promise.all(this.#pending);
      await this.#lookUp().catch(() => {});
    });
    return this.#looks;
  }

  /**
   * Waits until all that was written is stored.
   *
   * @returns what the user should know: that something could not be; said once, until it could
   */
  async settle(): Promise<string | undefined> {
    // The browser has closed it meanwhile.
    if (this.#opened === undefined) await this.open();
    await Promise.all(this.#pending);
    const lost = this.#unstored();
    // Somebody may have made room.
    for (const part of lost) await this.#store([part]);
    const left = this.#unstored();
    const told = this.#told;
    this.#told = left.length > 0;
    return left.length === 0 || told ? undefined : this.#warning(left);
  }

  #part(path: string, content: Uint8Array, { begins = false, spare = false } = {}): Part {
    // Also where somebody has set the clock back.
    const newest = this.#files.get(path)?.at(-1)?.key[1] ?? 0;
    this.#time = Math.max(Date.now(), this.#time + 0.001, newest + 0.001);
    const tab = begins ? this.#tab + BEGINS : this.#tab;
    return { key: [path, this.#time, tab], content, stored: false, spare };
  }

  #unstored(): Part[] {
    return [...this.#files.values()].flat().filter(({ stored, spare }) => !stored && !spare);
  }

  #warning(left: readonly Part[]): string {
    const files = new Set(left.map(({ key: [path] }) => path)).size;
    const what = files === 1 ? 'A file' : `${files} files`;
    const gone = `${what} that cells wrote (${sizeText(left)}) will be gone when this page is left or loaded again`;
    if (this.#refusal !== undefined) {
      return `${gone}: the browser lets it store nothing, as in some private windows (${this.#refusal.message}). The lesson runs all the same. To keep your changes of the notebook, use File ▸ Download.\n`;
    }
    const kept = [...this.#files.values()].flat().filter(({ stored }) => stored);
    const { name, message } = this.#failure ?? {};
    const reason = name === 'QuotaExceededError' ? 'the browser has no more room for this site' : message;
    return `${gone}: ${reason}. What is stored takes ${sizeText(kept)}. clearTrainingCache() of 'sparselab' forgets trainings, rmSync of 'node:fs' removes other files; what there is room for then is stored after the next cell.\n`;
  }

  /** Puts parts into the database: all of them, or none. */
  async #store(parts: readonly Part[]): Promise<void> {
    if (parts.length === 0) return;
    await this.#change((store) => {
      for (const part of parts) {
        if (begins(part)) store.delete(partsBefore(part));
        put(store, part);
      }
    }, parts);
  }

  /** Changes the database; never rejects: a part that could not be stored says so. */
  #change(work: (store: Store) => void, parts: readonly Part[]): Promise<void> {
    const database = this.#database;
    if (database === undefined) return Promise.resolve();
    const change = new Promise<void>((resolve, reject) => {
      const transaction = database.transaction(PARTS, 'readwrite');
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('it was given up'));
      work(transaction.objectStore(PARTS));
      // It goes off now, also if the code that runs never returns to the event loop.
      transaction.commit();
    }).then(
      () => {
        for (const part of parts) part.stored = true;
      },
      (error: Error) => {
        this.#failure = error;
      },
    );
    this.#pending.add(change);
    return change.finally(() => this.#pending.delete(change));
  }

  async #connect(): Promise<void> {
    const { indexedDB } = globalThis as { indexedDB?: { open(name: string, version: number): Request } };
    if (!indexedDB) throw new Error('it has no IndexedDB');
    const request = indexedDB.open(`sparselab ${new URL('.', location.href).href}`, 1);
    Object.assign(request, {
      onupgradeneeded: () => (request.result as Database).createObjectStore(PARTS),
    });
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('its storage does not answer')), PATIENCE_MS);
    });
    const database = (await Promise.race([resultOf(request), late])) as Database;
    // The browser closes it when its user clears what sites have stored; the next look opens another.
    const lose = () => {
      this.#database = undefined;
      this.#opened = undefined;
    };
    database.onclose = lose;
    database.onversionchange = () => {
      database.close();
      lose();
    };
    this.#database = database;
    // Written before it was open.
    await this.#store(this.#unstored());
  }

  /** Brings the table in line with the database. */
  async #lookUp(): Promise<void> {
    if (this.#database === undefined) return;
    const store = this.#database.transaction(PARTS, 'readonly').objectStore(PARTS);
    const keys = new Map<string, Key>();
    for (const key of (await resultOf(store.getAllKeys())) as Key[]) keys.set(nameOf(key), key);
    for (const [path, parts] of this.#files) {
      const left = parts.filter((part) => !part.stored || keys.has(nameOf(part.key)));
      if (left.length === 0) this.#files.delete(path);
      else if (left.length < parts.length) this.#files.set(path, left);
      for (const { key } of left) keys.delete(nameOf(key));
    }
    const found = [...keys.values()].map(async (key) => ({ key, content: await resultOf(store.get(key)) }));
    for (const { key, content } of await Promise.all(found)) {
      const earlier = this.#files.get(key[0]) ?? [];
      const part = { key, content: content as Uint8Array | Blob, stored: true, spare: false };
      const parts = [...earlier, part].sort((a, b) => a.key[1] - b.key[1]);
      // A file that was replaced has older parts in the database as long as there is no room for its new one.
      this.#files.set(key[0], parts.slice(Math.max(0, parts.findLastIndex(begins))));
    }
  }
}

/** The files of this page. */
export const storage = new Storage();

const begins = ({ key }: Part): boolean => key[2].endsWith(BEGINS);

const nameOf = (key: Key): string => key.join('\n');

/** The keys of all parts of a file. */
const partsOf = (path: string): unknown => IDBKeyRange.bound([path], [path, []]);

/** The keys of the parts of a file that were written before one. */
const partsBefore = ({ key: [path, time] }: Part): unknown =>
  IDBKeyRange.bound([path], [path, time], false, true);

function put(store: Store, { key, content }: Part): void {
  const isLarge = !(content instanceof Blob) && content.length > LARGE;
  store.put(isLarge ? new Blob([content as Uint8Array<ArrayBuffer>]) : content, key);
}

function resultOf(request: Request): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const lengthOf = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + sizeOf(part), 0);

const sizeText = (parts: readonly Part[]): string => {
  const bytes = lengthOf(parts);
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
};
