/**
 * Puts a kernel together from the parts of its platform; Node and a page differ in nothing else.
 *
 * @module
 */

import { Kernel, type KernelParts } from './kernel';
import { Assistance } from './protocol/assistance';
import { Comms } from './protocol/comms';
import { Execution, type ExecutionParts } from './protocol/execution';
import { History } from './protocol/history';
import type { JsonObject } from './protocol/message';
import { Prompts } from './protocol/prompts';
import type { Cells } from './runtime/cell';
import { ErrorReporter, type StackTraces } from './runtime/errors';
import { Interpreter, type InterpreterParts } from './runtime/interpreter';
import { Runner } from './runtime/runner';

/** Where library code finds the running cell: `globalThis[Symbol.for('sparselab.cell')]`. */
const CELL = Symbol.for('sparselab.cell');

/** Parts that a platform provides. */
export interface PlatformParts
  extends Pick<KernelParts, 'io' | 'connectInfo' | 'platform' | 'onIdle'>,
    Pick<ExecutionParts, 'reloader'>,
    Pick<InterpreterParts, 'compiler' | 'given' | 'link'> {
  readonly info: JsonObject;
  readonly cells: Cells;
  readonly modules: InterpreterParts['modules'] & ExecutionParts['modules'];
  readonly stackTraces: InterpreterParts['stackTraces'] & StackTraces;
  /** Runs the compiler where a stop cannot tear it apart. */
  compile<T>(work: () => T): T;
  /** Runs a library's code where a stop cannot tear it apart. */
  shield<T>(work: () => T): T;
  /** Called when nothing that a stop has reached runs any more. */
  onStopped?(): void;
}

/** The kernel, and a function that describes errors that nobody has handled. */
export function assemble(parts: PlatformParts): { kernel: Kernel; reporter: ErrorReporter } {
  const { io, info, connectInfo, platform, onIdle, reloader } = parts;
  const { cells, compiler, given, link, modules, stackTraces, compile, shield } = parts;
  const runner = new Runner(cells, platform, () => parts.onStopped?.());
  const interpreter = new Interpreter({
    compiler,
    given,
    link,
    modules,
    runner,
    stackTraces,
    shield: compile,
  });
  const assistance = new Assistance({
    compiler,
    declarations: () => interpreter.declarations,
    shield: compile,
  });
  const reporter = new ErrorReporter(stackTraces, platform.inspect);
  const history = new History();
  const prompts = new Prompts(io, platform);
  const comms = new Comms({ io, cells, runner, reporter, platform });
  const execution = new Execution({
    io,
    interpreter,
    modules,
    runner,
    reporter,
    history,
    assistance,
    reloader,
    prompts,
    platform,
    services: {
      openComm: (...opening) => comms.open(...opening),
      acceptComms: (...acceptance) => comms.accept(...acceptance),
      ask: (...question) => prompts.ask(...question),
      shield,
    },
  });
  const kernel = new Kernel({
    io,
    info,
    connectInfo,
    execution,
    assistance,
    history,
    comms,
    prompts,
    reporter,
    platform,
    onIdle,
  });
  return { kernel, reporter };
}

/** Offers the running cell to library code. */
export function offerCell(cells: Cells): void {
  Object.defineProperty(globalThis, CELL, { get: () => cells.current, configurable: true });
}
