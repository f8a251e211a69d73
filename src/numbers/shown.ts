/**
 * Numbers as a sentence or a table shows them.
 *
 * @module
 */

/**
 * A number in a few digits, without zeros at its end.
 *
 * @example short(0.012345) // '0.0123'
 */
export const short = (value: number, digits = 3): string => String(Number(value.toPrecision(digits)));

/**
 * A fraction in percent, in a few digits or with a number of decimal places.
 *
 * @example percent(0.98765) // '98.8 %'
 * @example percent(0.985, 2) // '98.50 %'
 */
export const percent = (fraction: number, places?: number): string => {
  const text = places === undefined ? short(100 * fraction) : (100 * fraction).toFixed(places);
  // A number that rounds to 0 has no sign.
  return `${Number(text) === 0 ? text.replace('-', '') : text} %`;
};

/**
 * A number with its thousands set apart.
 *
 * @example grouped(1570) // '1,570'
 */
export const grouped = (number: number): string => number.toLocaleString('en');

/**
 * A count and its noun, in the plural unless it is one.
 *
 * @param noun One whose plural ends in s
 * @example counted(1570, 'step') // '1,570 steps'
 * @example counted(1, 'epoch') // '1 epoch'
 */
export const counted = (count: number, noun: string): string =>
  `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
