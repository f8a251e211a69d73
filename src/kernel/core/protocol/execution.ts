/**
 * `execute_request`: runs a cell and publishes what becomes of it.
 *
 * @module
 */

import type { Platform } from '../platform';
import { Cell, type CellOutput, type CellServices, KeyboardInterrupt } from '../runtime/cell';
import { type Shown, show } from '../runtime/display';
import type { ErrorContent, ErrorReporter } from '../runtime/errors';
import type { Interpreter } from '../runtime/interpreter';
import type { Runner } from '../runtime/runner';
import { type Assistance, questionIn } from './assistance';
import { flag, text } from './content';
import type { History } from './history';
import type { Io, JsonObject, Message } from './message';
import type { Prompts } from './prompts';

/** Work around each cell for the packages that it imports. */
export interface Surroundings {
  /**
   * @throws TypeScriptError if a package that is being written does not compile
   */
  beforeCell(cell: Cell): Promise<void>;
  afterCell(): void;
}

/** Parts that the execution of a cell needs. */
export interface ExecutionParts {
  readonly io: Io;
  readonly interpreter: Interpreter;
  readonly modules: { forgetUnfinished(): void };
  readonly runner: Runner;
  readonly reporter: ErrorReporter;
  readonly history: History;
  readonly assistance: Assistance;
  readonly reloader: Surroundings;
  readonly services: CellServices;
  readonly prompts: Prompts;
  readonly platform: Platform;
}

/** Executes cells, one at a time. */
export class Execution {
  #count = 0;
  #hidden = 0;
  #cell: Cell | undefined;

  constructor(readonly parts: ExecutionParts) {}

  /**
   * Stops the cell that runs, and callbacks of earlier ones.
   *
   * @param forced whether its code was ended from outside, because it did not pause
   */
  interrupt(forced: boolean): void {
    this.#cell?.interrupt();
    if (forced) this.parts.modules.forgetUnfinished();
    this.parts.runner.interrupt(forced);
  }

  /** The content of an `execute_reply` to a request that is not run, because a cell before it failed. */
  aborted(): JsonObject {
    return { status: 'aborted', execution_count: this.#count };
  }

  /**
   * Runs the cell of a request.
   *
   * @returns the content of the `execute_reply`
   * @throws TypeError if the request is malformed
   */
  async execute(request: Message): Promise<JsonObject> {
    const { io, history, prompts, services } = this.parts;
    const code = text(request.content, 'code');
    const silent = flag(request.content, 'silent', false);
    const stored = flag(request.content, 'store_history', true) && !silent;
    if (stored) history.add(++this.#count, code);
    const count = this.#count;
    const label = stored ? `In[${count}]` : this.#hiddenLabel();
    const cell = new Cell(label, code, request, silent ? NOWHERE : outputOf(io, request), services);
    if (!silent) cell.output.publish('execute_input', { code, execution_count: count });

    this.#cell = cell;
    try {
      await this.#run(cell, ({ data, notes }) => {
        for (const note of notes) cell.output.stream('stderr', note);
        cell.output.publish('execute_result', { execution_count: count, data, metadata: {} });
        if (stored) history.setOutput(count, String(data['text/plain']));
      });
      return {
        status: 'ok',
        execution_count: count,
        payload: cell.pages.map((page) => ({ source: 'page', data: { 'text/plain': page }, start: 0 })),
        user_expressions: await this.#userExpressions(cell, request.content.user_expressions),
      };
    } catch (error) {
      const content = await this.#describe(cell, error, code);
      cell.output.publish('error', content);
      return { status: 'error', execution_count: count, ...content };
    } finally {
      prompts.abandon(cell);
      this.#cell = undefined;
    }
  }

  /** Runs a cell; if it ends in an expression, `publish` is called with the display of its value. */
  async #run(cell: Cell, publish: (shown: Shown) => void): Promise<void> {
    const { assistance, interpreter, platform, reloader, runner } = this.parts;
    await runner.run(cell, () => cell.endEarlierRuns());
    const asked = questionIn(cell.source);
    await reloader.beforeCell(cell);
    const { value } = await interpreter.run(cell, asked?.code).finally(() => reloader.afterCell());
    if (asked !== undefined) {
      const info = assistance.describe(asked.name, asked.name.length);
      cell.pages.push(info?.text ?? `${asked.name} is not known here.`);
      return;
    }
    if (value === undefined || value === null) return;
    // All of it as part of the cell: what a bundle holds may have a `toJSON` of the user's.
    await runner.run(cell, async () => {
      const shown = await show(value, platform.inspect);
      publish(shown);
      if (shown.thrown !== undefined) throw shown.thrown.error;
    });
  }

  /** Errors are anybody's objects: their getters run as part of the cell, and a stop that ends them is the error. */
  async #describe(cell: Cell, error: unknown, source: string): Promise<ErrorContent> {
    const { reporter, runner } = this.parts;
    try {
      return await runner.run(cell, () => reporter.describe(error, source));
    } catch (another) {
      if (KeyboardInterrupt.is(another)) return reporter.describe(another);
      const { aborted, reason } = cell.signal;
      return reporter.describe(aborted ? reason : new Error('what was thrown cannot be described'));
    }
  }

  /** The name of code that is not counted. */
  #hiddenLabel(): string {
    return `hidden[${++this.#hidden}]`;
  }

  /** Each expression's value as a bundle, or its error: one that fails is not a failure of the cell. */
  async #userExpressions(cell: Cell, expressions: unknown): Promise<JsonObject> {
    const results: JsonObject = {};
    if (typeof expressions !== 'object' || expressions === null) return results;
    const { interpreter, platform, runner } = this.parts;
    for (const [name, expression] of Object.entries(expressions)) {
      try {
        const { value } = await interpreter.evaluate(cell, this.#hiddenLabel(), String(expression));
        const { data, thrown } = await runner.run(cell, () => show(value, platform.inspect));
        if (thrown !== undefined) throw thrown.error;
        results[name] = { status: 'ok', data, metadata: {} };
      } catch (error) {
        results[name] = { status: 'error', ...(await this.#describe(cell, error, String(expression))) };
      }
    }
    return results;
  }
}

/** Where the output of a silent cell goes. */
const NOWHERE: CellOutput = { publish() {}, stream() {} };

function outputOf(io: Io, request: Message): CellOutput {
  return {
    publish: (type, content, metadata = {}) => io.publish(type, content, request.header, { metadata }),
    stream: (name, chunk) => io.stream(name, chunk, request.header),
  };
}
