/**
 * Exercises on gradients and the training loop, in plain arrays of parameters.
 *
 * @module
 */
import type { Random } from '../../numbers/random';
import type { Exercise, Input } from '../verify';

type Vector = number[];
/** A function of all parameters, such as a loss. */
type Loss = (w: Vector) => number;
/** The slope of a loss in every parameter. */
type Gradient = (w: Vector) => Vector;

const norm = (values: Vector) => Math.hypot(...values);
const minus = (a: Vector, b: Vector) => a.map((value, i) => value - at(b, i));
const plus = (a: Vector, b: Vector) => a.map((value, i) => value + at(b, i));
const draw = (random: Random, length: number, size = 1): Vector =>
  Array.from({ length }, () => size * (2 * random.uniform() - 1));
const moved = (w: Vector, index: number, by: number) =>
  w.map((value, i) => (i === index ? value + by : value));

/**
 * `(f, w, epsilon) => number[]`: central differences.
 *
 * @example exercises.numericGradient.definition(([w = 0]) => w * w, [3], 0.001) // → [6]
 */
export const numericGradient: Exercise<[f: Loss, w: Vector, epsilon: number], Vector> = {
  name: 'numericGradient',
  asks: '(f(w + ε eᵢ) − f(w − ε eᵢ)) / 2ε for each i, one parameter moved at a time',
  definition: (f, w, epsilon) =>
    w.map((_, i) => (f(moved(w, i, epsilon)) - f(moved(w, i, -epsilon))) / (2 * epsilon)),
  inputs: (random) => [
    ...[2, 3, 4].map((length): Input<[Loss, Vector, number]> => {
      const [a, b] = [draw(random, length), draw(random, length)];
      return { kind: 'ordinary', args: [cubic(a, b), draw(random, length), 0.01] };
    }),
    { kind: 'edge', args: [cubic([1], [2]), [0.5], 0.1] },
    { kind: 'edge', args: [() => 3, [1, 2], 1e-3] },
    { kind: 'edge', args: [cubic([1, 2, 0, 1], [0, 1, 1, 0]), [0, 0, 0, 0], 0.1] },
  ],
  misconceptions: [
    {
      message: 'You divide by ε: the two points lie 2ε apart.',
      mistaken: (f, w, epsilon) =>
        w.map((_, i) => (f(moved(w, i, epsilon)) - f(moved(w, i, -epsilon))) / epsilon),
    },
    {
      message: 'You multiply by ε instead of dividing: / 2 * epsilon is not / (2 * epsilon).',
      mistaken: (f, w, epsilon) =>
        w.map((_, i) => ((f(moved(w, i, epsilon)) - f(moved(w, i, -epsilon))) / 2) * epsilon),
    },
    {
      message: 'Your answer is the one-sided difference (f(w + ε) − f(w)) / ε, whose error is far larger.',
      mistaken: (f, w, epsilon) => w.map((_, i) => (f(moved(w, i, epsilon)) - f(w)) / epsilon),
    },
    {
      message: 'The two points are swapped: the sign is reversed.',
      mistaken: (f, w, epsilon) =>
        w.map((_, i) => (f(moved(w, i, -epsilon)) - f(moved(w, i, epsilon))) / (2 * epsilon)),
    },
    {
      message: 'You move all parameters at once: move one, and put it back before the next.',
      mistaken: (f, w, epsilon) => {
        const all = (by: number) => w.map((value) => value + by);
        return w.map(() => (f(all(epsilon)) - f(all(-epsilon))) / (2 * epsilon));
      },
    },
    {
      message: 'You do not put a parameter back before you move the next one.',
      mistaken: (f, w, epsilon) => {
        const current = [...w];
        return w.map((_, i) => {
          const up = f(moved(current, i, epsilon));
          current[i] = (current[i] as number) - epsilon;
          return (up - f(current)) / (2 * epsilon);
        });
      },
    },
    {
      message: 'Your answer is the one-sided difference (f(w) − f(w − ε)) / ε, whose error is far larger.',
      mistaken: (f, w, epsilon) => w.map((_, i) => (f(w) - f(moved(w, i, -epsilon))) / epsilon),
    },
    {
      message: 'You move only one of the two points: use f(w − ε eᵢ) instead of f(w).',
      mistaken: (f, w, epsilon) => w.map((_, i) => (f(moved(w, i, epsilon)) - f(w)) / (2 * epsilon)),
    },
    ...[1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8].map((own) => ({
      message: 'You chose your own ε: use the argument.',
      mistaken: (f: Loss, w: Vector) =>
        w.map((_, i) => (f(moved(w, i, own)) - f(moved(w, i, -own))) / (2 * own)),
    })),
    {
      message: 'Every slope is 0: both points are the same array. const up = w copies nothing; [...w] does.',
      mistaken: (_, w) => w.map(() => 0),
    },
    {
      message: 'Brackets are missing: only f(w − ε eᵢ) is divided by 2ε.',
      mistaken: (f, w, epsilon) =>
        w.map((_, i) => f(moved(w, i, epsilon)) - f(moved(w, i, -epsilon)) / (2 * epsilon)),
    },
    {
      message: 'You do not divide the difference by 2ε.',
      mistaken: (f, w, epsilon) => w.map((_, i) => f(moved(w, i, epsilon)) - f(moved(w, i, -epsilon))),
    },
  ],
};

/**
 * `(a, b) => number`: how far two gradients are apart.
 *
 * @example exercises.relativeError.definition([3, 0], [1, 0]) // → 0.5; 2 / 4
 */
export const relativeError: Exercise<[a: Vector, b: Vector], number> = {
  name: 'relativeError',
  asks: '‖a − b‖ / ‖a + b‖, and 0 where both are all zeros',
  definition: (a, b) => {
    const difference = norm(minus(a, b));
    return difference === 0 ? 0 : difference / norm(plus(a, b));
  },
  inputs: (random) => [
    {
      kind: 'ordinary',
      args: [
        [3, 0],
        [0, 4],
      ],
    },
    ...[2, 5].map(
      (n): Input<[Vector, Vector]> => ({ kind: 'ordinary', args: [draw(random, n), draw(random, n)] }),
    ),
    {
      kind: 'edge',
      args: [
        [0, 0],
        [0, 0],
      ],
    },
    {
      kind: 'edge',
      args: [
        [1e-9, 2e-9],
        [1e-9, 1e-9],
      ],
    },
    {
      kind: 'edge',
      args: [
        [-1, -2],
        [-1, -2.5],
      ],
    },
    // Opposite gradients are as far apart as can be, although their sum is 0 as well.
    {
      kind: 'edge',
      args: [
        [1, -2],
        [-1, 2],
      ],
    },
  ],
  misconceptions: [
    {
      message: 'Your answer leaves 0 / 0 as NaN: two gradients of zeros agree perfectly.',
      mistaken: (a, b) => norm(minus(a, b)) / norm(plus(a, b)),
    },
    ...guarded(
      'You square the norms: take the root of the sum of squares.',
      (a, b) => (norm(minus(a, b)) / norm(plus(a, b))) ** 2,
    ),
    ...guarded(
      'You divide by ‖a‖ + ‖b‖: the exercise asks for ‖a + b‖.',
      (a, b) => norm(minus(a, b)) / (norm(a) + norm(b)),
    ),
    ...guarded('Your denominator is ‖a‖ alone: use ‖a + b‖.', (a, b) => norm(minus(a, b)) / norm(a)),
    {
      message: 'Your answer is the absolute difference ‖a − b‖: divide it by ‖a + b‖.',
      mistaken: (a, b) => norm(minus(a, b)),
    },
    ...guarded(
      'You compare lengths, ‖a‖ − ‖b‖: subtract the vectors first.',
      (a, b) => Math.abs(norm(a) - norm(b)) / (norm(a) + norm(b)),
    ),
    ...guarded('You sum absolute values: the norm is the root of the sum of squares.', (a, b) => {
      const total = (values: Vector) => values.reduce((sum, value) => sum + Math.abs(value), 0);
      return total(minus(a, b)) / total(plus(a, b));
    }),
    ...guarded('Your denominator is ‖b‖ alone: use ‖a + b‖.', (a, b) => norm(minus(a, b)) / norm(b)),
    ...guarded(
      'You divide by the larger of ‖a‖ and ‖b‖: the exercise asks for ‖a + b‖.',
      (a, b) => norm(minus(a, b)) / Math.max(norm(a), norm(b)),
    ),
    ...guarded(
      'The root is missing in the numerator: the norm is the root of the sum of squares.',
      (a, b) => norm(minus(a, b)) ** 2 / norm(plus(a, b)),
    ),
    ...guarded(
      'The root is missing in the denominator: the norm is the root of the sum of squares.',
      (a, b) => norm(minus(a, b)) / norm(plus(a, b)) ** 2,
    ),
    ...[1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12].flatMap((epsilon) =>
      [(sum: number) => sum + epsilon, (sum: number) => Math.max(sum, epsilon)].map((kept) => ({
        message:
          'You add a small number to the denominator: compared with gradients as small as 1e-9 it is not small. ' +
          'Ask whether the difference is 0.',
        mistaken: (a: Vector, b: Vector) => norm(minus(a, b)) / kept(norm(plus(a, b))),
      })),
    ),
    {
      message:
        'Your answer is 0 wherever a + b is 0: then opposite gradients, b = −a, would agree perfectly. Ask ' +
        'whether the difference is 0.',
      mistaken: (a, b) => {
        const total = norm(plus(a, b));
        return total === 0 ? 0 : norm(minus(a, b)) / total;
      },
    },
  ],
};

/** Adam's memory between steps. */
export interface AdamState {
  readonly w: number[];
  /** The running mean of the gradient. */
  readonly m: number[];
  /** The running mean of its square. */
  readonly v: number[];
  /** Steps taken. */
  readonly t: number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * `(state, gradient, learningRate) => AdamState`: one step of Adam.
 *
 * @example exercises.adamStep.definition({ w: [1], m: [0], v: [0], t: 0 }, [2], 0.1).w // → [0.9]; the first step is as long as η
 */
export const adamStep: Exercise<[state: AdamState, gradient: Vector, learningRate: number], AdamState> = {
  name: 'adamStep',
  asks: 'm and v updated, both corrected by 1 − βᵗ, and w − η m̂ / (√v̂ + ε), with t one more',
  definition: (state, gradient, learningRate) => adam(state, gradient, learningRate),
  inputs: (random) => [
    ...[0, 1, 9].map(
      (t): Input<[AdamState, Vector, number]> => ({
        kind: 'ordinary',
        args: [
          {
            w: draw(random, 3),
            m: draw(random, 3, t && 0.1),
            v: draw(random, 3, t && 0.01).map(Math.abs),
            t,
          },
          draw(random, 3),
          0.1,
        ],
      }),
    ),
    { kind: 'edge', args: [{ w: [1, 2], m: [0, 0], v: [0, 0], t: 0 }, [0, 0], 0.1] },
    { kind: 'edge', args: [{ w: [1], m: [0], v: [0], t: 0 }, [1e-9], 0.01] },
    { kind: 'edge', args: [{ w: [0.5], m: [0.2], v: [0.3], t: 5000 }, [3], 0.001] },
  ],
  misconceptions: [
    {
      message: 'The bias correction is missing: divide m by 1 − β₁ᵗ and v by 1 − β₂ᵗ.',
      mistaken: (state, gradient, rate) => adam(state, gradient, rate, { correctM: never, correctV: never }),
    },
    {
      message: 'Your correction uses the old t: the first step has t = 1 (with t = 0 it divides by 0).',
      mistaken: (state, gradient, rate) => {
        const early = (beta: number, t: number) => 1 - beta ** (t - 1);
        return adam(state, gradient, rate, { correctM: early, correctV: early });
      },
    },
    {
      message: 'You move w along the gradient: subtract it, to go downhill.',
      mistaken: (state, gradient, rate) => adam(state, gradient, -rate),
    },
    {
      message: 'Your v averages the gradient: average its square.',
      mistaken: (state, gradient, rate) => adam(state, gradient, rate, { square: Math.abs }),
    },
    {
      message: 'The root of v̂ is missing.',
      mistaken: (state, gradient, rate) => adam(state, gradient, rate, { root: (value) => value }),
    },
    {
      message:
        'β₁ and β₂ are swapped: the mean uses 0.9 and forgets quickly, the square uses 0.999 and forgets slowly.',
      mistaken: (state, gradient, rate) => adam(state, gradient, rate, { beta1: BETA2, beta2: BETA1 }),
    },
    {
      message: 'You add ε inside the root: add it after the root.',
      mistaken: (state, gradient, rate) =>
        adam(state, gradient, rate, { root: (value) => Math.sqrt(value + EPSILON) - EPSILON }),
    },
    {
      message: 'You do not increase t: add 1 at each step.',
      mistaken: (state, gradient, rate) => ({ ...adam(state, gradient, rate), t: state.t }),
    },
    {
      message: 'You store the corrected m̂ and v̂: store m and v as they are, correct only for the step.',
      mistaken: (state, gradient, rate) => {
        const next = adam(state, gradient, rate);
        return {
          ...next,
          m: next.m.map((value) => value / (1 - BETA1 ** next.t)),
          v: next.v.map((value) => value / (1 - BETA2 ** next.t)),
        };
      },
    },
    {
      message: 'You correct by 1 − β, which is right for the first step only: correct by 1 − βᵗ.',
      mistaken: (state, gradient, rate) => {
        const constant = (beta: number) => 1 - beta;
        return adam(state, gradient, rate, { correctM: constant, correctV: constant });
      },
    },
    {
      message: 'You multiply by 1 − βᵗ: divide, because m and v are too small at first.',
      mistaken: (state, gradient, rate) => {
        const inverse = (beta: number, t: number) => 1 / (1 - beta ** t);
        return adam(state, gradient, rate, { correctM: inverse, correctV: inverse });
      },
    },
    {
      message: 'You correct only m: divide v by 1 − β₂ᵗ as well.',
      mistaken: (state, gradient, rate) => adam(state, gradient, rate, { correctV: never }),
    },
    {
      message: 'You correct only v: divide m by 1 − β₁ᵗ as well.',
      mistaken: (state, gradient, rate) => adam(state, gradient, rate, { correctM: never }),
    },
    {
      message: 'You take the root of v before it is corrected: take the root of v̂.',
      mistaken: (state, gradient, rate) =>
        adam(state, gradient, rate, { correctV: (beta, t) => (1 - beta ** t) ** 2 }),
    },
    {
      message: 'β and 1 − β are swapped: β is the fraction of the old value.',
      mistaken: (state, gradient, rate) =>
        adam(state, gradient, rate, { blend: (old, now, beta) => (1 - beta) * old + beta * now }),
    },
    {
      message: 'The factor 1 − β of the new value is missing.',
      mistaken: (state, gradient, rate) =>
        adam(state, gradient, rate, { blend: (old, now, beta) => beta * old + now }),
    },
    {
      message: 'You move w by the gradient: move it by the running mean m̂.',
      mistaken: (state, gradient, rate) => adam(state, gradient, rate, { moveBy: (_, g) => g }),
    },
    {
      message: 'The learning rate is missing.',
      mistaken: (state, gradient) => adam(state, gradient, 1),
    },
    {
      message: 'ε is missing: where the gradient was always 0, your answer is 0 / 0.',
      mistaken: (state, gradient, rate) => adam(state, gradient, rate, { epsilon: () => 0 }),
    },
    ...[1e-4, 1e-5, 1e-6, 1e-7, 1e-9, 1e-10, 1e-12].map((epsilon) => ({
      message: 'Your ε is not 1e-8.',
      mistaken: (state: AdamState, gradient: Vector, rate: number) =>
        adam(state, gradient, rate, { epsilon: () => epsilon }),
    })),
    {
      message: 'You add ε to √v, which is not corrected yet: add it to √v̂.',
      mistaken: (state, gradient, rate) =>
        adam(state, gradient, rate, { epsilon: (t) => EPSILON / Math.sqrt(1 - BETA2 ** t) }),
    },
  ],
};

/**
 * `(order, batchSize) => number[][]`: an epoch's batches.
 *
 * @example exercises.batches.definition([3, 1, 2], 2) // → [[3, 1], [2]]
 */
export const batches: Exercise<[order: number[], batchSize: number], number[][]> = {
  name: 'batches',
  asks: 'the order, cut into pieces of batchSize, the last one smaller if they do not divide evenly',
  definition: (order, batchSize) =>
    Array.from({ length: Math.ceil(order.length / batchSize) }, (_, i) =>
      order.slice(i * batchSize, (i + 1) * batchSize),
    ),
  inputs: (random) => [
    { kind: 'ordinary', args: [[14, 11, 3, 10, 2, 5], 2] },
    { kind: 'ordinary', args: [Array.from(random.permutation(12)), 4] },
    { kind: 'ordinary', args: [Array.from(random.permutation(7)), 3] },
    { kind: 'edge', args: [Array.from(random.permutation(5)), 8] },
    { kind: 'edge', args: [Array.from(random.permutation(4)), 1] },
    { kind: 'edge', args: [[], 3] },
  ],
  misconceptions: [
    {
      message: 'You drop the last, smaller batch: the model would never learn from those examples.',
      mistaken: (order, size) => {
        const whole = Math.floor(order.length / size);
        return Array.from({ length: whole }, (_, i) => order.slice(i * size, (i + 1) * size));
      },
    },
    {
      message: 'You put the positions into batches: use the numbers of the shuffled order.',
      mistaken: (order, size) =>
        Array.from({ length: Math.ceil(order.length / size) }, (_, i) =>
          order.map((_, position) => position).slice(i * size, (i + 1) * size),
        ),
    },
    {
      message: 'You sort the order again: it must stay shuffled.',
      mistaken: (order, size) =>
        Array.from({ length: Math.ceil(order.length / size) }, (_, i) =>
          [...order].sort((a, b) => a - b).slice(i * size, (i + 1) * size),
        ),
    },
    {
      message: 'You use batchSize as the number of batches: it is the number of examples per batch.',
      mistaken: (order, count) => {
        const size = Math.ceil(order.length / count) || 1;
        return Array.from({ length: Math.ceil(order.length / size) }, (_, i) =>
          order.slice(i * size, (i + 1) * size),
        );
      },
    },
    {
      message: 'Your answer has an empty batch at the end.',
      mistaken: (order, size) =>
        Array.from({ length: Math.floor(order.length / size) + 1 }, (_, i) =>
          order.slice(i * size, (i + 1) * size),
        ),
    },
    {
      message:
        'Your code says slice(start, batchSize): its second number is where to stop, start + batchSize.',
      mistaken: (order, size) =>
        Array.from({ length: Math.ceil(order.length / size) }, (_, i) => order.slice(i * size, size)),
    },
    {
      message:
        'Each of your batches has one example too many, the first of the next: slice stops before its second number.',
      mistaken: (order, size) =>
        Array.from({ length: Math.ceil(order.length / size) }, (_, i) =>
          order.slice(i * size, (i + 1) * size + 1),
        ),
    },
    {
      message: 'Your answer starts a batch at every example: the next starts where the last one ended.',
      mistaken: (order, size) => order.map((_, i) => order.slice(i, i + size)),
    },
    {
      message: 'You distribute the examples one by one: cut the order into pieces.',
      mistaken: (order, size) => {
        const count = Math.ceil(order.length / size);
        return Array.from({ length: count }, (_, batch) => order.filter((_, i) => i % count === batch));
      },
    },
    {
      message: 'You add a small rest to the previous batch: make it a batch of its own.',
      mistaken: (order, size) => {
        const count = Math.max(Math.floor(order.length / size), Math.min(order.length, 1));
        return Array.from({ length: count }, (_, i) =>
          order.slice(i * size, i === count - 1 ? undefined : (i + 1) * size),
        );
      },
    },
  ],
};

/**
 * `(gradient, start, learningRate, steps) => number[][]`: plain gradient descent.
 *
 * @example exercises.descend.definition((w) => w, [1], 0.5, 2) // → [[1], [0.5], [0.25]]
 */
export const descend: Exercise<
  [gradient: Gradient, start: Vector, learningRate: number, steps: number],
  Vector[]
> = {
  name: 'descend',
  asks: 'all points of w ← w − η ∇(w), the start among them: steps + 1 in all',
  definition: (gradient, start, learningRate, steps) => path(gradient, start, learningRate, steps),
  inputs: (random) => [
    ...[2, 3].map((length): Input<[Gradient, Vector, number, number]> => {
      const [a, b] = [draw(random, length), draw(random, length)];
      return { kind: 'ordinary', args: [bowl(a, b), draw(random, length), 0.1, 4] };
    }),
    { kind: 'edge', args: [bowl([1], [1]), [2], 0.5, 0] },
    { kind: 'edge', args: [bowl([2, 1], [0, 0]), [0, 0], 0.5, 3] },
  ],
  misconceptions: [
    {
      message: 'You take the gradient at the start only: compute it again at every point.',
      mistaken: (gradient, start, rate, steps) => path(() => gradient(start), start, rate, steps),
    },
    {
      message: 'You move w uphill: subtract the gradient.',
      mistaken: (gradient, start, rate, steps) => path(gradient, start, -rate, steps),
    },
    {
      message: 'The learning rate is missing.',
      mistaken: (gradient, start, _, steps) => path(gradient, start, 1, steps),
    },
    {
      message: 'You leave out the start: the list begins with it.',
      mistaken: (gradient, start, rate, steps) => path(gradient, start, rate, steps).slice(1),
    },
    {
      message: 'The last step is missing: steps + 1 points, because the start is one of them.',
      mistaken: (gradient, start, rate, steps) => path(gradient, start, rate, steps).slice(0, -1),
    },
    {
      message: 'You take one step too many: steps + 1 points, because the start is one of them.',
      mistaken: (gradient, start, rate, steps) => path(gradient, start, rate, steps + 1),
    },
    {
      message: 'You move every parameter by the slope of the first: ∇(w) has one for each.',
      mistaken: (gradient, start, rate, steps) =>
        path((w) => w.map(() => at(gradient(w), 0)), start, rate, steps),
    },
    {
      message: 'All your elements are the same array, changed in place: make a new point for each step.',
      mistaken: (gradient, start, rate, steps) => {
        const points = path(gradient, start, rate, steps);
        return points.map(() => points.at(-1) as Vector);
      },
    },
    {
      message: 'You return only the last point: return the whole path.',
      mistaken: (gradient, start, rate, steps) => path(gradient, start, rate, steps).slice(-1),
    },
    {
      message:
        'You move each parameter before you take the slope of the next: first the whole gradient, then the step.',
      mistaken: (gradient, start, rate, steps) => {
        const here = [...start];
        const points = [[...here]];
        for (let step = 0; step < steps; step++) {
          for (const i of here.keys()) here[i] = at(here, i) - rate * at(gradient([...here]), i);
          points.push([...here]);
        }
        return points;
      },
    },
    {
      message: 'Each of your steps begins at the start: go on from the last point.',
      mistaken: (gradient, start, rate, steps) => {
        const points = [[...start]];
        for (let step = 0; step < steps; step++) {
          const slope = gradient([...(points.at(-1) as Vector)]);
          points.push(start.map((value, i) => value - rate * at(slope, i)));
        }
        return points;
      },
    },
    {
      message: 'You multiply by the learning rate twice.',
      mistaken: (gradient, start, rate, steps) => path(gradient, start, rate ** 2, steps),
    },
  ],
};

const at = (values: Vector, index: number) => values[index] as number;

/** Σ aᵢ wᵢ³ + bᵢ wᵢ², mixed by a product of neighbours so that moving two at once is seen. */
function cubic(a: Vector, b: Vector): Loss {
  return (w) =>
    w.reduce(
      (total, value, i) => total + at(a, i) * value ** 3 + at(b, i) * value ** 2 + value * (w[i + 1] ?? 1),
      0,
    );
}

/** The gradient of Σ (1 + aᵢ²) (wᵢ − bᵢ)² / 2 + wᵢ wᵢ₊₁ / 2: a slope that depends on its neighbours shows who moves one first. */
const bowl =
  (a: Vector, b: Vector): Gradient =>
  (w) =>
    w.map((value, i) => (1 + at(a, i) ** 2) * (value - at(b, i)) + ((w[i - 1] ?? 0) + (w[i + 1] ?? 0)) / 2);

function path(gradient: Gradient, start: Vector, learningRate: number, steps: number): Vector[] {
  const points = [[...start]];
  for (let step = 0; step < steps; step++) {
    const here = points.at(-1) as Vector;
    const slope = gradient([...here]);
    points.push(here.map((value, i) => value - learningRate * at(slope, i)));
  }
  return points;
}

/** Mistakes in a step of Adam. */
interface AdamVariant {
  readonly correctM?: (beta: number, t: number) => number;
  readonly correctV?: (beta: number, t: number) => number;
  readonly blend?: (old: number, now: number, beta: number) => number;
  readonly square?: (value: number) => number;
  readonly root?: (value: number) => number;
  readonly moveBy?: (mHat: number, gradient: number) => number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: (t: number) => number;
}

/** The divisor without bias correction. */
const never = () => 1;

/** One step of Adam, correct unless asked to be wrong. */
function adam(
  state: AdamState,
  gradient: Vector,
  learningRate: number,
  variant: AdamVariant = {},
): AdamState {
  const corrected = (beta: number, t: number) => 1 - beta ** t;
  const { correctM = corrected, correctV = corrected, square = (g) => g * g, root = Math.sqrt } = variant;
  const { beta1 = BETA1, beta2 = BETA2, epsilon = () => EPSILON, moveBy = (mHat) => mHat } = variant;
  const { blend = (old, now, beta) => beta * old + (1 - beta) * now } = variant;
  const t = state.t + 1;
  const m = state.m.map((value, i) => blend(value, at(gradient, i), beta1));
  const v = state.v.map((value, i) => blend(value, square(at(gradient, i)), beta2));
  const w = state.w.map((value, i) => {
    const along = moveBy(at(m, i) / correctM(beta1, t), at(gradient, i));
    return value - learningRate * (along / (root(at(v, i) / correctV(beta2, t)) + epsilon(t)));
  });
  return { w, m, v, t };
}

/** A mistake of learners who handle 0 / 0 and of those who do not. */
function guarded(message: string, mistaken: (a: Vector, b: Vector) => number) {
  const orZero = (a: Vector, b: Vector) => {
    const value = mistaken(a, b);
    return Number.isNaN(value) ? 0 : value;
  };
  return [
    { message, mistaken },
    { message, mistaken: orZero },
  ];
}
