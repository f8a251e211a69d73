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

/**
 * Adam's ε̂ and each member's step size for the steps after `taken`, so that the fused operation of the compiled engines,
 * `w ← w − size · m / (√v + ε̂)`, does what {@link adamStep} does:
 *
 *     size = η √(1−β₂ᵗ) / (1−β₁ᵗ),   ε̂ = ε √(1−β₂ᵗ)
 *
 * β₁ and β₂ are taken as the float32 numbers that the operation knows: 1 − β₂ there is 1e-5 off.
 *
 * @returns [steps, 1 + members], row-major.
 */
export function adamSchedule(learningRates: readonly number[], taken: number, steps: number): Float32Array {
  const columns = 1 + learningRates.length;
  const schedule = new Float32Array(steps * columns);
  for (let i = 0; i < steps; i++) {
    const t = taken + i + 1;
    const correction = Math.sqrt(1 - Math.fround(BETA2) ** t);
    const factor = correction / (1 - Math.fround(BETA1) ** t);
    const sizes = learningRates.map((rate) => rate * factor);
    schedule.set([EPSILON * correction, ...sizes], i * columns);
  }
  return schedule;
}
