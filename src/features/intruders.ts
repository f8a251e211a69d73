import { requireWords } from '../datasets/examples';
import type { Rows } from '../datasets/rows';
import type { WordVectors } from '../datasets/words';
import { requireArray } from '../numbers/arguments';
import { dot } from '../numbers/arithmetic';
import { integer, type OptionsOf, optional, readOptions } from '../numbers/options';
import { Random } from '../numbers/random';
import { codeOfWords, strongestRows } from './strongestWords';
import { unitActivations } from './unitActivations';

/** Words of a unit that are shown, and words among which they are drawn. */
const SHOWN = 5;
const AMONG = 10;

const intruderOptions = {
  /** Rounds per unit. Default: 1. */
  rounds: optional(integer({ min: 1 }), 1),
  /** Draws the words and their order. Default: 0. */
  seed: optional(integer({ min: 0 }), 0),
};

/** How {@link intruderRounds} draws. @interface */
export type IntruderOptions = OptionsOf<typeof intruderOptions>;

/** A round of the intruder game. */
export interface IntruderRound {
  /** The unit to which five of the words belong. */
  readonly unit: number;
  /** Six words in random order. */
  readonly words: readonly string[];
  /** The place of the one that does not belong, 0 to 5. */
  readonly intruder: number;
}

/** A round, and the judge's answer. */
export interface JudgedRound extends IntruderRound {
  /** The place of the word that the judge took for the intruder. */
  readonly pick: number;
}

/** The result of {@link intruderScore}. */
export interface IntruderScore {
  /** The fraction of rounds in which the judge found the intruder. */
  readonly score: number;
  /** The score of guessing: 1/6. */
  readonly chance: number;
  /** Each unit's own fraction, in the order of the rounds. */
  readonly units: readonly { readonly unit: number; readonly score: number }[];
  readonly rounds: readonly JudgedRound[];
}

/**
 * Rounds of the intruder game: five words of a unit, and one that does not belong.
 *
 * The five are drawn from the ten words that excite the unit most. The intruder is one of the ten of another unit, so it is as
 * typical a word as they are; but this unit it excites no more than the median word does.
 *
 * @param activations h, [words, hiddenDim]: of any model, or numbers in which each column is read as a unit
 * @param words As many as rows, such as `loadWords().words`; if there are more, the first.
 * @returns `rounds` per unit; none for a unit that is active (above 0) for fewer than ten words, or for which no top word of another
 *   unit can be an intruder
 * @throws RangeError if there are fewer words than rows, or fewer than two units with ten words
 *
 * Reference: Chang, Boyd-Graber, Gerrish, Wang and Blei, "Reading tea leaves: how humans interpret topic models", 2009.
 *
 * @example
 * const words = loadWords();
 * intruderRounds(model.encode(words.vectors), words.words)[0]
 * // { unit: 0, words: [ 'june', 'salt', 'april', … ], intruder: 1 }
 */
export function intruderRounds(
  activations: Rows,
  words: readonly string[],
  options: IntruderOptions = {},
): IntruderRound[] {
  const { rounds, seed } = readOptions('intruderRounds', options, intruderOptions);
  const code = codeOfWords(activations, words);
  const lists = Array.from({ length: code.shape[1] }, (_, unit) => {
    const column = unitActivations(code, unit).values;
    const ascending = column.toSorted();
    const median = ascending[(column.length - 1) >> 1] ?? 0;
    return { unit, column, median, top: strongestRows(column, AMONG, ascending) };
  }).filter(({ top }) => top.length === AMONG);
  if (lists.length < 2)
    throw new RangeError(`activations must have at least 2 units with ${AMONG} words; got ${lists.length}`);
  const typical = [...new Set(lists.flatMap(({ top }) => top))];
  return lists.flatMap(({ unit, column, median, top }) => {
    const random = new Random(seed, unit);
    const strangers = typical.filter((row) => (column[row] as number) <= median && !top.includes(row));
    if (strangers.length === 0) return [];
    return Array.from({ length: rounds }, (): IntruderRound => {
      const drawn = Array.from(random.permutation(AMONG).subarray(0, SHOWN), (rank) => top[rank] as number);
      const stranger = strangers[random.integer(strangers.length)] as number;
      const order = random.permutation(SHOWN + 1);
      const shown = Array.from(order, (place) => drawn[place] ?? stranger);
      return { unit, words: shown.map((row) => words[row] as string), intruder: order.indexOf(SHOWN) };
    });
  });
}

/**
 * How well a judge that has only the words' vectors finds the intruders: a number for how much the words of a unit have in common.
 *
 * Give it a judge whose vectors the units have not seen, such as the other half of the numbers. Any direction of a space has
 * words that lie together *in that space*, so a judge that sees what the units saw is content with untrained units, too.
 *
 * @param rounds Rounds of {@link intruderRounds}.
 * @param judge Words, those of the rounds among them, with the vectors by which it compares: {@link oddOneOut}.
 * @throws TypeError if they are not rounds and words; RangeError if there is no round, or the judge does not know a word
 *
 * @example
 * const [seen, unseen] = [loadWords().columns(0, 50), loadWords().columns(50, 100)];
 * // With a model that was trained on seen.vectors:
 * intruderScore(intruderRounds(model.encode(seen.vectors), seen.words), unseen).score
 */
export function intruderScore(rounds: readonly IntruderRound[], judge: WordVectors): IntruderScore {
  if (requireArray('rounds', rounds, 'an array of rounds').length === 0)
    throw new RangeError('rounds must hold at least one round; got 0');
  for (const [index, round] of rounds.entries())
    requireArray(`rounds[${index}].words`, round?.words, 'an array of words');
  const judged = rounds.map((round): JudgedRound => ({ ...round, pick: oddOneOut(round.words, judge) }));
  const byUnit = new Map<number, JudgedRound[]>();
  for (const round of judged) byUnit.set(round.unit, [...(byUnit.get(round.unit) ?? []), round]);
  const units = Array.from(byUnit, ([unit, own]) => ({ unit, score: fractionFound(own) }));
  return { score: fractionFound(judged), chance: 1 / (SHOWN + 1), units, rounds: judged };
}

/**
 * Which of some words belongs least to the others: the one with the smallest sum of cosines to them.
 *
 * @param among At least three words of `judge`.
 * @returns its place, counted from 0
 * @throws TypeError if `judge` is not words with vectors; RangeError if there are fewer than three, or one is not a word of it
 *
 * @example oddOneOut(['june', 'april', 'salt', 'march'], loadWords()) // → 2
 */
export function oddOneOut(among: readonly string[], judge: WordVectors): number {
  if (requireArray('among', among, 'an array of words').length < 3)
    throw new RangeError(`among must hold at least 3 words; got ${among.length}`);
  const known = requireWords('judge', judge);
  const vectors = among.map((word) => {
    const vector = known.vectorOf(word);
    const length = Math.sqrt(dot(vector, vector)) || 1;
    return vector.map((value) => value / length);
  });
  const closeness = vectors.map((one) => vectors.reduce((sum, other) => sum + dot(one, other), 0));
  return closeness.indexOf(Math.min(...closeness));
}

const fractionFound = (rounds: readonly JudgedRound[]) =>
  rounds.filter(({ pick, intruder }) => pick === intruder).length / rounds.length;
