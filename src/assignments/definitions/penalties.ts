/**
 * Exercises on the terms of the loss, in plain arrays: `h[example][unit]`.
 *
 * @module
 */
import { mean, sum } from '../../numbers/arithmetic';
import type { Random } from '../../numbers/random';
import type { Exercise, Input, Misconception } from '../verify';

type Rows = number[][];

const column = (rows: Rows, unit: number) => rows.map((row) => row[unit] as number);
const units = (rows: Rows) => Array.from({ length: rows[0]?.length ?? 0 }, (_, unit) => unit);
const means = (h: Rows) => units(h).map((unit) => mean(column(h, unit)));

/** Rows × columns of numbers between `low` and `high`. */
function matrix(random: Random, rows: number, columns: number, low: number, high: number): Rows {
  const draw = () => low + (high - low) * random.uniform();
  return Array.from({ length: rows }, () => Array.from({ length: columns }, draw));
}

/** The divergence with the belief ρ̂ given as its two probabilities, of 1 and of 0: a mistake may keep them apart. */
const coinKl = (rho: number, on: number, off: number) =>
  rho * Math.log(rho / on) + (1 - rho) * Math.log((1 - rho) / off);
/** KL(ρ‖ρ̂), infinite at ρ̂ = 0 and 1. */
const bernoulliKl = (rho: number, rhoHat: number) => coinKl(rho, rhoHat, 1 - rhoHat);
/** ρ̂ at least `epsilon` away from 0 and 1. */
const clip = (rhoHat: number, epsilon: number) => Math.min(Math.max(rhoHat, epsilon), 1 - epsilon);

/**
 * `(x, xHat) => number`: the squared error, averaged over examples and inputs.
 *
 * @example exercises.meanSquaredError.definition([[1, 2]], [[1, 4]]) // → 2; (0 + 4) / 2
 */
export const meanSquaredError: Exercise<[x: Rows, xHat: Rows], number> = {
  name: 'meanSquaredError',
  asks: '(x − x̂)², averaged over all examples and all inputs',
  definition: (x, xHat) => mean(differences(x, xHat).map((d) => d * d)),
  inputs: (random) => [
    // The square is not what two of them, or the root, would be.
    { kind: 'ordinary', args: [[[1, 2]], [[1, 5]]] },
    ...[1, 2, 3].map(
      (): Input<[Rows, Rows]> => ({
        kind: 'ordinary',
        args: [matrix(random, 3, 5, -1, 1), matrix(random, 3, 5, -1, 1)],
      }),
    ),
    { kind: 'edge', args: [[[0.5]], [[0.5]]] },
    { kind: 'edge', args: [matrix(random, 7, 1, -3, 0), matrix(random, 7, 1, 0, 3)] },
    { kind: 'edge', args: [matrix(random, 1, 7, -100, 100), matrix(random, 1, 7, -100, 100)] },
  ],
  misconceptions: [
    {
      message: 'You sum the errors over the inputs and average over the examples only: average over both.',
      mistaken: (x, xHat) => sum(differences(x, xHat).map((d) => d * d)) / x.length,
    },
    {
      message: 'You sum the errors: divide by how many numbers there are.',
      mistaken: (x, xHat) => sum(differences(x, xHat).map((d) => d * d)),
    },
    {
      message: 'You average the errors over the inputs and sum over the examples: average over both.',
      mistaken: (x, xHat) => sum(differences(x, xHat).map((d) => d * d)) / (x[0]?.length ?? 1),
    },
    {
      message: 'You take the root at the end: that is the RMSE, not the mean squared error.',
      mistaken: (x, xHat) => Math.sqrt(mean(differences(x, xHat).map((d) => d * d))),
    },
    {
      message:
        'You take the length of the difference, the root of a sum: there is no root here, and the sum is divided by ' +
        'how many numbers there are.',
      mistaken: (x, xHat) => Math.hypot(...differences(x, xHat)),
    },
    {
      message: 'You average |x − x̂|: square the differences.',
      mistaken: (x, xHat) => mean(differences(x, xHat).map(Math.abs)),
    },
    {
      message: 'You do not square the differences: positive and negative ones cancel.',
      mistaken: (x, xHat) => mean(differences(x, xHat)),
    },
    {
      message: 'Your answer has a factor ½: UFLDL has one, this exercise does not.',
      mistaken: (x, xHat) => mean(differences(x, xHat).map((d) => d * d)) / 2,
    },
    {
      message: 'Your code says / m * n: that divides by m and then multiplies by n. Use brackets.',
      mistaken: (x, xHat) => (sum(differences(x, xHat).map((d) => d * d)) / x.length) * (x[0]?.length ?? 1),
    },
    {
      message: 'Your code uses ^ as a power: in JavaScript it is XOR of whole numbers. A square is ** 2.',
      mistaken: (x, xHat) => mean(differences(x, xHat).map((d) => d ^ 2)),
    },
    ...[(d: number[]) => mean(d) ** 2, (d: number[]) => sum(d) ** 2 / d.length].map((afterwards) => ({
      message: 'You add the differences and then square: square each, then add.',
      mistaken: (x: Rows, xHat: Rows) => afterwards(differences(x, xHat)),
    })),
    {
      message: 'You average x² − x̂²: subtract first, then square.',
      mistaken: (x, xHat) => mean(x.flat().map((value, i) => value ** 2 - (xHat.flat()[i] as number) ** 2)),
    },
    ...[(x: Rows) => x[0]?.length ?? 1, (x: Rows) => x.flat().length].map((count) => ({
      message: 'Your answer uses only the first example: is the return inside the loop?',
      mistaken: (x: Rows, xHat: Rows) => sum(differences(x.slice(0, 1), xHat).map((d) => d * d)) / count(x),
    })),
  ],
};

/**
 * `(h) => number`: Σⱼ |hⱼ|, averaged over the batch.
 *
 * @example exercises.l1Penalty.definition([[1, -2], [0, 3]]) // → 3; (1 + 2 + 0 + 3) / 2
 */
export const l1Penalty: Exercise<[h: Rows], number> = {
  name: 'l1Penalty',
  asks: 'Σⱼ |hⱼ|, summed over the units and averaged over the batch',
  definition: (h) => mean(h.map((row) => sum(row.map(Math.abs)))),
  inputs: codes,
  misconceptions: [
    {
      message: 'The sum runs over the batch as well: divide by the number of examples.',
      mistaken: (h) => sum(h.flat().map(Math.abs)),
    },
    {
      message: 'You average over everything: sum over the units, and average over the examples only.',
      mistaken: (h) => mean(h.flat().map(Math.abs)),
    },
    {
      message: 'You divide by the number of units: the average is over the examples.',
      mistaken: (h) => sum(h.flat().map(Math.abs)) / (h[0]?.length ?? 1),
    },
    {
      message: 'You keep the signs: −2 and 2 must not cancel. Take |h|.',
      mistaken: (h) => mean(h.map(sum)),
    },
    ...[
      (h: Rows) => mean(h.map((row) => Math.abs(sum(row)))),
      (h: Rows) => Math.abs(mean(h.map(sum))),
      (h: Rows) => sum(means(h).map(Math.abs)),
    ].map((mistaken) => ({
      message: 'You take |…| of a sum, in which −2 and 2 have already cancelled: take it of each activation.',
      mistaken,
    })),
    {
      message: 'You square the activations: that is L2, which makes them small but not exactly zero.',
      mistaken: (h) => mean(h.map((row) => sum(row.map((value) => value * value)))),
    },
    {
      message: 'You take the root of the sum of squares: that is the L2 norm.',
      mistaken: (h) => mean(h.map((row) => Math.hypot(...row))),
    },
    {
      message: 'Your answer treats negative activations as zero: |−2| is 2.',
      mistaken: (h) => mean(h.map((row) => sum(row.map((value) => Math.max(0, value))))),
    },
    {
      message: 'You count the active units: that is L0. L1 adds up how large they are.',
      mistaken: (h) => mean(h.map((row) => row.filter((value) => value !== 0).length)),
    },
    {
      message: 'You take the largest activation of each example: L1 adds up all of them.',
      mistaken: (h) => mean(h.map((row) => Math.max(...row.map(Math.abs)))),
    },
    {
      message: 'Your sum starts again with each example, so only the last one is left.',
      mistaken: (h) => sum((h.at(-1) ?? []).map(Math.abs)) / h.length,
    },
  ],
};

/**
 * `(h, lambda) => number[][]`: the slope of λ · L1 in every activation.
 *
 * @example exercises.l1Slope.definition([[1, -2], [0, 3]], 0.5) // → [[0.25, -0.25], [0, 0.25]]; 0.5 / 2
 */
export const l1Slope: Exercise<[h: Rows, lambda: number], Rows> = {
  name: 'l1Slope',
  asks: 'λ sign(hⱼ) / m for every activation, m the number of examples, and 0 where hⱼ = 0',
  definition: (h, lambda) => h.map((row) => row.map((value) => (lambda * Math.sign(value)) / h.length)),
  inputs: (random) =>
    codes(random).map(({ kind, args: [h] }) => ({ kind, args: [h, 0.25 + random.uniform()] })),
  misconceptions: [
    {
      message: 'The average over the batch is missing: the slope of a mean is divided by m as well.',
      mistaken: (h, lambda) => h.map((row) => row.map((value) => lambda * Math.sign(value))),
    },
    {
      message: 'λ is missing: the slope of λ · L1 has it as a factor.',
      mistaken: (h) => h.map((row) => row.map((value) => Math.sign(value) / h.length)),
    },
    {
      message: 'Your slope grows with h: that is L2. The slope of |h| has the same size everywhere.',
      mistaken: (h, lambda) => h.map((row) => row.map((value) => (lambda * value) / h.length)),
    },
    {
      message: 'Your slope grows with h: that is 2h, the slope of a square.',
      mistaken: (h, lambda) => h.map((row) => row.map((value) => (2 * lambda * value) / h.length)),
    },
    {
      message: 'Your answer ignores the sign of h: left of zero, |h| falls.',
      mistaken: (h, lambda) => h.map((row) => row.map((value) => (value === 0 ? 0 : lambda / h.length))),
    },
    ...[
      (m: number, lambda: number) => lambda / m,
      (_m: number, lambda: number) => lambda,
      (m: number) => 1 / m,
      () => 1,
    ].map((factor) => ({
      message:
        'At 0 there is no sign to be had from h / |h|: 0/0 is NaN, and exactly 0 is where L1 takes most activations. One NaN ' +
        'spoils every weight it meets, so take sign(h), which is 0 there.',
      mistaken: (h: Rows, lambda: number) =>
        h.map((row) => row.map((value) => (factor(h.length, lambda) * value) / Math.abs(value))),
    })),
    {
      message:
        'At 0 the slope should be 0: in your answer h ≥ 0 counts as positive, which pushes silent units down.',
      mistaken: (h, lambda) =>
        h.map((row) => row.map((value) => ((value >= 0 ? 1 : -1) * lambda) / h.length)),
    },
    {
      message:
        'At 0 the slope should be 0: in your answer h ≤ 0 counts as negative, which wakes silent units.',
      mistaken: (h, lambda) => h.map((row) => row.map((value) => ((value > 0 ? 1 : -1) * lambda) / h.length)),
    },
    {
      message: 'You divide by the number of units: the average is over the batch.',
      mistaken: (h, lambda) => h.map((row) => row.map((value) => (lambda * Math.sign(value)) / row.length)),
    },
    {
      message: 'You divide by the number of all activations: only the batch is averaged.',
      mistaken: (h, lambda) =>
        h.map((row) => row.map((value) => (lambda * Math.sign(value)) / (h.length * row.length))),
    },
    {
      message: 'λ and the average over the batch are both missing: this is the sign alone.',
      mistaken: (h) => h.map((row) => row.map(Math.sign)),
    },
    {
      message: 'This is the penalty, λ |h| / m: return its slope.',
      mistaken: (h, lambda) => h.map((row) => row.map((value) => (lambda * Math.abs(value)) / h.length)),
    },
    {
      message: 'Your slope is 0 for h < 0, as that of a relu: |h| falls there.',
      mistaken: (h, lambda) => h.map((row) => row.map((value) => (value > 0 ? lambda / h.length : 0))),
    },
    {
      message:
        'All your rows are one array, because fill(row) repeats the same one: the last value written appears in each of them.',
      mistaken: (h, lambda) =>
        h.map(() => (h.at(-1) ?? []).map((value) => (lambda * Math.sign(value)) / h.length)),
    },
  ],
};

/**
 * `(h) => number[]`: ρ̂, the mean activation of each unit.
 *
 * @example exercises.meanActivations.definition([[1, 0], [3, 2]]) // → [2, 1]
 */
export const meanActivations: Exercise<[h: Rows], number[]> = {
  name: 'meanActivations',
  asks: 'ρ̂ⱼ for each unit: its activation, averaged over the examples',
  definition: means,
  inputs: probabilities,
  misconceptions: [
    {
      message: 'Your mean runs over the wrong axis: return one number per unit, averaged over the examples.',
      mistaken: (h) => h.map(mean),
    },
    {
      message: 'You sum over the examples: divide by how many there are.',
      mistaken: (h) => units(h).map((unit) => sum(column(h, unit))),
    },
    {
      message: 'You divide by the number of units: ρ̂ is a mean over the examples.',
      mistaken: (h) => units(h).map((unit) => sum(column(h, unit)) / (h[0]?.length ?? 1)),
    },
    {
      message: 'You average all activations together: each unit has its own ρ̂.',
      mistaken: (h) => units(h).map(() => mean(h.flat())),
    },
    {
      message: 'You count how often a unit fires: average the activations themselves.',
      mistaken: (h) => units(h).map((unit) => mean(column(h, unit).map((value) => (value > 0 ? 1 : 0)))),
    },
    {
      message: 'Your answer uses only the first example: ρ̂ is a mean over all of them.',
      mistaken: (h) => [...(h[0] ?? [])],
    },
    {
      message: 'You take the largest activation of each unit: ρ̂ is its mean.',
      mistaken: (h) => units(h).map((unit) => Math.max(...column(h, unit))),
    },
  ],
};

type KlMistake = Misconception<[rho: number, rhoHat: number], number>;

/** The bounds that people choose. */
const EPSILONS = [
  1e-3,
  1e-4,
  1e-5,
  1e-6,
  1e-7,
  1e-8,
  1e-9,
  1e-10,
  1e-12,
  1e-15,
  Number.EPSILON,
  1e-20,
  1e-30,
];

/**
 * An ε that keeps ρ̂ away from 0 and 1.
 *
 * @param advice What to do instead, as the end of the message.
 */
export function clippingMistakes(advice: string): readonly KlMistake[] {
  const message =
    'You clip ρ̂ at an ε such as 1e-7, or add ε to it: closer to 0 or 1 the value is wrong and the slope is zero or too ' +
    `small, just where the penalty should push most. ${advice}`;
  return EPSILONS.flatMap((epsilon) => {
    const mistakes: KlMistake['mistaken'][] = [
      (rho, rhoHat) => bernoulliKl(rho, clip(rhoHat, epsilon)),
      (rho, rhoHat) => bernoulliKl(rho, Math.max(rhoHat, epsilon)),
      (rho, rhoHat) => coinKl(rho, Math.max(rhoHat, epsilon), Math.max(1 - rhoHat, epsilon)),
      (rho, rhoHat) => coinKl(rho, rhoHat + epsilon, 1 - rhoHat + epsilon),
    ];
    // A smaller ε is lost next to 1.
    if (1 - epsilon < 1) mistakes.push((rho, rhoHat) => bernoulliKl(rho, Math.min(rhoHat, 1 - epsilon)));
    return mistakes.map((mistaken) => ({ message, mistaken }));
  });
}

const CLIPPING_MISTAKES = clippingMistakes('Use ρ̂ as it is: at 0 and 1 the formula itself gives Infinity.');

/** Other formulas. */
export const FORMULA_MISTAKES: readonly KlMistake[] = [
  {
    message: 'Your divergence is 0 where ρ̂ is 0 or 1: it is infinite there.',
    mistaken: (rho, rhoHat) => (rhoHat === 0 || rhoHat === 1 ? 0 : bernoulliKl(rho, rhoHat)),
  },
  ...onBothKinds(
    'The sign of the second term is reversed: add both terms.',
    (rho, rhoHat) => rho * Math.log(rho / rhoHat) - (1 - rho) * Math.log((1 - rho) / (1 - rhoHat)),
  ),
  ...onBothKinds(
    'The second term, for the coin’s other side, is missing.',
    (rho, rhoHat) => rho * Math.log(rho / rhoHat),
  ),
  ...onBothKinds('Your fractions are upside down: that is −KL.', (rho, rhoHat) => -bernoulliKl(rho, rhoHat)),
  ...onBothKinds(
    'Your answer uses log₂: the loss uses the natural logarithm, Math.log.',
    (rho, rhoHat) => bernoulliKl(rho, rhoHat) / Math.LN2,
  ),
  ...onBothKinds(
    'Your answer uses log₁₀: the loss uses the natural logarithm, Math.log.',
    (rho, rhoHat) => bernoulliKl(rho, rhoHat) / Math.LN10,
  ),
  ...onBothKinds(
    'The factor 1 − ρ of the second term is missing.',
    (rho, rhoHat) => rho * Math.log(rho / rhoHat) + Math.log((1 - rho) / (1 - rhoHat)),
  ),
  ...onBothKinds(
    'Your answer is the cross entropy: add ρ log ρ + (1−ρ) log(1−ρ).',
    (rho, rhoHat) => -rho * Math.log(rhoHat) - (1 - rho) * Math.log(1 - rhoHat),
  ),
  ...onBothKinds(
    'You divide the logarithms: log(a / b) is log a − log b, not log a / log b.',
    (rho, rhoHat) =>
      (rho * Math.log(rho)) / Math.log(rhoHat) + ((1 - rho) * Math.log(1 - rho)) / Math.log(1 - rhoHat),
  ),
  ...onBothKinds(
    'Brackets are missing: 1 − ρ / 1 − ρ̂ divides first. It is (1 − ρ) / (1 − ρ̂).',
    (rho, rhoHat) => rho * Math.log(rho / rhoHat) + (1 - rho) * Math.log(1 - rho - rhoHat),
  ),
  ...onBothKinds(
    'Your second term has the factor ρ: its factor is 1 − ρ.',
    (rho, rhoHat) => rho * Math.log(rho / rhoHat) + rho * Math.log((1 - rho) / (1 - rhoHat)),
  ),
  ...onBothKinds(
    'The first term is missing.',
    (rho, rhoHat) => (1 - rho) * Math.log((1 - rho) / (1 - rhoHat)),
  ),
  ...onBothKinds(
    'The factors ρ and 1 − ρ in front of the logarithms are missing.',
    (rho, rhoHat) => Math.log(rho / rhoHat) + Math.log((1 - rho) / (1 - rhoHat)),
  ),
  ...[1, 1 / 2].flatMap((fraction) =>
    onBothKinds(
      'You add both directions, KL(ρ‖ρ̂) and KL(ρ̂‖ρ): use only the first.',
      (rho, rhoHat) => fraction * (bernoulliKl(rho, rhoHat) + bernoulliKl(rhoHat, rho)),
    ),
  ),
];

/**
 * `(rho, rhoHat) => number`: the divergence of two coins; exact for every ρ̂ in (0, 1), `Infinity` at 0 and 1.
 *
 * @example exercises.klDivergence.definition(0.5, 0.25) // → 0.1438; 0.5 ln 2 + 0.5 ln (2/3)
 */
export const klDivergence: Exercise<[rho: number, rhoHat: number], number> = {
  name: 'klDivergence',
  asks: 'ρ log(ρ/ρ̂) + (1−ρ) log((1−ρ)/(1−ρ̂)), however close ρ̂ is to 0 or 1, and Infinity there',
  definition: bernoulliKl,
  inputs: (random) => [
    { kind: 'ordinary', args: [0.2, 0.5] },
    { kind: 'ordinary', args: [0.05, 0.05] },
    ...[1, 2, 3, 4].map(
      (): Input<[number, number]> => ({
        kind: 'ordinary',
        args: [0.02 + 0.4 * random.uniform(), 0.05 + 0.9 * random.uniform()],
      }),
    ),
    { kind: 'edge', args: [0.05, 1e-12] },
    { kind: 'edge', args: [0.05, 1 - 1e-9] },
    { kind: 'edge', args: [0.05, 0] },
    { kind: 'edge', args: [0.05, 1] },
    { kind: 'edge', args: [0.9, 0.001] },
    { kind: 'edge', args: [0.2, 1e-300] },
  ],
  misconceptions: [
    ...CLIPPING_MISTAKES,
    ...onBothKinds('ρ and ρ̂ are swapped: the target comes first, KL(ρ‖ρ̂) is not KL(ρ̂‖ρ).', (rho, rhoHat) =>
      bernoulliKl(rhoHat, rho),
    ),
    ...FORMULA_MISTAKES,
  ],
};

/** `(h, rho) => number`: KL summed over the units, from scratch: an assignment's {@link klPenalty} may call functions written before. */
export const klPenaltyFromScratch: Exercise<[h: Rows, rho: number], number> = {
  name: 'klPenalty',
  asks: 'Σⱼ KL(ρ‖ρ̂ⱼ), summed over the units, with ρ̂ⱼ averaged over the batch before',
  definition: (h, rho) => sum(means(h).map((rhoHat) => bernoulliKl(rho, rhoHat))),
  inputs: (random) =>
    [...probabilities(random), ...SILENT_OR_FULL].map(({ kind, args: [h] }) => ({
      kind,
      args: [h, 0.02 + 0.2 * random.uniform()],
    })),
  misconceptions: [
    ...onBothDivergences('You average over the units: the divergences are summed.', (h, kl) =>
      mean(means(h).map(kl)),
    ),
    ...onBothDivergences(
      'You take the divergence of each example and then average: average first. The penalty is ' +
        'about a unit’s mean, not about every single activation.',
      (h, kl) => sum(units(h).map((unit) => mean(column(h, unit).map(kl)))),
    ),
    ...onBothDivergences('Your ρ̂ is one number for the whole layer: each unit has its own.', (h, kl) =>
      kl(mean(h.flat())),
    ),
    ...onBothDivergences(
      'Your ρ̂ is a mean over the wrong axis: average over the examples, one ρ̂ per unit.',
      (h, kl) => sum(h.map((row) => kl(mean(row)))),
    ),
    ...onBothDivergences(
      'You divide by the number of examples once more: the mean is inside ρ̂ already.',
      (h, kl) => sum(means(h).map(kl)) / h.length,
    ),
    ...onBothKinds('ρ and ρ̂ are swapped: the target comes first.', (rho, rhoHat) =>
      bernoulliKl(rhoHat, rho),
    ).map(summed),
    ...[sum, mean].flatMap((together) =>
      onBothDivergences(
        'You take the divergence of every single activation: take it of ρ̂, one per unit.',
        (h, kl) => together(h.flat().map(kl)),
      ),
    ),
  ],
};

/**
 * `(h, rho) => number`: Σⱼ KL(ρ‖ρ̂ⱼ).
 *
 * @example exercises.klPenalty.definition([[0.25, 0.5], [0.25, 0.5]], 0.5) // → 0.1438; the second unit's mean is on target
 */
export const klPenalty: Exercise<[h: Rows, rho: number], number> = {
  ...klPenaltyFromScratch,
  misconceptions: [
    ...klPenaltyFromScratch.misconceptions,
    ...CLIPPING_MISTAKES.map(summed),
    ...FORMULA_MISTAKES.map(summed).map(({ mistaken }) => ({
      message: 'The divergences are summed, but each is wrong itself: does klDivergence pass its own test?',
      mistaken,
    })),
    // All but that of the wrong axis, which has a message of its own.
    ...meanActivations.misconceptions
      .slice(1)
      .flatMap(({ mistaken }) =>
        onBothDivergences(
          'The divergences are summed, but of other numbers than ρ̂: does meanActivations pass its own test?',
          (h, kl) => sum(mistaken(h).map(kl)),
        ),
      ),
  ],
};

/**
 * `(reconstruction, penalty, strength) => number`: the total loss.
 *
 * @example exercises.totalLoss.definition(1, 4, 0.5) // → 3; 1 + 0.5 · 4
 */
export const totalLoss: Exercise<[reconstruction: number, penalty: number, strength: number], number> = {
  name: 'totalLoss',
  asks: 'reconstruction + strength × penalty',
  definition: (reconstruction, penalty, strength) => reconstruction + strength * penalty,
  inputs: (random) => [
    { kind: 'ordinary', args: [1, 2, 3] },
    ...[1, 2, 3].map(
      (): Input<[number, number, number]> => ({
        kind: 'ordinary',
        args: [random.uniform(), 10 * random.uniform(), 0.5 + random.uniform()],
      }),
    ),
    { kind: 'edge', args: [0.5, 4, 0] },
    { kind: 'edge', args: [0, 0, 3] },
  ],
  misconceptions: [
    {
      message: 'You multiply by the strength (λ or β) twice: use it once, in front of the penalty.',
      mistaken: (reconstruction, penalty, strength) => reconstruction + strength * strength * penalty,
    },
    {
      message: 'You multiply the whole sum by the strength: it belongs to the penalty alone.',
      mistaken: (reconstruction, penalty, strength) => strength * (reconstruction + penalty),
    },
    {
      message: 'The strength is missing.',
      mistaken: (reconstruction, penalty) => reconstruction + penalty,
    },
    {
      message: 'You subtract the penalty: training would then make the code denser. Add it.',
      mistaken: (reconstruction, penalty, strength) => reconstruction - strength * penalty,
    },
    {
      message: 'You weigh the two terms by 1 − s and s: here the reconstruction keeps the factor 1.',
      mistaken: (reconstruction, penalty, strength) => (1 - strength) * reconstruction + strength * penalty,
    },
    {
      message: 'You multiply the reconstruction by the strength: it belongs to the penalty.',
      mistaken: (reconstruction, penalty, strength) => strength * reconstruction + penalty,
    },
    {
      message: 'You add the strength: it is a factor of the penalty.',
      mistaken: (reconstruction, penalty, strength) => reconstruction + penalty + strength,
    },
    {
      message: 'You divide by the strength: a larger one makes the penalty count more.',
      mistaken: (reconstruction, penalty, strength) => reconstruction + penalty / strength,
    },
    {
      message: 'The reconstruction is missing: the penalty alone is smallest where all units are silent.',
      mistaken: (_, penalty, strength) => strength * penalty,
    },
  ],
};

function differences(x: Rows, xHat: Rows): number[] {
  return x.flatMap((row, example) => row.map((value, input) => value - (xHat[example]?.[input] as number)));
}

/** Codes of either sign, with exact zeros. */
function codes(random: Random): Input<[h: Rows]>[] {
  const sparse = (rows: number, columns: number) =>
    matrix(random, rows, columns, -2, 2).map((row) =>
      row.map((value) => (random.uniform() < 0.3 ? 0 : value)),
    );
  return [
    {
      kind: 'ordinary',
      args: [
        [
          [1, -2, 0.5],
          [0, 3, -1],
        ],
      ],
    },
    { kind: 'ordinary', args: [sparse(4, 3)] },
    { kind: 'ordinary', args: [sparse(3, 6)] },
    {
      kind: 'edge',
      args: [
        [
          [0, 0],
          [0, 0],
          [0, 0],
        ],
      ],
    },
    { kind: 'edge', args: [sparse(1, 4)] },
    { kind: 'edge', args: [sparse(5, 1)] },
    {
      kind: 'edge',
      args: [
        [
          [1e-9, -1e6, 0],
          [0, 0, 2],
        ],
      ],
    },
  ];
}

/** Activations in [0, 1]; at the edges, units that never and that always fire. */
function probabilities(random: Random): Input<[h: Rows]>[] {
  return [
    {
      kind: 'ordinary',
      args: [
        [
          [0.9, 0.2, 0.4],
          [0.1, 0.2, 0.8],
        ],
      ],
    },
    { kind: 'ordinary', args: [matrix(random, 4, 3, 0.05, 0.9)] },
    { kind: 'ordinary', args: [matrix(random, 3, 5, 0.05, 0.9)] },
    {
      kind: 'edge',
      args: [
        [
          [0, 1, 0.5],
          [0, 1, 0.25],
        ],
      ],
    },
    { kind: 'edge', args: [matrix(random, 1, 4, 0.1, 0.9)] },
    { kind: 'edge', args: [matrix(random, 6, 1, 0.1, 0.9)] },
  ];
}

/** Units whose means are close to 0 and to 1, and at one of them. */
const SILENT_OR_FULL: readonly Input<[h: Rows]>[] = [
  {
    kind: 'edge',
    args: [
      [
        [1e-12, 0.5],
        [3e-12, 0.25],
      ],
    ],
  },
  { kind: 'edge', args: [[[1 - 1e-9], [1 - 3e-9]]] },
  { kind: 'edge', args: [[[0], [0]]] },
  { kind: 'edge', args: [[[1], [1]]] },
];

/** Many texts clip ρ̂ here. */
const COMMON_EPSILON = 1e-7;

/** A mistake of KL, next to which ρ̂ is clipped or not. */
function onBothKinds(message: string, mistaken: KlMistake['mistaken']): KlMistake[] {
  return [
    { message, mistaken },
    { message, mistaken: (rho, rhoHat) => mistaken(rho, clip(rhoHat, COMMON_EPSILON)) },
  ];
}

/** A mistake of the sum of KL, next to which ρ̂ is clipped or not. */
function onBothDivergences(message: string, mistaken: (h: Rows, kl: (rhoHat: number) => number) => number) {
  return [(rhoHat: number) => rhoHat, (rhoHat: number) => clip(rhoHat, COMMON_EPSILON)].map((kept) => ({
    message,
    mistaken: (h: Rows, rho: number) => mistaken(h, (rhoHat) => bernoulliKl(rho, kept(rhoHat))),
  }));
}

/** The mistake inside one unit's divergence, as it shows in the sum over all units. */
export function summed({ message, mistaken }: KlMistake): Misconception<[h: Rows, rho: number], number> {
  return { message, mistaken: (h, rho) => sum(means(h).map((rhoHat) => mistaken(rho, rhoHat))) };
}
