import { test } from 'node:test';
import { normalQuantile } from 'sparselab/dist/numbers/normal';
import { close } from '../support/numbers';

test('Φ⁻¹ is SciPy’s: scipy.stats.norm.ppf of SciPy 1.17.1', () => {
  for (const [p, z] of [
    [0.0005, -3.2905267314918945],
    [0.01, -2.3263478740408408],
    [0.1, -1.2815515655446004],
    [0.25, -0.6744897501960817],
    [0.5, 0.0],
    [0.8, 0.8416212335729143],
    [0.975, 1.959963984540054],
    [0.9999, 3.719016485455709],
  ] as const) {
    // Acklam's approximation is within 1.2e-9 of it, relative to z.
    close(normalQuantile(p), z, 1.2e-9);
  }
});

test('Φ⁻¹ is odd about 1/2, and infinite at the ends', () => {
  for (const p of [0.001, 0.02, 0.03, 0.3]) close(normalQuantile(1 - p), -normalQuantile(p), 1e-12);
  for (const [p, end] of [
    [0, -Infinity],
    [1, Infinity],
  ] as const) {
    if (normalQuantile(p) !== end) throw new Error(`Φ⁻¹(${p}) is ${normalQuantile(p)}`);
  }
});
