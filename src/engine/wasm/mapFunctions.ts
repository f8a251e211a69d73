/**
 * Functions of each element by itself: as a number in JavaScript, and as instructions on four numbers at once.
 *
 * @module
 */
import { type Code, op, type Signature, type } from './assembler';

/** Functions that the kernels offer on four numbers, by their names there. */
const CALLED = ['exp4', 'expm14', 'log4', 'log1p4', 'sigmoid4', 'softplus4', 'tanh4'] as const;
type Called = (typeof CALLED)[number];

/** Functions of JavaScript that are called for each number by itself: rare ones. */
const SCALAR = [
  ...['sin', 'cos', 'tan', 'sinh', 'cosh', 'asin', 'acos', 'atan', 'asinh', 'acosh', 'atanh'],
  ...['atan2', 'pow'],
];

/** How one is computed. */
interface Definition {
  readonly evaluate: (...operands: number[]) => number;
  /** Writes the instructions; the operands are in local variables, the result stays on the stack. */
  readonly emit: (code: Code, operands: readonly number[], calls: Calls) => void;
}

/** The indices of the functions that may be called. */
export type Calls = Readonly<Record<string, number>>;

/** The imports that a module needs for them. */
export const mapImports: Readonly<Record<string, Signature>> = {
  ...Object.fromEntries(CALLED.map((name) => [name, { parameters: [type.v128], results: [type.v128] }])),
  ...Object.fromEntries(SCALAR.map((name) => [name, { parameters: [type.f64], results: [type.f64] }])),
  atan2: { parameters: [type.f64, type.f64], results: [type.f64] },
  pow: { parameters: [type.f64, type.f64], results: [type.f64] },
};

/** The functions of JavaScript among them. */
export const scalarFunctions = Object.fromEntries(
  SCALAR.map((name) => [name, Math[name as 'sin'] as (...operands: number[]) => number]),
);

const ONES = Float32Array.of(1, 1, 1, 1);
const ZEROS = new Float32Array(4);
const round = Math.fround;

const plain =
  (...instructions: readonly (readonly number[])[]): Definition['emit'] =>
  (code, operands) => {
    for (const operand of operands) code.get(operand);
    code.add(...instructions);
  };

/** Calls a kernel. */
const called =
  (name: Called): Definition['emit'] =>
  (code, [x], calls) => {
    code.get(x as number).call(calls[name] as number);
  };

/** Calls a function of JavaScript for each of the four numbers. */
const scalar = (name: string): Definition => ({
  evaluate: (...operands) => round((scalarFunctions[name] as (...operands: number[]) => number)(...operands)),
  emit: (code, operands, calls) => {
    code.vector(ONES);
    for (let lane = 0; lane < 4; lane++) {
      for (const operand of operands) code.get(operand).lane(lane).add(op.f64PromoteF32);
      code
        .call(calls[name] as number)
        .add(op.f32DemoteF64)
        .replaceLane(lane);
    }
  },
});

/** A comparison: 1 where it holds, else 0. */
const comparison = (
  holds: (a: number, b: number) => boolean,
  instruction: readonly number[],
): Definition => ({
  evaluate: (a = 0, b = 0) => Number(holds(a, b)),
  emit: (code, operands) => {
    for (const operand of operands) code.get(operand);
    code.add(instruction).vector(ONES).add(op.and);
  },
});

const binary = (evaluate: (a: number, b: number) => number, instruction: readonly number[]): Definition => ({
  evaluate: (a = 0, b = 0) => round(evaluate(a, b)),
  emit: plain(instruction),
});

const unary = (evaluate: (x: number) => number, emit: Definition['emit']): Definition => ({
  evaluate: (x = 0) => round(evaluate(x)),
  emit,
});

/** Rounds halves to the even number. */
function nearest(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

/** The functions by name. */
export const mapFunctions = {
  identity: unary(
    (x) => x,
    (code, [x]) => code.get(x as number),
  ),
  add: binary((a, b) => a + b, op.add),
  subtract: binary((a, b) => a - b, op.subtract),
  multiply: binary((a, b) => a * b, op.multiply),
  divide: binary((a, b) => a / b, op.divide),
  maximum: binary(Math.max, op.maximum),
  minimum: binary(Math.min, op.minimum),
  power: scalar('pow'),
  atan2: scalar('atan2'),
  equal: comparison((a, b) => a === b, op.f32Equal),
  notEqual: comparison((a, b) => a !== b, op.f32NotEqual),
  less: comparison((a, b) => a < b, op.f32Less),
  lessOrEqual: comparison((a, b) => a <= b, op.f32LessOrEqual),
  greater: comparison((a, b) => a > b, op.f32Greater),
  greaterOrEqual: comparison((a, b) => a >= b, op.f32GreaterOrEqual),
  /** condition ? yes : no */
  select: {
    evaluate: (condition = 0, yes = 0, no = 0) => (condition !== 0 ? yes : no),
    emit(code, [condition, yes, no]) {
      code
        .get(yes as number)
        .get(no as number)
        .get(condition as number)
        .vector(ZEROS)
        .add(op.f32NotEqual, op.select);
    },
  },
  absolute: unary(Math.abs, plain(op.absolute)),
  negate: unary((x) => -x, plain(op.negate)),
  sign: unary(Math.sign, (code, [x]) => {
    const isOnSide = (comparison: readonly number[]) =>
      code
        .get(x as number)
        .vector(ZEROS)
        .add(comparison, op.select);
    // −1 below 0, 1 above it, else x itself: 0 or NaN.
    code
      .vector(ONES.map((one) => -one))
      .vector(ONES)
      .get(x as number);
    isOnSide(op.f32Greater);
    isOnSide(op.f32Less);
  }),
  squareRoot: unary(Math.sqrt, plain(op.squareRoot)),
  floor: unary(Math.floor, plain(op.floor)),
  ceil: unary(Math.ceil, plain(op.ceil)),
  truncate: unary(Math.trunc, plain(op.truncate)),
  nearest: unary(nearest, plain(op.nearest)),
  exp: unary(Math.exp, called('exp4')),
  expm1: unary(Math.expm1, called('expm14')),
  log: unary(Math.log, called('log4')),
  log1p: unary(Math.log1p, called('log1p4')),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x)), called('sigmoid4')),
  softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), called('softplus4')),
  tanh: unary(Math.tanh, called('tanh4')),
  sin: scalar('sin'),
  cos: scalar('cos'),
  tan: scalar('tan'),
  sinh: scalar('sinh'),
  cosh: scalar('cosh'),
  asin: scalar('asin'),
  acos: scalar('acos'),
  atan: scalar('atan'),
  asinh: scalar('asinh'),
  acosh: scalar('acosh'),
  atanh: scalar('atanh'),
} as const satisfies Record<string, Definition>;

/** The name of a function of each element. */
export type MapFunction = keyof typeof mapFunctions;
