/**
 * The kernel's front door: takes requests in order, says `busy` and `idle` around each, and answers.
 *
 * @module
 */

import type { Platform } from './platform';
import type { Assistance } from './protocol/assistance';
import type { Comms } from './protocol/comms';
import { flag } from './protocol/content';
import type { Execution } from './protocol/execution';
import type { History } from './protocol/history';
import type { Io, JsonObject, Message, RequestChannel } from './protocol/message';
import type { Prompts } from './protocol/prompts';
import type { ErrorReporter } from './runtime/errors';
import { SystemPromise } from './runtime/systemPromise';

/** Parts of the kernel. */
export interface KernelParts {
  readonly io: Io;
  readonly info: JsonObject;
  readonly connectInfo: JsonObject;
  readonly execution: Execution;
  readonly assistance: Assistance;
  readonly history: History;
  readonly comms: Comms;
  readonly prompts: Prompts;
  readonly reporter: ErrorReporter;
  readonly platform: Platform;
  /** Called when no request waits. */
  onIdle(): void;
}

/** Answers the content of a request with that of its reply; `undefined` where the protocol has no reply. */
type Handler = (request: Message) => JsonObject | undefined | Promise<JsonObject | undefined>;

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
    const { info, connectInfo, execution, assistance, history, comms } = parts;
    this.#handlers = {
      kernel_info_request: () => info,
      connect_request: () => connectInfo,
      execute_request: (request) => execution.execute(request),
      complete_request: ({ content }) => assistance.complete(content),
      inspect_request: ({ content }) => assistance.inspect(content),
      is_complete_request: ({ content }) => assistance.isComplete(content),
      history_request: ({ content }) => history.reply(content),
      comm_info_request: ({ content }) => comms.info(content),
      shutdown_request: (request) => this.#shutDown(request),
      comm_open: (request) => comms.onOpen(request),
      comm_msg: (request) => comms.onMessage(request),
      comm_close: (request) => comms.onClose(request),
      debug_request: refuseDebugging,
      create_subshell_request: refuseSubshells,
      delete_subshell_request: refuseSubshells,
      list_subshell_request: refuseSubshells,
    };
  }

  /**
   * Takes a message. Requests on the shell channel are handled one after the other, others at once, but for cells; a
   * message for a comm is handled at once, so that a cell which waits can be spoken to.
   */
  receive(channel: RequestChannel, message: Message): void {
    if (channel === 'stdin') this.parts.prompts.receive(message);
    else if (
      channel === 'control' ? message.header.msg_type !== 'execute_request' : this.#skipsQueue(message)
    ) {
      this.#handle(channel, message);
    } else {
      this.#queue.push({ channel, message, aborted: false });
      if (!this.#working) this.#work();
    }
  }

  #skipsQueue(message: Message): boolean {
    const { comm_id: id } = message.content;
    return (
      this.parts.comms.isExpected(message) &&
      !this.#queue.some(({ message: { content } }) => content.comm_id === id)
    );
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
    this.parts.onIdle();
  }

  async #handle(channel: 'shell' | 'control', message: Message): Promise<void> {
    const type = message.header.msg_type;
    const handler = Object.hasOwn(this.#handlers, type) ? this.#handlers[type] : undefined;
    if (handler === undefined) {
      this.parts.platform.log(`does not know ${JSON.stringify(type)}`);
      return;
    }
    await this.#answer(channel, message, handler);
  }

  async #answer(channel: 'shell' | 'control', message: Message, handler: Handler): Promise<void> {
    const { io, platform, reporter } = this.parts;
    const type = message.header.msg_type.replace(/request$/, 'reply');
    io.publish('status', { execution_state: 'busy' }, message.header);
    try {
      const content = await handler(message);
      if (content?.status === 'error' && stopsQueue(message)) await this.#abortWaiting();
      if (content !== undefined) io.reply(channel, message, type, content);
    } catch (error) {
      const problem = reporter.describe(error);
      if (type.endsWith('reply')) io.reply(channel, message, type, { status: 'error', ...problem });
      else platform.log(`dropped a message: ${message.header.msg_type}: ${problem.evalue}`);
    } finally {
      io.publish('status', { execution_state: 'idle' }, message.header);
    }
  }

  /** After a cell that failed, the cells sent along with it are not run. */
  async #abortWaiting(): Promise<void> {
    // Two turns of the event loop, so that what has arrived is seen to have arrived.
    const turn = () => new SystemPromise<void>((resolve) => this.parts.platform.setImmediate(resolve));
    await turn();
    await turn();
    for (const waiting of this.#queue) {
      if (waiting.message.header.msg_type === 'execute_request') waiting.aborted = true;
    }
  }

  #shutDown(request: Message): JsonObject {
    const content = { status: 'ok', restart: flag(request.content, 'restart', false) };
    this.parts.io.publish('shutdown_reply', content, request.header);
    // After the reply; messages sent before still leave.
    const { exit, setImmediate } = this.parts.platform;
    setImmediate(exit);
    return content;
  }
}

/** There is no debugger: the Debug Adapter Protocol's reply to a request that cannot be fulfilled. */
function refuseDebugging({ content }: Message): JsonObject {
  const { seq = 0, command = '' } = content;
  const message = 'this kernel has no debugger';
  return { type: 'response', seq: 0, request_seq: seq, success: false, command, message };
}

/** Cells run one at a time; `kernel_info_reply` does not offer anything else. */
function refuseSubshells(): never {
  throw new Error('this kernel has no subshells');
}

/** An error outside a cell, such as in a look at the variables, stops no cells. */
function stopsQueue({ header, content }: Message): boolean {
  return header.msg_type === 'execute_request' && content.stop_on_error !== false && content.silent !== true;
}
