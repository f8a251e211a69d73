/**
 * One reader of options. A function states its options once, as an object: the name, meaning, permitted values and default of
 * each.
 *
 *     const klCurveOptions = {
 *       /** Points per curve. Default: 200. *\/
 *       samples: optional(integer({ min: 2, max: 2000 }), 200),
 *     };
 *     export type KlCurveOptions = OptionsOf<typeof klCurveOptions>;
 *
 *     const { samples } = readOptions('klCurve', options, klCurveOptions);
 *
 * The caller's type follows from it, with the comments, and so does the type of the result. It is an alias, which the compiler
 * names in its messages; `@interface` in its comment makes the reference list its members.
 *
 * @module
 */
import {
  type Range,
  refuseUnknownOptions,
  requireFunction,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireText,
  show,
} from './arguments';

/**
 * Checks one option, and fills it in where it is missing.
 *
 * @throws RangeError or TypeError naming the option, the permitted range and the value.
 */
export type Option<Given, Read = Given> = (name: string, given: Given) => Read;

/** Options by name. */
type Schema = Readonly<Record<string, (name: string, given: never) => unknown>>;

type GivenTo<O> = O extends (name: string, given: infer Given) => unknown ? Given : never;

type OptionalNames<S> = { [K in keyof S]: undefined extends GivenTo<S[K]> ? K : never }[keyof S];

/** Options as a caller writes them: the keys, types and comments of a schema. */
export type OptionsOf<S> = {
  readonly [K in keyof Pick<S, Exclude<keyof S, OptionalNames<S>>>]: GivenTo<S[K]>;
} & {
  readonly [K in keyof Pick<S, OptionalNames<S>>]?: GivenTo<S[K]>;
};

/** Options after reading: every one is checked and filled in. */
export type Filled<S extends Schema> = { readonly [K in keyof S]: ReturnType<S[K]> };

/**
 * Reads the options of a function.
 *
 * @param name The function, for messages.
 * @param within The prefix of an option's name in messages, such as `schedule.p.`
 * @throws TypeError naming an option that is not in the schema: a misspelt `lamda` would otherwise silently do nothing.
 * @throws RangeError or TypeError naming the option, the permitted range and the value.
 */
export function readOptions<S extends Schema>(
  name: string,
  options: object,
  schema: S,
  within = '',
): Filled<S> {
  refuseUnknownOptions(name, options, Object.keys(schema));
  const given = options as Readonly<Record<string, never>>;
  const read = Object.entries(schema).map(([key, option]) => [
    key,
    option(`${within}${key}`, given[key] as never),
  ]);
  return Object.fromEntries(read) as Filled<S>; // Object.fromEntries forgets which keys it was given.
}

/** An option that may be left out; it is then `fallback`, or `undefined`. */
export function optional<Given, Read>(
  option: Option<Given, Read>,
): Option<Given | undefined, Read | undefined>;
export function optional<Given, Read>(
  option: Option<Given, Read>,
  fallback: NoInfer<Read>,
): Option<Given | undefined, Read>;
export function optional<Given, Read>(
  option: Option<Given, Read>,
  fallback?: Read,
): Option<Given | undefined, Read | undefined> {
  return (name, given) => (given === undefined ? fallback : option(name, given));
}

/** A finite number. */
export function number(range: Range = {}): Option<number> {
  return (name, given) => requireNumber(name, given, range);
}

/** A whole number. */
export function integer(range: Range = {}): Option<number> {
  return (name, given) => requireInteger(name, given, range);
}

/** One of several strings. */
export function oneOf<const T extends string>(choices: readonly T[]): Option<T> {
  return (name, given) => requireOneOf(name, given, choices);
}

/** True or false. */
export const boolean: Option<boolean> = (name, given) => {
  if (typeof given === 'boolean') return given;
  throw new TypeError(`${name} must be true or false; got ${show(given)}`);
};

/** A string with at least one character: a name, a path. */
export const text: Option<string> = requireText;

/** Any string. */
export const string: Option<string> = (name, given) => {
  if (typeof given === 'string') return given;
  throw new TypeError(`${name} must be a string; got ${show(given)}`);
};

/** A function. */
export function callback<F>(): Option<F> {
  return checked<F>(requireFunction);
}

/** A signal that ends work from outside. */
export const abortSignal: Option<AbortSignal> = (name, given) => {
  if (given instanceof AbortSignal) return given;
  throw new TypeError(`${name} must be an AbortSignal; got ${show(given)}`);
};

/** A value that `check` lets pass. */
export function checked<T>(check: (name: string, given: T) => unknown): Option<T> {
  return (name, given) => {
    check(name, given);
    return given;
  };
}

/** A value that is checked later, together with others. */
export function value<T>(): Option<T> {
  return (_, given) => given;
}
