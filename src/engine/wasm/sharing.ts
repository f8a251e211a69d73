/**
 * The sharing of a module's work among threads: which rows belong to which thread, and how threads wait for each other.
 *
 * All threads run the same code over one memory. Each instance of the module has its thread's number in a global variable. A result
 * is shared by rows, and no sum is ever split, so the bits do not depend on how many threads there are.
 *
 * @module
 */
import { type Code, type ModuleWriter, op, type } from './assembler';

/** The 32-bit numbers in memory by which threads agree: their offsets in bytes. */
export const control = {
  /** How many threads have come to the barrier. */
  arrived: 0,
  /** How often all have left it. */
  passed: 4,
  /** Not 0 once a thread has failed: the others stop. */
  failed: 8,
  /** The run that is under way, times 32, plus its number of threads. */
  run: 12,
  /** The training that threads may join, times 32, plus how many have. */
  joined: 16,
  /** The arguments of the run: the size of batches, and four more numbers. */
  call: 20,
  bytes: 40,
} as const;

/** The times a thread looks for the others before it sleeps: some 20 µs. */
const LOOKS = 20_000;

/**
 * The times it looks in the first barriers of a run, all together: some 10 ms. Linux may wake a thread on the processor of the one
 * that woke it, and moves them apart only when it sees both at work; threads that take turns at sleeping stay there for the whole
 * run, which then takes as long as with one.
 */
const FIRST_LOOKS = 10_000_000;

/** The rows of a thread, as two local variables. */
export interface Share {
  readonly first: number;
  readonly end: number;
}

/** The functions and global variables of a module by which threads share its work. */
export class Sharing {
  /** Global variables: this thread's number from 0, and how many there are. */
  readonly thread: number;
  readonly threads: number;
  /** Global variable: how many of the first looks are left. */
  readonly #patience: number;
  readonly #boundary: number;
  readonly #barrier: number | undefined;

  /** @param at The address of {@link control}. */
  constructor(writer: ModuleWriter, at: number) {
    this.thread = writer.global();
    this.threads = writer.global();
    this.#patience = writer.global();
    this.#boundary = writer.function(
      'boundary',
      { parameters: [type.i32, type.i32], results: [type.i32] },
      (code) => this.#writeBoundary(code),
    );
    if (!writer.isShared) return;
    this.#barrier = writer.function('barrier', { parameters: [], results: [] }, (code) =>
      this.#writeBarrier(code, at),
    );
  }

  /** Writes the beginning of a run. @param thread Local variables: this thread's number, and how many there are */
  begin(code: Code, thread: number, threads: number): void {
    code.get(thread).setGlobal(this.thread).get(threads).setGlobal(this.threads);
    code.integer(FIRST_LOOKS).setGlobal(this.#patience);
  }

  /** Writes code that finds this thread's share of rows; in multiples of four, the rest is the last thread's. */
  share(code: Code, rows: number): Share {
    const first = code.local(type.i32);
    const end = code.local(type.i32);
    const boundary = () => code.call(this.#boundary);
    code.integer(rows).getGlobal(this.thread);
    boundary().set(first);
    code.integer(rows).getGlobal(this.thread).integer(1).add(op.i32Add);
    boundary().set(end);
    return { first, end };
  }

  /** Writes code that waits until all threads are here. */
  barrier(code: Code): void {
    if (this.#barrier !== undefined) code.call(this.#barrier);
  }

  /** Writes code that the first thread runs. */
  alone(code: Code, write: () => void): void {
    code.getGlobal(this.thread).add(op.i32IsZero).if(write);
  }

  /** (rows, k) → where the share of thread k begins. */
  #writeBoundary(code: Code): void {
    const [rows, k] = [0, 1];
    code.get(rows);
    code.get(rows).get(k).add(op.i32Mul).getGlobal(this.threads).add(op.i32DivideUnsigned);
    code.integer(-4).add(op.i32And);
    code.get(k).getGlobal(this.threads).add(op.i32Equal, op.choose);
  }

  /** The last thread that comes lets all go. */
  #writeBarrier(code: Code, at: number): void {
    const passed = code.local(type.i32);
    const looks = code.local(type.i32);
    const load = (offset: number) => code.integer(at).atomic('load', offset);
    const passedIs = (instruction: readonly number[]) => load(control.passed).get(passed).add(instruction);
    // A thread that fails lets the others go, too.
    const stopIfFailed = () => load(control.failed).if(() => code.add(op.trap));
    code
      .getGlobal(this.threads)
      .integer(1)
      .add(op.i32Equal)
      .if(() => code.add(op.leave));
    stopIfFailed();
    load(control.passed).set(passed);
    code.integer(at).integer(1).atomic('add', control.arrived).integer(1).add(op.i32Add);
    code
      .getGlobal(this.threads)
      .add(op.i32Equal)
      .if(() => {
        code.integer(at).integer(0).atomic('store', control.arrived);
        code.integer(at).integer(1).atomic('add', control.passed).add(op.drop);
        code.integer(at).integer(-1).atomic('notify', control.passed).add(op.drop, op.leave);
      });
    code
      .getGlobal(this.#patience)
      .set(looks)
      .get(looks)
      .integer(LOOKS)
      .add(op.i32LessUnsigned)
      .if(() => code.integer(LOOKS).set(looks));
    code.loop(() => {
      passedIs(op.i32NotEqual).if(() => {
        code.get(looks).setGlobal(this.#patience);
        stopIfFailed();
        code.add(op.leave);
      });
      code.increase(looks, -1).get(looks);
    });
    code.integer(0).setGlobal(this.#patience);
    code.loop(() => {
      stopIfFailed();
      code.integer(at).get(passed).long(-1).atomic('wait', control.passed).add(op.drop);
      passedIs(op.i32Equal);
    });
    stopIfFailed();
  }
}
