/**
 * The modules of cells: those of Node and of npm, `tslab`, and local files, which the compiler compiles when they are needed.
 *
 * Where a name leads, the compiler says for local files and {@link findPackage} for packages, so that what runs is what was
 * checked. A cell imports without waiting. Modules that can only be loaded by waiting (ES modules of packages, local files that
 * await) are loaded before the cell runs, see {@link Modules.prepare}.
 *
 * @module
 */

import { createRequire, isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { types } from 'node:util';
import type { CellCompiler } from '../core/compiler/cellCompiler';
import type { CompiledModule } from '../core/compiler/localModules';
import { IMPORT, META } from '../core/compiler/ownNames';
import { isLocalSpecifier, isTypeScript } from '../core/compiler/project';
import { namespaceOf } from '../core/runtime/namespace';
import { link } from './link';
import { findPackage } from './packages';
import type { StackTraces } from './stackTraces';
import { slashes } from './typescript';

/** Taken before a cell can replace it. */
const { parse } = JSON;

interface LocalModule {
  exports: unknown;
  /** The file's state when it was loaded. */
  readonly version: string;
  /** Whether it has run to its end. */
  finished: boolean;
  /** Its end, of one that awaits. */
  ended: Promise<unknown> | undefined;
}

/** Where a name leads. */
type Target =
  | { readonly kind: 'provided'; readonly name: string }
  | { readonly kind: 'local' | 'node' | 'es'; readonly path: string };

/** Parts that modules need. */
export interface ModulesParts {
  readonly compiler: CellCompiler;
  readonly stackTraces: StackTraces;
  /** Modules that the kernel itself provides, by name; loaded when they are asked for. */
  readonly provided: Readonly<Record<string, () => unknown>>;
  /** Values for the names that the compiler's instruments use. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Runs the compiler where a stop cannot tear it apart. */
  shield<T>(work: () => T): T;
}

/** Modules as cells see them. */
export class Modules {
  /** The file that cells stand for. */
  readonly cellFile: string;
  /** `require` for cells. */
  readonly require: NodeJS.Require;
  readonly #compiled = new Map<string, { readonly version: string; readonly module: CompiledModule }>();
  readonly #loaded = new Map<string, LocalModule>();
  readonly #esModules = new Map<string, unknown>();
  /** Which local modules have required this one. */
  readonly #dependents = new Map<string, Set<string>>();

  /** @param folder the working directory */
  constructor(
    readonly folder: string,
    readonly parts: ModulesParts,
  ) {
    this.cellFile = slashes(join(folder, 'cell.ts'));
    this.require = this.#requireFrom(this.cellFile);
  }

  /** Forgets local files that have changed since they were loaded, and all that have loaded them. */
  refresh(): void {
    for (const [path, { version }] of [...this.#loaded]) {
      if (this.parts.compiler.versionOf(path) !== version) this.#forget(path);
    }
  }

  /**
   * Forgets modules that were loading when a stop ended the code from outside. Node would otherwise hand out
   * what there is of them for the rest of the session.
   */
  forgetUnfinished(): void {
    for (const [path, { finished, ended }] of this.#loaded) {
      if (!finished && ended === undefined) this.#loaded.delete(path);
    }
    for (const [id, module] of Object.entries(require.cache)) {
      if (module !== undefined && !module.loaded && module !== require.main) delete require.cache[id];
    }
  }

  /**
   * Loads what `require` cannot: ES modules, and local files that await at their top.
   *
   * @returns `undefined` if there is nothing to wait for
   */
  prepare(specifiers: readonly string[], from = this.cellFile): Promise<void> | undefined {
    const steps: (() => Promise<unknown>)[] = [];
    const seen = new Set<string>();
    const visit = (names: readonly string[], file: string) => {
      for (const name of names) {
        const target = this.#find(name, file);
        if (target?.kind === 'es' && !this.#esModules.has(target.path))
          steps.push(() => this.#importEsModule(target.path));
        if (target?.kind !== 'local' || seen.has(target.path) || target.path.endsWith('.json')) continue;
        seen.add(target.path);
        const compiled = this.#compile(target.path);
        visit(compiled.imports, target.path);
        if (compiled.isAsync) steps.push(() => this.#load(target.path).ended ?? Promise.resolve());
      }
    };
    visit(specifiers, from);
    return steps.length === 0 ? undefined : inTurn(steps);
  }

  /** The result of `import(…)`. */
  async import(specifier: unknown, from = this.cellFile): Promise<unknown> {
    const name = String(specifier);
    await this.prepare([name], from);
    return this.namespace(this.#requireFrom(from)(name));
  }

  /** The result of `import * as` for the result of `require`. */
  namespace(module: unknown): unknown {
    const esModule = ES_MODULE_OF.get(module as object);
    return esModule ?? namespaceOf(module);
  }

  /** `import.meta` in a file. */
  meta(file = this.cellFile): object {
    return {
      url: pathToFileURL(file).href,
      filename: file,
      dirname: dirname(file),
      resolve: (specifier: string) => {
        const target = this.#find(specifier, file);
        if (target === undefined || target.kind === 'provided' || isBuiltin(target.path)) return specifier;
        return pathToFileURL(target.path).href;
      },
    };
  }

  #forget(path: string): void {
    if (!this.#loaded.delete(path)) return;
    for (const dependent of this.#dependents.get(path) ?? []) this.#forget(dependent);
  }

  /** Where a name leads; `undefined` where Node is to say what is wrong. */
  #find(specifier: string, from: string): Target | undefined {
    const { compiler, provided, shield } = this.parts;
    if (Object.hasOwn(provided, specifier)) return { kind: 'provided', name: specifier };
    const name = specifier.startsWith('file:') ? slashes(fileURLToPath(specifier)) : specifier;
    const local = (): Target | undefined => {
      const path = shield(() => compiler.resolveLocal(name, from));
      return path === undefined || path.includes('/node_modules/') ? undefined : { kind: 'local', path };
    };
    const target = isLocalSpecifier(name) || name.startsWith('#') ? local() : undefined;
    if (target !== undefined) return target;
    try {
      const { path, isEsModule } = findPackage(name, from);
      const found: Target = { kind: isEsModule ? 'es' : 'node', path };
      return isTypeScript(path) ? (local() ?? found) : found;
    } catch {
      return undefined;
    }
  }

  #requireFrom(file: string): NodeJS.Require {
    const nodeRequire = createRequire(file);
    const require = (id: string): unknown => {
      const target = this.#find(id, file);
      switch (target?.kind) {
        case 'provided':
          return this.parts.provided[target.name]?.();
        case 'es':
          return this.#esModule(target.path, nodeRequire);
        case 'local':
          this.#dependents.set(target.path, (this.#dependents.get(target.path) ?? new Set()).add(file));
          return this.#load(target.path).exports;
        default:
          return nodeRequire(target?.path ?? id);
      }
    };
    const resolve = (id: string, options?: NodeJS.RequireResolveOptions): string => {
      const target = options === undefined ? this.#find(id, file) : undefined;
      return target === undefined || target.kind === 'provided'
        ? nodeRequire.resolve(id, options)
        : target.path;
    };
    return Object.assign(require, nodeRequire, { resolve: Object.assign(resolve, nodeRequire.resolve) });
  }

  async #importEsModule(path: string): Promise<void> {
    this.#esModules.set(path, await import(pathToFileURL(path).href));
  }

  /** An ES module as CommonJS sees it, marked as an ES module. */
  #esModule(path: string, nodeRequire: NodeJS.Require): unknown {
    // Named by a string that the compiler could not see, so that it was not loaded before: newer versions of Node can.
    const module = this.#esModules.get(path) ?? nodeRequire(path);
    if (!types.isModuleNamespaceObject(module)) return module;
    const view = Object.create(module, { __esModule: { value: true } }) as object;
    ES_MODULE_OF.set(view, module);
    return view;
  }

  #compile(path: string): CompiledModule {
    const { compiler, shield, stackTraces } = this.parts;
    const version = compiler.versionOf(path);
    const known = this.#compiled.get(path);
    if (known?.version === version) return known.module;
    const module = shield(() => compiler.compileModule(path));
    stackTraces.register(path, { sourceMap: module.sourceMap });
    this.#compiled.set(path, { version, module });
    return module;
  }

  #load(path: string): LocalModule {
    const loaded = this.#loaded.get(path);
    if (loaded !== undefined) return loaded;
    const module: LocalModule = {
      exports: {},
      version: this.parts.compiler.versionOf(path),
      finished: false,
      ended: undefined,
    };
    // Before it runs, for modules that import each other.
    this.#loaded.set(path, module);
    const drop = () => {
      if (this.#loaded.get(path) === module) this.#loaded.delete(path);
    };
    try {
      const end = this.#run(path, module);
      module.ended = end?.then(
        () => {
          module.finished = true;
        },
        (error: unknown) => {
          drop();
          throw error;
        },
      );
      module.finished = end === undefined;
    } finally {
      if (!module.finished && module.ended === undefined) drop();
    }
    return module;
  }

  #run(path: string, module: LocalModule): Promise<unknown> | undefined {
    if (path.endsWith('.json')) {
      module.exports = readJson(path, this.parts.compiler.textOf(path) ?? '');
      return undefined;
    }
    const compiled = this.#compile(path);
    const result = link(compiled, path, {
      ...this.parts.given,
      [IMPORT]: (specifier: unknown) => this.import(specifier, path),
      [META]: this.meta(path),
      exports: module.exports,
      require: this.#requireFrom(path),
      module,
      __filename: path,
      __dirname: dirname(path),
    })();
    return compiled.isAsync ? (result as Promise<unknown>) : undefined;
  }
}

/** @throws SyntaxError that names the file */
function readJson(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new SyntaxError(`${path}: ${(error as Error).message}`);
  }
}

/** The ES module behind its CommonJS view. */
const ES_MODULE_OF = new WeakMap<object, unknown>();

async function inTurn(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const step of steps) await step();
}
