import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { requireInteger } from './arguments';

/**
 * Seeded random numbers: the same seed gives the same numbers on every machine and engine.
 *
 * Each use of randomness has its own stream, named by numbers after the seed, so that drawing more
 * numbers in one place (such as a wider layer) leaves those of another (the order of the batches) as they were.
 *
 * The generator is xoroshiro128+ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021),
 * its state the MurmurHash3 of seed and stream: seeds 0 and 1 have nothing in common.
 *
 * @example
 * new Random(0).uniform() // → 0.6147990766356161
 * new Random(0, 1).uniform() // → 0.5355761636330011; another stream of the same seed
 */
export class Random {
  readonly #generator;
  #spareNormal: number | undefined;

  /**
   * @param seed An integer in [0, 2⁵³)
   * @param stream Integers in [0, 2⁵³) that name one of the seed's independent streams
   * @throws RangeError if one of them is not such an integer
   */
  constructor(seed: number, ...stream: number[]) {
    const words: number[] = [];
    for (const [position, key] of [seed, ...stream].entries()) {
      requireInteger(position === 0 ? 'seed' : `stream[${position - 1}]`, key, { min: 0 });
      words.push((key % 2 ** 32) | 0, Math.floor(key / 2 ** 32));
    }
    this.#generator = xoroshiro128plusFromState([0, 1, 2, 3].map((lane) => murmurHash3(words, lane)));
  }

  /** A number drawn evenly from [0, 1): a multiple of 2⁻⁵³. */
  uniform(): number {
    const high = this.#generator.next() >>> 6;
    const low = this.#generator.next() >>> 5;
    return (high * 2 ** 27 + low) / 2 ** 53;
  }

  /** A number drawn from the normal distribution of mean 0 and standard deviation 1 (Marsaglia's polar method). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const squaredRadius = x * x + y * y;
      if (squaredRadius > 0 && squaredRadius < 1) {
        const factor = Math.sqrt((-2 * Math.log(squaredRadius)) / squaredRadius);
        this.#spareNormal = y * factor;
        return x * factor;
      }
    }
  }

  /**
   * An integer drawn evenly from 0 … n − 1.
   *
   * @throws RangeError if n is not an integer in [1, 2³²]: beyond it the 53 bits of a draw would show a bias
   */
  integer(n: number): number {
    requireInteger('n', n, { min: 1, max: 2 ** 32 });
    return Math.floor(this.uniform() * n);
  }

  /**
   * The numbers 0 … n − 1 in an order drawn evenly from all their orders (Fisher and Yates' shuffle).
   *
   * @throws RangeError if n is not an integer in [0, 2³¹)
   */
  permutation(n: number): Int32Array {
    requireInteger('n', n, { min: 0, max: 2 ** 31 - 1 });
    const order = Int32Array.from({ length: n }, (_, index) => index);
    for (let last = n - 1; last > 0; last--) {
      const chosen = this.integer(last + 1);
      const moved = order[last] as number;
      order[last] = order[chosen] as number;
      order[chosen] = moved;
    }
    return order;
  }
}

/** MurmurHash3 (32 bits, by Austin Appleby) of 32-bit words. */
function murmurHash3(words: readonly number[], seed: number): number {
  let hash = seed;
  for (const word of words) {
    let mixed = Math.imul(word, 0xcc9e2d51);
    mixed = (mixed << 15) | (mixed >>> 17);
    hash ^= Math.imul(mixed, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= 4 * words.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
