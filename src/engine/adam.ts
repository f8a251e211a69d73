/**
 * Adam's constants, as PyTorch and the paper have them. Keras and tfjs use ε = 1e-7, which gives other numbers.
 *
 * Kingma & Ba, "Adam: a method for stochastic optimization", 2015.
 *
 * @module
 */

/** Decay of the running mean of the gradient, β₁. */
export const BETA1 = 0.9;
/** Decay of the running mean of the squared gradient, β₂. */
export const BETA2 = 0.999;
/** Added to the denominator, ε. */
export const EPSILON = 1e-8;

/**
 * One step of Adam in place:
 *
 *     m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  w ← w − η · m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε)
 *
 * One pass in JavaScript: on the backends without a fused Adam, six tensor operations a parameter cost more.
 *
 * @param step t, counted from 1.
 */
export function adamStep(
  weights: Float32Array,
  gradient: Float32Array,
  firstMoment: Float32Array,
  secondMoment: Float32Array,
  step: number,
  learningRate: number,
): void {
  const rate = learningRate / (1 - BETA1 ** step);
  const correction = Math.sqrt(1 - BETA2 ** step);
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i] as number;
    const m = BETA1 * (firstMoment[i] as number) + (1 - BETA1) * g;
    const v = BETA2 * (secondMoment[i] as number) + (1 - BETA2) * g * g;
    firstMoment[i] = m;
    secondMoment[i] = v;
    weights[i] = (weights[i] as number) - (rate * m) / (Math.sqrt(v) / correction + EPSILON);
  }
}
