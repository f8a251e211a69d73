/**
 * The kernel's entry in a Web Worker. `npm run site` bundles it, with TypeScript, to one script; the library is another,
 * which is fetched when a cell first imports it.
 *
 * @module
 */

import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { inspect } from 'node-inspect-extracted';
import * as ts from 'typescript-js';
import { assemble, offerCell } from '../core/assemble';
import { CellCompiler } from '../core/compiler/cellCompiler';
import { GUARD, GUARD_EACH, guardAwaits } from '../core/compiler/guardAwaits';
import type { CompilerSystem, ReadableSourceMap, TypeScript } from '../core/compiler/system';
import type { Context } from '../core/platform';
import { kernelInfo } from '../core/protocol/kernelInfo';
import type { Message } from '../core/protocol/message';
import { type Cell, Cells } from '../core/runtime/cell';
import { createGuards } from '../core/runtime/guards';
import { assert } from './assert';
import { redirectConsole } from './console';
import { followCallbacks, WebContext } from './context';
import { fetchArchive, filesOf } from './declarations';
import { PostedIo, type PostedMessage } from './io';
import { link } from './link';
import { LOOK, loopLooks } from './loopLooks';
import { WebModules } from './modules';
import { type FileAnswer, type FileQuestion, PageFiles } from './ownFiles';
import { webPlatform } from './platform';
import { resumeAwaits, resuming } from './resumeAwaits';
import { besideWorker, scope } from './scope';
import { WebStackTraces } from './stackTraces';
import { type StopSignal, StopWatch } from './stop';

/** Set by the bundler: the project's version. */
declare const SPARSELAB_VERSION: string;

/** Where the library's bundle finds how values are shown: translated with it, that code would not know generators. */
const INSPECT = Symbol.for('sparselab.inspect');

/** Messages between the page and the worker, besides those of Jupyter. */
export type ToWorker =
  | { readonly kind: 'message'; readonly message: PostedMessage }
  /** Gives the signal by which the first stop is heard. */
  | { readonly kind: 'start'; readonly next: StopSignal }
  | { readonly kind: 'interrupt'; readonly number: number; readonly next: StopSignal }
  | { readonly kind: 'file'; readonly answer: FileAnswer };
export type ToPage =
  | { readonly kind: 'message'; readonly message: PostedMessage }
  | { readonly kind: 'ready' }
  | { readonly kind: 'file'; readonly question: FileQuestion }
  /** A stop was heard. */
  | { readonly kind: 'stopped'; readonly number: number }
  | { readonly kind: 'failed'; readonly reason: string };

const post = (message: ToPage) => scope.postMessage(message);

function start(system: CompilerSystem): void {
  const context = new WebContext<Cell>();
  // One store is all that the core asks for.
  const platform = webPlatform(() => context as Context<never>);
  const io = new PostedIo(platform, (message) => post({ kind: 'message', message }));
  const report = (thrown: unknown) => {
    const text = reporter.uncaught(thrown);
    if (text !== undefined) cells.current?.output.stream('stderr', text);
  };
  followCallbacks(context, report);
  const cells = new Cells(platform.createContext());
  const stackTraces = new WebStackTraces(scope.location.href, besideWorker('library.js'));
  const instruments = [guardAwaits, resumeAwaits, loopLooks];
  const compiler = new CellCompiler(ts as TypeScript, system, readSourceMap, { instruments });
  const resumed = resuming(context, createGuards(cells, platform));
  const interrupt = (number: number) => {
    post({ kind: 'stopped', number });
    kernel.interrupt(false);
  };
  const stopWatch = new StopWatch(platform, interrupt);
  const given = {
    [GUARD]: resumed.guard,
    [GUARD_EACH]: resumed.guardEach,
    ...resumed.given,
    [LOOK]: (turns: number) => {
      io.sendOverdue();
      return stopWatch.look(turns);
    },
  };
  const shield = <T>(work: () => T): T => work();
  const modules = new WebModules({
    sparselab: () => loadLibrary().sparselab,
    'sparselab/teaching': () => loadLibrary().teaching,
    '@tensorflow/tfjs': () => loadLibrary().tf,
    'node:assert': () => assert,
    'node:assert/strict': () => assert,
    'node:fs': () => loadLibrary().fs,
    'node:util': () => ({ inspect }),
  });
  const closeGroups = redirectConsole(cells);
  const { kernel, reporter } = assemble({
    io,
    info: kernelInfo(SPARSELAB_VERSION, ts.version, 'a browser'),
    connectInfo: {},
    platform,
    cells,
    compiler,
    given,
    link,
    modules,
    stackTraces,
    compile: shield,
    shield,
    look: () => void stopWatch.look(0),
    reloader: {
      async beforeCell() {
        closeGroups();
        await storage()?.open();
      },
      async afterCell(cell) {
        const problem = await storage()?.settle();
        if (problem !== undefined) cell.output.stream('stderr', problem);
      },
    },
    onIdle() {},
  });

  stackTraces.install();
  offerCell(cells);
  const pageFiles = new PageFiles((question) => post({ kind: 'file', question }));
  pageFiles.offer();
  scope.addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    report(event.reason);
  });
  scope.onmessage = ({ data }) => {
    const said = data as ToWorker;
    // Messages from outside belong to no cell, whatever code ran before.
    context.enter(undefined);
    if (said.kind === 'file') pageFiles.hear(said.answer);
    else if (said.kind !== 'message') {
      stopWatch.arm(said.next);
      if (said.kind === 'interrupt' && stopWatch.hear(said.number)) interrupt(said.number);
    } else {
      const message = received(said.message);
      io.hear(message);
      const { channel } = said.message;
      kernel.receive(channel === 'iopub' ? 'shell' : channel, message);
    }
  };
  post({ kind: 'ready' });
  // Requests that arrived meanwhile, above all the one for the kernel's description, are answered first.
  platform.setTimeout(() => {
    compiler.warmUp();
    // Where it does not come now, the first cell that imports it says so.
    void storage()?.open();
  }, 0);
}

/** A message of the page's as the core knows it. */
function received({ header, parentHeader, metadata, json, buffers }: PostedMessage): Message {
  return { identities: [], header, parentHeader, metadata, content: JSON.parse(json), buffers };
}

/** Exports of the library's bundle. */
interface Library {
  readonly sparselab: object;
  readonly teaching: object;
  readonly tf: object;
  /** The available part of `node:fs`. */
  readonly fs: object;
  /** The files of cells. */
  readonly storage: { open(): Promise<void>; settle(): Promise<string | undefined> };
}

/** The files of cells; `undefined` as long as the library cannot be fetched: then there are none. */
function storage(): Library['storage'] | undefined {
  try {
    return loadLibrary().storage;
  } catch {
    return undefined;
  }
}

/** Fetches the library, unless it is here already. @throws Error if it does not come */
function loadLibrary(): Library {
  const global = globalThis as { sparselabLibrary?: Library };
  if (global.sparselabLibrary === undefined) {
    try {
      scope.importScripts(besideWorker('library.js'));
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new Error(
        `the library could not be fetched: is there a connection? Run the cell again. (${reason})`,
        {
          cause,
        },
      );
    }
  }
  return global.sparselabLibrary as Library;
}

function readSourceMap(json: string): ReadableSourceMap {
  const map = new TraceMap(json);
  return {
    original(line, column) {
      const found = originalPositionFor(map, { line: line + 1, column });
      return found.line === null ? undefined : { line: found.line - 1, column: found.column };
    },
  };
}

Object.assign(globalThis, { [INSPECT]: inspect });
fetchArchive(besideWorker('declarations.json.gzip')).then(
  (archive) => start(filesOf(archive)),
  (error: unknown) => post({ kind: 'failed', reason: String(error) }),
);
