/**
 * `node:assert` for cells, as far as lessons and their readers use it: the checks by `===` and by depth.
 *
 * @module
 */

import { inspect } from 'node-inspect-extracted';

/** Thrown by a check that does not hold. */
class AssertionError extends Error {
  override readonly name = 'AssertionError';
  readonly code = 'ERR_ASSERTION';
  readonly generatedMessage: boolean;

  constructor(
    message: string | undefined,
    standard: string,
    readonly actual?: unknown,
    readonly expected?: unknown,
  ) {
    super(message ?? standard);
    this.generatedMessage = message === undefined;
  }
}

type Message = string | Error;

function check(
  holds: boolean,
  message: Message | undefined,
  standard: () => string,
  ...values: unknown[]
): void {
  if (holds) return;
  if (message instanceof Error) throw message;
  throw new AssertionError(message, standard(), ...values);
}

/** Values whose display is the same down to the last property are equal, as in Node's check except for hidden properties. */
const isSame = (a: unknown, b: unknown): boolean =>
  Object.is(a, b) || (typeof a === 'object' && typeof b === 'object' && whole(a) === whole(b));
const whole = (value: unknown): string =>
  inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    maxArrayLength: null,
    maxStringLength: null,
    sorted: true,
  });

type Expectation = RegExp | (new (...args: never[]) => unknown) | ((error: unknown) => boolean) | object;

/** Whether what was thrown is what was expected. */
function isExpected(error: unknown, expected: Expectation | undefined): boolean {
  if (expected === undefined) return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected !== 'function') {
    return Object.entries(expected).every(([key, value]) => {
      const found = (error as Record<string, unknown>)[key];
      return value instanceof RegExp ? value.test(String(found)) : isSame(found, value);
    });
  }
  if (expected === Error || expected.prototype instanceof Error) return error instanceof expected;
  return (expected as (error: unknown) => boolean)(error) === true;
}

function checkFailure(
  failure: { error: unknown } | undefined,
  expected: unknown,
  message: Message | undefined,
) {
  const [expectation, text] =
    typeof expected === 'string' ? [undefined, expected] : [expected as Expectation | undefined, message];
  check(failure !== undefined, text, () => 'Missing expected exception.');
  if (failure !== undefined && !isExpected(failure.error, expectation)) throw failure.error;
}

function ok(value: unknown, message?: Message): void {
  check(Boolean(value), message, () => `The expression must be truthy; got ${inspect(value)}`, value, true);
}

const strictly = {
  equal(a: unknown, b: unknown, message?: Message): void {
    const standard = () => `Expected values to be strictly equal:\n\n${inspect(a)} !== ${inspect(b)}\n`;
    check(Object.is(a, b), message, standard, a, b);
  },
  notEqual(a: unknown, b: unknown, message?: Message): void {
    const standard = () => `Expected "actual" to be strictly unequal to: ${inspect(b)}`;
    check(!Object.is(a, b), message, standard, a, b);
  },
  deepEqual(a: unknown, b: unknown, message?: Message): void {
    const standard = () =>
      `Expected values to be strictly deep-equal:\n\nactual: ${inspect(a)}\nexpected: ${inspect(b)}\n`;
    check(isSame(a, b), message, standard, a, b);
  },
  notDeepEqual(a: unknown, b: unknown, message?: Message): void {
    const standard = () => `Expected "actual" not to be strictly deep-equal to: ${inspect(b)}`;
    check(!isSame(a, b), message, standard, a, b);
  },
  match(text: string, pattern: RegExp, message?: Message): void {
    const standard = () =>
      `The input did not match the regular expression ${pattern}. Input:\n\n${inspect(text)}\n`;
    check(pattern.test(text), message, standard, text, pattern);
  },
  throws(work: () => unknown, expected?: unknown, message?: Message): void {
    let failure: { error: unknown } | undefined;
    try {
      work();
    } catch (error) {
      failure = { error };
    }
    checkFailure(failure, expected, message);
  },
  async rejects(
    work: (() => unknown) | Promise<unknown>,
    expected?: unknown,
    message?: Message,
  ): Promise<void> {
    const promise = typeof work === 'function' ? new Promise((resolve) => resolve(work())) : work;
    const failure = await promise.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    checkFailure(failure, expected, message);
  },
  fail(message: Message = 'Failed'): never {
    throw message instanceof Error ? message : new AssertionError(message, message);
  },
};

/** The module: a function with the checks as its properties. Loose ones do not exist here; their names check strictly. */
export const assert = Object.assign(ok, {
  ok,
  ...strictly,
  strictEqual: strictly.equal,
  notStrictEqual: strictly.notEqual,
  deepStrictEqual: strictly.deepEqual,
  notDeepStrictEqual: strictly.notDeepEqual,
  AssertionError,
});
Object.assign(assert, { strict: assert });
