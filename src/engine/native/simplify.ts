/**
 * The same step with less to do. tf's automatic differentiation writes everything out: a matrix full of ones times λ, the slope of
 * relu as three comparisons and choices, the error once for the loss and once for its gradient. That is a fifth of a small step.
 *
 *     a matrix full of one number         that number, in operations on each element
 *     x·1, x/1, x + 0, x − 0, and
 *     x in the shape that it has          x
 *     c·(d·x), c and d numbers            (c·d)·x
 *     g · step(z), where h = relu(z)      ReluGrad(g, h)
 *     h · sign(h)                         h
 *     ReluGrad(g + c·sign(h), h)          ReluGrad(g + c, h)
 *     (a − b)², where b − a is there      (b − a)²
 *     mean(mean(e², 1), 0)                ‖e‖² / n, without a matrix of squares
 *
 * Products and sums in another order round differently; the rest changes no finite number.
 *
 * @module
 */
import { DataType } from './binding';
import { type Constant, isConstant, type Operation, type Trace, type ValueName } from './trace';
import { asMultiple, type Multiple, type Shape, TraceWriter } from './traceWriter';

/** Operations on each element: the result is full of one number if the operands are. */
const ARITHMETIC: ReadonlySet<string> = new Set([
  'Add',
  'Sub',
  'Mul',
  'RealDiv',
  'Maximum',
  'Minimum',
  'Neg',
]);

/** The right operand that leaves the left as it is. */
const NEUTRAL = new Map([
  ['Add', 0],
  ['Sub', 0],
  ['Mul', 1],
  ['RealDiv', 1],
]);
const COMMUTATIVE: ReadonlySet<string> = new Set(['Add', 'Mul']);

/** Operations that lay out the same numbers in another shape, or repeat them. */
const LAYOUTS: ReadonlySet<string> = new Set(['Reshape', 'Tile', 'BroadcastTo', 'ExpandDims']);

/**
 * The same results, from fewer and cheaper operations; some that nothing needs any more are left.
 *
 * @param trace Without operations that nothing needs.
 * @param shapes Those of the arguments.
 */
export function simplified(trace: Trace, shapes: ReadonlyMap<ValueName, Shape>): Trace {
  return new Simplifier(trace, shapes).trace;
}

class Simplifier {
  readonly trace: Trace;
  readonly #writer: TraceWriter;
  /** The scalars of which values are full. */
  readonly #scalars = new Map<ValueName, ValueName>();
  /** relu(z), by z. */
  readonly #relus = new Map<ValueName, ValueName>();
  /** Pairs of values of which the trace has a difference, with the one that is taken from first. */
  readonly #differences: ReadonlyMap<string, ValueName>;

  constructor(trace: Trace, shapes: ReadonlyMap<ValueName, Shape>) {
    this.#writer = new TraceWriter(shapes);
    this.#differences = new Map(
      trace.operations.flatMap((entry) =>
        !isConstant(entry) && entry.name === 'Sub'
          ? [[pair(entry.inputs), entry.inputs[0] as ValueName]]
          : [],
      ),
    );
    this.trace = this.#writer.rewrite(trace, (entry, before) =>
      isConstant(entry) ? this.#constant(entry) : this.#operation(entry, before as Operation),
    );
  }

  #constant(entry: Constant): ValueName {
    const value = this.#writer.add(entry);
    if (entry.dtype === DataType.float && entry.values.length === 1) {
      this.#scalars.set(value, this.#writer.number(entry.values[0] as number));
    }
    return value;
  }

  #operation(operation: Operation, before: Operation): ValueName | undefined {
    const { name, inputs, dtypes, attributes } = operation;
    const [shape = []] = operation.shapes;
    if (dtypes.length !== 1) return undefined;
    if (name === 'Cast') return String(attributes.SrcT) === String(attributes.DstT) ? inputs[0] : undefined;
    // Automatic differentiation reshapes gradients to the shape that they have.
    if (name === 'Reshape' && this.#writer.hasShape(inputs[0], shape)) return inputs[0];
    if (dtypes[0] !== DataType.float) return undefined;
    if (LAYOUTS.has(name)) return this.#full(operation, this.#scalarOf(inputs[0]));
    switch (name) {
      case 'Fill':
        return this.#full(operation, this.#scalarOf(inputs[1]));
      case 'ZerosLike':
        return this.#full(operation, this.#writer.number(0));
      case 'OnesLike':
        return this.#full(operation, this.#writer.number(1));
      case 'Relu':
        this.#relus.set(inputs[0] as ValueName, this.#writer.add(operation));
        return undefined;
      case 'SquaredDifference':
        return this.#square(operation, this.#differences.get(pair(before.inputs)) === before.inputs[1]);
      case 'Mean':
        return this.#meanSquare(operation);
      default:
        return ARITHMETIC.has(name)
          ? (this.#unchanged(operation) ??
              this.#magnitude(operation) ??
              this.#reluGradient(operation) ??
              this.#onScalars(operation))
          : undefined;
    }
  }

  /** The scalar of which a value is full, or which it is. */
  #scalarOf(value: ValueName | undefined): ValueName | undefined {
    if (value === undefined) return undefined;
    return this.#scalars.get(value) ?? (this.#writer.hasShape(value, []) ? value : undefined);
  }

  /** An operation whose result is full of one number. */
  #full(operation: Operation, scalar: ValueName | undefined): ValueName | undefined {
    if (scalar === undefined) return undefined;
    const value = operation.shapes[0]?.length === 0 ? scalar : this.#writer.add(operation);
    this.#scalars.set(value, scalar);
    return value;
  }

  /** The operand that an operation leaves as it is. */
  #unchanged({ name, inputs: [left, right], shapes: [shape = []] }: Operation): ValueName | undefined {
    const neutral = NEUTRAL.get(name);
    const isNeutral = (value: ValueName | undefined) =>
      neutral !== undefined && this.#writer.numberOf(this.#scalarOf(value)) === neutral;
    if (this.#writer.hasShape(left, shape) && isNeutral(right)) return left;
    if (!COMMUTATIVE.has(name)) return undefined;
    return this.#writer.hasShape(right, shape) && isNeutral(left) ? right : undefined;
  }

  /** An operation on each element with scalars in place of values that are full of one number. */
  #onScalars(operation: Operation): ValueName | undefined {
    const { inputs, shapes } = operation;
    const [shape = []] = shapes;
    const scalars = inputs.map((input) => this.#scalarOf(input));
    const add = (changed: Operation) => this.#unchanged(changed) ?? this.#writer.add(changed);
    if (scalars.every((scalar) => scalar !== undefined)) {
      return this.#full(operation, add({ ...operation, inputs: scalars, shapes: [[]] }));
    }
    const whole = inputs.find((input, k) => !scalars[k] && this.#writer.hasShape(input, shape));
    if (whole === undefined) return undefined;
    const [number] = scalars.filter((scalar) => scalar !== undefined);
    const multiple = operation.name === 'Mul' && number !== undefined ? this.#multiple(whole) : undefined;
    if (!multiple) return add({ ...operation, inputs: inputs.map((input, k) => scalars[k] ?? input) });
    const both = { ...operation, inputs: [number as ValueName, multiple.number], shapes: [[]] };
    return add({ ...operation, inputs: [this.#unchanged(both) ?? this.#writer.add(both), multiple.of] });
  }

  /** The factors of a number times a matrix. */
  #multiple(value: ValueName): Multiple | undefined {
    const product = this.#writer.operationOf(value, 'Mul');
    return product && asMultiple(product, (factor) => this.#writer.hasShape(factor, []));
  }

  /** g · step(z), as tf writes the gradient of relu. */
  #reluGradient({ name, inputs: [gradient, slope], shapes: [shape = []] }: Operation): ValueName | undefined {
    const z = name === 'Mul' ? this.#argumentOfStep(slope) : undefined;
    const h = z === undefined ? undefined : this.#relus.get(z);
    if (h === undefined || !this.#writer.hasShape(gradient, shape)) return undefined;
    return this.#writer.operation('ReluGrad', [this.#whereActive(gradient, h), h], shape);
  }

  /** A value that agrees with g where h > 0, where a sign of h is 1. */
  #whereActive(gradient: ValueName, h: ValueName): ValueName {
    const sum = this.#writer.operationOf(gradient, 'Add');
    const numbers = sum?.inputs.map((part) => this.#timesSignOf(part, h)) ?? [];
    if (!sum || !numbers.some((number) => number !== undefined)) return gradient;
    return this.#writer.add({ ...sum, inputs: sum.inputs.map((part, k) => numbers[k] ?? part) });
  }

  /** c, if a value is c·sign(h) with a number c. */
  #timesSignOf(value: ValueName, h: ValueName): ValueName | undefined {
    const { number, of } = this.#multiple(value) ?? {};
    return this.#writer.operationOf(of, 'Sign')?.inputs[0] === h ? number : undefined;
  }

  /** h, if a value is h·sign(h) with h = relu(z): as `l1` writes |h|. */
  #magnitude({ name, inputs: [h, sign] }: Operation): ValueName | undefined {
    if (name !== 'Mul' || !this.#writer.operationOf(h, 'Relu')) return undefined;
    return this.#writer.operationOf(sign, 'Sign')?.inputs[0] === h ? h : undefined;
  }

  /** z, if a value is select(isNaN(z), z, select(z > 0, 1, 0)). */
  #argumentOfStep(value: ValueName | undefined): ValueName | undefined {
    const writer = this.#writer;
    const [isNone, z, otherwise] = writer.operationOf(value, 'Select')?.inputs ?? [];
    const [isAbove, one, zero] = writer.operationOf(otherwise, 'Select')?.inputs ?? [];
    const [compared, bound] = writer.operationOf(isAbove, 'Greater')?.inputs ?? [];
    const numbers = [bound, one, zero].map((number) => writer.numberOf(this.#scalarOf(number)));
    const isStep = writer.operationOf(isNone, 'IsNan')?.inputs[0] === z && compared === z;
    return isStep && numbers.join() === '0,1,0' ? z : undefined;
  }

  /** (a − b)², where the trace has a − b, or b − a: `isTurned`. */
  #square({ inputs, shapes: [shape = []] }: Operation, isTurned: boolean): ValueName {
    const difference = this.#writer.operation('Sub', isTurned ? [...inputs].reverse() : inputs, shape);
    return this.#writer.operation('Square', [difference], shape);
  }

  /** The mean of a matrix's squares, row by row. */
  #meanSquare({ inputs: [means, axis], shapes: [shape = []] }: Operation): ValueName | undefined {
    const writer = this.#writer;
    const [squares, rowAxis] = writer.operationOf(means, 'Mean')?.inputs ?? [];
    const [error] = writer.operationOf(squares, 'Square')?.inputs ?? [];
    const [rows, columns] = (error !== undefined && writer.shapeOf(error)) || [];
    if (error === undefined || rows === undefined || columns === undefined || shape.length > 0)
      return undefined;
    if (writer.numberOf(axis) !== 0 || writer.numberOf(rowAxis) !== 1) return undefined;
    // L2Loss is half the sum of squares.
    return writer.operation(
      'Mul',
      [writer.operation('L2Loss', [error], []), writer.number(2 / (rows * columns))],
      [],
    );
  }
}

const pair = (values: readonly ValueName[]) => [...values].sort().join();
