/**
 * The differences between Node and a web page. The library asks for it here and nowhere else: `import { platform } from
 * '#platform'` is `node/` under Node and `web/` in a bundle for browsers, as package.json's `imports` say. Node and every
 * bundler resolve such a name themselves, so no entry has to hand anything over.
 *
 * Three parts of the library have a web form of their own instead, because they are more than a few functions: `#engines`
 * (src/engine) and `#executors` (src/sweep).
 *
 * May import: nothing of the library.
 *
 * @module
 */

/** The services that the library needs of its machine. */
export interface Platform {
  /** An environment variable; `undefined` where it is not set or there is no environment. */
  env(name: string): string | undefined;
  /** This process, as results and log files name it: the machine's name and a number. */
  readonly process: { readonly host: string; readonly id: number };

  /** A value as Node prints it. Its own method under `Symbol.for('nodejs.util.inspect.custom')` counts. */
  inspect(value: unknown): string;
  /** A random UUID. */
  randomId(): string;
  /** SHA-256 of strings (UTF-8) and bytes, one after another, in lower-case hexadecimal. */
  sha256(...parts: readonly (string | ArrayBufferView)[]): string;
  /**
   * Unpacks gzip.
   *
   * @param most How many bytes it may unpack to; default: any number.
   * @throws Error with zlib's code: `Z_BUF_ERROR` if they end too soon, `Z_DATA_ERROR` if they are damaged or no gzip;
   * `ERR_BUFFER_TOO_LARGE`, before it takes the memory, if they unpack to more.
   */
  gunzip(bytes: Uint8Array, most?: number): Uint8Array;
  /** Packs bytes in zlib's format, at its usual level. */
  deflate(bytes: Uint8Array): Uint8Array;
  /** Calls `work` in the next turn of the event loop, after what has arrived by now. */
  inNextTurn(work: () => void): void;

  readonly threads: Threads;
  readonly files: Files;
  readonly ownFiles: OwnFiles;
  /** The place of a file of the project, such as `datasets/digits/digits.csv.gz`, whatever the working directory is. */
  projectFile(path: string): string;
  /** The place of a file of an npm package. */
  packageFile(name: string, path: string): string;

  /**
   * The version of the library's code as it is on the disk now: a hash of these modules, of all that they require, and of
   * the versions of the packages that those require.
   *
   * @param modules Their paths in src/, such as `training/loop`.
   * @throws Error if one cannot be read.
   */
  codeVersion(...modules: readonly string[]): string;
  readonly userModules: UserModules;
  /** Exports of an npm module, if this process has loaded it; it is not loaded for that. */
  loadedModule(name: string): unknown;
}

/**
 * Files that the user has put beside the notebook: on Node below the working directory, in a page what its file browser shows.
 * Paths have forward slashes. An error that says that there is no such file or folder has the code `ENOENT`.
 */
export interface OwnFiles {
  read(path: string): Promise<Uint8Array>;
  /** The files in a folder and in its folders, as paths from there, in order. */
  list(folder: string): Promise<string[]>;
}

/** Threads that run JavaScript, and can share a WebAssembly memory with this one. */
export interface Threads {
  /** How many of them may work at the same time, this one included; 1 where no memory can be shared. */
  readonly count: number;
  /**
   * Starts a thread, which lives as long as this one at most, and keeps no process alive.
   *
   * @param source JavaScript that defines `receive(message)`, which is called with each message.
   * @throws Error if the machine forbids it.
   */
  start(source: string): { post(message: unknown): void; end(): void };
}

/** A file system, or its substitute. An error that says that there is no such file has the code `ENOENT`. */
export interface Files {
  /** Whether what is written is still there when the program has ended, where the user finds it. */
  readonly lasting: boolean;
  /** A path from parts, the first of which may be a folder to start from. */
  join(...parts: readonly string[]): string;
  /** The path made absolute: from `folder`, which starts at the current folder. */
  resolve(folder: string, path: string): string;
  exists(path: string): boolean;
  /**
   * The bytes of a file from `start` on; by default all of them.
   *
   * @param onProgress Hears how many of its bytes there are, and of how many, where they come over a network.
   */
  read(path: string, start?: number, onProgress?: (bytes: number, of: number) => void): Uint8Array;
  /**
   * Writes a file, which appears whole or not at all. An older one of that name stands until then.
   *
   * @throws Error if the path is a folder or a device.
   */
  write(path: string, bytes: Uint8Array): void;
  /** Adds bytes to a file; `create` insists that there is none yet. */
  append(path: string, bytes: Uint8Array, options?: { readonly create?: boolean }): void;
  /** Opens a new file to which bytes are added that must outlive a loss of power. */
  openLog(path: string): Log;
  /** The files in a folder, and links to some, in the order of their names. */
  list(folder: string): FileEntry[];
  makeFolder(path: string): void;
  /** Removes a file, if there is one. */
  remove(path: string): void;
  /** Notes that a file was used now. */
  touch(path: string): void;
}

/** A file in a folder. */
export interface FileEntry {
  readonly name: string;
  readonly bytes: number;
  /** When it was last written or touched, in milliseconds since 1970. */
  readonly used: number;
}

/** A file to which bytes are added. */
export interface Log {
  /**
   * Adds bytes, one call after another. Once this resolves they are on the disk; if it rejects, the file holds none of them.
   */
  append(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** CommonJS modules that a user keeps in the project's folder. */
export interface UserModules {
  /**
   * The path of a module from the project's folder.
   *
   * @param path From the project's folder, or absolute.
   * @throws RangeError if it leads out of the project, there is no such file, or it is not CommonJS.
   */
  locate(path: string): string;
  /** The version of a module that {@link locate} has found: a hash of it and of all that it requires. */
  version(path: string): string;
  /** Exports of the module; a version that was loaded before it was edited does not count. */
  load(path: string): Readonly<Record<string, unknown>>;
}
