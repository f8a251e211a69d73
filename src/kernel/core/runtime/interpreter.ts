/**
 * Runs cells one after the other: what one declares, the next can use.
 *
 * @module
 */

import { Script } from 'node:vm';
import type { Modules } from '../../node/modules';
import type { StackTraces } from '../../node/stackTraces';
import type { CellCompiler, CompiledCell } from '../compiler/cellCompiler';
import { declarationsAfterThrow } from '../compiler/declarations';
import { namesDeclaredIn } from '../compiler/declaredNames';
import { GUARD, GUARD_EACH } from '../compiler/guardAwaits';
import { STOP_FLAG, STOPPED } from '../compiler/loopChecks';
import { DEFINABLE } from '../compiler/plainExports';
import type { Cell, Cells } from './cell';
import type { Guards } from './guards';
import { OutdatedNames } from './outdatedNames';
import type { Runner } from './runner';

/** Everything declared so far by its name: the `exports` of all cells. */
type Variables = Record<string, unknown>;

type CellFunction = (
  exports: Variables,
  require: NodeJS.Require,
  guard: Guards['guard'],
  guardEach: Guards['guardEach'],
  definable: Variables,
  ...loops: unknown[]
) => unknown;

/** A cell, and the function that runs it. */
interface LinkedCell {
  readonly compiled: CompiledCell;
  readonly call: CellFunction;
}

/** The value of a cell's last expression. */
export interface Result {
  readonly value?: unknown;
}

/** What the interpreter is made of. */
export interface InterpreterParts {
  readonly compiler: CellCompiler;
  readonly cells: Cells;
  readonly modules: Modules;
  readonly runner: Runner;
  readonly stackTraces: StackTraces;
  readonly guards: Guards;
  /** What checks in loops use. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Runs the compiler where a stop cannot tear it apart. */
  shield<T>(work: () => T): T;
}

/** The state that cells share. */
export class Interpreter {
  #declarations = '';
  readonly #variables: Variables = {};
  readonly #definable = acceptDefinitions(this.#variables);
  readonly #outdated = new OutdatedNames();

  constructor(readonly parts: InterpreterParts) {}

  /** Declarations of everything that cells can use now. */
  get declarations(): string {
    return this.#declarations;
  }

  /**
   * Runs a cell.
   *
   * @returns the value of its last expression, if it ends in one; boxed, so that a promise stays one
   * @throws TypeScriptError if it does not compile, in which case nothing of it has run
   * @throws whatever the cell throws; what it declared before stays
   */
  async run(cell: Cell): Promise<Result> {
    const { compiler, shield } = this.parts;
    const declared = shield(() => namesDeclaredIn(compiler.tslab.ts, cell.source));
    const { compiled, call } = this.#prepare(cell, declared);
    if (compiled.code === '') {
      this.#declarations = compiled.declarations;
      return {};
    }
    this.#outdated.settle(declared);
    const note = this.#outdated.noteOn(compiled.code);
    if (note !== undefined) cell.output.stream('stderr', note);
    const before = { ...this.#variables };
    try {
      await this.#execute(cell, call);
    } catch (error) {
      this.#keepWhatWasDeclared(before, compiled);
      throw error;
    }
    this.#declarations = compiled.declarations;
    return this.#takeResult(compiled);
  }

  /**
   * The value of an expression, evaluated as part of `cell`; declares nothing.
   *
   * @param label its name in tracebacks: its lines are not the cell's
   */
  async evaluate(cell: Cell, label: string, expression: string): Promise<Result> {
    const { compiled, call } = this.#link(label, expression);
    await this.#execute(cell, call);
    return this.#takeResult(compiled);
  }

  /** Of a cell that cannot be run, because the compiler or V8 refuses it, no name is declared. */
  #prepare(cell: Cell, declared: readonly string[]): LinkedCell {
    try {
      return this.#link(cell.label, cell.source);
    } catch (error) {
      this.#outdated.add(declared.filter((name) => name in this.#variables));
      throw error;
    }
  }

  #link(label: string, source: string): LinkedCell {
    const { compiler, modules, shield, stackTraces } = this.parts;
    const compiled = shield(() => compiler.compile(this.#declarations, source));
    modules.update(compiled.files);
    for (const { path, sourceMap } of compiled.files) stackTraces.register(path, { sourceMap });
    stackTraces.register(label, { source, sourceMap: compiled.sourceMap });
    const parameters = ['exports', 'require', GUARD, GUARD_EACH, DEFINABLE, STOP_FLAG, STOPPED].join(', ');
    const head = `(${compiled.isAsync ? 'async ' : ''}function (${parameters}) {`;
    // The line of `head` is line 0, so that the code keeps the line numbers of its source map.
    const script = new Script(`${head}\n${compiled.code}\n})`, { filename: label, lineOffset: -1 });
    return { compiled, call: script.runInThisContext({ displayErrors: false }) };
  }

  #execute(cell: Cell, call: CellFunction): Promise<unknown> {
    const { given, guards, modules, runner } = this.parts;
    const { guard, guardEach } = guards;
    return runner.run(cell, () => {
      // The user may have stopped it while it was compiled.
      cell.signal.throwIfAborted();
      return call(
        this.#variables,
        modules.require,
        guard,
        guardEach,
        this.#definable,
        given[STOP_FLAG],
        given[STOPPED],
      );
    });
  }

  #takeResult({ resultName }: CompiledCell): Result {
    if (resultName === undefined) return {};
    const value = this.#variables[resultName];
    delete this.#variables[resultName];
    return { value };
  }

  /** The compiled cell begins by setting all its exports to `undefined`: those still so were not reached. */
  #keepWhatWasDeclared(before: Variables, { declarations, resultName }: CompiledCell): void {
    const missing = new Set<string>();
    for (const [name, value] of Object.entries(this.#variables)) {
      if (value !== undefined) continue;
      missing.add(name);
      if (name in before) this.#variables[name] = before[name];
      else delete this.#variables[name];
    }
    this.#outdated.add([...missing].filter((name) => before[name] !== undefined));
    if (resultName !== undefined) delete this.#variables[resultName];
    const { compiler, shield } = this.parts;
    this.#declarations = shield(() =>
      declarationsAfterThrow(compiler.tslab.ts, this.#declarations, declarations, missing),
    );
  }
}

/**
 * TypeScript exports an imported name with `Object.defineProperty` and a getter; as a variable of a notebook it
 * must be a plain value that a later cell may declare again.
 */
function acceptDefinitions(variables: Variables): Variables {
  return new Proxy(variables, {
    defineProperty(target, name, { get, value }) {
      if (name !== '__esModule' && typeof name === 'string') target[name] = get === undefined ? value : get();
      return true;
    },
  });
}
