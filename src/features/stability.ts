import { requireModel } from '../model/architecture';
import type { SparseAutoencoder } from '../model/autoencoder';
import { requireArray } from '../numbers/arguments';
import { mean } from '../numbers/arithmetic';
import { number, type OptionsOf, optional, readOptions } from '../numbers/options';
import type { Matrix } from '../numbers/values';
import { bestMatching, cosines } from './matching';

const stabilityOptions = {
  /** A unit comes back where the |cos| with its partner is above this. Default: 0.9. */
  threshold: optional(number({ min: 0, max: 1 }), 0.9),
};

/** How {@link stability} counts. @interface */
export type StabilityOptions = OptionsOf<typeof stabilityOptions>;

/** How alike dictionaries of several trainings are: {@link stability}. */
export interface Stability {
  /** The mean |cos| of partners, over all pairs of models. */
  readonly mean: number;
  /** Fraction of the units, of all models, that come back in every other model. */
  readonly returning: number;
  /** The mean |cos| of partners for each pair of models, `[models, models]`; 1 on the diagonal. */
  readonly similarity: Matrix;
  /** For each model and unit the |cos| with its partner, averaged over the other models: `[models, hiddenDim]`. */
  readonly units: Matrix;
}

/**
 * Which units come back when a model is trained again, with another seed. For each pair of models the units are matched
 * one to one such that Σ |cos| of their decoder weights is largest. A unit that does not come back was made by the seed, not by
 * the data.
 *
 * Reference: Fel et al., "Archetypal SAE", arXiv 2502.12892, 2025, where stability is this mean over two trainings; Paulo and
 * Belrose, "Sparse autoencoders trained on the same data learn different features", arXiv 2501.16615, 2025.
 *
 * @param models Two or more, of one form; they differ in their seed, for example.
 * @throws RangeError or TypeError if they are fewer, no models, or of different sizes.
 *
 * @example
 * const { returning } = stability([first, second, third]); // 0.8: four of five units come back
 */
export function stability(models: readonly SparseAutoencoder[], options: StabilityOptions = {}): Stability {
  const { threshold } = readOptions('stability', options, stabilityOptions);
  requireArray('models', models, 'an array of models');
  if (models.length < 2) throw new RangeError(`models must be at least two; got ${models.length}`);
  for (const [index, model] of models.entries()) requireModel(`models[${index}]`, model);
  const weights = models.map(({ decoderWeights }) => decoderWeights);
  const [units, inputs] = (weights[0] as Matrix).shape;
  for (const [index, { shape }] of weights.entries()) {
    if (shape[0] === units && shape[1] === inputs) continue;
    throw new RangeError(
      `models must all have ${units} units for ${inputs} inputs, as models[0] has; models[${index}] has ${shape[0]} for ${shape[1]}`,
    );
  }

  const count = models.length;
  const similarity = new Float32Array(count ** 2).fill(1);
  const sums = new Float64Array(count * units);
  const returns = new Uint8Array(count * units).fill(1);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < a; b++) {
      const matching = bestMatching(cosines(weights[a] as Matrix, weights[b] as Matrix));
      const alike = mean(matching.map(({ cosine }) => Math.abs(cosine)));
      similarity[a * count + b] = similarity[b * count + a] = alike;
      for (const { row, partner, cosine } of matching) {
        for (const unit of [a * units + row, b * units + partner]) {
          sums[unit] = (sums[unit] as number) + Math.abs(cosine);
          if (Math.abs(cosine) <= threshold) returns[unit] = 0;
        }
      }
    }
  }
  const all = Float32Array.from(sums, (sum) => sum / (count - 1));
  return {
    mean: mean(all),
    returning: mean(returns),
    similarity: { values: similarity, shape: [count, count] },
    units: { values: all, shape: [count, units] },
  };
}
