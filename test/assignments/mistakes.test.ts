import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Exercise, exercises, verify } from 'sparselab/teaching';

// Every mistake that a message names, written as students write it and not as the exercise's own list has it.

type Rows = number[][];
type Run = exercises.SweepRun;
type State = exercises.AdamState;

/** Mistakes in an exercise's function, by a piece of the message that each should get. */
type Mistakes<E> =
  E extends Exercise<infer A, infer R>
    ? readonly (readonly [says: string, mistake: (...args: A) => R])[]
    : never;

/** Of inputs: what a message says must not depend on what is drawn. */
const seeds = [...Array(30).keys(), 20261, 20262];
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const at = (values: readonly number[], i: number) => values[i] as number;
const row = (rows: Rows, i: number) => rows[i] as number[];
const length = (values: readonly number[]) => Math.sqrt(sum(values.map((v) => v ** 2)));
const minus = (a: number[], b: number[]) => a.map((v, i) => v - at(b, i));
const plus = (a: number[], b: number[]) => a.map((v, i) => v + at(b, i));
/** ρ̂ as many texts clip it; most mistakes are made with it. */
const safe = (q: number) => Math.max(1e-7, Math.min(1 - 1e-7, q));
const coins = (p: number, q: number) => p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
/** ρ̂ of every unit, counted up in loops. */
const rhoHats = (h: Rows) => {
  const totals = row(h, 0).map(() => 0);
  for (const example of h) for (const [j, value] of example.entries()) totals[j] = at(totals, j) + value;
  return totals.map((total) => total / h.length);
};
/** Every squared difference of two matrices. */
const squares = (x: Rows, y: Rows) => x.flatMap((r, k) => r.map((v, i) => (v - at(row(y, k), i)) ** 2));
const cut = (values: readonly number[], size: number) => {
  const pieces: number[][] = [];
  for (let start = 0; start < values.length; start += size) pieces.push(values.slice(start, start + size));
  return pieces;
};
const bump = (w: number[], i: number, by: number) => [...w.slice(0, i), at(w, i) + by, ...w.slice(i + 1)];

const meanSquaredError: Mistakes<typeof exercises.meanSquaredError> = [
  [
    'You sum the errors over the inputs and average over the examples only',
    (x, y) => sum(squares(x, y)) / x.length,
  ],
  ['You sum the errors', (x, y) => sum(squares(x, y))],
  [
    'You average the errors over the inputs and sum over the examples',
    (x, y) => sum(squares(x, y)) / row(x, 0).length,
  ],
  ['You take the root at the end', (x, y) => Math.sqrt(sum(squares(x, y)) / squares(x, y).length)],
  ['You average |x − x̂|', (x, y) => sum(squares(x, y).map(Math.sqrt)) / squares(x, y).length],
  ['You do not square the differences', (x, y) => (sum(x.flat()) - sum(y.flat())) / x.flat().length],
  ['factor ½', (x, y) => (0.5 * sum(squares(x, y))) / squares(x, y).length],
  ['length of the difference', (x, y) => Math.sqrt(sum(squares(x, y)))],
  ['divides by m and then multiplies by n', (x, y) => (sum(squares(x, y)) / x.length) * row(x, 0).length],
  [
    'Your code uses ^ as a power',
    (x, y) => sum(x.flatMap((r, k) => r.map((v, i) => (v - at(row(y, k), i)) ^ 2))) / x.flat().length,
  ],
  [
    'You add the differences and then square',
    (x, y) => ((sum(x.flat()) - sum(y.flat())) / x.flat().length) ** 2,
  ],
  [
    'You add the differences and then square',
    (x, y) => (sum(x.flat()) - sum(y.flat())) ** 2 / x.flat().length,
  ],
  [
    'You average x² − x̂²',
    (x, y) => (sum(x.flat().map((v) => v * v)) - sum(y.flat().map((v) => v * v))) / x.flat().length,
  ],
  [
    'Your answer uses only the first example',
    (x, y) => {
      let total = 0;
      for (const [k, r] of x.entries()) {
        for (const [i, v] of r.entries()) total += (v - at(row(y, k), i)) ** 2;
        return total / (x.length * r.length);
      }
      return total;
    },
  ],
  ['Your answer uses only the first example', ([x = []], [y = []]) => sum(squares([x], [y])) / x.length],
];

const l1Penalty: Mistakes<typeof exercises.l1Penalty> = [
  ['sum runs over the batch as well', (h) => sum(h.map((r) => sum(r.map(Math.abs))))],
  ['average over everything', (h) => sum(h.flat().map(Math.abs)) / h.flat().length],
  ['divide by the number of units', (h) => sum(h.flat().map(Math.abs)) / row(h, 0).length],
  ['You keep the signs', (h) => sum(h.flat()) / h.length],
  ['You square the activations', (h) => sum(h.flat().map((v) => v ** 2)) / h.length],
  ['L2 norm', (h) => sum(h.map(length)) / h.length],
  ['Your answer treats negative activations as zero', (h) => sum(h.flat().filter((v) => v > 0)) / h.length],
  ['You take |…| of a sum, in which −2 and 2 have already cancelled', (h) => sum(rhoHats(h).map(Math.abs))],
  ['that is L0', (h) => h.flat().filter((v) => v !== 0).length / h.length],
  [
    'You take |…| of a sum, in which −2 and 2 have already cancelled',
    (h) => sum(h.map((r) => Math.abs(sum(r)))) / h.length,
  ],
  [
    'You take |…| of a sum, in which −2 and 2 have already cancelled',
    (h) => Math.abs(sum(h.flat()) / h.length),
  ],
  ['largest activation', (h) => sum(h.map((r) => Math.max(...r.map((v) => (v < 0 ? -v : v))))) / h.length],
  [
    'Your sum starts again with each example, so only the last one is left',
    (h) => {
      let total = 0;
      for (const r of h) {
        total = 0;
        for (const v of r) total += Math.abs(v);
      }
      return total / h.length;
    },
  ],
];

const l1Slope: Mistakes<typeof exercises.l1Slope> = [
  [
    'The average over the batch is missing',
    (h, lambda) => h.map((r) => r.map((v) => (v > 0 ? lambda : v < 0 ? -lambda : 0))),
  ],
  ['λ is missing', (h) => h.map((r) => r.map((v) => Math.sign(v) / h.length))],
  ['slope grows with h: that is L2', (h, lambda) => h.map((r) => r.map((v) => (v / h.length) * lambda))],
  ['that is 2h', (h, lambda) => h.map((r) => r.map((v) => ((2 * v) / h.length) * lambda))],
  [
    'Your answer ignores the sign of h',
    (h, lambda) => h.map((r) => r.map((v) => (Math.abs(Math.sign(v)) * lambda) / h.length)),
  ],
  ['0/0 is NaN', (h, lambda) => h.map((r) => r.map((v) => (lambda * (v / Math.abs(v))) / h.length))],
  ['0/0 is NaN', (h, lambda) => h.map((r) => r.map((v) => lambda * (v / Math.abs(v))))],
  ['0/0 is NaN', (h) => h.map((r) => r.map((v) => v / Math.abs(v)))],
  [
    'h ≥ 0 counts as positive',
    (h, lambda) => h.map((r) => r.map((v) => (v < 0 ? -lambda : lambda) / h.length)),
  ],
  [
    'h ≤ 0 counts as negative',
    (h, lambda) => h.map((r) => r.map((v) => (v > 0 ? lambda : -lambda) / h.length)),
  ],
  [
    'divide by the number of units',
    (h, lambda) => h.map((r) => r.map((v) => (Math.sign(v) * lambda) / row(h, 0).length)),
  ],
  [
    'number of all activations',
    (h, lambda) => h.map((r) => r.map((v) => (lambda * Math.sign(v)) / h.flat().length)),
  ],
  ['this is the sign alone', (h) => h.map((r) => r.map((v) => (v > 0 ? 1 : v < 0 ? -1 : 0)))],
  [
    'This is the penalty, λ |h| / m',
    (h, lambda) => h.map((r) => r.map((v) => (lambda / h.length) * Math.abs(v))),
  ],
  [
    'Your slope is 0 for h < 0, as that of a relu',
    (h, lambda) => h.map((r) => r.map((v) => (v > 0 ? lambda : 0) / h.length)),
  ],
  [
    'All your rows are one array, because fill(row) repeats the same one',
    (h, lambda) => {
      const slopes: Rows = Array(h.length).fill(Array(row(h, 0).length).fill(0));
      for (const [k, r] of h.entries())
        for (const [j, v] of r.entries()) row(slopes, k)[j] = (lambda * Math.sign(v)) / h.length;
      return slopes;
    },
  ],
];

const meanActivations: Mistakes<typeof exercises.meanActivations> = [
  ['wrong axis', (h) => h.map((r) => sum(r) / r.length)],
  ['sum over the examples: divide', (h) => rhoHats(h).map((mean) => mean * h.length)],
  ['divide by the number of units', (h) => rhoHats(h).map((mean, _, all) => (mean * h.length) / all.length)],
  ['You average all activations together', (h) => row(h, 0).map(() => sum(h.flat()) / h.flat().length)],
  ['how often a unit fires', (h) => row(h, 0).map((_, j) => h.filter((r) => at(r, j) > 0).length / h.length)],
  ['Your answer uses only the first example', (h) => row(h, 0)],
  ['largest activation of each unit', (h) => row(h, 0).map((_, j) => Math.max(...h.map((r) => at(r, j))))],
];

const klDivergence: Mistakes<typeof exercises.klDivergence> = [
  ...[1e-3, 1e-4, 1e-6, 1e-7, 1e-8, 1e-12, Number.EPSILON, 1e-20].map(
    (epsilon) =>
      [
        'You clip ρ̂ at an ε such as 1e-7',
        (p: number, q: number) => coins(p, q < epsilon ? epsilon : q > 1 - epsilon ? 1 - epsilon : q),
      ] as const,
  ),
  ['You clip ρ̂ at an ε such as 1e-7', (p, q) => coins(p, q < 1e-7 ? 1e-7 : q)],
  ['You clip ρ̂ at an ε such as 1e-7', (p, q) => coins(p, Math.min(q, 1 - 1e-7))],
  [
    'You clip ρ̂ at an ε such as 1e-7',
    (p, q) => p * Math.log(p / Math.max(1e-9, q)) + (1 - p) * Math.log((1 - p) / Math.max(1e-9, 1 - q)),
  ],
  [
    'or add ε to it',
    (p, q) => p * (Math.log(p) - Math.log(q + 1e-7)) + (1 - p) * (Math.log(1 - p) - Math.log(1e-7 + 1 - q)),
  ],
  ['sign of the second term', (p, q) => p * Math.log(p / q) - (1 - p) * Math.log((1 - p) / (1 - q))],
  [
    'sign of the second term',
    (p, q) => p * Math.log(p / safe(q)) - (1 - p) * Math.log((1 - p) / (1 - safe(q))),
  ],
  ['second term, for the coin’s other side, is missing', (p, q) => p * (Math.log(p) - Math.log(safe(q)))],
  ['ρ and ρ̂ are swapped', (p, q) => coins(safe(q), p)],
  ['ρ and ρ̂ are swapped', (p, q) => coins(q, p)],
  ['upside down', (p, q) => p * Math.log(safe(q) / p) + (1 - p) * Math.log((1 - safe(q)) / (1 - p))],
  [
    'Your answer uses log₂',
    (p, q) => p * Math.log2(p / safe(q)) + (1 - p) * Math.log2((1 - p) / (1 - safe(q))),
  ],
  [
    'Your answer uses log₁₀',
    (p, q) => p * Math.log10(p / safe(q)) + (1 - p) * Math.log10((1 - p) / (1 - safe(q))),
  ],
  [
    'factor 1 − ρ of the second term',
    (p, q) => p * Math.log(p / safe(q)) + Math.log((1 - p) / (1 - safe(q))),
  ],
  ['cross entropy', (p, q) => -(p * Math.log(safe(q)) + (1 - p) * Math.log(1 - safe(q)))],
  ['or add ε to it', (p, q) => p * Math.log(p / (q + 1e-10)) + (1 - p) * Math.log((1 - p) / (1 - q + 1e-10))],
  ['Your divergence is 0 where ρ̂ is 0 or 1', (p, q) => (q <= 0 || q >= 1 ? 0 : coins(p, q))],
  [
    'You divide the logarithms',
    (p, q) => p * (Math.log(p) / Math.log(safe(q))) + (1 - p) * (Math.log(1 - p) / Math.log(1 - safe(q))),
  ],
  ['Brackets are missing', (p, q) => p * Math.log(p / safe(q)) + (1 - p) * Math.log(1 - p / 1 - safe(q))],
  ['second term has the factor ρ', (p, q) => p * (Math.log(p / safe(q)) + Math.log((1 - p) / (1 - safe(q))))],
  ['first term is missing', (p, q) => (1 - p) * Math.log((1 - p) / (1 - safe(q)))],
  ['in front of the logarithms', (p, q) => Math.log(p / safe(q)) + Math.log((1 - p) / (1 - safe(q)))],
  ['both directions', (p, q) => coins(p, safe(q)) + coins(safe(q), p)],
  ['both directions', (p, q) => (coins(p, safe(q)) + coins(safe(q), p)) / 2],
];

const klPenalty: Mistakes<typeof exercises.klPenalty> = [
  ['average over the units', (h, p) => sum(rhoHats(h).map((q) => coins(p, safe(q)))) / row(h, 0).length],
  [
    'You take the divergence of each example and then average',
    (h, p) => sum(h.map((r) => sum(r.map((v) => coins(p, safe(v)))))) / h.length,
  ],
  ['one number for the whole layer', (h, p) => coins(p, safe(sum(h.flat()) / h.flat().length))],
  ['mean over the wrong axis', (h, p) => sum(h.map((r) => coins(p, safe(sum(r) / r.length))))],
  [
    'divide by the number of examples once more',
    (h, p) => sum(rhoHats(h).map((q) => coins(p, safe(q)))) / h.length,
  ],
  ['You clip ρ̂ at an ε such as 1e-7', (h, p) => sum(rhoHats(h).map((q) => coins(p, safe(q))))],
  ['You clip ρ̂ at an ε such as 1e-7', (h, p) => sum(rhoHats(h).map((q) => coins(p, q < 1e-3 ? 1e-3 : q)))],
  ['average over the units', (h, p) => sum(rhoHats(h).map((q) => coins(p, q))) / row(h, 0).length],
  ['mean over the wrong axis', (h, p) => sum(h.map((r) => coins(p, sum(r) / r.length)))],
  ['ρ and ρ̂ are swapped', (h, p) => sum(rhoHats(h).map((q) => coins(safe(q), p)))],
  ['ρ and ρ̂ are swapped', (h, p) => sum(rhoHats(h).map((q) => coins(q, p)))],
  ['every single activation', (h, p) => sum(h.flat().map((v) => coins(p, safe(v))))],
  ['every single activation', (h, p) => sum(h.flat().map((v) => coins(p, safe(v)))) / h.flat().length],
  ['each is wrong itself', (h, p) => sum(rhoHats(h).map((q) => coins(p, safe(q)) * Math.LOG2E))],
  ['each is wrong itself', (h, p) => sum(rhoHats(h).map((q) => p * Math.log(p / safe(q))))],
  ['of other numbers than ρ̂', (h, p) => sum(rhoHats(h).map((q) => coins(p, safe(h.length * q))))],
];

const totalLoss: Mistakes<typeof exercises.totalLoss> = [
  ['You multiply by the strength', (mse, penalty, beta) => mse + beta * (beta * penalty)],
  ['You multiply the whole sum by the strength', (mse, penalty, beta) => (mse + penalty) * beta],
  ['strength is missing', (mse, penalty) => mse + penalty],
  ['You subtract the penalty', (mse, penalty, beta) => mse - penalty * beta],
  ['You weigh the two terms by 1 − s and s', (mse, penalty, beta) => beta * penalty + mse - beta * mse],
  ['You multiply the reconstruction by the strength', (mse, penalty, beta) => beta * mse + penalty],
  ['You add the strength', (mse, penalty, beta) => mse + beta + penalty],
  ['You divide by the strength', (mse, penalty, beta) => penalty / beta + mse],
  ['reconstruction is missing', (_, penalty, beta) => penalty * beta],
];

const numericGradient: Mistakes<typeof exercises.numericGradient> = [
  ['divide by ε: the two points', (f, w, e) => w.map((_, i) => (f(bump(w, i, e)) - f(bump(w, i, -e))) / e)],
  ['multiply by ε instead', (f, w, e) => w.map((_, i) => ((f(bump(w, i, e)) - f(bump(w, i, -e))) / 2) * e)],
  ['one-sided difference', (f, w, e) => w.map((_, i) => (f(bump(w, i, e)) - f(w)) / e)],
  [
    'The two points are swapped',
    (f, w, e) => w.map((_, i) => (f(bump(w, i, -e)) - f(bump(w, i, e))) / (2 * e)),
  ],
  [
    'You move all parameters at once',
    (f, w, e) => {
      const slope = (f(w.map((v) => v + e)) - f(w.map((v) => v - e))) / (2 * e);
      return w.map(() => slope);
    },
  ],
  [
    'You do not put a parameter back before you move the next one',
    (f, w, e) => {
      const now = [...w];
      const slopes: number[] = [];
      for (let i = 0; i < w.length; i++) {
        now[i] = at(now, i) + e;
        const up = f(now);
        now[i] = at(now, i) - 2 * e;
        slopes.push((up - f(now)) / (2 * e));
      }
      return slopes;
    },
  ],
  ['(f(w) − f(w − ε)) / ε', (f, w, e) => w.map((_, i) => (f(w) - f(bump(w, i, -e))) / e)],
  ['You move only one of the two points', (f, w, e) => w.map((_, i) => (f(bump(w, i, e)) - f(w)) / (2 * e))],
  ...[1e-4, 1e-6].map(
    (own) =>
      [
        'You chose your own ε',
        (f: (w: number[]) => number, w: number[]) =>
          w.map((_, i) => (f(bump(w, i, own)) - f(bump(w, i, -own))) / (2 * own)),
      ] as const,
  ),
  [
    'both points are the same array',
    (f, w, e) =>
      w.map((_, i) => {
        const up = [...w];
        const down = up;
        up[i] = at(up, i) + e;
        down[i] = at(down, i) - e;
        return (f(up) - f(down)) / (2 * e);
      }),
  ],
  [
    'only f(w − ε eᵢ) is divided',
    (f, w, e) => w.map((_, i) => f(bump(w, i, e)) - f(bump(w, i, -e)) / (2 * e)),
  ],
  [
    'You do not divide the difference by 2ε',
    (f, w, e) => w.map((_, i) => f(bump(w, i, e)) - f(bump(w, i, -e))),
  ],
];

const relativeError: Mistakes<typeof exercises.relativeError> = [
  ['Your answer leaves 0 / 0 as NaN', (a, b) => length(minus(a, b)) / length(plus(a, b))],
  ['You square the norms', (a, b) => sum(minus(a, b).map((v) => v * v)) / sum(plus(a, b).map((v) => v * v))],
  ['divide by ‖a‖ + ‖b‖', (a, b) => length(minus(a, b)) / (length(a) + length(b))],
  ['denominator is ‖a‖ alone', (a, b) => length(minus(b, a)) / length(a)],
  ['absolute difference', (a, b) => length(minus(a, b))],
  ['compare lengths', (a, b) => Math.abs(length(a) - length(b)) / (length(a) + length(b))],
  ['You sum absolute values', (a, b) => sum(minus(a, b).map(Math.abs)) / sum(plus(a, b).map(Math.abs))],
  ['denominator is ‖b‖ alone', (a, b) => length(minus(b, a)) / length(b)],
  ['larger of ‖a‖ and ‖b‖', (a, b) => length(minus(a, b)) / Math.max(length(a), length(b))],
  ['The root is missing in the numerator', (a, b) => sum(minus(a, b).map((v) => v * v)) / length(plus(a, b))],
  [
    'The root is missing in the denominator',
    (a, b) => length(minus(a, b)) / sum(plus(a, b).map((v) => v * v)),
  ],
  ['You add a small number to the denominator', (a, b) => length(minus(a, b)) / (length(plus(a, b)) + 1e-8)],
  [
    'You add a small number to the denominator',
    (a, b) => length(minus(a, b)) / Math.max(1e-8, length(plus(a, b))),
  ],
  [
    'wherever a + b is 0',
    (a, b) => {
      if (length(plus(a, b)) === 0) return 0;
      return length(minus(a, b)) / length(plus(a, b));
    },
  ],
];

/** A step of Adam in loops, with what students get wrong as options. */
function adam(state: State, gradient: number[], rate: number, wrong: Record<string, unknown> = {}): State {
  const [b1, b2] = wrong.swapped ? [0.999, 0.9] : [0.9, 0.999];
  const [new1, new2] = wrong.noShare ? [1, 1] : [1 - b1, 1 - b2];
  const epsilon = wrong.noEpsilon ? 0 : wrong.largeEpsilon ? 1e-7 : 1e-8;
  const next: State & { w: number[]; m: number[]; v: number[] } = { w: [], m: [], v: [], t: state.t + 1 };
  const power = wrong.oldT ? state.t : state.t + 1;
  for (const [i, g] of gradient.entries()) {
    let m = b1 * at(state.m, i) + new1 * g;
    let v = b2 * at(state.v, i) + new2 * (wrong.noSquare ? Math.abs(g) : g ** 2);
    if (wrong.blended) {
      m = (1 - b1) * at(state.m, i) + b1 * g;
      v = (1 - b2) * at(state.v, i) + b2 * g ** 2;
    }
    const [c1, c2] = wrong.noPower ? [1 - b1, 1 - b2] : [1 - b1 ** power, 1 - b2 ** power];
    let mHat = wrong.uncorrected || wrong.onlyV ? m : m / c1;
    let vHat = wrong.uncorrected || wrong.onlyM ? v : v / c2;
    if (wrong.multiplied) [mHat, vHat] = [m * c1, v * c2];
    let below = Math.sqrt(vHat) + epsilon;
    if (wrong.rootFirst) below = Math.sqrt(v) / c2 + epsilon;
    if (wrong.uncorrectedEpsilon) below = (Math.sqrt(v) + epsilon) / Math.sqrt(c2);
    if (wrong.noRoot) below = vHat + 1e-8;
    if (wrong.inside) below = Math.sqrt(vHat + 1e-8);
    const step = (wrong.byGradient ? g : mHat) / below;
    next.w.push(at(state.w, i) + (wrong.uphill ? 1 : -1) * (wrong.noRate ? 1 : rate) * step);
    next.m.push(wrong.stored ? mHat : m);
    next.v.push(wrong.stored ? vHat : v);
  }
  return wrong.still ? { ...next, t: state.t } : next;
}
const adamWith = (mistake: string) => (state: State, gradient: number[], rate: number) =>
  adam(state, gradient, rate, { [mistake]: true });

const adamStep: Mistakes<typeof exercises.adamStep> = [
  ['bias correction is missing', adamWith('uncorrected')],
  ['uses the old t', adamWith('oldT')],
  ['You move w along the gradient', adamWith('uphill')],
  ['Your v averages the gradient', adamWith('noSquare')],
  ['root of v̂ is missing', adamWith('noRoot')],
  ['β₁ and β₂ are swapped', adamWith('swapped')],
  ['You add ε inside the root', adamWith('inside')],
  ['You do not increase t', adamWith('still')],
  ['You store the corrected m̂ and v̂', adamWith('stored')],
  ['You correct by 1 − β, which is right for the first step only', adamWith('noPower')],
  ['multiply by 1 − βᵗ', adamWith('multiplied')],
  ['You correct only m', adamWith('onlyM')],
  ['You correct only v', adamWith('onlyV')],
  ['before it is corrected', adamWith('rootFirst')],
  ['β and 1 − β are swapped', adamWith('blended')],
  ['factor 1 − β of the new value', adamWith('noShare')],
  ['You move w by the gradient', adamWith('byGradient')],
  ['learning rate is missing', adamWith('noRate')],
  ['ε is missing', adamWith('noEpsilon')],
  ['Your ε is not 1e-8', adamWith('largeEpsilon')],
  ['You add ε to √v, which is not corrected yet', adamWith('uncorrectedEpsilon')],
];

const batches: Mistakes<typeof exercises.batches> = [
  [
    'You drop the last, smaller batch',
    (order, size) => cut(order, size).filter((piece) => piece.length === size),
  ],
  ['You put the positions into batches', (order, size) => cut([...order.keys()], size)],
  [
    'You sort the order again',
    (order, size) =>
      cut(
        order.toSorted((a, b) => a - b),
        size,
      ),
  ],
  [
    'You use batchSize as the number of batches',
    (order, count) => (order.length === 0 ? [] : cut(order, Math.ceil(order.length / count))),
  ],
  [
    'empty batch at the end',
    (order, size) => (order.length % size === 0 ? [...cut(order, size), []] : cut(order, size)),
  ],
  [
    'slice(start, batchSize)',
    (order, size) => cut([...order.keys()], size).map(([i]) => order.slice(i, size)),
  ],
  [
    'Each of your batches has one example too many, the first of the next',
    (order, size) => cut([...order.keys()], size).map(([i = 0]) => order.slice(i, i + size + 1)),
  ],
  [
    'Your answer starts a batch at every example',
    (order, size) => [...order.keys()].map((i) => order.slice(i, i + size)),
  ],
  [
    'You distribute the examples one by one',
    (order, size) => {
      const hands: number[][] = cut(order, size).map(() => []);
      for (const [i, example] of order.entries()) hands[i % hands.length]?.push(example);
      return hands;
    },
  ],
  [
    'You add a small rest to the previous batch',
    (order, size) => {
      const pieces = cut(order, size);
      if (pieces.length > 1 && (pieces.at(-1)?.length ?? 0) < size) {
        const rest = pieces.pop() ?? [];
        pieces.at(-1)?.push(...rest);
      }
      return pieces;
    },
  ],
];

/** Gradient descent in a loop. */
const walk = (gradient: (w: number[]) => number[], start: number[], rate: number, steps: number) => {
  const points = [start];
  for (let step = 0; step < steps; step++) {
    const here = points.at(-1) as number[];
    points.push(
      minus(
        here,
        gradient(here).map((g) => rate * g),
      ),
    );
  }
  return points;
};

const descend: Mistakes<typeof exercises.descend> = [
  [
    'You take the gradient at the start only',
    (gradient, start, rate, steps) => {
      const slope = gradient(start);
      return walk(() => slope, start, rate, steps);
    },
  ],
  [
    'You move w uphill',
    (gradient, start, rate, steps) => walk((w) => gradient(w).map((g) => -g), start, rate, steps),
  ],
  ['learning rate is missing', (gradient, start, _, steps) => walk(gradient, start, 1, steps)],
  ['one step too many', (gradient, start, rate, steps) => walk(gradient, start, rate, steps + 1)],
  [
    'slope of the first',
    (gradient, start, rate, steps) => walk((w) => w.map(() => at(gradient(w), 0)), start, rate, steps),
  ],
  ['You leave out the start', (gradient, start, rate, steps) => walk(gradient, start, rate, steps).slice(1)],
  [
    'last step is missing',
    (gradient, start, rate, steps) => walk(gradient, start, rate, steps - 1).slice(0, steps),
  ],
  [
    'the same array, changed in place',
    (gradient, start, rate, steps) => {
      const here = [...start];
      const points = [here];
      for (let step = 0; step < steps; step++) {
        for (const [i, g] of gradient([...here]).entries()) here[i] = at(here, i) - rate * g;
        points.push(here);
      }
      return points;
    },
  ],
  [
    'You return only the last point',
    (gradient, start, rate, steps) => [walk(gradient, start, rate, steps).at(-1) as number[]],
  ],
  [
    'You move each parameter before you take the slope of the next',
    (gradient, start, rate, steps) => {
      const here = [...start];
      const points = [[...here]];
      for (let step = 0; step < steps; step++) {
        for (const i of here.keys()) here[i] = at(here, i) - rate * at(gradient(here), i);
        points.push([...here]);
      }
      return points;
    },
  ],
  [
    'Each of your steps begins at the start',
    (gradient, start, rate, steps) => {
      const points = [start];
      for (let step = 0; step < steps; step++) {
        const slope = gradient(points[step] as number[]);
        points.push(start.map((value, i) => value - rate * at(slope, i)));
      }
      return points;
    },
  ],
  [
    'You multiply by the learning rate twice',
    (gradient, start, rate, steps) => walk(gradient, start, rate * rate, steps),
  ],
];

const strengths: Mistakes<typeof exercises.strengths> = [
  [
    'steps are equal (linear)',
    (from, to, count) => Array.from({ length: count }, (_, i) => from + (i * (to - from)) / (count - 1)),
  ],
  [
    'last strength is missing',
    (from, to, count) => Array.from({ length: count }, (_, i) => from * (to / from) ** (i / count)),
  ],
  [
    'one number too many',
    (from, to, count) => Array.from({ length: count + 1 }, (_, i) => from * (to / from) ** (i / count)),
  ],
  [
    'You return the exponents',
    (from, to, count) => {
      const [a, b] = [Math.log10(from), Math.log10(to)];
      return Array.from({ length: count }, (_, i) => a + ((b - a) * i) / (count - 1));
    },
  ],
  ['factor is always 10', (from, _, count) => Array.from({ length: count }, (_, i) => from * 10 ** i)],
  [
    'You return the exponents',
    (from, to, count) => {
      const [a, b] = [Math.log(from), Math.log(to)];
      return Array.from({ length: count }, (_, i) => a + ((b - a) * i) / (count - 1));
    },
  ],
  [
    'different bases',
    (from, to, count) => {
      const [a, b] = [Math.log10(from), Math.log10(to)];
      return Array.from({ length: count }, (_, i) => Math.exp(a + ((b - a) * i) / (count - 1)));
    },
  ],
  [
    'different bases',
    (from, to, count) => {
      const [a, b] = [Math.log(from), Math.log(to)];
      return Array.from({ length: count }, (_, i) => 10 ** (a + ((b - a) * i) / (count - 1)));
    },
  ],
  [
    'first strength is missing',
    (from, to, count) => Array.from({ length: count }, (_, i) => from * (to / from) ** ((i + 1) / count)),
  ],
  [
    'Both ends are missing',
    (from, to, count) =>
      Array.from({ length: count }, (_, i) => from * (to / from) ** ((i + 1) / (count + 1))),
  ],
  [
    'Your loop multiplies until it passes `to`',
    (from, to, count) => {
      const factor = (to / from) ** (1 / (count - 1));
      const found = [];
      let value = from;
      while (value <= to && found.length < 2 * count) {
        found.push(value);
        value = value * factor;
      }
      return found;
    },
  ],
  ['whole ratio', (from, to, count) => Array.from({ length: count }, (_, i) => from * (to / from) ** i)],
];

const beats = (a: Run, b: Run) => a.mse <= b.mse && a.l0 <= b.l0 && (a.mse < b.mse || a.l0 < b.l0);

const paretoFront: Mistakes<typeof exercises.paretoFront> = [
  [
    'only the run with the smallest mse',
    (runs) => {
      const least = runs.reduce((best, { mse }) => Math.min(best, mse), Number.POSITIVE_INFINITY);
      return runs.filter(({ mse }) => mse === least);
    },
  ],
  [
    'better than every other in something',
    (runs) =>
      runs.filter((a) => runs.some((b) => a.mse <= b.mse && a.l0 <= b.l0 && (a.mse < b.mse || a.l0 < b.l0))),
  ],
  [
    'Your answer treats large values as good',
    (runs) =>
      runs.filter((a) => !runs.some((b) => b.mse >= a.mse && b.l0 >= a.l0 && (b.mse > a.mse || b.l0 > a.l0))),
  ],
  [
    'You return the dominated runs',
    (runs) =>
      runs.filter((a) => runs.some((b) => b.mse <= a.mse && b.l0 <= a.l0 && (b.mse < a.mse || b.l0 < a.l0))),
  ],
  [
    'Your answer treats a larger l0 as better',
    (runs) =>
      runs.filter((a) => !runs.some((b) => b.mse <= a.mse && b.l0 >= a.l0 && (b.mse < a.mse || b.l0 > a.l0))),
  ],
  [
    'Your answer lets equal runs exclude each other',
    (runs) => runs.filter((a, i) => !runs.some((b, j) => i !== j && b.mse <= a.mse && b.l0 <= a.l0)),
  ],
  [
    'Your answer excludes a run only if it is worse in both',
    (runs) => runs.filter((a) => runs.every((b) => b.mse >= a.mse || b.l0 >= a.l0)),
  ],
  [
    'only a smaller mse beats',
    (runs) => runs.filter((a) => runs.every((b) => !(b.mse < a.mse && b.l0 <= a.l0))),
  ],
  [
    'only a smaller l0 beats',
    (runs) => runs.filter((a) => runs.every((b) => !(b.l0 < a.l0 && b.mse <= a.mse))),
  ],
  [
    'Your answer excludes a run that is worse in one',
    (runs) => runs.filter((a) => runs.every((b) => a.mse <= b.mse && a.l0 <= b.l0)),
  ],
  ['beats itself', (runs) => runs.filter((a) => !runs.some((b) => b.mse <= a.mse && b.l0 <= a.l0))],
  [
    'You compare a run only with those before it',
    (runs) => {
      const kept: Run[] = [];
      for (const run of runs) if (!kept.some((other) => beats(other, run))) kept.push(run);
      return kept;
    },
  ],
  [
    'You compare a run only with its neighbours',
    (runs) => runs.filter((a, i) => !runs.slice(Math.max(0, i - 1), i + 2).some((b) => beats(b, a))),
  ],
  [
    'You keep only the first of two equal runs',
    (runs) => {
      const front = runs.filter((a) => !runs.some((b) => beats(b, a)));
      return front.filter((a, i) => front.findIndex((b) => b.mse === a.mse && b.l0 === a.l0) === i);
    },
  ],
  [
    'You compare λ as well',
    (runs) => runs.filter((a) => !runs.some((b) => beats(b, a) && b.lambda <= a.lambda)),
  ],
];

/** The first run that is better than all before it; `null` of none. */
const pick = (runs: readonly Run[], better: (a: Run, b: Run) => boolean) => {
  let chosen: Run | null = null;
  for (const run of runs) if (chosen === null || better(run, chosen)) chosen = run;
  return chosen;
};
const lessError = (a: Run, b: Run) => a.mse < b.mse;
const within = (runs: readonly Run[], maxL0: number) => runs.filter(({ l0 }) => l0 <= maxL0);

const chooseRun: Mistakes<typeof exercises.chooseRun> = [
  ['Your answer ignores the budget', (runs) => pick(runs, lessError)],
  [
    'Your answer requires l0 below the budget',
    (runs, maxL0) =>
      pick(
        runs.filter(({ l0 }) => l0 < maxL0),
        lessError,
      ),
  ],
  ['You choose the sparsest run', (runs, maxL0) => pick(within(runs, maxL0), (a, b) => a.l0 < b.l0)],
  [
    'closest to the budget',
    (runs, maxL0) => pick(within(runs, maxL0), (a, b) => maxL0 - a.l0 < maxL0 - b.l0),
  ],
  ['first run within the budget', (runs, maxL0) => within(runs, maxL0)[0] ?? null],
  ['You choose the largest mse', (runs, maxL0) => pick(within(runs, maxL0), (a, b) => a.mse > b.mse)],
  [
    'above the budget',
    (runs, maxL0) =>
      pick(
        runs.filter(({ l0 }) => l0 >= maxL0),
        lessError,
      ),
  ],
  [
    'the answer is null',
    (runs, maxL0) => pick(within(runs, maxL0).length > 0 ? within(runs, maxL0) : runs, lessError),
  ],
  [
    'Your search starts with the first run, which may be above the budget',
    (runs, maxL0) => {
      let best = runs[0] ?? null;
      for (const run of runs) if (best && run.l0 <= maxL0 && run.mse < best.mse) best = run;
      return best;
    },
  ],
  [
    'You compare the best of all runs with the budget',
    (runs, maxL0) => {
      const best = pick(runs, lessError);
      return best && best.l0 <= maxL0 ? best : null;
    },
  ],
  ['last run within the budget', (runs, maxL0) => within(runs, maxL0).at(-1) ?? null],
  [
    'Your answer decides by λ within the budget',
    (runs, maxL0) => pick(within(runs, maxL0), (a, b) => a.lambda < b.lambda),
  ],
  [
    'Your answer decides by λ within the budget',
    (runs, maxL0) => pick(within(runs, maxL0), (a, b) => a.lambda > b.lambda),
  ],
];

const convertStrength: Mistakes<typeof exercises.convertStrength> = [
  ['The ½ of ½ Σ (x − x̂)² is missing', (lambda, inputs) => inputs * lambda],
  ['You divide', (lambda, inputs) => lambda / inputs],
  ['You divide', (lambda, inputs) => lambda / (inputs / 2)],
  ['wrong side', (lambda, inputs) => (lambda * inputs) / 0.5],
  ['You keep λ unchanged', (lambda) => lambda],
  ['You divide', (lambda, inputs) => (0.5 * lambda) / inputs],
  ['You consider only the ½', (lambda) => lambda / 2],
  ['You consider only the ½, and on the wrong side', (lambda) => lambda + lambda],
  ['You square inputDim', (lambda, inputs) => lambda * inputs * inputs],
  ['You square inputDim', (lambda, inputs) => 0.5 * lambda * inputs ** 2],
];

const dead = (h: Rows, silent: (unit: number[]) => boolean) =>
  [...row(h, 0).keys()].filter((j) => silent(h.map((r) => at(r, j))));

const deadUnits: Mistakes<typeof exercises.deadUnits> = [
  ['Your answer counts a unit as dead after one silent example', (h) => dead(h, (unit) => unit.includes(0))],
  ['Your answer counts a unit with mean 0 as dead', (h) => dead(h, (unit) => sum(unit) / unit.length === 0)],
  [
    'Your answer treats small activations as zero',
    (h) => dead(h, (unit) => Math.max(...unit.map(Math.abs)) < 1e-6),
  ],
  ['You return the silent examples', (h) => [...h.keys()].filter((k) => row(h, k).every((v) => v === 0))],
  ['You return the living units', (h) => dead(h, (unit) => !unit.every((v) => v === 0))],
  ['You look at the first example only', (h) => [...row(h, 0).keys()].filter((j) => at(row(h, 0), j) === 0)],
  ['Your answer treats negative activations as zero', (h) => dead(h, (unit) => !unit.some((v) => v > 0))],
  [
    'Your answer counts a unit as dead if its largest activation is 0',
    (h) => dead(h, (unit) => Math.max(...unit) === 0),
  ],
  ['You count units from 1', (h) => dead(h, (unit) => unit.every((v) => v === 0)).map((j) => j + 1)],
  [
    'You look at the last example only',
    (h) => {
      const silent: boolean[] = [];
      for (const r of h) for (const [j, v] of r.entries()) silent[j] = v === 0;
      return [...silent.keys()].filter((j) => silent[j]);
    },
  ],
  ['most examples', (h) => dead(h, (unit) => unit.filter((v) => v === 0).length > h.length / 2)],
];

const bad = (loss: number, first: number) => !Number.isFinite(loss) || loss > 10 * first;

const firstBadStep: Mistakes<typeof exercises.firstBadStep> = [
  ['Your answer does not find NaN', (losses) => losses.findIndex((loss) => loss > 10 * at(losses, 0))],
  [
    'Your answer counts any rise as bad',
    (losses) => losses.findIndex((loss, i) => !Number.isFinite(loss) || loss > at(losses, i - 1)),
  ],
  ['Your answer finds only NaN and infinity', (losses) => losses.findIndex((loss) => !Number.isFinite(loss))],
  [
    'You compare the loss with the previous one',
    (losses) => losses.findIndex((loss, i) => bad(loss, at(losses, Math.max(0, i - 1)))),
  ],
  [
    'Your answer counts exactly 10 times as bad',
    (losses) => losses.findIndex((loss) => bad(loss, at(losses, 0)) || loss === 10 * at(losses, 0)),
  ],
  ['last bad step', (losses) => losses.findLastIndex((loss) => bad(loss, at(losses, 0)))],
  [
    'You count steps from 1',
    (losses) => {
      for (let i = 0; i < losses.length; i++) if (bad(at(losses, i), at(losses, 0))) return i + 1;
      return -1;
    },
  ],
  [
    'Your answer does not find NaN',
    (losses) => losses.findIndex((loss) => loss === Number.POSITIVE_INFINITY || loss > 10 * at(losses, 0)),
  ],
  [
    'Your answer leaves out step 0',
    (losses) => {
      for (let i = 1; i < losses.length; i++) if (bad(at(losses, i), at(losses, 0))) return i;
      return -1;
    },
  ],
  [
    'every loss above the first',
    (losses) => losses.findIndex((loss) => !Number.isFinite(loss) || loss > at(losses, 0)),
  ],
  ['Your bound is 10', (losses) => losses.findIndex((loss) => bad(loss, 1))],
  [
    'Your answer counts a loss of 0 as bad',
    (losses) => losses.findIndex((loss) => !loss || loss > 10 * at(losses, 0)),
  ],
  [
    'Your answer counts a loss of 0 as bad',
    (losses) => losses.findIndex((loss) => !loss || bad(loss, at(losses, 0))),
  ],
  [
    'Your answer accepts an infinite first loss',
    (losses) => losses.findIndex((loss) => Number.isNaN(loss) || loss > 10 * at(losses, 0)),
  ],
  [
    'You look for one kind of bad step only where the other is absent',
    (losses) => {
      for (const [i, loss] of losses.entries()) if (loss > 10 * at(losses, 0)) return i;
      return losses.findIndex((loss) => !Number.isFinite(loss));
    },
  ],
  [
    'You look for one kind of bad step only where the other is absent',
    (losses) => {
      for (const [i, loss] of losses.entries()) if (!Number.isFinite(loss)) return i;
      return losses.findIndex((loss) => loss > 10 * at(losses, 0));
    },
  ],
  [
    'Your answer requires a loss that is not finite and too large',
    (losses) => losses.findIndex((loss) => !Number.isFinite(loss) && loss > 10 * at(losses, 0)),
  ],
  ['You return the loss', (losses) => losses.find((loss) => bad(loss, at(losses, 0))) ?? -1],
  [
    'the answer is −1',
    (losses) => {
      let step = 0;
      while (step < losses.length && !bad(at(losses, step), at(losses, 0))) step++;
      return step;
    },
  ],
];

type Question = (run: exercises.RunSummary) => boolean;
/** A diagnosis with other questions than it should have, or in another order. */
function ask(
  questions: Partial<Record<'grown' | 'dead' | 'still' | 'dense', Question>>,
  order = ['diverged', 'collapsed', 'not learning', 'dense'] as const as readonly exercises.RunState[],
) {
  return (run: exercises.RunSummary): exercises.RunState => {
    const grown = questions.grown?.(run) ?? run.lastLoss > run.firstLoss;
    const holds: Partial<Record<exercises.RunState, boolean>> = {
      diverged: !Number.isFinite(run.lastLoss) || grown,
      collapsed: questions.dead?.(run) ?? run.deadFraction >= 0.9,
      'not learning': questions.still?.(run) ?? run.lastLoss > 0.9 * run.firstLoss,
      dense: questions.dense?.(run) ?? run.l0 > run.hiddenDim / 2,
    };
    return order.find((state) => holds[state]) ?? 'healthy';
  };
}

const diagnose: Mistakes<typeof exercises.diagnose> = [
  [
    'Your answer calls NaN healthy',
    ({ firstLoss, lastLoss, l0, hiddenDim, deadFraction }) => {
      if (lastLoss > firstLoss) return 'diverged';
      if (deadFraction >= 0.9) return 'collapsed';
      if (lastLoss > 0.9 * firstLoss) return 'not learning';
      return l0 > hiddenDim / 2 ? 'dense' : 'healthy';
    },
  ],
  [
    'You compare l0 with a fraction',
    ({ firstLoss, lastLoss, l0, deadFraction }) => {
      if (!Number.isFinite(lastLoss) || lastLoss > firstLoss) return 'diverged';
      if (deadFraction >= 0.9) return 'collapsed';
      if (lastLoss > 0.9 * firstLoss) return 'not learning';
      return l0 > 0.5 ? 'dense' : 'healthy';
    },
  ],
  [
    'Your answer tests "not learning" before "collapsed"',
    ({ firstLoss, lastLoss, l0, hiddenDim, deadFraction }) => {
      if (!Number.isFinite(lastLoss) || lastLoss > firstLoss) return 'diverged';
      if (lastLoss > 0.9 * firstLoss) return 'not learning';
      if (deadFraction >= 0.9) return 'collapsed';
      return l0 > hiddenDim / 2 ? 'dense' : 'healthy';
    },
  ],
  [
    'Your answer tests "dense" before "not learning"',
    ({ firstLoss, lastLoss, l0, hiddenDim, deadFraction }) => {
      if (!Number.isFinite(lastLoss) || lastLoss > firstLoss) return 'diverged';
      if (deadFraction >= 0.9) return 'collapsed';
      if (l0 > hiddenDim / 2) return 'dense';
      return lastLoss > 0.9 * firstLoss ? 'not learning' : 'healthy';
    },
  ],
  [
    'Your answer requires more than 0.9 dead units',
    ({ firstLoss, lastLoss, l0, hiddenDim, deadFraction }) => {
      if (!Number.isFinite(lastLoss) || lastLoss > firstLoss) return 'diverged';
      if (deadFraction > 0.9) return 'collapsed';
      if (lastLoss > 0.9 * firstLoss) return 'not learning';
      return l0 > hiddenDim / 2 ? 'dense' : 'healthy';
    },
  ],
  [
    'Your answer calls half of the units dense',
    ({ firstLoss, lastLoss, l0, hiddenDim, deadFraction }) => {
      if (!Number.isFinite(lastLoss) || lastLoss > firstLoss) return 'diverged';
      if (deadFraction >= 0.9) return 'collapsed';
      if (lastLoss > 0.9 * firstLoss) return 'not learning';
      return l0 >= hiddenDim / 2 ? 'dense' : 'healthy';
    },
  ],
  ['always the same', () => 'healthy'],
  ['You compare a loss with a fixed number', ask({ grown: (run) => run.lastLoss > 1 })],
  ['You compare a loss with a fixed number', ask({ still: (run) => run.lastLoss > 0.9 })],
  [
    'You compare a loss with a fixed number',
    ask({ grown: (run) => run.lastLoss > 1, still: (run) => run.lastLoss > 0.9 }),
  ],
  ['half of hiddenDim is not always 16', ask({ dense: (run) => run.l0 > 16 })],
  ['You read deadFraction as a percentage', ask({ dead: (run) => run.deadFraction >= 90 })],
  ['Your answer says "collapsed" too early', ask({ dead: (run) => run.deadFraction > 0.5 })],
  [
    'Your answer tests "collapsed" before "diverged"',
    ask({}, ['collapsed', 'diverged', 'not learning', 'dense']),
  ],
  [
    'Your answer tests "not learning" before "diverged"',
    ask({}, ['not learning', 'diverged', 'collapsed', 'dense']),
  ],
  ['before everything else', ask({}, ['dense', 'diverged', 'collapsed', 'not learning'])],
  ['You return the last condition that holds', ask({}, ['dense', 'not learning', 'collapsed', 'diverged'])],
  ['Your answer calls an unchanged loss "diverged"', ask({ grown: (run) => run.lastLoss >= run.firstLoss })],
  ['exactly 0.9 times', ask({ still: (run) => run.lastLoss >= 0.9 * run.firstLoss })],
];

/** The k largest of some numbers, by index. */
const largest = (values: readonly number[], k: number) =>
  [...values.keys()].sort((a, b) => at(values, b) - at(values, a)).slice(0, k);
/** Each row with 0 where an entry is not kept, or with what `put` makes of what is. */
const keeping = (
  z: Rows,
  kept: (row: number[]) => number[],
  put: (value: number, i: number, j: number) => number = (value) => value,
) =>
  z.map((r, i) => {
    const indices = new Set(kept(r));
    return r.map((value, j) => (indices.has(j) ? put(value, i, j) : 0));
  });
const columns = (z: Rows) => row(z, 0).map((_, j) => z.map((r) => at(r, j)));
const relu = (value: number) => Math.max(value, 0);

const topK: Mistakes<typeof exercises.topK> = [
  ['Negative pre-activations are kept', (z, k) => keeping(z, (r) => largest(r, k))],
  ['You choose per column', (z, k) => columns(keeping(columns(z), (c) => largest(c, k), relu))],
  [
    'You sort the numbers as text',
    (z, k) => {
      const kth = z.map((r) => Number(r.map(String).sort().at(-k)));
      return z.map((r, i) => r.map((v) => (v >= at(kth, i) ? relu(v) : 0)));
    },
  ],
  [
    'You return the mask',
    (z, k) =>
      keeping(
        z,
        (r) => largest(r, k),
        (v) => (v > 0 ? 1 : 0),
      ),
  ],
  ['One entry per row is missing', (z, k) => keeping(z, (r) => largest(r, k).slice(0, -1), relu)],
  ['one entry too many', (z, k) => keeping(z, (r) => largest(r, k + 1), relu)],
  ['You choose by |z|', (z, k) => keeping(z, (r) => largest(r.map(Math.abs), k), relu)],
  [
    'that is BatchTopK',
    (z, k) => {
      const width = row(z, 0).length;
      const best = new Set(largest(z.flat(), k * z.length));
      return z.map((r, i) => r.map((value, j) => (best.has(i * width + j) ? relu(value) : 0)));
    },
  ],
  [
    'that is what L1 charges',
    (z, k) =>
      z.map((r) =>
        r.map((value) =>
          relu(
            value -
              relu(
                at(
                  [...r].sort((a, b) => b - a),
                  k - 1,
                ),
              ),
          ),
        ),
      ),
  ],
  [
    'You keep the k smallest',
    (z, k) =>
      keeping(
        z,
        (r) =>
          largest(
            r.map((v) => -v),
            k,
          ),
        relu,
      ),
  ],
  ['You return only the kept numbers', (z, k) => z.map((r) => largest(r, k).map((j) => relu(at(r, j))))],
];

const topKGradient: Mistakes<typeof exercises.topKGradient> = [
  ['Silenced entries get a gradient', (_z, dy) => dy],
  ['gradient of a relu', (z, dy) => z.map((r, i) => r.map((v, j) => (v > 0 ? at(row(dy, i), j) : 0)))],
  [
    'dy is missing',
    (z, _dy, k) =>
      keeping(
        z,
        (r) => largest(r, k),
        (v) => (v > 0 ? 1 : 0),
      ),
  ],
  [
    'One entry per row is missing',
    (z, dy, k) =>
      keeping(
        z,
        (r) => largest(r, k).slice(0, -1),
        (v, i, j) => (v > 0 ? at(row(dy, i), j) : 0),
      ),
  ],
  ['You return TopK itself', (z, _dy, k) => keeping(z, (r) => largest(r, k), relu)],
  [
    'You multiply by z',
    (z, dy, k) =>
      keeping(
        z,
        (r) => largest(r, k),
        (v, i, j) => relu(v) * at(row(dy, i), j),
      ),
  ],
  ['the k largest of *dy*', (_z, dy, k) => keeping(dy, (r) => largest(r, k), relu)],
  [
    'among the k largest but negative',
    (z, dy, k) =>
      keeping(
        z,
        (r) => largest(r, k),
        (_v, i, j) => at(row(dy, i), j),
      ),
  ],
  [
    'You choose per column',
    (z, dy, k) =>
      columns(
        keeping(
          columns(z),
          (c) => largest(c, k),
          (v, j, i) => (v > 0 ? at(row(dy, i), j) : 0),
        ),
      ),
  ],
];

/** A number of each unit and each feature. */
const each = (units: Rows, features: Rows, value: (u: number[], f: number[]) => number) =>
  units.map((u) => features.map((f) => value(u, f)));
const inner = (a: number[], b: number[]) => sum(a.map((v, i) => v * at(b, i)));

const similarities: Mistakes<typeof exercises.similarities> = [
  ['You do not divide by the lengths', (u, f) => each(u, f, (a, b) => Math.abs(inner(a, b)))],
  [
    'You divide by one length and then *multiply* by the other',
    (u, f) => each(u, f, (a, b) => (Math.abs(inner(a, b)) / length(a)) * length(b)),
  ],
  ['The lengths of the units are missing', (u, f) => each(u, f, (a, b) => Math.abs(inner(a, b)) / length(b))],
  [
    'The lengths of the features are missing',
    (u, f) => each(u, f, (a, b) => Math.abs(inner(a, b)) / length(a)),
  ],
  ['The absolute value is missing', (u, f) => each(u, f, (a, b) => inner(a, b) / length(a) / length(b))],
  [
    'Rows and columns are swapped',
    (u, f) => each(f, u, (a, b) => Math.abs(inner(a, b)) / length(a) / length(b)),
  ],
  [
    'You divide by the squared lengths',
    (u, f) => each(u, f, (a, b) => Math.abs(inner(a, b)) / inner(a, a) / inner(b, b)),
  ],
  [
    'of each product before the sum',
    (u, f) => each(u, f, (a, b) => inner(a.map(Math.abs), b.map(Math.abs)) / length(a) / length(b)),
  ],
  [
    'You return the square of the cosine',
    (u, f) => each(u, f, (a, b) => inner(a, b) ** 2 / inner(a, a) / inner(b, b)),
  ],
];

const favourites = (c: Rows) => c.map((r) => at(largest(r, 1), 0));
const different = (values: readonly number[]) => new Set(values).size;

const uniqueness: Mistakes<typeof exercises.uniqueness> = [
  ['You divide by the number of features', (c) => different(favourites(c)) / row(c, 0).length],
  ['You return the count', (c) => different(favourites(c))],
  ['You look for the nearest unit of each feature', (c) => different(favourites(columns(c))) / c.length],
  ['You count the different *similarities*', (c) => different(c.map((r) => Math.max(...r))) / c.length],
  ['You take the least similar', (c) => different(favourites(c.map((r) => r.map((v) => -v)))) / c.length],
  [
    'You count only units whose feature no other unit has',
    (c) => {
      const all = favourites(c);
      return all.filter((one) => all.filter((other) => other === one).length === 1).length / all.length;
    },
  ],
  ['You return the mean similarity', (c) => sum(c.map((r) => Math.max(...r))) / c.length],
];

/** How often a unit is right, fires, and its feature is there. */
const tally = (fires: boolean[], present: boolean[]) => ({
  right: fires.filter((one, i) => one && present[i]).length,
  fires: fires.filter(Boolean).length,
  present: present.filter(Boolean).length,
});

const f1: Mistakes<typeof exercises.f1> = [
  [
    'You return the product of precision and recall',
    (...args) => {
      const { right, fires, present } = tally(...args);
      return right === 0 ? 0 : (right / fires) * (right / present);
    },
  ],
  [
    'You return the precision',
    (...args) => {
      const { right, fires } = tally(...args);
      return right === 0 ? 0 : right / fires;
    },
  ],
  [
    'You return the recall',
    (...args) => {
      const { right, present } = tally(...args);
      return right === 0 ? 0 : right / present;
    },
  ],
  [
    'You take the ordinary mean',
    (...args) => {
      const { right, fires, present } = tally(...args);
      return right === 0 ? 0 : 0.5 * (right / fires) + 0.5 * (right / present);
    },
  ],
  [
    'The factor 2 is missing',
    (...args) => {
      const { right, fires, present } = tally(...args);
      return right === 0 ? 0 : ((right / fires) * (right / present)) / (right / fires + right / present);
    },
  ],
  [
    'You count the rows on which both agree',
    (fires, present) => fires.filter((one, i) => one === present[i]).length / fires.length,
  ],
  [
    'you divide 0 by 0',
    (...args) => {
      const { right, fires, present } = tally(...args);
      return 2 / (fires / right + present / right) / (right === 0 ? 0 : 1);
    },
  ],
  [
    'Jaccard',
    (fires, present) => {
      const { right } = tally(fires, present);
      return right === 0 ? 0 : right / fires.filter((one, i) => one || present[i]).length;
    },
  ],
];

const mistakes = {
  meanSquaredError,
  l1Penalty,
  l1Slope,
  meanActivations,
  klDivergence,
  klPenalty,
  totalLoss,
  numericGradient,
  relativeError,
  adamStep,
  batches,
  descend,
  strengths,
  paretoFront,
  chooseRun,
  convertStrength,
  deadUnits,
  firstBadStep,
  diagnose,
  topK,
  topKGradient,
  similarities,
  uniqueness,
  f1,
};

// Exercises differ in what they take; here functions are only handed through, so one type stands for all.
type AnyExercise = Exercise<readonly unknown[], unknown>;
type AnyMistakes = readonly (readonly [string, AnyExercise['definition']])[];

for (const [name, exercise] of Object.entries(exercises) as unknown as [string, AnyExercise][]) {
  describe(`${name}, written wrong`, () => {
    const written = mistakes[name as keyof typeof mistakes] as unknown as AnyMistakes;
    for (const [says, mistake] of written) {
      it(`is told: ${says}`, () => {
        for (const seed of seeds) {
          const verdict = verify(exercise, mistake, { seed });
          assert.equal(verdict.status, 'wrong');
          assert.ok(verdict.message.includes(says), verdict.message);
        }
      });
    }

    it('is told of no other mistake where only some inputs are looked at', () => {
      for (const [says, mistake] of written) {
        for (const only of ['ordinary', 'edge'] as const) {
          for (const seed of seeds) {
            const { message } = verify(exercise, mistake, { only, seed });
            const named = exercise.misconceptions.find((each) => message.includes(each.message));
            assert.ok(named === undefined || named.message.includes(says), `${says}, ${only}: ${message}`);
          }
        }
      }
    });

    it('has a mistake here for each of its messages', () => {
      const unprovoked = exercise.misconceptions
        .map(({ message }) => message)
        .filter((message) => !written.some(([says]) => message.includes(says)));
      assert.deepEqual(unprovoked, []);
    });
  });
}
