import { requireObject, show } from '../numbers/arguments';
import { colorOf } from './theme';

/** One thing to draw, or several by name. */
export type OneOrNamed<T> = T | Readonly<Record<string, T>>;

/** A thing to draw with its name (empty if it is the only one) and its colour. */
export interface Series<T> {
  readonly name: string;
  readonly value: T;
  readonly color: string;
}

/**
 * One thing or several by name, as a list.
 *
 * @param isOne Tells one from several.
 * @throws RangeError if there is nothing to draw.
 * @throws TypeError if it is neither one nor several by name.
 */
export function toSeries<T>(
  name: string,
  given: OneOrNamed<T>,
  isOne: (given: OneOrNamed<T>) => given is T,
): Series<T>[] {
  requireObject(name, given, 'one to draw, or several by name');
  if (isOne(given)) return [{ name: '', value: given, color: colorOf(0) }];
  const series = Object.entries(given).map(([key, value], index) => ({
    name: key,
    value,
    color: colorOf(index),
  }));
  const none = series.find(({ value }) => !isOne(value));
  if (none) {
    throw new TypeError(
      `${name} must be one to draw, or several by name; got ${show(none.value)} as ${show(none.name)}`,
    );
  }
  if (series.length === 0) throw new RangeError(`${name} must hold something to draw; got nothing`);
  return series;
}

/** Whether what is given is one list of things, not several lists by name. */
export function isList<T>(given: OneOrNamed<readonly T[]>): given is readonly T[] {
  return Array.isArray(given);
}

/** Whether what is given is one list of numbers, an array or a typed one, not several by name. */
export function isNumbers(given: OneOrNamed<ArrayLike<number>>): given is ArrayLike<number> {
  return Array.isArray(given) || ArrayBuffer.isView(given);
}
