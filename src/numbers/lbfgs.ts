import { addScaled, dot } from './arithmetic';

/** A smooth function's value and gradient at one place. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** How {@link minimize} stops. */
export interface MinimizeOptions {
  /** Steps at most. Default: 400. */
  readonly maxIterations?: number;
  /** Stops once ten steps together have lowered the value by less than this fraction of it. Default: 1e-5. */
  readonly tolerance?: number;
}

/** Where {@link minimize} ended. */
export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  /** Steps taken. */
  readonly iterations: number;
  /** Whether it stopped because there was too little to gain (see `tolerance`), not because `maxIterations` were over. */
  readonly converged: boolean;
}

/** Steps whose curvature is remembered. */
const MEMORY = 10;

/** Steps that together must gain something. */
const PATIENCE = 10;

/** Wolfe's conditions: a step must lower the value by this fraction of the slope's promise … */
const SUFFICIENT_DECREASE = 1e-4;
/** … and leave at most this fraction of the slope. */
const SLOPE_LEFT = 0.9;
const MOST_TRIALS = 25;

/**
 * Minimises a smooth function by L-BFGS: Newton's method with the curvature guessed from the last ten steps. Far fewer
 * evaluations than gradient descent needs, and no learning rate, as long as the function is the same at each of them: the
 * whole data, no batches.
 *
 * Nocedal, "Updating quasi-Newton matrices with limited storage", 1980; the line search is Lewis and Overton's bisection, 2013.
 *
 * @param evaluate The function; it must not change or keep the point that it is given.
 * @param start Where to begin; left as it is.
 *
 * @example
 * // (x − 3)²
 * minimize(([x]) => ({ value: (x - 3) ** 2, gradient: Float64Array.of(2 * (x - 3)) }), Float64Array.of(0)).point // [3]
 */
export function minimize(
  evaluate: (point: Float64Array) => Evaluation,
  start: Float64Array,
  { maxIterations = 400, tolerance = 1e-5 }: MinimizeOptions = {},
): Minimum {
  let point: Float64Array = start.slice();
  let here = evaluate(point);
  const values = [here.value];
  const memory: Step[] = [];
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const direction = downhill(here.gradient, memory);
    const slope = dot(here.gradient, direction);
    const firstTrial = memory.length > 0 ? 1 : 1 / Math.sqrt(dot(here.gradient, here.gradient) || 1);
    const next = slope < 0 ? searchLine(evaluate, point, here, direction, slope, firstTrial) : undefined;
    // Rounding alone is left to follow.
    if (!next) return { point, value: here.value, iterations: iteration, converged: true };
    remember(memory, {
      move: minus(next.point, point),
      gradientChange: minus(next.evaluation.gradient, here.gradient),
    });
    point = next.point;
    here = next.evaluation;
    values.push(here.value);
    // A single step may be short for other reasons.
    const before = values.at(-1 - PATIENCE);
    if (before !== undefined && before - here.value <= tolerance * Math.abs(here.value)) {
      return { point, value: here.value, iterations: iteration + 1, converged: true };
    }
  }
  return { point, value: here.value, iterations: maxIterations, converged: false };
}

/** A step that was taken, and how the gradient changed along it. */
interface Step {
  readonly move: Float64Array;
  readonly gradientChange: Float64Array;
}

/** Keeps the newest steps; one along which the slope did not rise would make the guessed curvature negative. */
function remember(memory: Step[], step: Step): void {
  if (dot(step.move, step.gradientChange) <= 0) return;
  memory.push(step);
  if (memory.length > MEMORY) memory.shift();
}

/** −H·gradient, H the inverse curvature that the remembered steps suggest (Nocedal's two loops). */
function downhill(gradient: Float64Array, memory: readonly Step[]): Float64Array {
  const direction = gradient.map((value) => -value);
  const fractions: number[] = [];
  for (const { move, gradientChange } of memory.toReversed()) {
    const fraction = dot(move, direction) / dot(move, gradientChange);
    fractions.push(fraction);
    addScaled(direction, gradientChange, -fraction);
  }
  const newest = memory.at(-1);
  if (newest) {
    const { move, gradientChange } = newest;
    const scale = dot(move, gradientChange) / dot(gradientChange, gradientChange);
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] as number) * scale;
  }
  for (const { move, gradientChange } of memory) {
    const fraction = (fractions.pop() as number) - dot(gradientChange, direction) / dot(move, gradientChange);
    addScaled(direction, move, fraction);
  }
  return direction;
}

/** A point along the direction that meets Wolfe's conditions; the lowest found if none does; none if none is lower. */
function searchLine(
  evaluate: (point: Float64Array) => Evaluation,
  from: Float64Array,
  here: Evaluation,
  direction: Float64Array,
  slope: number,
  firstTrial: number,
): { point: Float64Array; evaluation: Evaluation } | undefined {
  let [short, long, length] = [0, Infinity, firstTrial];
  let best: { point: Float64Array; evaluation: Evaluation } | undefined;
  for (let trial = 0; trial < MOST_TRIALS; trial++) {
    const point = from.slice();
    addScaled(point, direction, length);
    const evaluation = evaluate(point);
    // `!(≤)` also holds for NaN: a step into overflow is too long.
    if (!(evaluation.value <= here.value + SUFFICIENT_DECREASE * length * slope)) long = length;
    else {
      best = { point, evaluation };
      if (dot(evaluation.gradient, direction) >= SLOPE_LEFT * slope) return best;
      short = length;
    }
    length = long === Infinity ? 2 * length : (short + long) / 2;
  }
  return best;
}

const minus = (a: Float64Array, b: Float64Array): Float64Array =>
  a.map((value, i) => value - (b[i] as number));
