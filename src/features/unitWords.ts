import { type Rows, toMatrix } from '../datasets/rows';
import { requireArray, requireInteger } from '../numbers/arguments';
import { integer, type OptionsOf, optional, readOptions, value } from '../numbers/options';

const unitWordsOptions = {
  /** How many words per unit, those that excite it most. Default: 10. */
  count: optional(integer({ min: 1 }), 10),
  /** Which units, counted from 0. Default: all. */
  units: optional(value<readonly number[]>()),
};

/** What {@link unitWords} lists. @interface */
export type UnitWordsOptions = OptionsOf<typeof unitWordsOptions>;

/** A unit as a list of words. */
export interface UnitWords {
  readonly unit: number;
  /** The words that excite it most, the strongest first; fewer than asked for if it is active for fewer, none if it is dead. */
  readonly words: readonly string[];
  /** Its activations for these words. */
  readonly activations: readonly number[];
  /** The number of words for which it is active. */
  readonly active: number;
}

/**
 * Each unit as a list of words: those that excite it most.
 *
 * @param activations h, [words, hiddenDim]: the codes of the words, row by row.
 * @param words As many as rows, such as `loadWords().words`; if there are more, the first.
 * @returns one list per unit, in the order of `units`; a word counts where its activation is above 0, and of equals the earlier comes first
 * @throws RangeError if there are fewer words than rows, a unit does not exist or `count` is not a positive integer
 *
 * @example
 * unitWords(tf.tensor2d([[0, 2], [1, 4], [3, 0]]), ['june', 'july', 'salt']).map(({ words }) => words.join(' ')) // → ['salt july', 'july june']
 */
export function unitWords(
  activations: Rows,
  words: readonly string[],
  options: UnitWordsOptions = {},
): UnitWords[] {
  const { count, units } = readOptions('unitWords', options, unitWordsOptions);
  const { values, shape } = toMatrix('activations', activations);
  const [rows, hiddenDim] = shape;
  if (requireArray('words', words, 'an array of words').length < rows)
    throw new RangeError(`words must hold one per row of activations, ${rows}; got ${words.length}`);
  const wanted = units ?? Array.from({ length: hiddenDim }, (_, unit) => unit);
  for (const [index, unit] of requireArray('units', wanted, 'an array of units').entries())
    requireInteger(`units[${index}]`, unit, { min: 0, max: hiddenDim - 1 });
  return wanted.map((unit) => {
    const active: number[] = [];
    const of = (row: number) => values[row * hiddenDim + unit] as number;
    for (let row = 0; row < rows; row++) if (of(row) > 0) active.push(row);
    const top = active.toSorted((a, b) => of(b) - of(a) || a - b).slice(0, count);
    return {
      unit,
      words: top.map((row) => words[row] as string),
      activations: top.map(of),
      active: active.length,
    };
  });
}
