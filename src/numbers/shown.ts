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
 * A fraction in percent.
 *
 * @example percent(0.98765) // '98.8 %'
 */
export const percent = (fraction: number): string => `${short(100 * fraction)} %`;
