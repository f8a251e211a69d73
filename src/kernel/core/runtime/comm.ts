/**
 * Comms as code in a cell sees them: two-way channels to an object in the front end, such as a slider.
 *
 * @module
 */

import type { JsonObject } from '../protocol/message';

/** A message through a comm. */
export interface CommMessage {
  readonly data: JsonObject;
  readonly metadata: JsonObject;
  readonly buffers: readonly Uint8Array[];
}

/** Sent along with data. Default: nothing. */
export type CommExtras = Partial<Pick<CommMessage, 'metadata' | 'buffers'>>;

/** Called with each message. Nobody waits for a promise that it returns, but a stop reaches what it does. */
export type CommListener = (message: CommMessage) => unknown;

/** Called with each comm that a front end opens, and with the message that came along. */
export type CommAcceptor = (comm: Comm, opening: CommMessage) => unknown;

/** The kernel's side of an open comm. */
export interface Comm {
  readonly id: string;
  readonly target: string;
  /** Sends to the other side; does nothing once the comm is closed. */
  send(data: JsonObject, extras?: CommExtras): void;
  /** Closes both sides. */
  close(data?: JsonObject): void;
  /** Has each message from the other side passed to `listener`, instead of the one before. */
  onMessage(listener: CommListener): void;
  /** Has `listener` called when the other side closes it, instead of the one before. */
  onClose(listener: CommListener): void;
}
