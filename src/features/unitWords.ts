import type { Rows } from '../datasets/rows';
import { requireArray, requireInteger } from '../numbers/arguments';
import { integer, type OptionsOf, optional, readOptions, value } from '../numbers/options';
import { codeOfWords, strongestRows } from './strongestWords';
import { unitActivations } from './unitActivations';

const unitWordsOptions = {
  /** How many words per unit, those that excite it most. Default: 10. */
  count: optional(integer({ min: 1 }), 10),
  /** Which units, counted from 0. Default: all. */
  units: optional(value<readonly number[]>()),
};

/** Options of {@link unitWords}. @interface */
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
  const code = codeOfWords(activations, words);
  const [, hiddenDim] = code.shape;
  const wanted = units ?? Array.from({ length: hiddenDim }, (_, unit) => unit);
  for (const [index, unit] of requireArray('units', wanted, 'an array of units').entries())
    requireInteger(`units[${index}]`, unit, { min: 0, max: hiddenDim - 1 });
  return wanted.map((unit) => {
    const column = unitActivations(code, unit).values;
    const top = strongestRows(column, count);
    return {
      unit,
      words: top.map((row) => words[row] as string),
      activations: top.map((row) => column[row] as number),
      active: column.filter((activation) => activation > 0).length,
    };
  });
}
