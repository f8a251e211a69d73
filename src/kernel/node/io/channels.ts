/**
 * The kernel's five sockets, in the I/O thread.
 *
 * Heartbeat and interrupt requests are answered here, so that they work while the main thread computes; every
 * other message goes to the main thread. A message that is not signed, new and well-formed is dropped and logged.
 *
 * @module
 */

import { Router, XPublisher } from 'zeromq';
import type { Connection } from '../wire/connection';
import { decode, type Header, type Message, newHeader, type OutgoingMessage, Signer } from '../wire/message';
import type { Interrupter } from './interrupter';
import { log } from './log';
import { Sender } from './sender';
import type { Channel, ToIo, ToMain } from './shared';

/** How many signatures are remembered, to refuse a message that is sent a second time. */
const REMEMBERED_SIGNATURES = 1 << 16;

/** The sockets of one kernel. */
export class Channels {
  readonly #signer: Signer;
  readonly #shell = requestSocket();
  readonly #control = requestSocket();
  readonly #stdin = requestSocket();
  // A publisher drops what exceeds its high-water mark, be it the `idle` that a front end waits for: no mark.
  readonly #iopub = new XPublisher({ linger: 1000, sendHighWaterMark: 0 });
  // It echoes. A `Reply` socket would do so too, but can be brought out of step by a peer that does not speak ZeroMQ.
  readonly #heartbeat = new Router({ linger: 0 });
  readonly #senders: Record<Channel, Sender>;
  readonly #seen = new Set<string>();
  readonly #receivers: Promise<void>[] = [];
  #bound: Promise<unknown> = Promise.resolve();
  #isUsed = false;

  constructor(
    readonly connection: Connection,
    readonly session: string,
    readonly post: (message: ToMain) => void,
    readonly interrupter: Interrupter,
  ) {
    this.#signer = new Signer(connection.signatureScheme, connection.key);
    // Every new subscriber is told that it is heard from now on, also a second one to the same topic.
    this.#iopub.verbosity = 'allSubs';
    const sender = (socket: Router | XPublisher) => new Sender(socket, this.#signer, session);
    this.#senders = {
      shell: sender(this.#shell),
      control: sender(this.#control),
      stdin: sender(this.#stdin),
      iopub: sender(this.#iopub),
    };
  }

  /** Whether anything has arrived yet, be it a subscription or a heartbeat. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** Binds all sockets and begins to receive. */
  async open(): Promise<void> {
    const { transport, ip, shellPort, controlPort, stdinPort, iopubPort, heartbeatPort } = this.connection;
    const separator = transport === 'ipc' ? '-' : ':';
    const bind = (socket: { bind(address: string): Promise<void> }, port: number) =>
      socket.bind(`${transport}://${ip}${separator}${port}`);
    const bound = [
      bind(this.#shell, shellPort),
      bind(this.#control, controlPort),
      bind(this.#stdin, stdinPort),
      bind(this.#iopub, iopubPort),
      bind(this.#heartbeat, heartbeatPort),
    ];
    this.#bound = Promise.allSettled(bound);
    await Promise.all(bound);
    const receive = (socket: Router | XPublisher, handle: (frames: Buffer[]) => void | Promise<void>) =>
      this.#receivers.push(this.#receive(socket, handle));
    const receiveMessages = (channel: Exclude<Channel, 'iopub'>, socket: Router) =>
      receive(socket, (frames) => this.#onFrames(channel, frames));
    receiveMessages('shell', this.#shell);
    receiveMessages('control', this.#control);
    receiveMessages('stdin', this.#stdin);
    receive(this.#iopub, ([subscription]) => this.#welcome(subscription));
    receive(this.#heartbeat, (frames) => this.#heartbeat.send(frames));
    this.#publish('status', { execution_state: 'starting' });
  }

  /** Sends what the main thread asks for. */
  send(request: Extract<ToIo, { kind: 'send' | 'stream' }>): void {
    if (request.kind === 'send') this.#senders[request.channel].send(request.message);
    else this.#senders.iopub.stream(request.name, request.text, request.parentHeader);
  }

  /**
   * Sends what is queued, then closes the sockets. Afterwards none of them calls back: ZeroMQ's binding aborts the
   * process if it is in such a call when the process exits.
   */
  async close(): Promise<void> {
    await this.#bound;
    await Promise.all(Object.values(this.#senders).map((sender) => sender.flushed()));
    for (const socket of [this.#shell, this.#control, this.#stdin, this.#iopub, this.#heartbeat])
      socket.close();
    await Promise.all(this.#receivers);
  }

  async #receive(
    socket: Router | XPublisher,
    handle: (frames: Buffer[]) => void | Promise<void>,
  ): Promise<void> {
    while (!socket.closed) {
      try {
        const frames = await socket.receive();
        this.#isUsed = true;
        await handle(frames);
      } catch (error) {
        if (socket.closed) return;
        log(`dropped a message: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  #onFrames(channel: Exclude<Channel, 'iopub'>, frames: readonly Buffer[]): void {
    const message = decode(frames, this.#signer);
    this.#refuseReplay(frames, message);
    const { msg_type: type } = message.header;
    if (type === 'interrupt_request') {
      this.#answerInterrupt(channel, message);
      return;
    }
    // A cell that never ends must not keep the kernel from ending.
    if (type === 'shutdown_request') this.interrupter.interrupt();
    this.post({ kind: 'message', channel, message });
  }

  #refuseReplay(frames: readonly Buffer[], message: Message): void {
    if (this.connection.key === '') return;
    const signature = String(frames[message.identities.length + 1]);
    if (this.#seen.has(signature)) throw new Error('it was received before');
    this.#seen.add(signature);
    if (this.#seen.size > REMEMBERED_SIGNATURES) {
      const [oldest] = this.#seen;
      if (oldest !== undefined) this.#seen.delete(oldest);
    }
  }

  #answerInterrupt(channel: Exclude<Channel, 'iopub'>, request: Message): void {
    this.#publish('status', { execution_state: 'busy' }, request.header);
    this.interrupter.interrupt();
    this.#senders[channel].send({
      ...this.#message('interrupt_reply', { status: 'ok' }, request.header),
      identities: request.identities,
    });
    this.#publish('status', { execution_state: 'idle' }, request.header);
  }

  /** A subscription arrives as one frame: 1 and the topic. */
  #welcome(subscription: Buffer | undefined): void {
    if (subscription?.[0] !== 1) return;
    const topic = subscription.subarray(1).toString('utf8');
    const message = this.#message('iopub_welcome', { subscription: topic });
    this.#senders.iopub.send({ ...message, identities: [topic === '' ? 'iopub_welcome' : topic] });
  }

  #publish(type: string, content: object, parent?: Header): void {
    this.#senders.iopub.send(this.#message(type, content, parent));
  }

  #message(type: string, content: object, parent?: Header): OutgoingMessage {
    return {
      identities: [`kernel.${this.session}.${type}`],
      header: newHeader(type, this.session, 'kernel'),
      parentHeader: parent ?? {},
      metadata: {},
      json: JSON.stringify(content),
      buffers: [],
    };
  }
}

/**
 * Where requests come in. A front end that reconnects has the identity that it had, and may be there before the end of its
 * old connection is noticed: the new one replaces it, as in ipykernel, instead of being ignored.
 */
function requestSocket(): Router {
  return new Router({ linger: 1000, sendHighWaterMark: 0, handover: true });
}
