/**
 * Lets a cell that imports `sparselab` see what has been edited under src/ since it was loaded.
 *
 * Before such a cell: if a source file has changed, the project's own TypeScript compiles it (0.6 s, only what
 * changed), and the compiled modules that are new, with all that require them, leave the module cache. Installed
 * packages stay loaded, so TensorFlow's engine and its tensors live on. Other cells cost nothing.
 *
 * @module
 */

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { type Diagnostic, TypeScriptError } from '../core/compiler/diagnostics';
import type { Cell } from '../core/runtime/cell';
import { fingerprint } from './fingerprint';
import type { StackTraces } from './stackTraces';

/** The project whose package cells import. */
export class ProjectReloader {
  readonly #sources: string;
  readonly #compiled: string;
  readonly #kernel: string;
  readonly #importsPackage: RegExp;
  /** Compiled files that are loaded, each with its fingerprint at that time. */
  readonly #loaded = new Map<string, string>();
  /** The state of the sources when they were last compiled, and the result. */
  #built: { readonly sources: string; readonly errors: readonly Diagnostic[] } | undefined;

  /**
   * @param root the project's folder
   * @param packageName the name that cells import it by
   */
  constructor(
    readonly root: string,
    packageName: string,
    readonly stackTraces: StackTraces,
  ) {
    this.#sources = join(root, 'src');
    this.#compiled = join(root, 'dist') + sep;
    this.#kernel = join(root, 'dist', 'kernel') + sep;
    this.#importsPackage = new RegExp(`(from|import|require)\\s*\\(?\\s*(['"])${packageName}(/[^'"]*)?\\2`);
  }

  /**
   * Brings the package up to date if the cell imports it.
   *
   * @throws TypeScriptError if the project does not compile
   */
  async beforeCell(cell: Cell): Promise<void> {
    if (!this.#importsPackage.test(cell.source)) return;
    await this.#build(cell.signal);
    this.#unloadChanged();
  }

  /** Notes what the cell has loaded. */
  afterCell(): void {
    for (const file of Object.keys(require.cache)) {
      if (this.#isOwn(file) && !this.#loaded.has(file)) this.#loaded.set(file, fingerprint(file));
    }
  }

  async #build(signal: AbortSignal): Promise<void> {
    const compiler = join(this.root, 'node_modules', 'typescript', 'lib', 'tsc.js');
    const files = sourceFiles(this.#sources);
    if (files === undefined || !existsSync(compiler)) return;
    const sources = files.map((file) => `${file} ${fingerprint(file)}`).join('\n');
    if (this.#built?.sources !== sources) {
      const stale = this.#built !== undefined || files.some((file) => this.#isNewerThanItsOutput(file));
      const errors = stale ? await compile(compiler, this.root, signal) : [];
      this.#built = { sources, errors };
    }
    if (this.#built.errors.length > 0) throw new TypeScriptError(this.#built.errors);
  }

  #isNewerThanItsOutput(source: string): boolean {
    const output = join(this.#compiled, source.slice(this.#sources.length).replace(/ts$/, 'js'));
    const built = statSync(output, { throwIfNoEntry: false });
    return built === undefined || statSync(source).mtimeMs > built.mtimeMs;
  }

  #unloadChanged(): void {
    const stale = new Set<string>();
    for (const [file, loadedAs] of this.#loaded) if (fingerprint(file) !== loadedAs) stale.add(file);
    // A module whose dependency is stale holds on to the old one: it is stale too.
    for (let size = -1; size !== stale.size; ) {
      size = stale.size;
      for (const file of this.#loaded.keys()) {
        if (require.cache[file]?.children.some((child) => stale.has(child.filename))) stale.add(file);
      }
    }
    for (const file of stale) {
      delete require.cache[file];
      this.#loaded.delete(file);
      this.stackTraces.forget(file);
    }
  }

  /** The kernel's own modules run already: they are never reloaded. */
  #isOwn(file: string): boolean {
    return file.startsWith(this.#compiled) && !file.startsWith(this.#kernel);
  }
}

/** The error codes of a folder that does not exist, and of one that a hand-in's kernel may not read. */
const OUT_OF_REACH = new Set(['ENOENT', 'EACCES', 'EPERM', 'ERR_ACCESS_DENIED']);

/** The source files in a folder; `undefined` where it is out of reach. */
function sourceFiles(folder: string): string[] | undefined {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name))
      .sort();
  } catch (error) {
    if (OUT_OF_REACH.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Runs the project's TypeScript compiler; its complaints. */
function compile(compiler: string, root: string, signal: AbortSignal): Promise<Diagnostic[]> {
  return new Promise((resolve, reject) => {
    const tsc = spawn(process.execPath, [compiler, '-p', 'tsconfig.json', '--pretty', 'false'], {
      cwd: root,
      signal,
    });
    tsc.stdin.end();
    let output = '';
    for (const stream of [tsc.stdout, tsc.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    tsc.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    tsc.on('close', (code, endedBy) => {
      const diagnostics = parseDiagnostics(output);
      // Without a place in a file (the compiler crashed, say) it is not a diagnostic, but no success either.
      if (code === 0 || diagnostics.length > 0) resolve(diagnostics);
      else {
        const end = endedBy ?? `exit code ${code}`;
        reject(new Error(`the project does not compile; the compiler ended with ${end}: ${output.trim()}`));
      }
    });
  });
}

/** Lines such as `src/l1.ts(12,5): error TS2322: Type …`; indented lines explain the one before. */
function parseDiagnostics(output: string): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const line of output.split(/\r?\n/)) {
    const match = /^(.+?)\((\d+),(\d+)\): error TS(\d+): (.*)$/.exec(line);
    const last = diagnostics.at(-1);
    if (match !== null) {
      const [, file, row, column, code, message = ''] = match;
      const start = { line: Number(row), column: Number(column) };
      diagnostics.push({ file, start, end: start, code: Number(code), message });
    } else if (last !== undefined && /^\s+\S/.test(line)) {
      diagnostics[diagnostics.length - 1] = { ...last, message: `${last.message}\n${line}` };
    }
  }
  return diagnostics;
}
