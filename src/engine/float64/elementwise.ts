/**
 * Functions of one number, and of two.
 *
 * @module
 */
import type { Attributes } from './doubles';

type Unary = (x: number, attributes: Attributes) => number;
type Binary = (a: number, b: number) => number;

/** selu(x) = SCALE · (x > 0 ? x : ALPHA (eˣ − 1)); Klambauer et al., "Self-normalizing neural networks", 2017. */
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** Functions of the input `x`, by tf's names. */
export const unary: Readonly<Record<string, Unary>> = {
  Abs: Math.abs,
  Acos: Math.acos,
  Acosh: Math.acosh,
  Asin: Math.asin,
  Asinh: Math.asinh,
  Atan: Math.atan,
  Atanh: Math.atanh,
  Ceil: Math.ceil,
  ClipByValue: (x, { clipValueMin, clipValueMax }) =>
    Math.max(clipValueMin as number, Math.min(clipValueMax as number, x)),
  Cos: Math.cos,
  Cosh: Math.cosh,
  Elu: (x) => (x >= 0 ? x : Math.expm1(x)),
  Erf: erf,
  Exp: Math.exp,
  Expm1: Math.expm1,
  Floor: Math.floor,
  LeakyRelu: (x, { alpha }) => (x > 0 ? x : (alpha as number) * x),
  Log: Math.log,
  Log1p: Math.log1p,
  Neg: (x) => -x,
  OnesLike: () => 1,
  Reciprocal: (x) => 1 / x,
  Relu: (x) => Math.max(0, x),
  Relu6: (x) => Math.min(6, Math.max(0, x)),
  Round: roundHalfToEven,
  Rsqrt: (x) => 1 / Math.sqrt(x),
  Selu: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Sign: Math.sign,
  Sin: Math.sin,
  Sinh: Math.sinh,
  // log(1 + eˣ) without overflow.
  Softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  Sqrt: Math.sqrt,
  Square: (x) => x * x,
  Step: (x, { alpha }) => (x > 0 ? 1 : Number.isNaN(x) ? x : (alpha as number)),
  Tan: Math.tan,
  Tanh: Math.tanh,
  ZerosLike: () => 0,
};

/** Questions about the input `x`. */
export const predicates: Readonly<Record<string, (x: number) => boolean>> = {
  IsFinite: Number.isFinite,
  IsInf: (x) => Math.abs(x) === Infinity,
  IsNan: Number.isNaN,
  LogicalNot: (x) => !x,
};

/** Functions of the inputs `a` and `b`. */
export const binary: Readonly<Record<string, Binary>> = {
  Add: (a, b) => a + b,
  Atan2: Math.atan2,
  FloorDiv: (a, b) => Math.floor(a / b),
  Maximum: Math.max,
  Minimum: Math.min,
  // The remainder has the sign of b.
  Mod: (a, b) => a - b * Math.floor(a / b),
  Multiply: (a, b) => a * b,
  Pow: (a, b) => a ** b,
  RealDiv: (a, b) => a / b,
  SquaredDifference: (a, b) => (a - b) ** 2,
  Sub: (a, b) => a - b,
};

/** Questions about the inputs `a` and `b`. */
export const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  Equal: (a, b) => a === b,
  Greater: (a, b) => a > b,
  GreaterEqual: (a, b) => a >= b,
  Less: (a, b) => a < b,
  LessEqual: (a, b) => a <= b,
  LogicalAnd: (a, b) => Boolean(a && b),
  LogicalOr: (a, b) => Boolean(a || b),
  NotEqual: (a, b) => a !== b,
};

/** Functions of two inputs that tf calls by names of their own. */
export const named: Readonly<
  Record<string, { readonly inputs: readonly [string, string]; compute: Binary }>
> = {
  EluGrad: { inputs: ['dy', 'y'], compute: (dy, y) => (y >= 0 ? dy : dy * (y + 1)) },
  Prelu: { inputs: ['x', 'alpha'], compute: (x, alpha) => (x >= 0 ? x : alpha * x) },
};

function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/**
 * 2/√π ∫₀ˣ e^(−t²) dt, by a series whose terms have one sign, so that nothing cancels:
 *
 *     erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·5 … (2n+1))
 *
 * Abramowitz and Stegun, "Handbook of mathematical functions", 7.1.6.
 */
function erf(x: number): number {
  // Beyond it differs from ±1 by less than a double can say.
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
