import { SparseAutoencoder } from 'sparselab';

/** A relu model of n inputs and n units whose weights are the identity: h = max(0, x), x̂ = h + bias. */
export function identity(n: number, bias: readonly number[] = []): SparseAutoencoder {
  const model = new SparseAutoencoder({ inputDim: n, hiddenDim: n });
  const weights = {
    values: Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
    shape: [n, n],
  };
  model.setParameters({
    encoderWeights: weights,
    encoderBias: { values: new Float32Array(n), shape: [n] },
    decoderWeights: weights,
    decoderBias: { values: Float32Array.from({ length: n }, (_, i) => bias[i] ?? 0), shape: [n] },
  });
  return model;
}
