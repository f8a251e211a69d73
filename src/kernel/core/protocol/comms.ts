/**
 * Comms: two-way channels between code in a cell and an object in the front end, such as a slider.
 *
 * Either side opens one, naming a target that the other side has. A listener of the kernel's side runs as a
 * callback: it belongs to the cell that set it, prints below that cell, can be stopped, and its messages are marked as answers
 * to the message that called it, because front ends wait for that.
 *
 * @module
 */

import type { Platform } from '../platform';
import type { Cell, Cells } from '../runtime/cell';
import type { Comm, CommAcceptor, CommExtras, CommListener, CommMessage } from '../runtime/comm';
import type { ErrorReporter } from '../runtime/errors';
import type { Runner } from '../runtime/runner';
import { SystemPromise } from '../runtime/systemPromise';
import { object, text } from './content';
import type { Io, JsonObject, Message } from './message';

/** Something of a cell's that is called later, as part of that cell. */
interface Callback<F> {
  readonly cell: Cell;
  readonly listener: F;
}

/** Parts that comms need. */
export interface CommsParts {
  readonly io: Io;
  readonly cells: Cells;
  readonly runner: Runner;
  readonly reporter: ErrorReporter;
  readonly platform: Platform;
}

/** All comms of the kernel. */
export class Comms {
  readonly #open = new Map<string, OpenComm>();
  readonly #targets = new Map<string, Callback<CommAcceptor>>();

  constructor(readonly parts: CommsParts) {}

  /** Opens a comm to a target of the front end, on behalf of `cell`. */
  open(cell: Cell, target: string, data: JsonObject = {}, extras: CommExtras = {}): Comm {
    const comm = this.#add(cell, this.parts.platform.randomId(), target);
    comm.accepted = true;
    this.#publish('comm_open', { comm_id: comm.id, target_name: target, data }, extras);
    return comm;
  }

  /** From now on front ends may open comms to `target`. */
  accept(cell: Cell, target: string, listener: CommAcceptor): void {
    this.#targets.set(target, { cell, listener });
  }

  /** The content of a `comm_info_reply`. */
  info({ target_name: wanted }: JsonObject): JsonObject {
    const comms: JsonObject = {};
    for (const { id, target } of this.#open.values()) {
      if (wanted === undefined || wanted === null || wanted === target) comms[id] = { target_name: target };
    }
    return { status: 'ok', comms };
  }

  /** Whether this is a message for a comm that both sides know to be open: it need not wait for the cell that runs. */
  isExpected({ header, content }: Message): boolean {
    return COMM_TYPES.has(header.msg_type) && this.#open.get(content.comm_id as string)?.accepted === true;
  }

  /** Takes a `comm_open`; a target that nobody has is refused, as is one whose acceptor fails, with `comm_close`. */
  async onOpen(request: Message): Promise<undefined> {
    const id = text(request.content, 'comm_id');
    const name = text(request.content, 'target_name');
    const opening = payload(request);
    const target = this.#targets.get(name);
    if (this.#open.has(id)) throw new Error(`comm_id must be new; got ${JSON.stringify(id)}, which is open`);
    if (target === undefined) {
      this.parts.io.publish('comm_close', { comm_id: id, data: {} }, request.header);
      return;
    }
    const comm = this.#add(target.cell, id, name);
    comm.accepted = await this.#call(target.cell, request, () => target.listener(comm, opening));
    if (!comm.accepted) comm.close();
  }

  /** Takes a `comm_msg`. */
  async onMessage(request: Message): Promise<undefined> {
    const message = payload(request);
    const call = this.#find(request)?.message;
    if (call !== undefined) await this.#call(call.cell, request, () => call.listener(message));
  }

  /** Takes a `comm_close`. */
  async onClose(request: Message): Promise<undefined> {
    const message = payload(request);
    const comm = this.#find(request);
    if (comm === undefined) return;
    this.#open.delete(comm.id);
    const call = comm.closed;
    if (call !== undefined) await this.#call(call.cell, request, () => call.listener(message));
  }

  #add(cell: Cell, id: string, target: string): OpenComm {
    const owner = () => this.parts.cells.current ?? cell;
    const send = (type: string, content: JsonObject, extras?: CommExtras) => {
      if (!this.#open.has(id)) return;
      this.#publish(type, { comm_id: id, ...content }, extras);
    };
    const comm: OpenComm = {
      id,
      target,
      accepted: false,
      message: undefined,
      closed: undefined,
      send: (data, extras) => send('comm_msg', { data }, extras),
      close: (data = {}) => {
        send('comm_close', { data });
        this.#open.delete(id);
      },
      onMessage: (listener) => {
        comm.message = { cell: owner(), listener };
      },
      onClose: (listener) => {
        comm.closed = { cell: owner(), listener };
      },
    };
    this.#open.set(id, comm);
    return comm;
  }

  /** The comm of a message; a missing comm is not an error: a page that has outlived a kernel, or is reloaded, speaks of older ones. */
  #find({ content }: Message): OpenComm | undefined {
    return this.#open.get(text(content, 'comm_id'));
  }

  /**
   * Calls a listener as part of `cell`, because of `request`.
   *
   * @returns whether it has returned, rather than thrown; its promise may still have to settle
   */
  #call(cell: Cell, request: Message, listener: () => unknown): Promise<boolean> {
    const { runner, reporter } = this.parts;
    const callback = cell.callback(request);
    return new SystemPromise((resolve) => {
      runner
        .run(callback, listener, () => resolve(true))
        .catch(async (error: unknown) => {
          // A thrown value may run the user's code once more when it is inspected.
          const report = await runner.run(callback, () => reporter.uncaught(error)).catch(() => undefined);
          if (report !== undefined) callback.output.stream('stderr', report);
          resolve(false);
        });
    });
  }

  #publish(type: string, content: JsonObject, extras: CommExtras = {}): void {
    const { io, cells } = this.parts;
    io.publish(type, content, cells.current?.request.header ?? {}, extras);
  }
}

/** @throws TypeError if its data is not an object */
function payload({ content, metadata, buffers }: Message): CommMessage {
  return { data: object(content, 'data'), metadata, buffers };
}

interface OpenComm extends Comm {
  /** Whether somebody listens: a message that came right behind `comm_open` has to wait for that. */
  accepted: boolean;
  message: Callback<CommListener> | undefined;
  closed: Callback<CommListener> | undefined;
}

const COMM_TYPES: ReadonlySet<string> = new Set(['comm_msg', 'comm_close']);
