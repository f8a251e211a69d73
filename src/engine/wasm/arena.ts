/**
 * The memory that a training computes in.
 *
 * @module
 */
import type { Memory } from './webAssembly';

const PAGE = 2 ** 16;

/** Hands out pieces of a memory, one behind the other, all at multiples of 16 bytes. */
export class Arena {
  #end: number;

  constructor(
    readonly memory: Memory,
    start: number,
  ) {
    this.#end = roundUp(start, 16);
  }

  /** Where the next piece will begin. */
  get end(): number {
    return this.#end;
  }

  /** The address of a new piece. */
  take(bytes: number): number {
    const address = this.#end;
    this.#end = roundUp(address + bytes, 16);
    return address;
  }

  /**
   * Makes sure that the memory is there, `more` bytes beyond all pieces included.
   *
   * @throws RangeError if there is not so much.
   */
  grow(more = 0): void {
    const missing = this.#end + more - this.memory.buffer.byteLength;
    if (missing <= 0) return;
    try {
      this.memory.grow(Math.ceil(missing / PAGE));
    } catch (cause) {
      const megabytes = Math.ceil((this.#end + more) / 2 ** 20);
      throw new RangeError(
        `a training must fit into WebAssembly's memory, 4096 MB at most; got ${megabytes} MB of examples, parameters and ` +
          'intermediate results, which could not be had: use fewer examples, smaller batches or fewer hidden units',
        { cause },
      );
    }
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  integers(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
