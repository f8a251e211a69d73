import { platform } from '#platform';
import { requireArray, requireInteger, requireText, show } from '../numbers/arguments';
import { dot } from '../numbers/arithmetic';
import { integer, type OptionsOf, optional, readOptions } from '../numbers/options';
import { parseAnySafetensors } from '../numbers/safetensors';
import type { Values } from '../numbers/values';
import { INSPECT } from '../page/cell';
import { Dataset, requireDataset } from './dataset';
import { byCommand, readVerified } from './verifiedFile';

const file = {
  path: platform.projectFile('datasets/words/words.safetensors.gz'),
  sha256: '015fba9192663c8a84625ad2241b02d1e7c786093f80619cc64bfd6f689f312c',
  gzipped: true,
  size: 2_245_184,
  remedy: byCommand('git checkout -- datasets/words'),
};

/** How many spellings an error proposes. */
const PROPOSED = 3;

/** A word beside another. */
export interface NearWord {
  readonly word: string;
  /** The cosine of the angle between their vectors, −1 to 1. */
  readonly cosine: number;
}

/** Words, each with a vector: words with similar neighbours have similar vectors. */
export class WordVectors {
  /** The words in the order of the rows. */
  readonly words: readonly string[];
  /** Their vectors: what a model is trained on. */
  readonly vectors: Dataset;
  readonly #rows: ReadonlyMap<string, number>;
  #unit: Float32Array | undefined;

  /**
   * @throws RangeError if there are not as many words as vectors, or a word stands twice
   * @throws TypeError if `words` is not an array of strings or `vectors` is not a Dataset
   */
  constructor(words: readonly string[], vectors: Dataset) {
    requireDataset('vectors', vectors);
    this.words = Array.from(requireArray('words', words, 'an array of texts'));
    if (this.words.length !== vectors.count)
      throw new RangeError(`words must hold one word per vector, ${vectors.count}; got ${this.words.length}`);
    const rows = new Map<string, number>();
    for (const [row, word] of this.words.entries()) {
      requireText(`words[${row}]`, word);
      if (rows.has(word))
        throw new RangeError(`words must differ; got ${show(word)} at ${rows.get(word)} and ${row}`);
      rows.set(word, row);
    }
    this.vectors = vectors;
    this.#rows = rows;
  }

  /** Whether the word is among them, as {@link rowOf} finds it. */
  has(word: string): boolean {
    return this.#find(requireString(word)) !== undefined;
  }

  /**
   * The word's row in {@link vectors}. A word that somebody typed is found without the blanks around it and in lower case.
   *
   * @throws RangeError if the word is not among them, with words that are spelled like it
   *
   * @example loadWords().rowOf(' The ') // → 0
   */
  rowOf(word: string): number {
    const row = this.#find(requireString(word));
    if (row === undefined) {
      const alike = this.spelledLike(word).map(show).join(', ');
      throw new RangeError(
        `word must be one of the ${this.words.length.toLocaleString('en')}; got ${show(word)}. Spelled like it: ${alike}`,
      );
    }
    return row;
  }

  /**
   * The words that are spelled most like a string: those that share most pairs of neighbouring letters with it. Accents do not count:
   * *müller* is like *muller*.
   *
   * @param count - how many. Default: 3, or all if there are fewer.
   * @throws RangeError if `count` is out of its range
   *
   * @example loadWords().spelledLike('strawbery', 1) // → ['strawberry']
   */
  spelledLike(text: string, count?: number): string[] {
    const plain = requireString(text).trim().toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
    const pairs = letterPairs(plain);
    const all = this.words.length;
    const wanted = requireInteger('count', count ?? Math.min(PROPOSED, all), { min: 1, max: all });
    const alike = (other: string) => {
      const others = letterPairs(other);
      return [...others].filter((pair) => pairs.has(pair)).length / (pairs.size + others.size);
    };
    const likeness = this.words.map(alike);
    return Array.from(this.words.keys())
      .sort((a, b) => (likeness[b] as number) - (likeness[a] as number) || a - b)
      .slice(0, wanted)
      .map((row) => this.words[row] as string);
  }

  /** The same words, each vector divided by its length: then only its direction counts. A vector of zeros stays. */
  normalized(): WordVectors {
    const { dim, count, name, source, licence } = this.vectors;
    const values = this.#unitVectors().slice();
    return new WordVectors(this.words, new Dataset({ name, source, licence, values, count, dim }));
  }

  /**
   * The same words with some of the numbers of each vector, from column `start` up to, not including, `end`: what a judge needs
   * that must not see the numbers that a model was trained on.
   *
   * @throws RangeError unless 0 ≤ start < end ≤ dim
   *
   * @example loadWords().columns(50, 100).vectors.dim // → 50
   */
  columns(start: number, end: number): WordVectors {
    const { dim, count, name, source, licence } = this.vectors;
    requireInteger('start', start, { min: 0, max: dim - 1 });
    requireInteger('end', end, { min: start + 1, max: dim });
    const width = end - start;
    const values = new Float32Array(count * width);
    for (let row = 0; row < count; row++)
      values.set(this.vectors.gather([row]).subarray(start, end), row * width);
    return new WordVectors(this.words, new Dataset({ name, source, licence, values, count, dim: width }));
  }

  /** The word's vector, `dim` numbers. @throws RangeError as {@link rowOf} */
  vectorOf(word: string): Float32Array {
    return this.vectors.gather([this.rowOf(word)]);
  }

  /**
   * The words whose vectors point most nearly where this one points, nearest first.
   *
   * @param to - a word, which is itself left out, or any vector of `dim` numbers
   * @param count - how many. Default: 10, or all others if there are fewer.
   * @throws RangeError if the word is not among them, the vector has another length or is zero, or `count` is out of its range
   * @example
   * loadWords().nearest('january', 3).map(({ word }) => word) // [ 'february', 'october', 'december' ]
   */
  nearest(to: string | ArrayLike<number>, count?: number): NearWord[] {
    const own = typeof to === 'string' ? this.rowOf(to) : -1;
    const others = this.words.length - (own < 0 ? 0 : 1);
    const wanted = requireInteger('count', count ?? Math.min(10, others), { min: 1, max: others });
    const { dim } = this.vectors;
    const target = unitVector('to', typeof to === 'string' ? this.vectorOf(to) : to, dim);
    const unit = this.#unitVectors();
    const cosines = Float64Array.from(this.words, (_, row) =>
      row === own ? Number.NEGATIVE_INFINITY : dot(unit.subarray(row * dim, (row + 1) * dim), target),
    );
    return Array.from(cosines.keys())
      .sort((a, b) => (cosines[b] as number) - (cosines[a] as number) || a - b)
      .slice(0, wanted)
      .map((row) => ({ word: this.words[row] as string, cosine: cosines[row] as number }));
  }

  /** Summary in one line: `20,000 words with vectors of 100 numbers`. */
  toString(): string {
    return `${this.words.length.toLocaleString('en')} words with vectors of ${this.vectors.dim} numbers`;
  }

  [INSPECT](): string {
    return this.toString();
  }

  /** The vectors, each divided by its length; made once. */
  #unitVectors(): Float32Array {
    if (this.#unit === undefined) {
      const { dim, count } = this.vectors;
      const unit = this.vectors.gather(Array.from({ length: count }, (_, row) => row));
      for (let row = 0; row < count; row++) {
        const vector = unit.subarray(row * dim, (row + 1) * dim);
        const length = Math.sqrt(dot(vector, vector)) || 1;
        for (let i = 0; i < dim; i++) vector[i] = (vector[i] as number) / length;
      }
      this.#unit = unit;
    }
    return this.#unit;
  }

  /** The row of a word as it is spelled, or else as a reader typed it. */
  #find(typed: string): number | undefined {
    return this.#rows.get(typed) ?? this.#rows.get(typed.trim().toLowerCase());
  }
}

/** Any text may be looked for, an empty one, too. */
function requireString(word: unknown): string {
  if (typeof word === 'string') return word;
  throw new TypeError(`word must be a string; got ${show(word)}`);
}

/** The pairs of neighbouring letters, with the word's beginning and end: ^c, ca, at, t$. */
function letterPairs(word: string): ReadonlySet<string> {
  const marked = `^${word}$`;
  return new Set(Array.from({ length: marked.length - 1 }, (_, i) => marked.slice(i, i + 2)));
}

function unitVector(name: string, vector: ArrayLike<number>, dim: number): Float32Array {
  const isArray = Array.isArray(vector) || (ArrayBuffer.isView(vector) && !(vector instanceof DataView));
  if (!isArray) throw new TypeError(`${name} must be a word or an array of numbers; got ${show(vector)}`);
  const values = Float32Array.from(vector);
  if (values.length !== dim) throw new RangeError(`${name} must have ${dim} numbers; got ${values.length}`);
  const length = Math.sqrt(dot(values, values));
  if (!(length > 0 && length < Number.POSITIVE_INFINITY))
    throw new RangeError(`${name} must have a length above 0; got ${length}`);
  return values.map((value) => value / length);
}

const wordsOptions = {
  /** How many, the most frequent ones. Default: all. */
  count: optional(integer({ min: 1 })),
};

/** Options of {@link loadWords}. @interface */
export type WordsOptions = OptionsOf<typeof wordsOptions>;

let loaded: WordVectors | undefined;

/**
 * The 20,000 most frequent English words, most frequent first, with vectors of 100 numbers: GloVe's, learned from
 * which words stand near each other in Wikipedia and in news.
 *
 * Kept are words that a spelling list has, without slurs and obscenities; `datasets/README.md` says how. The vectors are stored in
 * one byte per number, with an error of 0.7 % of their length. A second call in the same process returns the same words at once.
 *
 * @throws RangeError if `count` is not an integer from 1 to 20,000
 * @throws Error if the file is missing or was altered, with the command that restores it
 *
 * Reference: Pennington, Socher and Manning, "GloVe: Global Vectors for Word Representation", 2014.
 *
 * @example
 * loadWords().vectorOf('apple').length // → 100
 */
export function loadWords(options: WordsOptions = {}): WordVectors {
  const read = readOptions('loadWords', options, wordsOptions);
  loaded ??= readWords();
  const { words, vectors } = loaded;
  const { count = words.length } = read;
  requireInteger('count', count, { min: 1, max: words.length });
  return count === words.length ? loaded : new WordVectors(words.slice(0, count), vectors.take(count));
}

function readWords(): WordVectors {
  const { arrays, metadata } = parseAnySafetensors(file.path, readVerified(file));
  // The checksum vouches for the file's content.
  const { vectors, scales } = arrays as Record<'vectors' | 'scales', Values>;
  const words = (metadata.words as string).split(' ');
  const dim = vectors.values.length / words.length;
  const values = vectors.values.map((value, i) => value * (scales.values[Math.floor(i / dim)] as number));
  const provenance = { source: 'GloVe 6B, 100 dimensions', licence: 'PDDL 1.0' };
  return new WordVectors(
    words,
    new Dataset({ name: 'words', values, count: words.length, dim, ...provenance }),
  );
}
