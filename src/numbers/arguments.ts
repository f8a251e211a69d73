/**
 * Checks of arguments. Every message names the argument, the permitted range and the value:
 *
 *     rho must be in (0, 1); got 1.2
 *
 * The checks run before any work starts, so that nothing is half done when they throw.
 *
 * @module
 */

/** The permitted range of a number; a missing bound is open towards infinity. */
export interface Range {
  /** Smallest permitted value. */
  readonly min?: number;
  /** Largest permitted value. */
  readonly max?: number;
  /** Every permitted value is greater than this. */
  readonly above?: number;
  /** Every permitted value is less than this. */
  readonly below?: number;
}

/**
 * Returns `value` if it is a finite number in `range`.
 *
 * @throws RangeError otherwise, naming the argument, the range and the value.
 *
 * @example requireNumber('rho', 0.05, { above: 0, below: 1 }) // 0.05
 */
export function requireNumber(name: string, value: unknown, range: Range = {}): number {
  const permitted =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    !(value < (range.min ?? -Infinity)) &&
    !(value > (range.max ?? Infinity)) &&
    !(value <= (range.above ?? -Infinity)) &&
    !(value >= (range.below ?? Infinity));
  if (!permitted) throw new RangeError(`${name} must be ${describeRange(range)}; got ${show(value)}`);
  return value;
}

/**
 * Returns `value` if it is an integer in `range`.
 *
 * @throws RangeError otherwise, naming the argument, the range and the value.
 */
export function requireInteger(name: string, value: unknown, range: Range = {}): number {
  if (!Number.isSafeInteger(value)) {
    // Beyond it not every integer is a number: a bound that counts only where it is crossed.
    const tooLarge = typeof value === 'number' && value > Number.MAX_SAFE_INTEGER;
    const permitted = tooLarge ? { max: Number.MAX_SAFE_INTEGER, ...range } : range;
    throw new RangeError(`${name} must be an integer ${describeRange(permitted)}; got ${show(value)}`);
  }
  return requireNumber(name, value, range);
}

/**
 * Returns `value` if it is one of `choices`.
 *
 * @throws RangeError otherwise, listing the choices.
 */
export function requireOneOf<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    throw new RangeError(`${name} must be one of ${choices.map(show).join(', ')}; got ${show(value)}`);
  }
  return found;
}

/**
 * Returns `value` if it is a string with at least one character: a name, a path.
 *
 * @throws TypeError otherwise.
 */
export function requireText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`${name} must be a string; got ${show(value)}`);
}

/**
 * Refuses a value that is not an object: a number, a string, nothing.
 *
 * @param what What it must be, for a reader, such as `rows, or several by name`.
 * @throws TypeError otherwise.
 */
export function requireObject(name: string, value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`${name} must be ${what}; got ${show(value)}`);
}

/**
 * Refuses a value that is not a function.
 *
 * @throws TypeError otherwise.
 */
export function requireFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function; got ${show(value)}`);
}

/**
 * Returns `value` if it is an array.
 *
 * @param what What it must be, for a reader, such as `an array of rows`.
 * @throws TypeError otherwise.
 */
export function requireArray<T>(name: string, value: readonly T[], what: string): readonly T[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`${name} must be ${what}; got ${show(value)}`);
}

/**
 * Refuses numbers that are NaN or infinite.
 *
 * @param columns How many numbers a row has, if they are rows: then an error says row and column.
 * @throws RangeError naming the first such number, and its place.
 */
export function requireFinite(name: string, values: ArrayLike<number>, columns?: number): void {
  const bad = firstNotFinite(values);
  if (bad < 0) return;
  const place =
    columns === undefined
      ? `at position ${bad}`
      : `in row ${Math.floor(bad / columns)}, column ${bad % columns}`;
  throw new RangeError(`${name} must be finite; got ${show(values[bad])} ${place}`);
}

/**
 * The position of the first number that is NaN or infinite, or −1. Zero times such a number is not 0; asking four numbers at
 * once is fifteen times faster than a callback for each: some 30 ms for MNIST's 47 million.
 */
function firstNotFinite(values: ArrayLike<number>): number {
  const { length } = values;
  const at = (i: number) => values[i] as number;
  let i = 0;
  while (i + 3 < length && (at(i) + at(i + 1) + at(i + 2) + at(i + 3)) * 0 === 0) i += 4;
  // The last ones; or four with such a number among them, or with a sum beyond the largest number.
  while (i < length && Number.isFinite(at(i))) i++;
  return i < length ? i : -1;
}

/** Our names for options of Keras, PyTorch and SAELens. */
const ELSEWHERE = new Map<string, readonly string[]>([
  ['lr', ['learningRate']],
  ['l1Coefficient', ['lambda', 'penalty']],
  ['l1_coefficient', ['lambda', 'penalty']],
  ['activity_regularizer', ['penalty']],
  ['loss', ['reconstructionLoss']],
  ['validationData', ['monitor']],
  ['validation_data', ['monitor']],
  ['callbacks', ['onProgress']],
  ['d_in', ['inputDim']],
  ['d_sae', ['hiddenDim']],
  ['latentDim', ['hiddenDim']],
  ['latent_dim', ['hiddenDim']],
  ['target', ['rho']],
]);

/**
 * Refuses options that nobody reads: a misspelt `lamda` would otherwise silently do nothing.
 *
 * @throws TypeError naming the unknown option and the known ones, or saying that there are no options at all.
 */
export function refuseUnknownOptions(name: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${name} must be given options { ${known.join(', ')} }; got ${show(options)}`);
  }
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    const meant = ELSEWHERE.get(unknown)?.find((name) => known.includes(name)) ?? nearest(unknown, known);
    throw new TypeError(
      `${name} has no option ${show(unknown)}; ${meant ? `did you mean ${show(meant)}? It` : 'it'} has ${known.join(', ')}`,
    );
  }
}

/**
 * The name that was probably meant: one that ends in the given one or begins with it (`activation`, `hiddenActivation`), or
 * the one with the fewest letters to change, at most a third of them.
 */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const word = given.toLowerCase();
  const part = names.find((name) => {
    const whole = name.toLowerCase();
    return word.length >= 3 && (whole.startsWith(word) || whole.endsWith(word));
  });
  if (part !== undefined) return part;
  const [best] = names
    .map((name) => ({ name, changes: editDistance(word, name.toLowerCase()) }))
    .filter(({ name, changes }) => changes <= Math.max(given.length, name.length) / 3)
    .sort((a, b) => a.changes - b.changes);
  return best?.name;
}

/**
 * How many letters must be added, removed, replaced or swapped with their neighbour to turn one string into the other: the
 * "optimal string alignment" of Damerau, 1964.
 */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (i: number, j: number) => rows[i]?.[j] as number;
  for (let i = 1; i <= a.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(i - 1, j - 1) + Number(a[i - 1] !== b[j - 1]);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? at(i - 2, j - 2) + 1 : Infinity;
      rows[i]?.push(Math.min(replaced, swapped, at(i - 1, j) + 1, at(i, j - 1) + 1));
    }
  }
  return at(a.length, b.length);
}

/** Items of an array that a message shows. */
const SHOWN_ITEMS = 8;

/** Arrays within arrays that a message shows: an array may hold itself. */
const SHOWN_LEVELS = 3;

/** Characters of a string that a message shows. */
const SHOWN_CHARACTERS = 200;

/** A value as an error message shows it: of bounded length, and strings in quotes. */
export function show(value: unknown): string {
  return showWithin(value, SHOWN_LEVELS);
}

function showWithin(value: unknown, levels: number): string {
  if (typeof value === 'string') return `'${visible(shortened(value))}'`;
  if (typeof value === 'function') return `a function`;
  if (typeof value === 'bigint') return `${shortened(String(value))}n`;
  if (Array.isArray(value)) {
    if (levels === 0) return 'an array';
    const items = value.slice(0, SHOWN_ITEMS).map((item) => showWithin(item, levels - 1));
    return `[${[...items, ...(value.length > SHOWN_ITEMS ? ['…'] : [])].join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null)
    return `an object (${value.constructor?.name ?? 'no class'})`;
  return shortened(String(value));
}

/** Characters that move a terminal's cursor, change its colours or turn the direction of a line. */
const INVISIBLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff\u200b]/gu;

/** A string in one line, its invisible characters as JavaScript writes them: `\n`, `\u001b`. */
function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped;
  });
}

/** The string, or its beginning if it is long. */
export function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function describeRange({ min, max, above, below }: Range): string {
  const low = min ?? above;
  const high = max ?? below;
  if (low === undefined && high === undefined) return 'a finite number';
  if (high === undefined) return min === undefined ? `above ${low}` : `at least ${low}`;
  if (low === undefined) return max === undefined ? `below ${high}` : `at most ${high}`;
  return `in ${min === undefined ? '(' : '['}${low}, ${high}${max === undefined ? ')' : ']'}`;
}
