/**
 * The wire format of Jupyter's messages:
 *
 *     [identity…, "<IDS|MSG>", signature, header, parent_header, metadata, content, buffer…]
 *
 * The four parts between signature and buffers are JSON; the signature is their HMAC.
 * Reference: https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
 *
 * @module
 */

import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import {
  type Header,
  type JsonObject,
  type Message,
  type ParentHeader,
  PROTOCOL_VERSION,
} from '../../core/protocol/message';

export type { Header, JsonObject, Message, ParentHeader };

/** A message on its way out: as {@link Message}, with its content already written as JSON. */
export interface OutgoingMessage {
  readonly identities: readonly (Uint8Array | string)[];
  readonly header: Header;
  readonly parentHeader: ParentHeader;
  readonly metadata: JsonObject;
  readonly json: string;
  readonly buffers: readonly Uint8Array[];
}

/** The input is not a message that this kernel may act on; `message` says why. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

const DELIMITER = Buffer.from('<IDS|MSG>');

/**
 * How deep objects and lists of a message may be nested: about as deep as Python's front ends can write. Much deeper ones
 * could be read, but neither handed to another thread nor written again.
 */
const DEEPEST = 1000;

/** Signs messages with the connection's key, and tells whether a signature is right. */
export class Signer {
  readonly #hash: string;
  readonly #key: string;

  /**
   * @param scheme `hmac-` and the name of a hash, for example `hmac-sha256`
   * @param key the shared secret; empty means that messages are neither signed nor checked
   * @throws RangeError if Node knows no such hash
   */
  constructor(scheme: string, key: string) {
    if (!scheme.startsWith('hmac-')) {
      throw new RangeError(`signature_scheme must be hmac-<hash>; got ${scheme}`);
    }
    this.#hash = scheme.slice('hmac-'.length);
    this.#key = key;
    this.sign([]);
  }

  /** The signature of these parts in hexadecimal, or `''` without a key. */
  sign(parts: readonly (string | Uint8Array)[]): string {
    if (this.#key === '') return '';
    const hmac = createHmac(this.#hash, this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  }

  /** Whether `signature` belongs to `parts`; takes equally long wherever they differ. */
  verify(parts: readonly Uint8Array[], signature: Uint8Array): boolean {
    if (this.#key === '') return true;
    const expected = Buffer.from(this.sign(parts));
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  }
}

/** Taken before a cell can replace it, as libraries that test timers do. */
const SystemDate = Date;

/** A header for a new message from `session`. */
export function newHeader(type: string, session: string, username: string): Header {
  return {
    msg_id: randomUUID(),
    msg_type: type,
    session,
    username,
    date: new SystemDate().toISOString(),
    version: PROTOCOL_VERSION,
  };
}

/** The frames of a message, signed. */
export function encode(message: OutgoingMessage, signer: Signer): (Uint8Array | string)[] {
  const parts = [
    JSON.stringify(message.header),
    JSON.stringify(message.parentHeader),
    JSON.stringify(message.metadata),
    message.json,
  ].map(wellFormed);
  return [...message.identities, DELIMITER, signer.sign(parts), ...parts, ...message.buffers];
}

/**
 * JSON in which half a character, such as `'😀'[0]`, has become `�`, as on a terminal. Python reads it as it was, too, but
 * cannot write it: no notebook that shows it could be saved.
 */
function wellFormed(json: string): string {
  if (!json.includes('\\ud')) return json;
  // Whole characters are not escaped, so that this escape is always half a one.
  return json.replace(/\\(?:ud[89a-f]..|.)/g, (escaped) => (escaped.startsWith('\\ud') ? '\ufffd' : escaped));
}

/**
 * The message in these frames.
 *
 * @throws MalformedMessage if the frames are not a message, its signature is wrong or its parts are not JSON objects
 */
export function decode(frames: readonly Buffer[], signer: Signer): Message {
  const delimiter = frames.findIndex((frame) => frame.equals(DELIMITER));
  if (delimiter < 0) throw new MalformedMessage('no <IDS|MSG> delimiter');
  const [signature, ...rest] = frames.slice(delimiter + 1);
  if (signature === undefined || rest.length < 4) {
    throw new MalformedMessage(`${rest.length} of 4 parts after the delimiter`);
  }
  const parts = rest.slice(0, 4);
  if (!signer.verify(parts, signature)) throw new MalformedMessage('wrong signature');
  const [header, parentHeader, metadata, content] = parts.map(parseObject);
  if (typeof header?.msg_type !== 'string' || typeof header.msg_id !== 'string') {
    throw new MalformedMessage('the header has no msg_type or no msg_id');
  }
  return {
    identities: frames.slice(0, delimiter),
    // Checked above as far as this kernel relies on it; the rest is echoed back as it came.
    header: header as unknown as Header,
    parentHeader: parentHeader as unknown as ParentHeader,
    metadata: metadata ?? {},
    content: content ?? {},
    buffers: rest.slice(4),
  };
}

function parseObject(part: Buffer): JsonObject {
  if (isTooDeep(part)) throw new MalformedMessage('a part is nested too deep');
  let value: unknown;
  try {
    value = JSON.parse(part.toString('utf8'));
  } catch {
    throw new MalformedMessage('a part is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedMessage('a part is not a JSON object');
  }
  return value as JsonObject;
}

const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, QUOTE, BACKSLASH] = Buffer.from('[]{}"\\');

/** Whether the brackets of JSON are nested more than {@link DEEPEST} deep. */
function isTooDeep(json: Buffer): boolean {
  // Each level takes two bytes.
  if (json.length <= 2 * DEEPEST) return false;
  let open = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) open--;
    else if ((byte === OPEN_LIST || byte === OPEN_OBJECT) && ++open > DEEPEST) return true;
  }
  return false;
}
