/** The sum of numbers. */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total;
}

/** Their mean; NaN if there are none. */
export const mean = (values: ArrayLike<number>): number => sum(values) / values.length;

/** The scalar product of vectors of one length. */
export function dot(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += (a[i] as number) * (b[i] as number);
  return total;
}

/** target ← target + factor · source, for vectors of one length. */
export function addScaled(target: Float64Array, source: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) + factor * (source[i] as number);
}
