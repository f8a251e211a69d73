/**
 * Memory that is set aside while a cell runs, for what the kernel does when the cell has used up all the rest.
 *
 * Where the system limits a process, as a classroom does, an allocation of the cell fails in the end and throws. What the
 * cell keeps stays, because it has declared it. Without a reserve nothing would be left for describing the error, and V8
 * would end the process in the next cell.
 *
 * The pages are never touched. They count where a limit counts what is promised (RLIMIT_DATA, Windows), and take no memory.
 *
 * @module
 */

/** A few cells of the compiler's work. */
const RESERVE_BYTES = 64 << 20;

/** It is set aside only where as much is left for the cell. */
const ROOM_BYTES = 2 * RESERVE_BYTES;

/** An ArrayBuffer that changes its size in place: Node 20 has it, our declarations of the language (ES2023) do not. */
interface ResizableBuffer extends ArrayBuffer {
  resize(bytes: number): void;
}

type ResizableBufferConstructor = new (bytes: number, options: { maxByteLength: number }) => ResizableBuffer;

/** The reserve of this process. */
export class MemoryReserve {
  readonly #buffer = createBuffer();

  /** Sets it aside. Where there is no room for it, the cell runs without. */
  hold(): void {
    try {
      this.#buffer?.resize(ROOM_BYTES);
      this.#buffer?.resize(RESERVE_BYTES);
    } catch {
      // What is left is for the cell.
    }
  }

  /** Gives it back. */
  release(): void {
    this.#buffer?.resize(0);
  }
}

/** Reserves the addresses. They may be limited, too. */
function createBuffer(): ResizableBuffer | undefined {
  try {
    return new (ArrayBuffer as unknown as ResizableBufferConstructor)(0, { maxByteLength: ROOM_BYTES });
  } catch {
    return undefined;
  }
}
