/**
 * Where results are kept: a folder of JSON Lines files to which lines are only ever added.
 *
 * Each process that adds results writes a file of its own, so that several may share a folder without a lock. A line is
 *
 *     {"sha256":"<64 hexadecimal digits>","record":{"format":"sparselab result 1","trial":{…},"result":{…}}}
 *
 * where `sha256` is the hash of the record's text, byte for byte. A result counts once its line has reached the disk
 * (fsync). A last line without its line end belongs to a process that is writing or was killed: it does not count yet.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isPlainObject } from '../provenance/canonicalJson';
import { sha256 } from '../provenance/sha256';
import { parseResult, parseTrial, resultToJson, type TrialResult, type TrialSpec, trialId } from './trial';

const FORMAT = 'sparselab result 1';
const LINE = /^\{"sha256":"([0-9a-f]{64})","record":(.*)\}$/;

/** A line of a store that cannot be believed: its trial is trained again, the other lines count. */
export interface DamagedRecord {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly reason: string;
}

/** A store could not be read or written. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** A folder of results. */
export class TrialStore {
  readonly folder: string;
  /** The results by the trial's id; of several for one trial, the first that was read. */
  readonly results = new Map<string, TrialResult>();
  /** The lines that could not be believed. */
  readonly damaged: DamagedRecord[] = [];
  readonly #read = new Map<string, { bytes: number; lines: number }>();
  #writer: StoreWriter | undefined;

  /**
   * Opens a store, which is made if there is none, and reads all of it.
   *
   * @throws StoreError if the folder cannot be made or read.
   */
  constructor(folder: string) {
    this.folder = folder;
    attempt(`${folder} must be a folder that can be written`, () => mkdirSync(folder, { recursive: true }));
    this.refresh();
  }

  /** Reads what other processes have added since. @throws StoreError if a file cannot be read. */
  refresh(): void {
    attempt(`${this.folder} cannot be read`, () => {
      const files = readdirSync(this.folder, { withFileTypes: true })
        // A folder of that name is somebody else's, as are hidden files, such as an editor's lock; a link may lead to a file.
        .filter((entry) => /^[^.].*\.jsonl$/.test(entry.name) && (entry.isFile() || entry.isSymbolicLink()))
        .map(({ name }) => name);
      for (const name of files.sort()) this.#readFile(join(this.folder, name));
    });
  }

  /**
   * Adds a result. Once this resolves it is on the disk.
   *
   * @throws StoreError if it cannot be written (the disk is full, say); what was written before is kept.
   */
  async append(spec: TrialSpec, result: TrialResult): Promise<void> {
    const record = JSON.stringify({ format: FORMAT, trial: spec, result: resultToJson(result) });
    this.#writer ??= new StoreWriter(this.folder);
    await this.#writer.append(`{"sha256":"${sha256(record)}","record":${record}}\n`);
    const id = trialId(spec);
    if (!this.results.has(id)) this.results.set(id, result);
  }

  /** Waits for what is being written, and closes the file. */
  async close(): Promise<void> {
    await this.#writer?.close();
    this.#writer = undefined;
  }

  #readFile(file: string): void {
    const before = this.#read.get(file) ?? { bytes: 0, lines: 0 };
    const bytes = readFrom(file, before.bytes);
    const end = bytes.lastIndexOf(10) + 1;
    if (end === 0) return;
    const lines = bytes
      .subarray(0, end - 1)
      .toString('utf8')
      .split('\n');
    for (const [index, text] of lines.entries()) {
      // Whatever has brought the file here may have changed its line ends.
      const line = text.replace(/\r$/, '');
      if (line === '') continue;
      try {
        const { trial, result } = parseLine(line);
        const id = trialId(trial);
        if (!this.results.has(id)) this.results.set(id, result);
      } catch (error) {
        this.damaged.push({ file, line: before.lines + index + 1, reason: (error as Error).message });
      }
    }
    this.#read.set(file, { bytes: before.bytes + end, lines: before.lines + lines.length });
  }
}

/** Adds lines to a file of its own; lines that wait for the disk go out together. */
class StoreWriter {
  readonly #folder: string;
  readonly #path: string;
  #file: FileHandle | undefined;
  #length = 0;
  #waiting: { line: string; resolve: () => void; reject: (error: Error) => void }[] = [];
  #writing: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    const time = new Date().toISOString().replace(/[-:]|\..*/g, '');
    this.#path = join(folder, `${time}-${process.pid}-${randomBytes(4).toString('hex')}.jsonl`);
  }

  append(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject });
      this.#writing ??= this.#writeWaiting();
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #writeWaiting(): Promise<void> {
    // Lets the results that come at the same moment share one wait for the disk.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(Buffer.from(batch.map(({ line }) => line).join('')));
        for (const { resolve } of batch) resolve();
      } catch (cause) {
        const reason = (cause as Error).message;
        const error = new StoreError(`${this.#path} cannot be written: ${reason}; what it holds is kept`, {
          cause,
        });
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = undefined;
  }

  async #write(bytes: Buffer): Promise<void> {
    if (!this.#file) {
      this.#file = await open(this.#path, 'ax');
      syncFolder(this.#folder);
    }
    try {
      // On a full disk a write may store a part: the rest of it then fails.
      for (let written = 0; written < bytes.length; ) {
        written += (await this.#file.write(bytes, written)).bytesWritten;
      }
      await this.#file.datasync();
      // What goes to a file without a name is gone with this process.
      if ((await this.#file.stat()).nlink === 0) throw new Error('it has been removed');
      this.#length += bytes.length;
    } catch (error) {
      // Half a line must not stand before the next one.
      await this.#file.truncate(this.#length).catch(() => {});
      throw error;
    }
  }
}

function parseLine(line: string): { trial: TrialSpec; result: TrialResult } {
  const [, hash, text] = LINE.exec(line) ?? [];
  if (hash === undefined || text === undefined) throw new Error('it is not {"sha256":"…","record":{…}}');
  if (sha256(text) !== hash) throw new Error('its text does not have the hash that stands before it');
  const record: unknown = JSON.parse(text);
  if (!isPlainObject(record) || record.format !== FORMAT) {
    throw new Error(`its format must be '${FORMAT}'`);
  }
  return { trial: parseTrial(record.trial), result: parseResult(record.result) };
}

/** The bytes of a file from `start` on. */
function readFrom(file: string, start: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, statSync(file).size - start));
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

function attempt(problem: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw new StoreError(`${problem}: ${(cause as Error).message}`, { cause });
  }
}

/** A damaged record in one line, for a person. */
export function describeDamage({ file, line, reason }: DamagedRecord): string {
  return `${basename(file)}, line ${line}: ${reason}`;
}
