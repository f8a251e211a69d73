/** Every {@link Precision}. */
export const PRECISIONS = ['float32', 'bfloat16'] as const;

/**
 * The numbers that a training step multiplies where it multiplies matrices:
 *
 * - `float32`: 24 significant bits.
 * - `bfloat16`: both factors are rounded to 8 significant bits, their products are added in float32, and the sum is rounded again.
 *   Parameters, Adam's moments, losses and all that is recorded stay float32.
 */
export type Precision = (typeof PRECISIONS)[number];
