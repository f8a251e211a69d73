/**
 * What SAELens' architectures are in terms of ours: a table with one row per architecture.
 *
 * Both have z = x·Wₑ + bₑ and x̂ = h·W_d + b_d, with arrays of the same shapes. They differ in the names, in what SAELens takes off x
 * first, which {@link Weights} holds as a shift of z, and in what makes h of z.
 *
 * @module
 */
import type { AutoencoderOptions, SparseAutoencoder } from '../model/autoencoder';
import type { Vector } from '../numbers/values';

/** What a row turns into a model. */
export interface Weights {
  /** The row's vectors, by SAELens' names: one number per unit. */
  readonly vectors: Readonly<Record<string, Float32Array>>;
  /** b_dec·W_enc where SAELens subtracts b_dec from its input, else zeros: what it lowers z by. One number per unit. */
  readonly shift: Float64Array;
}

/** An architecture of SAELens. */
export interface Row {
  /** SAELens' names of the arrays `[d_sae]` besides W_enc `[d_in, d_sae]`, W_dec `[d_sae, d_in]` and b_dec `[d_in]`. */
  readonly vectors: readonly string[];
  /** The activation and the arrays that a model has for them. */
  read(weights: Weights): {
    readonly form: Partial<AutoencoderOptions>;
    readonly parameters: Readonly<Record<string, Vector>>;
  };
  /** The vectors for a model, if this is its architecture. */
  write(model: SparseAutoencoder): Readonly<Record<string, Vector>> | undefined;
}

/** The architectures that both have, by SAELens' names. */
export const architectures: Readonly<Record<string, Row>> = {
  standard: {
    vectors: ['b_enc'],
    read: ({ vectors, shift }) => ({
      form: { hiddenActivation: 'relu' },
      parameters: { encoderBias: lowered(vectors.b_enc as Float32Array, shift) },
    }),
    write: ({ architecture, encoderBias }) =>
      architecture.hiddenActivation === 'relu' ? { b_enc: encoderBias } : undefined,
  },
};

/** b − shift, in double precision until the end. */
function lowered(bias: Float32Array, shift: Float64Array): Vector {
  return { values: bias.map((value, unit) => value - (shift[unit] as number)), shape: [bias.length] };
}
