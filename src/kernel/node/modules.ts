/**
 * `require` for cells: the modules of Node and npm, `tslab`, and the local files that the compiler has emitted.
 *
 * @module
 */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import type { CompiledFile } from '../core/compiler/cellCompiler';

interface LocalModule {
  exports: unknown;
  /** Whether it has run to its end. */
  finished: boolean;
}

/** Modules as cells see them. */
export class Modules {
  /** `require` for cells, which stand in the kernel's working directory. */
  readonly require: NodeJS.Require;
  readonly #code = new Map<string, string>();
  readonly #loaded = new Map<string, LocalModule>();
  /** Which local modules have required this one. */
  readonly #dependents = new Map<string, Set<string>>();

  /**
   * @param folder the working directory
   * @param provided modules that the kernel itself provides, by name
   * @param given what checks in loops use
   */
  constructor(
    folder: string,
    readonly provided: Readonly<Record<string, unknown>>,
    readonly given: Readonly<Record<string, unknown>>,
  ) {
    this.require = this.#requireFrom(join(folder, 'cell.js'));
  }

  /** Takes new code of local files; what has loaded them is loaded anew at its next import. */
  update(files: readonly CompiledFile[]): void {
    for (const { path, code } of files) {
      this.#code.set(path, code);
      this.#forget(path);
    }
  }

  /**
   * Forgets modules that were loading when a stop ended the code from outside. Node would otherwise hand out
   * what there is of them for the rest of the session.
   */
  forgetUnfinished(): void {
    for (const [path, { finished }] of this.#loaded) if (!finished) this.#loaded.delete(path);
    for (const [id, module] of Object.entries(require.cache)) {
      if (module !== undefined && !module.loaded && module !== require.main) delete require.cache[id];
    }
  }

  #forget(path: string): void {
    if (!this.#loaded.delete(path)) return;
    for (const dependent of this.#dependents.get(path) ?? []) this.#forget(dependent);
  }

  #requireFrom(file: string): NodeJS.Require {
    const nodeRequire = createRequire(file);
    const require = (id: string): unknown => {
      if (Object.hasOwn(this.provided, id)) return this.provided[id];
      const local = this.#find(file, id);
      if (local === undefined) return nodeRequire(id);
      const dependents = this.#dependents.get(local) ?? new Set();
      this.#dependents.set(local, dependents.add(slashes(file)));
      return this.#load(local);
    };
    return Object.assign(require, nodeRequire);
  }

  /** tslab emits `./x`, `./x.js` and its in-memory modules, which are imported as `./x` too. */
  #find(from: string, id: string): string | undefined {
    const path = slashes(join(dirname(from), id));
    return [path, `${path}.js`, `${path}/index.js`].find((candidate) => this.#code.has(candidate));
  }

  #load(path: string): unknown {
    const loaded = this.#loaded.get(path);
    if (loaded !== undefined) return loaded.exports;
    const module: LocalModule = { exports: {}, finished: false };
    // Before it runs, for modules that import each other.
    this.#loaded.set(path, module);
    try {
      const parameters = [
        'exports',
        'require',
        'module',
        '__filename',
        '__dirname',
        ...Object.keys(this.given),
      ];
      const run = compileFunction(this.#code.get(path) ?? '', parameters, { filename: path });
      const own = [module.exports, this.#requireFrom(path), module, path, dirname(path)];
      run.call(module.exports, ...own, ...Object.values(this.given));
      module.finished = true;
    } finally {
      if (!module.finished) this.#loaded.delete(path);
    }
    return module.exports;
  }
}

/** The compiler writes paths with forward slashes, on Windows too. */
function slashes(path: string): string {
  return path.replaceAll('\\', '/');
}
