/**
 * The kernel's front door: takes requests in order, says `busy` and `idle` around each, and answers.
 *
 * @module
 */

import type { Io } from './io/io';
import { log } from './io/log';
import type { Channel } from './io/shared';
import type { Assistance } from './protocol/assistance';
import { flag } from './protocol/content';
import type { Execution } from './protocol/execution';
import type { History } from './protocol/history';
import type { ErrorReporter } from './runtime/errors';
import type { JsonObject, Message } from './wire/message';

/** What the kernel is made of. */
export interface KernelParts {
  readonly io: Io;
  readonly info: JsonObject;
  readonly execution: Execution;
  readonly assistance: Assistance;
  readonly history: History;
  readonly reporter: ErrorReporter;
}

/** Answers the content of a request with that of its reply; `undefined` where the protocol has no reply. */
type Handler = (request: Message) => JsonObject | undefined | Promise<JsonObject>;

/** A request that waits its turn. */
interface Waiting {
  readonly channel: 'shell' | 'control';
  readonly message: Message;
  /** A cell before it failed, so it must not run. */
  aborted: boolean;
}

/** Dispatches requests. */
export class Kernel {
  readonly #queue: Waiting[] = [];
  #working = false;
  readonly #handlers: Readonly<Record<string, Handler>>;

  constructor(readonly parts: KernelParts) {
    const { info, execution, assistance, history, io } = parts;
    this.#handlers = {
      kernel_info_request: () => info,
      execute_request: (request) => execution.execute(request),
      complete_request: ({ content }) => io.state.shield(() => assistance.complete(content)),
      inspect_request: ({ content }) => io.state.shield(() => assistance.inspect(content)),
      is_complete_request: ({ content }) => assistance.isComplete(content),
      history_request: ({ content }) => history.reply(content),
      comm_info_request: () => ({ status: 'ok', comms: {} }),
      shutdown_request: (request) => this.#shutDown(request),
      comm_open: (request) => this.#refuseComm(request),
      comm_msg: () => undefined,
      comm_close: () => undefined,
    };
  }

  /** Takes a message. Requests on the shell channel are handled one after the other, others at once, but for cells. */
  receive(channel: Exclude<Channel, 'iopub'>, message: Message): void {
    // Nothing has been asked of the front end, so there is nothing it could answer.
    if (channel === 'stdin') return;
    if (channel === 'control' && message.header.msg_type !== 'execute_request') {
      this.#handle(channel, message);
      return;
    }
    this.#queue.push({ channel, message, aborted: false });
    if (!this.#working) this.#work();
  }

  /** Stops the cell that runs; see {@link Execution.interrupt}. */
  interrupt(forced: boolean): void {
    this.parts.execution.interrupt(forced);
  }

  async #work(): Promise<void> {
    this.#working = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        if (next.aborted)
          await this.#answer(next.channel, next.message, () => this.parts.execution.aborted());
        else await this.#handle(next.channel, next.message);
      }
    } finally {
      this.#working = false;
    }
  }

  async #handle(channel: 'shell' | 'control', message: Message): Promise<void> {
    const handler = this.#handlers[message.header.msg_type];
    if (handler === undefined) {
      log(`does not know ${JSON.stringify(message.header.msg_type)}`);
      return;
    }
    await this.#answer(channel, message, handler);
  }

  async #answer(channel: 'shell' | 'control', message: Message, handler: Handler): Promise<void> {
    const { io, reporter } = this.parts;
    const type = message.header.msg_type.replace(/request$/, 'reply');
    io.publish('status', { execution_state: 'busy' }, message.header);
    try {
      const content = await handler(message);
      if (content?.status === 'error' && stopsQueue(message)) await this.#abortWaiting();
      if (content !== undefined) io.reply(channel, message, type, content);
    } catch (error) {
      io.reply(channel, message, type, { status: 'error', ...reporter.describe(error) });
    } finally {
      io.publish('status', { execution_state: 'idle' }, message.header);
    }
  }

  /** After a cell that failed, the cells sent along with it are not run. */
  async #abortWaiting(): Promise<void> {
    // Two turns of the event loop, so that what has arrived is seen to have arrived.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    for (const waiting of this.#queue) {
      if (waiting.message.header.msg_type === 'execute_request') waiting.aborted = true;
    }
  }

  #shutDown(request: Message): JsonObject {
    const content = { status: 'ok', restart: flag(request.content, 'restart', false) };
    this.parts.io.publish('shutdown_reply', content, request.header);
    // After the reply; what is sent by then still leaves.
    setImmediate(() => process.exit(0));
    return content;
  }

  /** A comm needs a target that somebody has registered, and there is none. */
  #refuseComm({ header, content }: Message): undefined {
    this.parts.io.publish('comm_close', { comm_id: content.comm_id, data: {} }, header);
  }
}

function stopsQueue({ header, content }: Message): boolean {
  return header.msg_type === 'execute_request' && content.stop_on_error !== false;
}
