/**
 * The kernel's entry: `node dist/kernel/node/main.js <connection file> [--untyped]`; the option leaves types unchecked.
 *
 * @module
 */

import './startFailure';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { assemble, offerCell } from '../core/assemble';
import { CellCompiler } from '../core/compiler/cellCompiler';
import { GUARD, GUARD_EACH, guardAwaits } from '../core/compiler/guardAwaits';
import { STOP_FLAG, STOPPED, stopChecks } from '../core/compiler/stopChecks';
import { kernelInfo } from '../core/protocol/kernelInfo';
import { Cells, KeyboardInterrupt } from '../core/runtime/cell';
import { createGuards } from '../core/runtime/guards';
import { lookAfterConsole } from './console';
import { showFunctionsAsWritten } from './functionText';
import { createCollector } from './garbage';
import { redirectInherited } from './inherited';
import { Io } from './io/io';
import { log } from './io/log';
import { allowTermination } from './io/termination';
import { listenForGood, surviveErrors, surviveExit } from './lifeline';
import { link } from './link';
import { Modules } from './modules';
import { redirectOutput } from './output';
import { withOwnJson } from './ownJson';
import { nodePlatform } from './platform';
import { ProjectReloader } from './projectReloader';
import { hideContextOfPromises } from './promises';
import { StackTraces } from './stackTraces';
import { hasStarted } from './startFailure';
import { completeSymbols } from './symbols';
import { loadTslab } from './tslab';
import { filesOnDisk, loadTypeScript, readSourceMap } from './typescript';
import { connectInfo, readConnection } from './wire/connection';

/** The project that this kernel belongs to: the parent of dist/. */
const ROOT = resolve(__dirname, '..', '..', '..');

/** Repairs that libraries need after code was ended from outside. */
const REPAIRS = Symbol.for('sparselab.repairs');

const WARM_UP_DELAY_MS = 50;

function start(connectionFile: string, untyped: boolean): void {
  // Before the I/O thread begins to listen for SIGINT itself: the last registration counts.
  listenForGood('SIGINT', () => io.interrupt());
  // The other thread binds the sockets while this one loads the compiler.
  const connection = readConnection(connectionFile);
  const io = new Io(connection);
  const platform = nodePlatform(() => io.end(0));
  allowTermination(io);
  const ts = loadTypeScript();
  const stackTraces = new StackTraces(ROOT);
  const cells = new Cells(platform.createContext());
  const folder = process.cwd();
  const instruments = [guardAwaits, stopChecks];
  const compiler = new CellCompiler(ts, filesOnDisk(ts, folder), readSourceMap, { untyped, instruments });
  const guards = createGuards(cells, platform);
  const stopped = () => {
    io.state.leave();
    return new KeyboardInterrupt();
  };
  const given = {
    [GUARD]: guards.guard,
    [GUARD_EACH]: guards.guardEach,
    [STOP_FLAG]: io.state.stopFlag,
    [STOPPED]: stopped,
  };
  const shield = <T>(work: () => T): T => io.state.shield(work);
  const compile = <T>(work: () => T): T => shield(() => withOwnJson(work));
  const provided = { tslab: () => loadTslab(cells) };
  const modules = new Modules(folder, { compiler, stackTraces, provided, given, shield: compile });
  const reloader = new ProjectReloader(ROOT, 'sparselab', stackTraces);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const { kernel, reporter } = assemble({
    io,
    info: kernelInfo(version, ts.version, `Node ${process.versions.node}`),
    connectInfo: connectInfo(connection),
    platform,
    cells,
    compiler,
    given,
    link,
    modules,
    stackTraces,
    compile,
    shield,
    onStopped: () => io.state.endFarewell(),
    reloader: {
      beforeCell: (cell) => {
        stackTraces.keep();
        tidyConsole();
        return reloader.beforeCell(cell);
      },
      afterCell: () => reloader.afterCell(),
    },
    onIdle: createCollector(),
  });

  stackTraces.install();
  completeSymbols();
  showFunctionsAsWritten();
  hideContextOfPromises();
  redirectOutput(cells);
  redirectInherited(cells);
  const tidyConsole = lookAfterConsole(cells);
  offerCell(cells);
  // They are addressed to the maintainer of a package, not to the user who runs the cell.
  process.removeAllListeners('warning').on('warning', ({ name, message }) => log(`${name}: ${message}`));
  hasStarted();
  surviveExit();
  surviveErrors((error) => {
    try {
      const report = reporter.uncaught(error);
      if (report === undefined) return;
      if (cells.current === undefined) log(report);
      else cells.current.output.stream('stderr', report);
    } catch (another) {
      // The look at it was stopped.
      log(`an error that nobody has handled could not be described: ${another}`);
    }
  });
  io.listen({
    message: (channel, message) => kernel.receive(channel, message),
    interrupt: (forced) => {
      if (forced) repairLibraries();
      kernel.interrupt(forced);
    },
    shutdown: () => io.end(0),
  });
  // Requests that arrived meanwhile, above all the one for the kernel's description, are answered first.
  setTimeout(() => shield(() => compiler.warmUp()), WARM_UP_DELAY_MS);
}

/**
 * Code that was ended from outside has run no `finally`. A library whose state that leaves in pieces puts a function
 * into the map `globalThis[Symbol.for('sparselab.repairs')]`, under its name.
 */
function repairLibraries(): void {
  const { [REPAIRS]: repairs } = globalThis as { [REPAIRS]?: ReadonlyMap<string, () => void> };
  for (const [library, repair] of repairs ?? []) {
    try {
      repair();
    } catch (error) {
      log(`${library} could not be repaired after a stop: ${error}`);
    }
  }
}

const [, , connectionFile, option] = process.argv;
if (connectionFile === undefined) {
  log('usage: node main.js <connection file> [--untyped]');
  process.exitCode = 2;
} else {
  start(connectionFile, option === '--untyped');
}
