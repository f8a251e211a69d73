/**
 * A memory for trainings, and the threads that work in it.
 *
 * @module
 */
import { platform } from '#platform';
import { MOST_PAGES } from './assembler';
import type { Kernels } from './kernels';
import { control } from './sharing';
import { type Invitation, threadSource } from './threadSource';
import { type Memory, type Module, WebAssembly } from './webAssembly';

/** Bytes up to which a memory is kept for the next training: 64 MB, which is all of MNIST and a model. */
const MOST_KEPT = 2 ** 26;

/** With more threads each would mostly copy the factors of products. */
const MOST_THREADS = 8;

const index = (of: keyof typeof control) => control[of] / 4;

/** A thread of the platform. */
type Thread = ReturnType<typeof platform.threads.start>;

/** Ends the threads of teams that are not in use any more: a training may be cut off before it gives its team back. */
const abandoned = new FinalizationRegistry((threads: Thread[]) => {
  for (const thread of threads) thread.end();
});

/**
 * The first thread, which runs JavaScript, and others that it invites to a training. Those join as soon as they are up. A run is
 * made by all who have joined by then, so nobody ever waits for a thread to start, and where none can be started the first one
 * does everything.
 */
export class Team {
  readonly memory: Memory;
  /** How many threads may take part in a training; `undefined` if no other thread can see the memory. */
  readonly mostThreads: number | undefined;
  readonly #threads: Thread[] = [];
  #state: Int32Array | undefined;
  #isInTraining = false;

  /** @param threads How many may work at the same time. Default: as many as the machine has processors. */
  constructor(threads = platform.threads.count) {
    const shared = threads > 1 ? sharedMemory() : undefined;
    this.mostThreads = shared && Math.min(threads, MOST_THREADS);
    this.memory = shared ?? new WebAssembly.Memory({ initial: 2 });
    abandoned.register(this, this.#threads);
  }

  /** How many threads take part in the training. */
  get size(): number {
    return 1 + (this.#state ? Atomics.load(this.#state, index('joined')) & 31 : 0);
  }

  /** Whether one of the threads has failed: the team is of no use any more. */
  get hasFailed(): boolean {
    return this.#state !== undefined && Atomics.load(this.#state, index('failed')) !== 0;
  }

  /**
   * Invites threads to a training.
   *
   * @param at The address of {@link control}, the same in every training of this memory.
   * @param wanted How many threads there should be, the first one included.
   */
  invite(kernels: Kernels, training: Module, at: number, wanted: number): void {
    if (this.mostThreads === undefined) return;
    this.#state = new Int32Array(this.memory.buffer, at, control.bytes / 4);
    const number = (Atomics.load(this.#state, index('joined')) >> 5) + 1;
    Atomics.store(this.#state, index('joined'), number << 5);
    this.#isInTraining = true;
    const threads = Math.max(1, Math.min(wanted, this.mostThreads)) - 1;
    try {
      while (this.#threads.length < threads) this.#threads.push(platform.threads.start(threadSource));
    } catch {
      // A machine that forbids threads.
    }
    const invitation: Invitation = {
      memory: this.memory,
      kernels: kernels.module,
      training,
      functions: kernels.functions,
      control: at,
      number,
    };
    for (const thread of this.#threads.slice(0, threads)) thread.post(invitation);
  }

  /**
   * Runs a module's function `run_…` in all threads.
   *
   * @param first Runs it in this one.
   */
  run(
    first: (thread: number, threads: number, ...call: number[]) => void,
    batchSize: number,
    call: readonly number[],
  ): void {
    const threads = this.size;
    const state = this.#state;
    if (!state || threads === 1) {
      first(0, 1, ...call);
      return;
    }
    state.set([batchSize, ...call], index('call'));
    const last = Atomics.load(state, index('run')) >> 5;
    Atomics.store(state, index('run'), ((last + 1) << 5) | threads);
    Atomics.notify(state, index('run'));
    try {
      first(0, threads, ...call);
    } catch (error) {
      Atomics.store(state, index('failed'), 1);
      Atomics.add(state, index('passed'), 1);
      Atomics.notify(state, index('passed'));
      throw error;
    }
  }

  /** Lets the threads leave the training. */
  leave(): void {
    const state = this.#state;
    if (!state || !this.#isInTraining) return;
    this.#isInTraining = false;
    const number = Atomics.load(state, index('joined')) >> 5;
    Atomics.store(state, index('joined'), (number + 1) << 5);
    Atomics.add(state, index('run'), 32);
    Atomics.notify(state, index('run'));
  }

  /** Ends the threads. */
  end(): void {
    for (const thread of this.#threads) thread.end();
    this.#threads.length = 0;
  }
}

function sharedMemory(): Memory | undefined {
  try {
    return new WebAssembly.Memory({ initial: 2, maximum: MOST_PAGES, shared: true });
  } catch {
    // No address space for as much as it may grow to.
    return undefined;
  }
}

/**
 * The team of the last training that ended. A WebAssembly memory never shrinks, and one that nobody holds is freed only when
 * JavaScript next collects its garbage, so one after another they would pile up. And a thread takes a while to start.
 */
let kept: Team | undefined;

/** A team that no other training uses. */
export function takeTeam(): Team {
  const team = kept ?? new Team();
  kept = undefined;
  return team;
}

/** Gives a team back. */
export function returnTeam(team: Team): void {
  team.leave();
  const isWorthKeeping = !team.hasFailed && team.memory.buffer.byteLength <= MOST_KEPT;
  const dropped = isWorthKeeping ? kept : team;
  if (isWorthKeeping) kept = team;
  dropped?.end();
}
