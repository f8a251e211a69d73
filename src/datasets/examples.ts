/**
 * Examples as a reader looks at them: rows of numbers, or words with their vectors.
 *
 * @module
 */
import { show } from '../numbers/arguments';
import { type Dataset, isDataset } from './dataset';
import type { WordVectors } from './words';

/** Examples to look at: a data set, or words, of which each is an example. */
export type Examples = Dataset | WordVectors;

/** The words, if the examples are words: by their form, as a notebook holds those of an older load of the class after an edit. */
export function wordsOf(data: Examples): WordVectors | undefined {
  const is = typeof data === 'object' && data !== null && 'vectors' in data && isDataset(data.vectors);
  return is ? (data as WordVectors) : undefined;
}

/** @throws TypeError if they are not {@link WordVectors} */
export function requireWords(name: string, words: WordVectors): WordVectors {
  const found = wordsOf(words);
  if (found !== undefined) return found;
  throw new TypeError(`${name} must be words with vectors, as loadWords() returns; got ${show(words)}`);
}

/** Their rows of numbers. @throws TypeError if they are neither a {@link Dataset} nor {@link WordVectors} */
export function rowsOfExamples(name: string, data: Examples): Dataset {
  const rows = wordsOf(data)?.vectors ?? data;
  if (isDataset(rows)) return rows;
  throw new TypeError(`${name} must be a Dataset or WordVectors; got ${show(data)}`);
}

/** A class's label: its name, or its number. */
export function className({ classNames }: Dataset, label: number): string {
  return classNames?.[label] ?? String(label);
}
