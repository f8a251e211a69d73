/**
 * Sends on one socket, one message after the other.
 *
 * ZeroMQ refuses a send while another waits for the peer; a program without a queue loses messages.
 *
 * @module
 */

import type { MessageLike } from 'zeromq';
import { encode, newHeader, type OutgoingMessage, type ParentHeader, type Signer } from '../wire/message';
import { log } from './log';

/** The part of a ZeroMQ socket that is needed here. */
export interface Sendable {
  readonly closed: boolean;
  send(frames: MessageLike[]): Promise<void>;
}

/** Text of one stream, still growing while it waits to be sent. */
interface StreamPiece {
  readonly name: 'stdout' | 'stderr';
  readonly parentHeader: ParentHeader;
  text: string;
}

type Queued = { readonly message: OutgoingMessage } | { readonly stream: StreamPiece };

/** One stream message holds at most about this many characters, so that a front end can show it in steps. */
const STREAM_PIECE_LIMIT = 1 << 20;

/** How long a piece of a stream waits for more, if a piece has just been sent and nothing else is waiting. */
const STREAM_PAUSE_MS = 10;

/** An ordered queue in front of a socket. */
export class Sender {
  readonly #queue: Queued[] = [];
  #sending: Promise<void> | undefined;
  #endPause: (() => void) | undefined;

  constructor(
    readonly socket: Sendable,
    readonly signer: Signer,
    readonly session: string,
  ) {}

  /** Queues a message. */
  send(message: OutgoingMessage): void {
    this.#queue.push({ message });
    this.#endPause?.();
    this.#start();
  }

  /** Queues output text; text of the same stream that still waits just before it takes it in. */
  stream(name: 'stdout' | 'stderr', text: string, parentHeader: ParentHeader): void {
    const last = this.#queue.at(-1);
    const joins =
      last !== undefined &&
      'stream' in last &&
      last.stream.name === name &&
      last.stream.parentHeader.msg_id === parentHeader.msg_id &&
      last.stream.text.length < STREAM_PIECE_LIMIT;
    if (joins) last.stream.text += text;
    else this.#queue.push({ stream: { name, text, parentHeader } });
    this.#start();
  }

  /** Resolves when everything queued so far has been handed to ZeroMQ. */
  async flushed(): Promise<void> {
    this.#endPause?.();
    await this.#sending;
  }

  #start(): void {
    this.#sending ??= this.#drain().finally(() => {
      this.#sending = undefined;
    });
  }

  async #drain(): Promise<void> {
    // Pieces that arrive in the same turn of the event loop are joined before the first is sent.
    await new Promise(setImmediate);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (this.socket.closed) return;
      await this.#sendNow('message' in next ? next.message : this.#streamMessage(next.stream));
      const [waiting, ...behind] = this.#queue;
      if ('stream' in next && (waiting === undefined || ('stream' in waiting && behind.length === 0))) {
        await this.#pause();
      }
    }
  }

  async #sendNow(message: OutgoingMessage): Promise<void> {
    try {
      await this.socket.send(encode(message, this.signer));
    } catch (error) {
      log(`a message could not be sent: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Lets a stream grow; ends at once when a message is queued. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, STREAM_PAUSE_MS);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #streamMessage({ name, text, parentHeader }: StreamPiece): OutgoingMessage {
    return {
      identities: [`kernel.${this.session}.stream`],
      header: newHeader('stream', this.session, 'kernel'),
      parentHeader,
      metadata: {},
      json: JSON.stringify({ name, text }),
      buffers: [],
    };
  }
}
