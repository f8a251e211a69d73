/**
 * Runs cells one after the other: what one declares, the next can use.
 *
 * @module
 */

import type { CellCompiler, CompiledCell } from '../compiler/cellCompiler';
import { Declarations } from '../compiler/declarations';
import { namesDeclaredIn } from '../compiler/declaredNames';
import { IMPORT, META, NAMESPACE, REACHED, REQUIRE, STATE } from '../compiler/ownNames';
import type { CodeMap } from '../compiler/sourceMap';
import type { Cell } from './cell';
import { OutdatedNames } from './outdatedNames';
import type { Runner } from './runner';

/** Everything declared so far by its name. */
type State = Record<string, unknown>;

/** The value of a cell's last expression. */
export interface Result {
  readonly value?: unknown;
}

/** The modules of cells, as a platform has them. */
export interface CellModules {
  readonly folder: string;
  readonly cellFile: string;
  readonly require: NodeJS.Require;
  refresh(): void;
  prepare(specifiers: readonly string[]): Promise<void> | undefined;
  import(specifier: unknown): Promise<unknown>;
  namespace(module: unknown): unknown;
  meta(): object;
}

/** Parts of the interpreter. */
export interface InterpreterParts {
  readonly compiler: CellCompiler;
  readonly modules: CellModules;
  readonly runner: Runner;
  readonly stackTraces: { register(label: string, origin: { source: string; sourceMap: CodeMap }): void };
  /** Values for the names that the compiler's instruments use. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Makes a function of a compiled cell. */
  link(code: CompiledCell, label: string, values: Readonly<Record<string, unknown>>): () => unknown;
  /** Runs the compiler where a stop cannot tear it apart. */
  shield<T>(work: () => T): T;
}

/** A cell, the function that runs it, and the names that it has got to. */
interface LinkedCell {
  readonly compiled: CompiledCell;
  readonly call: () => unknown;
  readonly reached: ReadonlySet<string>;
}

/** The state that cells share. */
export class Interpreter {
  #declarations = Declarations.none;
  readonly #state = emptyState();
  readonly #outdated = new OutdatedNames();

  constructor(readonly parts: InterpreterParts) {}

  /** Declarations of everything that cells can use now. */
  get declarations(): Declarations {
    return this.#declarations;
  }

  /**
   * Runs a cell.
   *
   * @param source what of it is run. Default: all
   * @returns the value of its last expression, if it ends in one; boxed, so that a promise stays one
   * @throws TypeScriptError if it does not compile, in which case nothing of it has run
   * @throws any error of the cell; its declarations before the error stay
   */
  async run(cell: Cell, source = cell.source): Promise<Result> {
    const linked = this.#prepare(cell, source);
    const { compiled, reached } = linked;
    this.#outdated.settle([...compiled.declared]);
    for (const note of [compiled.note, this.#outdated.noteOn(compiled.used)]) {
      if (note !== undefined) cell.output.stream('stderr', note);
    }
    const before = new Set(Object.keys(this.#state));
    try {
      const result = await this.#execute(cell, linked);
      this.#declarations = compiled.declarations;
      return result;
    } catch (error) {
      this.#keepWhatWasReached(compiled, reached, before);
      throw error;
    }
  }

  /**
   * The value of an expression, evaluated as part of `cell`; declares nothing.
   *
   * @param label its name in tracebacks: its lines are not the cell's
   */
  async evaluate(cell: Cell, label: string, expression: string): Promise<Result> {
    return this.#execute(cell, this.#link(label, expression));
  }

  /** A cell that cannot be run, because the compiler or V8 refuses it, declares no name. */
  #prepare(cell: Cell, source: string): LinkedCell {
    try {
      return this.#link(cell.label, source);
    } catch (error) {
      const { compiler, shield } = this.parts;
      const declared = shield(() => namesDeclaredIn(compiler.ts, source));
      this.#outdated.add(declared.filter((name) => name in this.#state));
      throw error;
    }
  }

  #link(label: string, source: string): LinkedCell {
    const { compiler, given, link, modules, shield, stackTraces } = this.parts;
    const compiled = shield(() => compiler.compile(this.#declarations, source));
    modules.refresh();
    stackTraces.register(label, { source, sourceMap: compiled.sourceMap });
    const reached = new Set<string>();
    const exports = {};
    const call = link(compiled, label, {
      ...given,
      [STATE]: this.#state,
      [REACHED]: (...names: string[]) => {
        for (const name of names) reached.add(name);
      },
      [REQUIRE]: modules.require,
      [NAMESPACE]: (module: unknown) => modules.namespace(module),
      [IMPORT]: (specifier: unknown) => modules.import(specifier),
      [META]: modules.meta(),
      // Additional names in a file of Node's.
      require: modules.require,
      module: { exports },
      exports,
      __filename: modules.cellFile,
      __dirname: modules.folder,
    });
    return { compiled, call, reached };
  }

  async #execute(cell: Cell, { compiled, call }: LinkedCell): Promise<Result> {
    const { modules, runner } = this.parts;
    const result = await runner.run(cell, () => {
      // The user may have stopped it while it was compiled.
      cell.signal.throwIfAborted();
      const prepared = modules.prepare(compiled.imports);
      return prepared === undefined ? call() : prepared.then(call);
    });
    return Array.isArray(result) ? { value: result[0] } : {};
  }

  /** Declarations that the cell did not reach have no value: the value of an earlier cell with that name comes back. */
  #keepWhatWasReached(
    compiled: CompiledCell,
    reached: ReadonlySet<string>,
    before: ReadonlySet<string>,
  ): void {
    const missing = new Set([...compiled.declared].filter((name) => !reached.has(name)));
    this.#outdated.add([...missing].filter((name) => before.has(name)));
    this.#declarations = compiled.declarations.without(missing).with(this.#declarations.only(missing));
  }
}

/** An object without a prototype, whose names are all its own. Made by a constructor, it is quicker than `Object.create(null)`. */
function emptyState(): State {
  function Variables() {}
  Variables.prototype = Object.create(null);
  return new (Variables as unknown as new () => State)();
}
