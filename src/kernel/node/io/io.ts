/**
 * The main thread's side of the I/O thread: send, publish, receive.
 *
 * Nothing here waits or is a promise. Code that a stop ends takes pending promise callbacks with it, and the
 * kernel's own messages must not be among them.
 *
 * @module
 */

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Io as CoreIo, Extras } from '../../core/protocol/message';
import { leave } from '../lifeline';
import { failToStart } from '../startFailure';
import type { Connection } from '../wire/connection';
import { type JsonObject, type Message, newHeader, type ParentHeader } from '../wire/message';
import { type Channel, type IoThreadData, SharedState, type ToIo, type ToMain } from './shared';

/** Taken before a cell can replace it. */
const { stringify } = JSON;

/** How long the last messages may take to leave when the process exits; on a loaded machine, the thread may just begin. */
const CLOSE_MS = 5000;

/** Reactions of the main thread to messages. */
export interface IoHandlers {
  message(channel: Exclude<Channel, 'iopub'>, message: Message): void;
  /** @param forced whether the code that ran was ended from outside */
  interrupt(forced: boolean): void;
  shutdown(): void;
}

/** The kernel's connection to its front ends. */
export class Io implements CoreIo {
  readonly session = randomUUID();
  readonly state = new SharedState();
  readonly #worker: Worker;
  #closed = false;

  /** Starts the I/O thread. Nothing is delivered before {@link Io.listen}. */
  constructor(connection: Connection) {
    const workerData: IoThreadData = { connection, session: this.session, memory: this.state.memory };
    // Without flags of its own the thread knows that Node's permission model holds it in, as it does this one.
    const flags = process.permission ? {} : { execArgv: [] };
    this.#worker = new Worker(join(__dirname, 'thread.js'), { workerData, ...flags, stdout: false });
    this.#worker.on('error', (error) => {
      this.#closed = true;
      failToStart(error);
    });
    process.on('exit', () => {
      // Code of a cell may emit the event, too, as tests of clean-up do; Node says by this whether it is true.
      if ((process as { _exiting?: boolean })._exiting) this.#close();
    });
  }

  /** Delivers messages from now on, and those that have arrived already. */
  listen(handlers: IoHandlers): void {
    this.#worker.on('message', (message: ToMain) => {
      switch (message.kind) {
        case 'message':
          handlers.message(message.channel, message.message);
          break;
        case 'interrupt':
          this.#onInterrupt(handlers);
          break;
        case 'shutdown':
          handlers.shutdown();
          break;
      }
    });
  }

  /** Publishes to every front end, on behalf of the request with header `parent`. */
  publish(type: string, content: JsonObject, parent: ParentHeader, extras: Extras = {}): void {
    this.#send('iopub', type, content, parent, [`kernel.${this.session}.${type}`], extras);
  }

  /** Publishes a piece of stdout or stderr. */
  stream(name: 'stdout' | 'stderr', text: string, parentHeader: ParentHeader): void {
    this.#post({ kind: 'stream', name, text, parentHeader });
  }

  /** Sends to the front end that `request` came from. */
  reply(channel: Channel, request: Message, type: string, content: JsonObject, extras: Extras = {}): void {
    this.#send(channel, type, content, request.header, request.identities, extras);
  }

  /** Interrupts the main thread as a front end would. */
  interrupt(): void {
    this.#worker.postMessage({ kind: 'interrupt' } satisfies ToIo);
  }

  /** Ends the process when what was sent has left. */
  end(code: number): never {
    // Not left to the listener: code of a cell may have removed it.
    this.#close();
    return leave(code);
  }

  /** Has the code on the call stack ended by the I/O thread; returns when the order is given. */
  terminate(): void {
    this.state.awaitTermination(() => this.#worker.postMessage({ kind: 'terminate' } satisfies ToIo));
  }

  #onInterrupt(handlers: IoHandlers): void {
    const pending = this.state.acknowledge();
    if (pending !== 'none') handlers.interrupt(pending === 'forced');
  }

  #send(
    channel: Channel,
    type: string,
    content: JsonObject,
    parentHeader: ParentHeader,
    identities: readonly (Uint8Array | string)[],
    { metadata = {}, buffers = [] }: Extras,
  ): void {
    const header = newHeader(type, this.session, 'kernel');
    const message = { identities, header, parentHeader, metadata, json: stringify(content), buffers };
    this.#post({ kind: 'send', channel, message });
  }

  #post(message: Extract<ToIo, { kind: 'send' | 'stream' }>): void {
    this.state.handOver(() => this.#worker.postMessage(message));
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#worker.postMessage({ kind: 'close' } satisfies ToIo);
    this.state.waitUntilClosed(CLOSE_MS);
  }
}
