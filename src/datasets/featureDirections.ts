/**
 * The directions of true features: unit rows, drawn by a seed.
 *
 * @module
 */
import { addScaled, dot } from '../numbers/arithmetic';
import type { Random } from '../numbers/random';

/** The directions: random, at right angles to each other, or as far apart as possible. */
export type Arrangement = 'random' | 'orthogonal' | 'spread';

/** Unit rows, row-major `[features, dim]`. */
export function drawDirections(
  random: Random,
  features: number,
  dim: number,
  arrangement: Arrangement,
): Float32Array {
  const rows: Float64Array[] = [];
  for (let feature = 0; feature < features; feature++) {
    const row = Float64Array.from({ length: dim }, () => random.normal());
    // One pass of Gram and Schmidt leaves rounding errors as large as the removed part; a second pass removes those too.
    for (let pass = 0; arrangement === 'orthogonal' && pass < 2; pass++) {
      for (const earlier of rows) addScaled(row, earlier, -dot(row, earlier));
    }
    rows.push(unit(row));
  }
  if (arrangement === 'spread') spread(rows, dim);
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

/** The row at length 1. */
export function unit(row: Float64Array): Float64Array {
  const norm = Math.sqrt(dot(row, row));
  return row.map((value) => value / norm);
}

/** Σ cos² over all pairs may exceed the least possible by this much. */
const SPREAD_ENOUGH = 1e-3;
const MOST_ROUNDS = 50;

/**
 * Moves the unit rows apart until the sum of the squared cosines of all pairs is about its minimum, n²/d: where
 * GᵀG = (n/d) I, a unit-norm tight frame. Each round moves G along the gradient, G ← G + c G (I − (d/n) GᵀG), and brings its rows
 * to length 1 again.
 *
 * Reference: Benedetto and Fickus, "Finite normalized tight frames", 2003.
 */
function spread(rows: Float64Array[], dim: number): void {
  const scale = dim / rows.length;
  // Eigenvalues of (d/n) GᵀG reach (1 + √(d/n))²; a step that is too long would make them negative.
  const step = scale <= 0.5 ? 0.5 : 0.25;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const gram = Array.from({ length: dim }, () => new Float64Array(dim));
    for (const row of rows) {
      for (let i = 0; i < dim; i++) addScaled(gram[i] as Float64Array, row, scale * (row[i] as number));
    }
    // Σ cos² over all pairs is ‖GᵀG‖², here in units of its minimum.
    const potential = gram.reduce((sum, row) => sum + dot(row, row), 0) / dim;
    if (potential < 1 + SPREAD_ENOUGH) return;
    for (const [index, row] of rows.entries()) {
      const moved = row.map((value) => (1 + step) * value);
      for (let i = 0; i < dim; i++) addScaled(moved, gram[i] as Float64Array, -step * (row[i] as number));
      rows[index] = unit(moved);
    }
  }
}
