/**
 * Adam's constants, as PyTorch and the paper have them. Keras and tfjs use ε = 1e-7, which gives other numbers.
 *
 * Kingma & Ba, "Adam: a method for stochastic optimization", 2015.
 *
 * @module
 */
import { inputsAt, type Member, valueAt } from './step';

/** Decay of the running means of the gradient, β₁, and of the squared gradient, β₂. */
export const ADAM_BETAS = [0.9, 0.999] as const;
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
  [beta1, beta2]: readonly [beta1: number, beta2: number] = ADAM_BETAS,
): void {
  const rate = learningRate / (1 - beta1 ** step);
  const correction = Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i] as number;
    const m = beta1 * (firstMoment[i] as number) + (1 - beta1) * g;
    const v = beta2 * (secondMoment[i] as number) + (1 - beta2) * g * g;
    firstMoment[i] = m;
    secondMoment[i] = v;
    weights[i] = (weights[i] as number) - (rate * m) / (Math.sqrt(v) / correction + EPSILON);
  }
}

/** The positions of Adam's numbers of {@link schedule} in a member's part of a row. */
export const ADAM_COLUMNS = ['epsilon', 'size', 'beta1', 'beta2'] as const;

/** Numbers in a member's part of a row of the {@link schedule}. */
export function scheduleWidth(inputs: number): number {
  return ADAM_COLUMNS.length + inputs;
}

/**
 * The inputs of the steps after `taken`: for each member Adam's ε̂, step size, β₁ and β₂, and the scalars that steer its loss.
 * So a strength or a learning rate that changes from step to step needs no other graph.
 *
 * The fused operation of the compiled engines, `w ← w − size · m / (√v + ε̂)`, then does what {@link adamStep} does:
 *
 *     size = η √(1−β₂ᵗ) / (1−β₁ᵗ),   ε̂ = ε √(1−β₂ᵗ)
 *
 * β₁ and β₂ are taken as the float32 numbers that the operation knows: 1 − β₂ there is 1e-5 off.
 *
 * @returns [steps, Σ (4 + inputs)], row-major.
 */
export function schedule(members: readonly Member[], taken: number, steps: number): Float32Array {
  const rows: number[] = [];
  for (let step = taken; step < taken + steps; step++) {
    for (const member of members) {
      const [beta1, beta2] = member.betas ?? ADAM_BETAS;
      const correction = Math.sqrt(1 - Math.fround(beta2) ** (step + 1));
      const factor = correction / (1 - Math.fround(beta1) ** (step + 1));
      rows.push(EPSILON * correction, valueAt(member.learningRate, step) * factor, beta1, beta2);
      rows.push(...Object.values(inputsAt(member, step)));
    }
  }
  return Float32Array.from(rows);
}
