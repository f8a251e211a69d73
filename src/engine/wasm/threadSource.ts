/**
 * The source of a thread that takes part in trainings, as text: Node and web pages start threads from text.
 *
 * @module
 */
import { control } from './sharing';

/** The message that invites a thread to a training. */
export interface Invitation {
  readonly memory: object;
  /** The compiled kernels, and the training's module. */
  readonly kernels: object;
  readonly training: object;
  /** The names of JavaScript's functions that the module calls. */
  readonly functions: readonly string[];
  /** The address of `control` in the memory. */
  readonly control: number;
  /** The training's number. */
  readonly number: number;
}

const index = (of: keyof typeof control) => control[of] / 4;

/**
 * Defines `receive(invitation)`. The thread joins the training and makes each run together with the first thread, until the training is over.
 * A thread that comes too late leaves again.
 */
export const threadSource = `'use strict';
function receive({ memory, kernels, training, functions, control, number }) {
  const state = new Int32Array(memory.buffer, control, ${control.bytes / 4});
  const env = { memory, ...new WebAssembly.Instance(kernels, { env: { memory } }).exports };
  for (const name of functions) env[name] = Math[name];
  const { exports } = new WebAssembly.Instance(training, { env });
  let run = Atomics.load(state, ${index('run')});
  let thread;
  while (thread === undefined) {
    const joined = Atomics.load(state, ${index('joined')});
    if (joined >> 5 !== number) return;
    if (Atomics.compareExchange(state, ${index('joined')}, joined, joined + 1) === joined) thread = (joined & 31) + 1;
  }
  for (;;) {
    Atomics.wait(state, ${index('run')}, run);
    run = Atomics.load(state, ${index('run')});
    if (Atomics.load(state, ${index('joined')}) >> 5 !== number) return;
    const threads = run & 31;
    if (thread >= threads) continue;
    try {
      const [batchSize, ...call] = state.subarray(${index('call')});
      exports['run_' + batchSize](thread, threads, ...call);
    } catch (error) {
      Atomics.store(state, ${index('failed')}, 1);
      Atomics.add(state, ${index('passed')}, 1);
      Atomics.notify(state, ${index('passed')});
      throw error;
    }
  }
}
`;
