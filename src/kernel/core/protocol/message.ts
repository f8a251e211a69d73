/**
 * Jupyter messages.
 *
 * @module
 */

/** The version of the messaging protocol that this kernel speaks. */
export const PROTOCOL_VERSION = '5.4';

/** Any JSON object. */
export type JsonObject = Record<string, unknown>;

/** Sender, time and type of a message. */
export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

/** The header of the request that a message belongs to; empty for a message without a request. */
export type ParentHeader = Header | Record<string, never>;

/** A message as it was received. */
export interface Message {
  /** ZeroMQ's routing prefix: the receiver of a reply. */
  readonly identities: readonly Uint8Array[];
  readonly header: Header;
  readonly parentHeader: ParentHeader;
  readonly metadata: JsonObject;
  readonly content: JsonObject;
  readonly buffers: readonly Uint8Array[];
}

/** Metadata and binary buffers of a message. */
export interface Extras {
  readonly metadata?: JsonObject;
  readonly buffers?: readonly Uint8Array[];
}

/** The sender and receiver of messages, except for those that are published to all. */
export type RequestChannel = 'shell' | 'control' | 'stdin';

/** The way to the front ends. */
export interface Io {
  /** Publishes to every front end, on behalf of the request with header `parent`. */
  publish(type: string, content: JsonObject, parent: ParentHeader, extras?: Extras): void;
  /** Publishes a piece of stdout or stderr. */
  stream(name: 'stdout' | 'stderr', text: string, parent: ParentHeader): void;
  /** Sends to the front end that `request` came from. */
  reply(channel: RequestChannel, request: Message, type: string, content: JsonObject, extras?: Extras): void;
}
