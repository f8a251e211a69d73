/**
 * The way to the front end: messages are posted to the page, whose part of the kernel gives them to JupyterLite.
 *
 * @module
 */

import type { Platform, Timer } from '../core/platform';
import {
  type Extras,
  type Header,
  type Io,
  type JsonObject,
  type Message,
  type ParentHeader,
  PROTOCOL_VERSION,
  type RequestChannel,
} from '../core/protocol/message';

/** A message on its way between worker and page. */
export interface PostedMessage {
  readonly channel: RequestChannel | 'iopub';
  readonly header: Header;
  readonly parentHeader: ParentHeader;
  readonly metadata: JsonObject;
  /** The content as JSON: what cannot be written is left out, as on Node. */
  readonly json: string;
  readonly buffers: readonly Uint8Array[];
}

/** Taken before a cell can replace it. */
const { stringify } = JSON;
const SystemDate = Date;
const now = () => performance.now();

/** Output that follows other output is joined for so long, in milliseconds: a page cannot draw each line by itself. */
const JOINED_MS = 30;

/** Text that waits to be sent. */
interface Output {
  readonly name: 'stdout' | 'stderr';
  readonly parent: ParentHeader;
  text: string;
}

/** Sends what the kernel says. */
export class PostedIo implements Io {
  readonly #session: string;
  /** The page's session, which each message must bear to be heard. */
  #client: string;
  #output: Output | undefined;
  #timer: Timer | undefined;
  /** When output was sent last. */
  #sent = Number.NEGATIVE_INFINITY;

  /** @param post hands a message over */
  constructor(
    readonly platform: Platform,
    readonly post: (message: PostedMessage) => void,
  ) {
    this.#session = platform.randomId();
    this.#client = this.#session;
  }

  /** Notes whose request came in. */
  hear({ header }: Message): void {
    this.#client = header.session;
  }

  publish(type: string, content: JsonObject, parent: ParentHeader, extras?: Extras): void {
    this.#flush();
    this.#send('iopub', type, content, parent, extras);
  }

  stream(name: 'stdout' | 'stderr', text: string, parent: ParentHeader): void {
    const { platform } = this;
    if (this.#output?.name !== name || this.#output.parent !== parent) {
      this.#flush();
      this.#output = { name, parent, text: '' };
      this.#timer = platform.setTimeout(() => this.#flush(), JOINED_MS);
    }
    this.#output.text += text;
    this.sendOverdue();
  }

  /** Sends output that has waited long enough, where a loop leaves no turn to the timer. */
  sendOverdue(): void {
    if (this.#output !== undefined && now() - this.#sent > JOINED_MS) this.#flush();
  }

  reply(channel: RequestChannel, request: Message, type: string, content: JsonObject, extras?: Extras): void {
    this.#flush();
    this.#send(channel, type, content, request.header, extras);
  }

  #flush(): void {
    if (this.#output === undefined) return;
    const { name, parent, text } = this.#output;
    this.#output = undefined;
    this.platform.clearTimeout(this.#timer);
    this.#sent = now();
    this.#send('iopub', 'stream', { name, text }, parent);
  }

  #send(
    channel: PostedMessage['channel'],
    type: string,
    content: JsonObject,
    parentHeader: ParentHeader,
    { metadata = {}, buffers = [] }: Extras = {},
  ): void {
    const header: Header = {
      msg_id: this.platform.randomId(),
      msg_type: type,
      session: parentHeader.session ?? this.#client,
      username: 'kernel',
      date: new SystemDate().toISOString(),
      version: PROTOCOL_VERSION,
    };
    this.post({ channel, header, parentHeader, metadata, json: stringify(content), buffers });
  }
}
