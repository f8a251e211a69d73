import { requireWords } from '../datasets/examples';
import { requireColumns } from '../datasets/rows';
import type { WordVectors } from '../datasets/words';
import { requireModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { show } from '../numbers/arguments';
import { dot } from '../numbers/arithmetic';
import { rowAt } from '../numbers/values';

/** The contribution of one unit to a word. */
export interface WordPart {
  readonly unit: number;
  /** hⱼ */
  readonly activation: number;
  /** Its contribution to the similarity of x̂ and x; negative if it points away from x. */
  readonly similarity: number;
}

/** A word as a sum of units: {@link wordParts}. */
export interface WordParts {
  /** The word as the list has it. */
  readonly word: string;
  /** Its active units, the one that adds most first. */
  readonly parts: readonly WordPart[];
  /** The contribution of the decoder's bias, which is common to all words. */
  readonly bias: number;
  /** The cosine of the angle between x̂ and x: `bias` and all parts, added up. */
  readonly similarity: number;
}

/**
 * A word as a sum of units.
 *
 * The reconstruction is a sum, x̂ = b_d + Σⱼ hⱼ dⱼ, and so is its similarity to the word's vector, which is 0 if x̂ or x is zero:
 *
 *     cos(x̂, x) = (b_d · x + Σⱼ hⱼ (dⱼ · x)) / (‖x̂‖ ‖x‖)      j over the active units, dⱼ row j of W_d
 *
 * @param model A model with a linear output that was trained on vectors such as these.
 * @param words The words; the vectors must be scaled as those that the model was trained on.
 * @param word One of them; upper case and blanks around it do not matter.
 * @throws TypeError if they are not a model and words
 * @throws RangeError if the word is not among them, with words that are spelled like it, or the model has another inputDim or
 *   an output that is not linear
 *
 * @example
 * const words = loadWords({ count: 100 }).normalized();
 * wordParts(new SparseAutoencoder({ inputDim: 100, hiddenDim: 8, seed: 1 }), words, ' Time ').word // → 'time'
 */
export function wordParts(model: SparseAutoencoder, words: WordVectors, word: string): WordParts {
  requireModel('model', model);
  const row = requireWords('words', words).rowOf(word);
  const x = words.vectors.gather([row]);
  const { inputDim, hiddenDim, outputActivation } = model.architecture;
  if (outputActivation !== 'linear')
    throw new RangeError(
      `model must have a linear output, or its parts do not add up; got outputActivation ${show(outputActivation)}`,
    );
  requireColumns('words.vectors', [words.words.length, x.length], inputDim, 'inputDim');
  const { activations, reconstruction } = model.forward({ values: x, shape: [1, inputDim] });
  const lengths = Math.sqrt(dot(x, x)) * Math.sqrt(dot(reconstruction.values, reconstruction.values));
  const scale = lengths === 0 ? 0 : 1 / lengths;
  const { decoderWeights } = model;
  const along = (vector: Float32Array) => scale * dot(vector, x);
  const parts = Array.from({ length: hiddenDim }, (_, unit) => {
    const activation = activations.values[unit] as number;
    return { unit, activation, similarity: activation * along(rowAt(decoderWeights, unit)) };
  }).filter(({ activation }) => activation !== 0);
  return {
    word: words.words[row] as string,
    parts: parts.sort((a, b) => b.similarity - a.similarity),
    bias: along(model.decoderBias.values),
    similarity: along(reconstruction.values),
  };
}
