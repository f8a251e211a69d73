/**
 * Checks of an assignment's functions: a function is compared with the mathematics on ordinary and on awkward inputs, and where it is
 * wrong in a way that many are, the message says which.
 *
 * @module
 */

import { requireNumber, show } from '../numbers/arguments';
import { Random } from '../numbers/random';
import { WrongKind } from '../verdicts/answers';
import { Unanswered } from '../verdicts/todo';
import { Verdict } from '../verdicts/verdict';
import { hint } from './hints';
import { agrees, describe, snapshot } from './values';

/** The arguments that a function is tried on: `ordinary` inputs that everybody thinks of, or the `edge` of the permitted ones. */
export type InputKind = 'ordinary' | 'edge';

/** One set of arguments. */
export interface Input<Arguments extends readonly unknown[]> {
  readonly kind: InputKind;
  readonly args: Arguments;
}

/** A common mistake: its result, and a message about it. */
export interface Misconception<Arguments extends readonly unknown[], Result> {
  /** To the learner: the mistake, and what to do. */
  readonly message: string;
  /** The mistake itself. */
  readonly mistaken: (...args: Arguments) => Result;
}

/** A function that a learner is to write. */
export interface Exercise<Arguments extends readonly unknown[], Result> {
  /** The function's name, as messages call it. */
  readonly name: string;
  /** The expected result, in a few words or as a formula. */
  readonly asks: string;
  /** The definition, in float64. */
  readonly definition: (...args: Arguments) => Result;
  /** The arguments to try it on, drawn again for each seed. */
  readonly inputs: (random: Random) => readonly Input<Arguments>[];
  readonly misconceptions: readonly Misconception<Arguments, Result>[];
  /** The tolerated relative difference. Default: 1e-6, which float32 arithmetic keeps. */
  readonly tolerance?: number;
}

/** Options of {@link verify}. */
export interface VerifyOptions {
  /** Only inputs of this kind. Default: all. */
  readonly only?: InputKind;
  /** Draws other inputs. Default: 0. */
  readonly seed?: number;
}

/**
 * Compares a function with the exercise's definition. It never throws because of the function.
 *
 * @param attempt The learner's function. It gets copies: what it does to its arguments is noticed and harms nobody.
 *
 * @example
 * verify(exercises.l1Penalty, (h) => h.flat().reduce((sum, value) => sum + Math.abs(value), 0)).message
 * // 'l1Penalty is not right yet. … The sum runs over the batch as well: …'
 */
export function verify<
  Arguments extends readonly unknown[],
  Result,
  Attempt extends (...args: Arguments) => Result,
>(exercise: Exercise<Arguments, Result>, attempt: Attempt, { only, seed = 0 }: VerifyOptions = {}): Verdict {
  if (typeof exercise?.inputs !== 'function')
    throw new TypeError(`exercise must be one of exercises; got ${show(exercise)}`);
  const { name, definition, tolerance = 1e-6 } = exercise;
  if (attempt === undefined) {
    return new Verdict('wrong', `${name} is missing: its cell has not run, or has ended in an error.`);
  }
  if (typeof attempt !== 'function') {
    return new Verdict('wrong', `${name} must be a function; got ${describe(attempt)}.`);
  }
  const inputs = exercise.inputs(new Random(seed));
  const tried = (chosen: readonly Input<Arguments>[]) =>
    chosen.map(({ args }): Trial<Arguments, Result> => {
      return { args, expected: definition(...snapshot(args)), got: tryOut(attempt, args) };
    });
  const trials = tried(inputs.filter(({ kind }) => only === undefined || kind === only));
  if (trials.length === 0) return new Verdict('unanswered', `${name} is not checked here.`);

  const failure = trials.find(
    ({ expected, got }) => got.problem !== undefined || !agrees(expected, got.value, tolerance),
  );
  if (!failure) {
    const cases = only === 'edge' ? 'also at the edges' : `on ${trials.length} inputs`;
    return new Verdict('right', `${name}: right ${cases}.`);
  }
  const lead = `${name} is not right yet. It should be ${exercise.asks}.`;
  const { args, expected, got } = failure;
  if (got.unanswered) return new Verdict('unanswered', `${name} is not written yet.`);
  if (got.problem !== undefined) {
    const sometimes = got.problem === NOTHING && trials.some((trial) => trial.got.problem === undefined);
    const problem = sometimes ? nothingFor(args, expected) : got.problem;
    return new Verdict('wrong', `${lead}\n  ${problem}`);
  }

  const shown = `For (${args.map(describe).join(', ')}) it should give ${describe(expected)}; got ${describe(got.value)}.`;
  const made = mistakeOf(exercise.misconceptions, trials, tolerance, () =>
    tried(inputs.filter(({ kind }) => only !== undefined && kind !== only)),
  );
  const help =
    made?.message ??
    hint(
      { expected, got: got.value },
      trials.map((trial) => ({ expected: trial.expected, got: trial.got.value })),
      () => tryOut(attempt, args).value,
    );
  return new Verdict('wrong', [lead, shown, help].join('\n  '));
}

/**
 * {@link verify} for an answer that does not take and return plain arrays: `adapted` calls it. An answer that is not a function
 * is reported as such.
 *
 * @param adapted Turns the arguments into what the answer takes, and its result into what the exercise compares.
 */
export function verifyAdapted<Arguments extends readonly unknown[], Result>(
  exercise: Exercise<Arguments, Result>,
  answer: unknown,
  adapted: (...args: Arguments) => Result,
): Verdict {
  return verify(exercise, typeof answer === 'function' ? adapted : (answer as typeof adapted));
}

/**
 * Says what each check found, and turns them into points: the cell's last expression in a graded test.
 *
 * @param most The points if every check passed.
 * @param results Checks that count equally.
 * @returns most × passed / all, to two decimals: always a number in [0, most].
 * @throws RangeError or TypeError if `most` is negative, or there is no check.
 *
 * @example points(10, verify(exercises.l1Penalty, l1Penalty)) // 10 if it is right
 */
export function points(most: number, ...results: readonly Verdict[]): number {
  requireNumber('most', most, { min: 0 });
  if (results.length === 0) throw new RangeError('results must hold at least one check; got none');
  for (const [index, result] of results.entries()) {
    if (typeof result?.message !== 'string')
      throw new TypeError(`results[${index}] must be what verify or expect returns; got ${show(result)}`);
  }
  const said = new Set<string>();
  for (const result of results) {
    // Several checks of one function find the same mistake: its explanation, the last line, is given once.
    const explanation = result.message.split('\n').at(-1) ?? '';
    console.log(said.has(explanation) ? '✗ The same with other inputs.' : String(result));
    if (result.status === 'wrong') said.add(explanation);
  }
  const passed = results.filter((result) => result instanceof Verdict && result.status === 'right').length;
  return Math.round((100 * most * passed) / results.length) / 100;
}

/**
 * A check of a fact rather than of a function.
 *
 * @param claim What should hold, as a sentence.
 * @param holds Whether it does; a function is called, and an error that it throws counts as no.
 * @param otherwise What to say if it does not.
 *
 * @example expect('6 × 7 is 42', 6 * 7 === 42, 'Multiply.').status // → 'right'
 */
export function expect(claim: string, holds: boolean | (() => boolean), otherwise: string): Verdict {
  try {
    const passed = typeof holds === 'function' ? holds() : holds;
    return passed === true
      ? new Verdict('right', claim)
      : new Verdict('wrong', `Not yet: ${claim}\n  ${otherwise}`);
  } catch (error) {
    return new Verdict('wrong', `Not yet: ${claim}\n  ${thrown(error)}`);
  }
}

/** The result for one set of arguments. */
interface Trial<Arguments extends readonly unknown[], Result> {
  readonly args: Arguments;
  readonly expected: Result;
  readonly got: Outcome<Result>;
}

/**
 * The mistake that explains every trial. Where several do, inputs of the other kind tell them apart; if none explains
 * those as well, none is named: a wrong diagnosis is worse than none.
 */
function mistakeOf<Arguments extends readonly unknown[], Result>(
  misconceptions: readonly Misconception<Arguments, Result>[],
  trials: readonly Trial<Arguments, Result>[],
  tolerance: number,
  others: () => readonly Trial<Arguments, Result>[],
): Misconception<Arguments, Result> | undefined {
  const explain = (among: typeof misconceptions, all: typeof trials) =>
    among.filter(({ mistaken }) =>
      all.every(
        ({ args, got }) =>
          got.problem === undefined && agrees(mistaken(...snapshot(args)), got.value, tolerance),
      ),
    );
  const possible = explain(misconceptions, trials);
  if (new Set(possible.map(({ message }) => message)).size <= 1) return possible[0];
  const more = others();
  return more.length === 0 ? possible[0] : explain(possible, more)[0];
}

const NOTHING = 'It returns nothing: is there a return in front of the result?';

/** For a function that returns something for other arguments: its return is not what is missing. */
function nothingFor(args: readonly unknown[], expected: unknown): string {
  return (
    `For (${args.map(describe).join(', ')}) it should give ${describe(expected)}; got undefined.\n  ` +
    'It returns nothing here, and something elsewhere: is there a case without a return, or a search that finds nothing?'
  );
}

/** The error of the placeholder that students find instead of a solution; nbgrader_config.py puts it there. */
const NOT_WRITTEN = 'not written yet';

interface Outcome<Result> {
  readonly value?: Result;
  /** Why there is no value to compare. */
  readonly problem?: string;
  readonly unanswered?: boolean;
}

function tryOut<Arguments extends readonly unknown[], Result>(
  attempt: (...args: Arguments) => Result,
  args: Arguments,
): Outcome<Result> {
  const given = snapshot(args);
  try {
    const value: unknown = attempt(...given);
    if (value === undefined) return { problem: NOTHING };
    if (value instanceof Promise) {
      value.catch(() => undefined);
      return { problem: 'It returns a Promise: it must be a plain function, not an async one.' };
    }
    if (!agrees(args, given, 0)) {
      return {
        problem:
          'It changes its arguments: make a new array instead of writing into the one that was passed.',
      };
    }
    return { value: value as Result };
  } catch (error) {
    // By its name: an error that comes from another process is a copy.
    const unanswered =
      error instanceof Error && (error.name === Unanswered.name || error.message === NOT_WRITTEN);
    if (error instanceof WrongKind) return { problem: error.message };
    return { problem: `For (${args.map(describe).join(', ')}) ${thrown(error)}`, unanswered };
  }
}

function thrown(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message === NOT_WRITTEN) return 'It is not written yet.';
  // Native TensorFlow says in the first line only that there is an error, and in the second which.
  const [first = ''] = message.replace(/^Invalid TF_Status: \d+\nMessage: /, '').split('\n');
  return `it throws: ${first.slice(0, 200)}`;
}
