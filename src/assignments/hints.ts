/**
 * The message about a wrong function whose mistake is not known: only what holds for everything that it was tried on.
 *
 * @module
 */
import { counted } from '../numbers/shown';
import { agrees, describe, isList, kindOf } from './values';

/** The expected result of a function, and its actual one. */
export interface Result {
  readonly expected: unknown;
  readonly got: unknown;
}

/** How exactly a law has to hold before it is named. */
const TOLERANCE = 1e-6;

/**
 * The most specific message about a wrong function.
 *
 * @param failure What is shown of it.
 * @param all What it gave for each input, `failure` among them.
 * @param again Calls it once more with the arguments of `failure`.
 */
export function hint(failure: Result, all: readonly Result[], again: () => unknown): string {
  const { expected, got } = failure;
  if (kindOf(got) === kindOf(expected) && !agrees(numbersIn(got), numbersIn(again()), 0)) {
    return 'Called again with the same arguments it gives something else: does it keep a value outside itself from call to call, or draw random numbers?';
  }
  const otherKind = kindHint('It', expected, got);
  if (otherKind !== undefined) return otherKind;
  if (holdsNaN(got) && !holdsNaN(expected)) {
    return 'NaN comes from 0/0, from 0 · log 0, from the log or root of a negative number, or from what is not there: beyond the end of an array, or of another name.';
  }
  if (typeof expected === 'string' && letters(expected) === letters(String(got))) {
    return 'Only the spelling differs: capitals, spaces and hyphens count.';
  }
  if (all.every(({ expected, got }) => holdsTheSame(expected, got))) {
    return 'These are the right elements in another order.';
  }
  if (all.length > 2 && all.every((result) => agrees(got, result.got, 0))) {
    return 'It gives the same for every input here: does it use its arguments? (A return inside forEach ends only the inner function.)';
  }
  if (isRounded(all)) return 'You round the result: return it unchanged.';
  if (isNearlyRight(all)) {
    return 'It is off by very little: is something rounded on the way, held in a Float32Array, or is an ε in another place?';
  }
  const factor = commonFactor(all);
  if (factor === -1) return 'Only the sign is wrong.';
  if (factor !== undefined) return `Each time it gives ${describe(factor)} times what it should.`;
  return 'Work this case out by hand, step by step, and compare.';
}

/** Whether a number, or one inside a value, is NaN. */
function holdsNaN(value: unknown): boolean {
  return numbersIn(value).some(Number.isNaN);
}

const letters = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');

/** Whether two lists have the same elements, in whatever order. */
function holdsTheSame(expected: unknown, got: unknown): boolean {
  if (!isList(expected) || !isList(got) || expected.length !== got.length) return false;
  const left = [...got];
  return expected.every((value) => {
    const index = left.findIndex((other) => agrees(value, other, TOLERANCE));
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
}

/** The factor by which every number of every result is off; −1 also where there is one result only. */
function commonFactor(all: readonly Result[]): number | undefined {
  const pairs = numberPairs(all);
  const first = pairs?.find(([expected]) => expected !== 0);
  if (!pairs || !first) return undefined;
  const factor = agrees(first[0], -first[1], TOLERANCE) ? -1 : first[1] / first[0];
  if (!Number.isFinite(factor) || factor === 0) return undefined;
  if (!pairs.every(([expected, got]) => agrees(expected * factor, got, TOLERANCE))) return undefined;
  const sizes = new Set(pairs.map(([expected]) => Math.abs(expected)).filter((size) => size !== 0));
  return factor === -1 || sizes.size > 2 ? factor : undefined;
}

/** Whether each number has its first four digits right. */
function isNearlyRight(all: readonly Result[]): boolean {
  const pairs = numberPairs(all) ?? [];
  return pairs.length > 0 && pairs.every(([expected, got]) => agrees(expected, got, 1e-4));
}

/** Whether each number is what should come out, rounded to some number of places or digits. */
function isRounded(all: readonly Result[]): boolean {
  const pairs = numberPairs(all)?.filter(([expected]) => Number.isFinite(expected));
  // Where all is small or the same, rounding would explain what has other reasons.
  if (!pairs || new Set(pairs.map(([, got]) => Math.abs(got)).filter((size) => size !== 0)).size < 3)
    return false;
  const roundings = [0, 1, 2, 3, 4, 5, 6].flatMap((digits) => [
    (value: number) => Number(value.toFixed(digits)),
    (value: number) => Math.floor(value * 10 ** digits) / 10 ** digits,
    (value: number) => Number(value.toPrecision(digits + 1)),
  ]);
  return roundings.some((round) => pairs.every(([expected, got]) => agrees(round(expected), got, 1e-9)));
}

/** The numbers of each result next to those that they should be; undefined if there are not as many. */
function numberPairs(all: readonly Result[]): [expected: number, got: number][] | undefined {
  const [expected, got] = [
    all.flatMap((result) => numbersIn(result.expected)),
    all.flatMap((result) => numbersIn(result.got)),
  ];
  if (expected.length !== got.length) return undefined;
  return expected.map((value, index) => [value, got[index] as number]);
}

/** Every number in it, as deep as results go: what holds itself has no end. */
function numbersIn(value: unknown, depth = 0): number[] {
  if (typeof value === 'number') return [value];
  if (depth > 4 || typeof value !== 'object' || value === null) return [];
  return Array.from(isList(value) ? value : Object.values(value)).flatMap((inner) =>
    numbersIn(inner, depth + 1),
  );
}

/** The first difference in kind or length, in words; undefined if only numbers differ. */
function kindHint(what: string, expected: unknown, got: unknown): string | undefined {
  if (kindOf(expected) !== kindOf(got)) {
    return `${what} should be ${kindOf(expected)}; got ${kindOf(got)}.`;
  }
  if (isList(expected) && isList(got)) {
    if (expected.length !== got.length) {
      return `${what} should have ${counted(expected.length, 'element')}; got ${got.length}.`;
    }
    // Where the first is as it should be, the others need not be wrong in the same way.
    return firstOf(expected, (value, index) =>
      kindHint(index === 0 ? 'Each element' : `Element ${index} (counted from 0)`, value, got[index]),
    );
  }
  if (kindOf(expected) !== 'an object') return undefined;
  return firstOf(Object.entries(expected as object), ([key, value]) =>
    kindHint(key, value, (got as Record<string, unknown>)[key]),
  );
}

/** The first answer that is one. */
function firstOf<T, Answer>(
  values: readonly T[],
  ask: (value: T, index: number) => Answer | undefined,
): Answer | undefined {
  for (const [index, value] of values.entries()) {
    const answer = ask(value, index);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
