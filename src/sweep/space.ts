/**
 * Search spaces: which values of which settings a sweep tries.
 *
 * @module
 */
import { requireInteger, requireNumber, requireObject, show } from '../numbers/arguments';
import type { Random } from '../numbers/random';

/** The value of one setting in one trial. */
export type Setting = number | string | boolean;

/** The settings of one trial by name, such as `{ lambda: 0.001, seed: 2 }`. */
export type Settings = Readonly<Record<string, Setting>>;

/** A range from which random searches draw. */
export interface Distribution {
  readonly kind: 'uniform' | 'logUniform' | 'integer';
  readonly low: number;
  readonly high: number;
}

/** For each setting its values, or a range to draw them from. */
export type Space = Readonly<Record<string, readonly Setting[] | Distribution>>;

/**
 * `count` numbers at even distances from `start` to `end`, both included.
 *
 * @throws RangeError if a bound is not finite or `count` is not a positive integer.
 *
 * @example linspace(0, 1, 5) // → [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace(start: number, end: number, count: number): number[] {
  requireNumber('start', start);
  requireNumber('end', end);
  requireInteger('count', count, { min: 1 });
  return Array.from({ length: count }, (_, index) => {
    if (index === 0) return start;
    return index === count - 1 ? end : start + ((end - start) * index) / (count - 1);
  });
}

/**
 * `count` numbers at even ratios from `start` to `end`, both included: strengths are compared by their ratios, so they
 * are tried at even ratios. (NumPy's `geomspace`; its `geomspace` takes exponents.) Rounded to 12 digits, so that
 * 1e-5 is 1e-5 on every machine.
 *
 * @throws RangeError if a bound is not above 0 or `count` is not a positive integer.
 *
 * @example geomspace(1e-6, 1e-2, 5) // → [0.000001, 0.00001, 0.0001, 0.001, 0.01]
 */
export function geomspace(start: number, end: number, count: number): number[] {
  requireNumber('start', start, { above: 0 });
  requireNumber('end', end, { above: 0 });
  return linspace(Math.log(start), Math.log(end), count).map((exponent, index) => {
    if (index === 0) return start;
    return index === count - 1 ? end : Number(Math.exp(exponent).toPrecision(12));
  });
}

/**
 * Numbers drawn evenly from [low, high). @throws RangeError unless low < high.
 *
 * @example randomSearch({ trials: 1 })({ rho: uniform(0.01, 0.1) }).next().value // → [{ rho: 0.0653 }]
 */
export function uniform(low: number, high: number): Distribution {
  return distribution('uniform', low, high);
}

/**
 * Numbers in [low, high) whose logarithm is drawn evenly: what strengths want. @throws RangeError unless 0 < low < high.
 *
 * @example randomSearch({ trials: 1 })({ lambda: logUniform(1e-4, 1e-2) }).next().value // → [{ lambda: 0.0017 }]
 */
export function logUniform(low: number, high: number): Distribution {
  requireNumber('low', low, { above: 0 });
  return distribution('logUniform', low, high);
}

/**
 * Integers drawn evenly from low … high, both included. @throws RangeError unless they are integers and low < high.
 *
 * @example randomSearch({ trials: 2 })({ hiddenDim: integers(16, 256) }).next().value // → [{ hiddenDim: 164 }, { hiddenDim: 142 }]
 */
export function integers(low: number, high: number): Distribution {
  requireInteger('low', low);
  requireInteger('high', high);
  return distribution('integer', low, high);
}

/** Whether the values of a setting are a range rather than a list. */
export function isDistribution(values: readonly Setting[] | Distribution): values is Distribution {
  return !Array.isArray(values);
}

/**
 * Every combination of the listed values; the last setting changes fastest.
 *
 * @throws RangeError if a setting is a range: a grid needs lists.
 *
 * @example gridOf({ lambda: [1, 2], seed: [7, 8] }) // λ 1 seed 7, λ 1 seed 8, λ 2 seed 7, λ 2 seed 8
 */
export function gridOf(space: Space): Settings[] {
  let combinations: Settings[] = [{}];
  for (const [name, values] of Object.entries(space)) {
    if (isDistribution(values)) {
      throw new RangeError(
        `space.${name} must be a list of values for a grid; got a range: list values, or search with randomSearch(…)`,
      );
    }
    combinations = combinations.flatMap((settings) =>
      values.map((value) => ({ ...settings, [name]: value })),
    );
  }
  return combinations;
}

/** One draw: from a range a number in it, from a list one of its values. */
export function drawFrom(space: Space, random: Random): Settings {
  return Object.fromEntries(
    Object.entries(space).map(([name, values]): [string, Setting] => [
      name,
      isDistribution(values)
        ? drawNumber(values, random)
        : (values[random.integer(values.length)] as Setting),
    ]),
  );
}

/** Whether it can be the value of a setting. */
export function isSetting(value: unknown): value is Setting {
  return ['number', 'string', 'boolean'].includes(typeof value);
}

/**
 * @throws RangeError or TypeError if the space names no setting, a list is empty or repeats a value, or a value is not
 * a finite number, a string, true or false.
 */
export function requireSpace(space: Space): Space {
  requireObject('space', space, 'lists of values by setting');
  const names = Object.keys(space);
  if (names.length === 0) throw new RangeError('space must name at least one setting; got none');
  for (const [name, values] of Object.entries(space)) {
    if (typeof values === 'object' && values !== null && isDistribution(values)) {
      if (!Object.hasOwn(draws, values.kind)) {
        throw new TypeError(
          `space.${name} must be a list of values or uniform(…), logUniform(…), integers(…)`,
        );
      }
      continue;
    }
    if (!Array.isArray(values) || values.length === 0) {
      throw new TypeError(`space.${name} must be a list of at least one value; got ${show(values)}`);
    }
    for (const value of values) {
      if (typeof value === 'number') requireNumber(`space.${name}`, value);
      else if (!isSetting(value)) {
        throw new TypeError(`space.${name} must hold numbers, texts, true or false; got ${show(value)}`);
      }
    }
    if (new Set(values).size < values.length) {
      throw new RangeError(`space.${name} must hold each value once; got ${show(values)}`);
    }
  }
  return space;
}

function distribution(kind: Distribution['kind'], low: number, high: number): Distribution {
  requireNumber('low', low);
  requireNumber('high', high, { above: low });
  return { kind, low, high };
}

const draws: Record<Distribution['kind'], (low: number, high: number, random: Random) => number> = {
  uniform: (low, high, random) => low + (high - low) * random.uniform(),
  logUniform: (low, high, random) => low * (high / low) ** random.uniform(),
  integer: (low, high, random) => low + random.integer(high - low + 1),
};

/** Rounded to 12 digits: powers differ in their last digit from one machine to another. */
function drawNumber({ kind, low, high }: Distribution, random: Random): number {
  return Number(draws[kind](low, high, random).toPrecision(12));
}
