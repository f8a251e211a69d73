import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from 'sparselab';
import { type Build, instantiate } from 'sparselab/dist/engine/wasm/kernels';
import { WebAssembly } from 'sparselab/dist/engine/wasm/webAssembly';
import { builds } from '../support/engines';

/** A matrix [rows, columns], or one that lies transposed in memory. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly transposed: boolean;
  at(row: number, column: number): number;
}

/**
 * C = A · B by the kernel, as bits: a NaN's and a zero's sign count.
 *
 * @param where [rows, columns] of C: its numbers are needed where this is not 0.
 */
function product(build: Build, a: Matrix, b: Matrix, where?: Matrix): Uint32Array {
  const memory = new WebAssembly.Memory({ initial: 64 });
  const { imports, start, productWork } = instantiate(build, memory);
  let free = Math.ceil(start / 16) * 16;
  const place = (numbers: number) => {
    const at = free;
    free += 16 * Math.ceil(numbers / 4) + 16;
    return at;
  };
  const write = (matrix: Matrix) => {
    const { rows, columns, transposed } = matrix;
    const at = place(rows * columns);
    const [rowStride, columnStride] = transposed ? [1, rows] : [columns, 1];
    const values = new Float32Array(memory.buffer, at, rows * columns);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) values[i * rowStride + j * columnStride] = matrix.at(i, j);
    }
    return [at, rowStride, columnStride];
  };
  const size = a.rows * b.columns;
  const [left, right, c] = [write(a), write(b), place(size)];
  const [mask = 0] = where ? write(where) : [];
  const kernel = imports.product as (...numbers: number[]) => void;
  kernel(a.rows, b.columns, a.columns, ...left, ...right, c, b.columns, mask, place(productWork(b.columns)));
  return new Uint32Array(memory.buffer, c, size).slice();
}

/** Numbers that are often 0, and now and then as small as float32 has them, −0 or not finite. */
function sparse(random: Random, rows: number, columns: number, density: number, others: readonly number[]) {
  const values = Float32Array.from({ length: rows * columns }, () => {
    if (random.uniform() > density) return 0;
    const other = others[Math.floor(random.uniform() * others.length * 40)];
    return other ?? random.uniform() - 0.5;
  });
  return (row: number, column: number) => values[row * columns + column] as number;
}

test('a product leaves out zeros of its left factor, and no bit changes', () => {
  fc.assert(
    fc.property(
      fc.record({
        m: fc.integer({ min: 1, max: 7 }),
        n: fc.integer({ min: 1, max: 40 }),
        k: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 250, max: 600 })),
        density: fc.constantFrom(0, 0.05, 0.3, 0.9),
        turnsLeft: fc.boolean(),
        turnsRight: fc.boolean(),
        special: fc.constantFrom([], [-0, 1e-30, -1e-30], [Number.POSITIVE_INFINITY, Number.NaN]),
        seed: fc.nat(1000),
      }),
      ({ m, n, k, density, turnsLeft, turnsRight, special, seed }) => {
        const random = new Random(seed);
        const a = sparse(random, m, k, density, special);
        const b: Matrix = {
          rows: k,
          columns: n,
          transposed: turnsRight,
          at: sparse(random, k, n, 0.9, special),
        };
        for (const build of builds) {
          const whole = product(build, { rows: m, columns: k, transposed: turnsLeft, at: a }, b);
          for (let row = 0; row < m; row++) {
            // Next to a row of ones nothing can be left out.
            const at = (i: number, j: number) => (i === 0 ? a(row, j) : 1);
            const alone = product(build, { rows: 2, columns: k, transposed: turnsLeft, at }, b);
            assert.deepEqual(whole.subarray(row * n, (row + 1) * n), alone.subarray(0, n));
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a product is 0 where nobody needs it, and the same everywhere else', () => {
  fc.assert(
    fc.property(
      fc.record({
        m: fc.integer({ min: 1, max: 120 }),
        n: fc.integer({ min: 1, max: 70 }),
        k: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 250, max: 300 })),
        silent: fc.constantFrom(0, 0.1, 0.4, 1),
        turnsRight: fc.boolean(),
        seed: fc.nat(1000),
      }),
      ({ m, n, k, silent, turnsRight, seed }) => {
        const random = new Random(seed);
        const a: Matrix = { rows: m, columns: k, transposed: false, at: sparse(random, m, k, 0.9, []) };
        const b: Matrix = { rows: k, columns: n, transposed: turnsRight, at: sparse(random, k, n, 0.9, []) };
        const isSilent = Array.from({ length: n }, () => random.uniform() < silent);
        const active = sparse(random, m, n, 0.5, []);
        const at = (i: number, j: number) => (isSilent[j] || active(i, j) === 0 ? 0 : 1);
        for (const build of builds) {
          const whole = product(build, a, b);
          const expected = whole.map((bits, index) => (at(Math.floor(index / n), index % n) ? bits : 0));
          assert.deepEqual(product(build, a, b, { rows: m, columns: n, transposed: false, at }), expected);
        }
      },
    ),
    { numRuns: 60 },
  );
});
