/**
 * Hears of a stop while code runs that never returns to the event loop.
 *
 * The page gives the worker an address that it can fetch without waiting for an event: a `blob:` URL. To stop, the page
 * revokes it, and a request for it fails. That needs no shared memory, so no special headers, and no service worker.
 *
 * @module
 */

import type { Platform } from '../core/platform';
import { KeyboardInterrupt } from '../core/runtime/cell';
import { FAREWELL_MS } from '../core/runtime/runner';

/** An address, and which of the page's stops revokes it. */
export interface StopSignal {
  readonly number: number;
  readonly url: string;
}

/** Between two requests, in milliseconds: one takes 2 ms. */
const ASK_MS = 100;
/** How long the turns of a loop between two looks may take, and the most turns, in case that they become slower. */
const LOOK_MS = 4;
const MOST_TURNS = 2048;

/** The part of the worker's own class that is used here. */
declare const XMLHttpRequest: new () => {
  open(method: string, address: string, asynchronous: boolean): void;
  send(): void;
  readonly status: number;
};

const now = () => performance.now();

/** Ends loops. */
export class StopWatch {
  #signal: StopSignal | undefined;
  #asked = 0;
  #looked = 0;
  /** When loops were left, until the event loop turns again. */
  #left: number | undefined;
  /** The last stop that was heard. */
  #heard = 0;

  /**
   * @param platform of the kernel
   * @param stop stops what runs; called once per stop of the page, from within a loop
   */
  constructor(
    readonly platform: Platform,
    readonly stop: (number: number) => void,
  ) {}

  /**
   * Waits for a stop from now on. An address that cannot be read now would end every loop: a server's content security policy
   * may forbid all of them. Then only messages tell of a stop.
   */
  arm(signal: StopSignal): void {
    this.#signal = isRevoked(signal.url) ? undefined : signal;
  }

  /** Notes a stop; whether it is the first to be heard of it. */
  hear(number: number): boolean {
    if (number <= this.#heard) return false;
    this.#heard = number;
    return true;
  }

  /**
   * The function that loops call: see `loopLooks.ts`.
   *
   * @param turns how many turns the loop has gone through since it looked last; 0: it does not ask
   * @returns after how many to look again
   * @throws KeyboardInterrupt if the loop is to be left
   */
  look(turns: number): number {
    const time = now();
    const took = time - this.#looked;
    this.#looked = time;
    if (this.#left !== undefined) {
      // Loops inside a `finally` run; later no `catch` around a loop keeps it going.
      if (time - this.#left > FAREWELL_MS) throw new KeyboardInterrupt();
    } else if (time - this.#asked > ASK_MS) {
      this.#ask();
      this.#asked = now();
    }
    if (took > LOOK_MS) return Math.max(1, turns >> 2);
    return Math.min(2 * turns, MOST_TURNS);
  }

  #ask(): void {
    const signal = this.#signal;
    if (signal === undefined || !isRevoked(signal.url)) return;
    this.#signal = undefined;
    this.#left = now();
    this.platform.setImmediate(() => {
      this.#left = undefined;
    });
    if (this.hear(signal.number)) this.stop(signal.number);
    throw new KeyboardInterrupt();
  }
}

function isRevoked(url: string): boolean {
  const request = new XMLHttpRequest();
  request.open('GET', url, false);
  try {
    request.send();
    return request.status !== 200;
  } catch {
    return true;
  }
}
