import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Random } from 'sparselab';
import { close } from '../support/numbers';

const seed = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

function drawn<T>(count: number, draw: () => T): T[] {
  return Array.from({ length: count }, draw);
}

/** Pearson's correlation. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = (values: readonly number[], middle = mean(values)) => values.map((value) => value - middle);
  const [x, y] = [centred(a), centred(b)];
  const product = (u: readonly number[], v: readonly number[]) =>
    mean(u.map((value, index) => value * (v[index] as number)));
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

describe('Random', () => {
  it('gives the numbers of an independent implementation', () => {
    // MurmurHash3 and xoroshiro128+ in Python's integers, written from their authors' descriptions.
    const golden: [number[], number[]][] = [
      [[0], [0.6147990766356161, 0.5243997527884113, 0.04052342419230015]],
      [
        [0, 1],
        [0.5355761636330011, 0.8661807359073831, 0.8393236151998559],
      ],
      [[1], [0.5511065090645345, 0.3471280056702767, 0.2938875832256417]],
      [
        [2 ** 40 + 5, 3],
        [0.9429787919862574, 0.718778736873801, 0.027613173073094632],
      ],
    ];
    for (const [[first, ...stream], expected] of golden) {
      const random = new Random(first as number, ...stream);
      assert.deepEqual(
        drawn(3, () => random.uniform()),
        expected,
      );
    }
  });

  it('repeats itself for the same seed and stream', () => {
    fc.assert(
      fc.property(seed, fc.array(seed, { maxLength: 3 }), (seed, stream) => {
        const [a, b] = [new Random(seed, ...stream), new Random(seed, ...stream)];
        assert.deepEqual(
          drawn(5, () => a.normal()),
          drawn(5, () => b.normal()),
        );
      }),
    );
  });

  it('has streams that do not resemble each other, nor the streams of the next seed', () => {
    const streams = [[0], [0, 0], [0, 1], [0, 0, 0], [1], [1, 0], [2 ** 32]].map(([first, ...stream]) => {
      const random = new Random(first as number, ...stream);
      return drawn(4000, () => random.uniform());
    });
    for (const [index, a] of streams.entries()) {
      for (const b of streams.slice(index + 1)) {
        // A correlation of 4000 independent pairs has a standard deviation of 1/√4000.
        assert.ok(Math.abs(correlation(a, b)) < 4 / Math.sqrt(4000));
      }
    }
  });

  it('draws uniform numbers from [0, 1) with mean 1/2 and variance 1/12', () => {
    const random = new Random(7);
    const numbers = drawn(100_000, () => random.uniform());
    assert.ok(numbers.every((number) => number >= 0 && number < 1));
    const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
    close(mean, 1 / 2, 4 * Math.sqrt(1 / 12 / numbers.length));
    close(numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0) / numbers.length, 1 / 12, 2e-3);
  });

  it('draws normal numbers: mean 0, variance 1, 68.27 % within one standard deviation', () => {
    const random = new Random(7);
    const numbers = drawn(100_000, () => random.normal());
    const fraction = (keep: (number: number) => boolean) => numbers.filter(keep).length / numbers.length;
    close(numbers.reduce((sum, number) => sum + number, 0) / numbers.length, 0, 4 / Math.sqrt(100_000));
    close(
      numbers.reduce((sum, number) => sum + number ** 2, 0) / numbers.length,
      1,
      4 * Math.sqrt(2 / 100_000),
    );
    close(
      fraction((number) => Math.abs(number) < 1),
      0.6827,
      6e-3,
    );
  });

  it('draws integers evenly', () => {
    const random = new Random(7);
    const counts = new Array<number>(6).fill(0);
    for (const integer of drawn(60_000, () => random.integer(6)))
      counts[integer] = (counts[integer] ?? 0) + 1;
    assert.equal(counts.length, 6);
    // Five standard deviations of a binomial count: √(60000 · 1/6 · 5/6) = 91.
    for (const count of counts) assert.ok(Math.abs(count - 10_000) < 5 * 91, `${count}`);
  });

  it('permutes: every number once', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 0, max: 200 }), (seed, n) => {
        const order = new Random(seed).permutation(n);
        assert.deepEqual(
          order.toSorted(),
          Int32Array.from({ length: n }, (_, index) => index),
        );
      }),
    );
  });

  it('permutes evenly: each of the 6 orders of 3 numbers as often as the others', () => {
    const random = new Random(7);
    const counts = new Map<string, number>();
    for (const order of drawn(6000, () => random.permutation(3).join()))
      counts.set(order, (counts.get(order) ?? 0) + 1);
    assert.equal(counts.size, 6);
    // √(6000 · 1/6 · 5/6) = 29
    for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 5 * 29, `${count}`);
  });

  it('refuses seeds, streams and ranges that are no such integers', () => {
    assert.throws(() => new Random(-1), {
      name: 'RangeError',
      message: /^seed must be at least 0; got -1$/,
    });
    assert.throws(() => new Random(0.5), /^RangeError: seed must be an integer at least 0; got 0\.5$/);
    assert.throws(
      () => new Random(2 ** 53),
      /^RangeError: seed must be an integer in \[0, 9007199254740991\]; got 9007199254740992$/,
    );
    assert.throws(
      () => new Random(0, 1, Number.NaN),
      /^RangeError: stream\[1\] must be an integer at least 0; got NaN$/,
    );
    assert.throws(() => new Random(0).integer(0), /^RangeError: n must be in \[1, 4294967296\]; got 0$/);
    assert.throws(() => new Random(0).permutation(-1), /^RangeError: n must be in/);
  });
});
