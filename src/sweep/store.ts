/**
 * Where results are kept: a folder of JSON Lines files to which lines are only ever added.
 *
 * Each process that adds results writes a file of its own, so that several may share a folder without a lock. A line is
 *
 *     {"sha256":"<64 hexadecimal digits>","record":{"format":"sparselab result 2","trial":{…},"result":{…}}}
 *
 * where `sha256` is the hash of the record's text, byte for byte. A result counts once its line has reached the disk
 * (fsync). A last line without its line end belongs to a process that is writing or was killed: it does not count yet.
 *
 * @module
 */
import { platform } from '#platform';
import type { Log } from '../platform/platform';
import { isPlainObject } from '../provenance/canonicalJson';
import { sha256 } from '../provenance/sha256';
import { parseResult, parseTrial, resultToJson, type TrialResult, type TrialSpec, trialId } from './trial';

const FORMAT = 'sparselab result 2';
/** It called a result's status `end`, and a custom trial `own`. */
const FIRST_FORMAT = 'sparselab result 1';
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
    attempt(`${folder} must be a folder that can be written`, () => platform.files.makeFolder(folder));
    this.refresh();
  }

  /** Reads what other processes have added since. @throws StoreError if a file cannot be read. */
  refresh(): void {
    attempt(`${this.folder} cannot be read`, () => {
      for (const { name } of platform.files.list(this.folder)) {
        // Hidden files are somebody else's, such as an editor's lock.
        if (/^[^.].*\.jsonl$/.test(name)) this.#readFile(platform.files.join(this.folder, name));
      }
    });
  }

  /**
   * Adds a result. Once this resolves it is on the disk.
   *
   * @throws StoreError if it cannot be written (for example because the disk is full); earlier results are kept.
   */
  async append(spec: TrialSpec, result: TrialResult): Promise<void> {
    const record = JSON.stringify({ format: FORMAT, trial: spec, result: resultToJson(result) });
    this.#writer ??= new StoreWriter(this.folder);
    await this.#writer.append(`{"sha256":"${sha256(record)}","record":${record}}\n`);
    const id = trialId(spec);
    if (!this.results.has(id)) this.results.set(id, result);
  }

  /** Waits for the current writes, and closes the file. */
  async close(): Promise<void> {
    await this.#writer?.close();
    this.#writer = undefined;
  }

  #readFile(file: string): void {
    const before = this.#read.get(file) ?? { bytes: 0, lines: 0 };
    const bytes = platform.files.read(file, before.bytes);
    const end = bytes.lastIndexOf(10) + 1;
    if (end === 0) return;
    const lines = new TextDecoder().decode(bytes.subarray(0, end - 1)).split('\n');
    for (const [index, text] of lines.entries()) {
      // The program that copied the file may have changed its line ends.
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
  readonly #path: string;
  readonly #log: Log;
  #waiting: { line: string; resolve: () => void; reject: (error: Error) => void }[] = [];
  #writing: Promise<void> | undefined;

  constructor(folder: string) {
    const time = new Date().toISOString().replace(/[-:]|\..*/g, '');
    const name = `${time}-${platform.process.id}-${platform.randomId().slice(0, 8)}.jsonl`;
    this.#path = platform.files.join(folder, name);
    this.#log = platform.files.openLog(this.#path);
  }

  append(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject });
      this.#writing ??= this.#writeWaiting();
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#log.close();
  }

  async #writeWaiting(): Promise<void> {
    // Lets the results that come at the same moment share one wait for the disk.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#log.append(new TextEncoder().encode(batch.map(({ line }) => line).join('')));
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
}

function parseLine(line: string): { trial: TrialSpec; result: TrialResult } {
  const [, hash, text] = LINE.exec(line) ?? [];
  if (hash === undefined || text === undefined) throw new Error('it is not {"sha256":"…","record":{…}}');
  if (sha256(text) !== hash) throw new Error('its text does not match the hash before it');
  const record: unknown = JSON.parse(text);
  const { format, trial, result } = isPlainObject(record) ? record : {};
  if (format === FORMAT) return { trial: parseTrial(trial), result: parseResult(result) };
  if (format === FIRST_FORMAT && isPlainObject(trial) && isPlainObject(result)) {
    const { end: status, ...rest } = result;
    const kind = trial.kind === 'own' ? 'custom' : trial.kind;
    return { trial: parseTrial({ ...trial, kind }), result: parseResult({ status, ...rest }) };
  }
  throw new Error(`its format must be '${FORMAT}'`);
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
  return `${file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)}, line ${line}: ${reason}`;
}
