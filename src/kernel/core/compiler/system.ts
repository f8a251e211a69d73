/**
 * The compiler's view of the system around it. Node gives it files on disk, a web page files of an archive; the
 * compiler itself knows neither.
 *
 * @module
 */

import type * as Ts from 'typescript-js';

/** The type of TypeScript's module, which is given from outside. */
export type TypeScript = typeof Ts;

/** The fields that we read of TypeScript's complaints. */
export type Complaint = Pick<Ts.Diagnostic, 'start' | 'length' | 'code' | 'messageText'>;

/** Files and folders. Paths are absolute and have forward slashes. */
export interface CompilerSystem {
  /** The folder of the cells. */
  readonly folder: string;
  readonly useCaseSensitiveFileNames: boolean;
  /** The folder of TypeScript's own declarations, `lib.es5.d.ts` and so on. */
  readonly libraryFolder: string;
  /** Declarations that cells have without an import, such as those of Node. */
  readonly ambientFiles: readonly string[];
  fileExists(path: string): boolean;
  directoryExists(path: string): boolean;
  getDirectories(path: string): string[];
  readDirectory(
    path: string,
    extensions?: readonly string[],
    exclude?: readonly string[],
    include?: readonly string[],
    depth?: number,
  ): string[];
  readFile(path: string): string | undefined;
  realpath(path: string): string;
  /** Another string whenever the file has been written; `''` while there is no such file. */
  version(path: string): string;
}

/** A source map that can be asked; lines and columns from 0. */
export interface ReadableSourceMap {
  original(line: number, column: number): { readonly line: number; readonly column: number } | undefined;
}

/**
 * Additions of a platform to the code of cells and of local files, for example to stop it. The code finds under its names
 * what the runtime gives.
 */
export interface Instrument {
  /** Free names of the code that it writes. The runtime gives a value for each. */
  readonly names: readonly string[];
  /** @param nameOf one of its names as it is called in this code: another one if the author uses it already */
  transformer(ts: TypeScript, nameOf: (name: string) => string): Ts.TransformerFactory<Ts.SourceFile>;
}

/** How a kernel compiles. */
export interface CompilerSettings {
  /** Compiles cells without a look at their types: what is known to be right need not be checked again. Default: false. */
  readonly untyped?: boolean;
  /** Applied in this order, after names have been resolved. Default: none. */
  readonly instruments?: readonly Instrument[];
}
