/**
 * SAELens' architectures in terms of ours: a table with one row per architecture.
 *
 * Both have z = x·Wₑ + bₑ and x̂ = h·W_d + b_d, with arrays of the same shapes, and may subtract b_d from x before. They differ
 * in names, and in the function from z to h.
 *
 * @module
 */
import type { ActivationData } from '../model/activations';
import type { SparseAutoencoder } from '../model/autoencoder';
import type { Vector } from '../numbers/values';

/** Arrays `[hiddenDim]` by name. */
type Vectors = Readonly<Record<string, Vector>>;

/** An architecture of SAELens. */
export interface Row {
  /** SAELens' names of the arrays `[d_sae]` besides W_enc `[d_in, d_sae]`, W_dec `[d_sae, d_in]` and b_dec `[d_in]`. */
  readonly vectors: readonly string[];
  /** The vectors that are on the scale of z: they grow with it. */
  readonly onScaleOfZ: readonly string[];
  /** SAELens' names of the whole numbers in `cfg.json` that it is made with. */
  readonly settings?: readonly string[];
  /** A model's activation, and its parameters besides weights and decoder bias. */
  read(vectors: Vectors, settings: Readonly<Record<string, number>>): ModelPart;
  /** The vectors and settings for a model, if this is its architecture. */
  write(model: SparseAutoencoder): FolderPart | undefined;
}

interface ModelPart {
  readonly hiddenActivation: ActivationData;
  readonly parameters: Vectors;
}

interface FolderPart {
  readonly vectors: Vectors;
  readonly settings?: Readonly<Record<string, number>>;
}

/** The architectures that both have, by SAELens' names. */
export const architectures: Readonly<Record<string, Row>> = {
  standard: {
    vectors: ['b_enc'],
    onScaleOfZ: ['b_enc'],
    read: ({ b_enc }) => ({ hiddenActivation: 'relu', parameters: named({ encoderBias: b_enc }) }),
    write: (model) => (nameOf(model) === 'relu' ? { vectors: { b_enc: model.encoderBias } } : undefined),
  },
  topk: {
    vectors: ['b_enc'],
    onScaleOfZ: ['b_enc'],
    settings: ['k'],
    read: ({ b_enc }, { k }) => ({
      hiddenActivation: { name: 'topK', k: k as number },
      parameters: named({ encoderBias: b_enc }),
    }),
    write: (model) =>
      nameOf(model) === 'topK'
        ? { vectors: { b_enc: model.encoderBias }, settings: settingsOf(model) }
        : undefined,
  },
  // The architecture of SAELens' BatchTopK and Matryoshka after training, and of ours in a file.
  jumprelu: {
    vectors: ['b_enc', 'threshold'],
    onScaleOfZ: ['b_enc', 'threshold'],
    // SAELens takes relu(z) above the threshold: below 0 a threshold has no effect.
    read: ({ b_enc, threshold }) => ({
      hiddenActivation: 'jumpRelu',
      parameters: named({ encoderBias: b_enc, threshold: threshold && atLeastZero(threshold) }),
    }),
    write: (model) => {
      const threshold = thresholdsOf(model);
      return threshold && { vectors: { b_enc: model.encoderBias, threshold } };
    },
  },
  gated: {
    vectors: ['b_gate', 'b_mag', 'r_mag'],
    onScaleOfZ: ['b_gate', 'b_mag'],
    read: ({ b_gate, b_mag, r_mag }) => ({
      hiddenActivation: 'gated',
      parameters: named({ encoderBias: b_gate, magnitudeBias: b_mag, magnitudeScale: r_mag }),
    }),
    write: (model) => {
      if (nameOf(model) !== 'gated') return undefined;
      const { encoderBias, magnitudeBias, magnitudeScale } = model.parameters as Vectors;
      return { vectors: named({ b_gate: encoderBias, b_mag: magnitudeBias, r_mag: magnitudeScale }) };
    },
  },
};

/** The name of the model's hidden activation. */
export function nameOf({ architecture: { hiddenActivation } }: SparseAutoencoder): string {
  return typeof hiddenActivation === 'string' ? hiddenActivation : hiddenActivation.name;
}

function settingsOf({
  architecture: { hiddenActivation },
}: SparseAutoencoder): Readonly<Record<string, number>> {
  return (typeof hiddenActivation === 'string' ? undefined : hiddenActivation.settings) ?? {};
}

/** The threshold of each unit of a trained model, if it has some: they may be one for all. */
function thresholdsOf(model: SparseAutoencoder): Vector | undefined {
  const { hiddenDim } = model.architecture;
  const learnt = { jumpRelu: model.parameters, batchTopK: model.state, winnerTakeAll: model.state }[
    nameOf(model)
  ];
  const threshold = learnt?.threshold;
  if (!threshold) return undefined;
  const one = (unit: number) => threshold.values[threshold.values.length === 1 ? 0 : unit] as number;
  return atLeastZero({
    values: Float32Array.from({ length: hiddenDim }, (_, unit) => one(unit)),
    shape: [hiddenDim],
  });
}

const atLeastZero = ({ values, shape }: Vector): Vector => ({
  values: values.map((value) => Math.max(0, value)),
  shape,
});

/** The caller has looked that all of them are there. */
const named = (vectors: Readonly<Record<string, Vector | undefined>>): Vectors => vectors as Vectors;
