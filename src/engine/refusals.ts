/**
 * Actions that a step must not take, because compiled code could not repeat them: each is refused by name while the step is
 * traced, with an alternative.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';

/** A training step does something that cannot be compiled. */
export class TraceError extends Error {
  override readonly name = 'TraceError';

  /**
   * @param problem The step's problem, and the remedy.
   * @param options What caused it, if that is another error.
   */
  constructor(problem: string, options?: ErrorOptions) {
    super(
      `This step cannot be compiled: ${problem}; or train with compile: false, slower, where anything goes`,
      options,
    );
  }
}

/** Refusals found while a step is traced, also those that the step's own code caught or never awaited. */
export class Refusals {
  #first: TraceError | undefined;

  /** Records a refusal and returns it, to be thrown. */
  refuse(problem: string): TraceError {
    const error = new TraceError(problem);
    this.#first ??= error;
    return error;
  }

  /** @throws TraceError the first refusal, if there was one. */
  throwIfAny(): void {
    if (this.#first) throw this.#first;
  }
}

// Each says what to do instead; test/engine/advice.test.ts does it.
const READ =
  'it reads numbers out of a tensor (dataSync, arraySync, data, array or print), which a graph has only while it runs; ' +
  'write it in tf operations (instead of an if, multiply by a mask: x.sub(t).step() is 1 where x > t, else 0) ' +
  'or move it out of the step';
const DRAW_ONCE = 'draw once, before training, if the same numbers in every step are meant';
const RANDOM =
  'it draws random numbers in JavaScript (Math.random, tf.randomNormal, tf.randomUniform, tf.dropout…), ' +
  `which would be the same in every step; ${DRAW_ONCE}, or give the draw a seed`;
const VARIABLE =
  'it makes a tf.variable, which would be a new one in every step; make it a tensor (tf.tensor, tf.scalar)';
const ASSIGN =
  'it assigns to a tf.variable (an optimizer does so too), which is not part of its result; ' +
  'return the loss alone, the engine does the update';

/**
 * Calls `body` while everything that can be refused at its call is; puts all back as it was.
 *
 * @param backend Whose tensors must not be read asynchronously.
 */
export function guarded<T>(refusals: Refusals, backend: tf.KernelBackend, body: () => T): T {
  const throwing = (problem: string) => () => {
    throw refusals.refuse(problem);
  };
  const restore = [
    // Math.random is also behind every unseeded random function of tf.
    replace(Math, 'random', throwing(RANDOM)),
    replace(tf.engine(), 'makeVariable', throwing(VARIABLE)),
    replace(tf.Variable.prototype, 'assign', throwing(ASSIGN)),
    // Nobody may be waiting for an asynchronous read's failure; tracing fails all the same.
    replace(backend, 'read', (() => {
      refusals.refuse(READ);
      return new Promise(() => {});
    }) as tf.KernelBackend['read']),
  ];
  try {
    return body();
  } finally {
    for (const undo of restore) undo();
  }
}

/** Refuses a synchronous read. */
export function refuseRead(refusals: Refusals): never {
  throw refusals.refuse(READ);
}

/** Refuses a variable: it could change. */
export function refuseVariable(refusals: Refusals, name: string): never {
  throw refusals.refuse(
    `it uses the tf.variable '${name}', whose value now would be taken for all steps; ` +
      "if it is a number make it one of the penalty's parameters, or a tensor if it never changes",
  );
}

/** The message about a step that does not do the same every time. */
export function unlike(difference: string): string {
  return (
    `it is not the same when called twice: ${difference}; if a number of its own changes between calls, make that ` +
    "number one of the penalty's parameters, which a training takes as they are when it starts; if a shape " +
    'depends on the numbers in the batch, keep every shape and choose by a mask, such as x.sub(t).step()'
  );
}

/** Native operations that draw from a generator with a state; those called Stateless… draw by a key (`randomness.ts`). */
const DRAWS = /^(?!Stateless).*(Random|Multinomial|TruncatedNormal|Sampler|Stateful|NonDeterministic)/;

/** Refuses an operation whose result is another one each time that it is executed. */
export function refuseDraw(refusals: Refusals, operation: string): void {
  if (!DRAWS.test(operation)) return;
  throw refusals.refuse(
    `its operation ${operation} draws random numbers inside TensorFlow (tf.multinomial does), and a graph, seeded or ` +
      `not, draws others than a step that runs operation by operation; ${DRAW_ONCE}`,
  );
}

/** Puts a method in front of an object's own or inherited one; returns what takes it away again. */
function replace<T extends object, K extends keyof T>(object: T, name: K, method: T[K]): () => void {
  const own = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value: method, configurable: true, writable: true });
  return () => {
    if (own) Object.defineProperty(object, name, own);
    else delete object[name];
  };
}
