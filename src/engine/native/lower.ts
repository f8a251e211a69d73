/**
 * How the operations of a trace are written in a graph: as they were executed, but spread over the processors.
 *
 * TensorFlow runs every operation on one processor, and operations side by side (see `backend.ts`). A step is a chain
 * in which each operation waits for the one before. So large products of matrices are cut: the left matrix into row
 * blocks, one for each processor. The operations after it are computed block by block as well, as long as a row of the result
 * needs no other row. The blocks are put together only where an operation needs the whole matrix.
 *
 * @module
 */
import { sizeOf } from '../float64/doubles';
import { attribute } from './attributes';
import type { Bfloat16 } from './bfloat16';
import { DataType } from './binding';
import { after, type Edge, type Graph, outputOf } from './graph';
import { addKthLargest, KTH_LARGEST } from './kthLargest';
import type { Encoded } from './protobuf';
import { operandsToCut } from './rowWise';
import { type Constant, isConstant, type Operation } from './trace';
import { type Value, wholeValue } from './value';

/** Writes one trace. */
export class Lowering {
  readonly #wholes = new Map<Value, Edge>();
  readonly #cuts = new Map<Value, readonly Edge[]>();
  /** Products for which the rest of the step waits. */
  readonly #urgent: Edge[] = [];
  /** Whether what is added runs under a condition alone. */
  #isConditional = false;

  /**
   * @param started A control input for nodes without data inputs.
   * @param processors How many there are.
   * @param bfloat16 Rounds the factors of products; without it they stay float32.
   */
  constructor(
    readonly graph: Graph,
    readonly started: Edge,
    readonly processors: number,
    readonly bfloat16?: Bfloat16,
  ) {}

  /**
   * Adds an entry of the trace; returns its results.
   *
   * @param isConditional Whether it runs only where a condition holds: its inputs come from {@link under}.
   */
  add(entry: Operation | Constant, inputs: readonly Value[], isConditional = false): Value[] {
    this.#isConditional = isConditional;
    if (isConstant(entry)) {
      const { shape, dtype } = entry;
      return [{ ...wholeValue(this.graph.constant(entry, this.started), shape, dtype), constant: entry }];
    }
    if (entry.name === KTH_LARGEST) return [this.#kthLargest(entry, inputs)];
    const product = asProduct(entry, inputs);
    const blocks = product ? this.#product(product) : this.#byBlock(entry, inputs);
    if (blocks) {
      return entry.shapes.map((shape, k) => ({
        shape,
        dtype: entry.dtypes[k] as number,
        rowBlocks: blocks.map((node) => outputOf(node, k)),
      }));
    }
    if (entry.name === BATCHED_PRODUCT) return [this.#batchedProduct(entry, inputs)];
    const edges = inputs.map((input) => this.whole(input));
    const node = this.graph.add(entry.name, edges.length > 0 ? edges : [this.started], attributesOf(entry));
    return entry.shapes.map((shape, k) => wholeValue(outputOf(node, k), shape, entry.dtypes[k] as number));
  }

  #kthLargest({ shapes: [shape = []] }: Operation, [x, k]: readonly Value[]): Value {
    const [count] = (k as Value).constant?.values ?? [];
    const scalar = addKthLargest(this.graph, this.started, x as Value, count as number);
    const edge = this.graph.add('Reshape', [scalar, this.graph.integers(shape, this.started)], {
      T: attribute.type(DataType.float),
      Tshape: attribute.type(DataType.int32),
    });
    return wholeValue(edge, shape, DataType.float);
  }

  /** A value that is there only where a condition holds. */
  under(value: Value, condition: Edge): Value {
    const T = attribute.type(value.dtype);
    const rowBlocks = value.rowBlocks.map((block) =>
      outputOf(this.graph.add('Switch', [block, condition], { T }), 1),
    );
    return { ...value, rowBlocks };
  }

  /** The value where a condition holds, else zeros. */
  orZeros(value: Value, condition: Edge): Value {
    const T = attribute.type(value.dtype);
    const [rows = 1, ...others] = value.shape;
    const shape = value.shape.length > 0 ? [rows / value.rowBlocks.length, ...others] : [];
    const zeros = this.graph.constant(
      { dtype: value.dtype, shape, values: Float32Array.of(0) },
      this.started,
    );
    const instead = this.graph.add('Switch', [zeros, condition], { T });
    const rowBlocks = value.rowBlocks.map((block) =>
      this.graph.add('Merge', [instead, block], { T, N: attribute.int(2) }),
    );
    return { ...value, rowBlocks };
  }

  /** A value in one piece. */
  whole(value: Value): Edge {
    const [only, ...others] = value.rowBlocks;
    if (only !== undefined && others.length === 0) return only;
    const known = this.#wholes.get(value);
    if (known !== undefined) return known;
    const whole = this.graph.add('ConcatV2', [...value.rowBlocks, this.graph.integers(0, this.started)], {
      T: attribute.type(value.dtype),
      N: attribute.int(value.rowBlocks.length),
      Tidx: attribute.type(DataType.int32),
    });
    this.#wholes.set(value, whole);
    return whole;
  }

  /** A value in row blocks. A block lies in one piece in memory: taking it copies nothing. */
  #cut(value: Value, parts: number): readonly Edge[] {
    if (value.rowBlocks.length === parts) return value.rowBlocks;
    const known = this.#cuts.get(value);
    if (known?.length === parts) return known;
    const split = this.graph.add('Split', [this.graph.integers(0, this.started), this.whole(value)], {
      T: attribute.type(value.dtype),
      num_split: attribute.int(parts),
    });
    const rowBlocks = Array.from({ length: parts }, (_, k) => outputOf(split, k));
    this.#cuts.set(value, rowBlocks);
    return rowBlocks;
  }

  /** The nodes that give the row blocks of an operation's results, if an operand is in row blocks and they can be taken one by one. */
  #byBlock(operation: Operation, inputs: readonly Value[]): Edge[] | undefined {
    const cut = operandsToCut(operation, inputs);
    if (!cut) return undefined;
    const parts = Math.max(1, ...inputs.filter((_, k) => cut[k]).map(({ rowBlocks }) => rowBlocks.length));
    if (parts === 1) return undefined;
    const operands = inputs.map((input, k) => (cut[k] ? this.#cut(input, parts) : [this.whole(input)]));
    return Array.from({ length: parts }, (_, block) =>
      this.graph.add(
        operation.name,
        operands.map((rowBlocks) => rowBlocks[block % rowBlocks.length] as Edge),
        operation.attributes,
      ),
    );
  }

  /**
   * A product of two matrices. tfjs-node multiplies all with BatchMatMulV2; MatMul is quicker where one side is
   * narrow ([128, 784] × [784, 64]), and only that is joined with the bias that follows.
   */
  #product({ factors, attributes, transposesLeft, transposesRight }: Product): Edge[] {
    const [left, right] = this.#rounded(factors) as [Value, Value];
    const [rows, columns] = left.shape as [number, number];
    const multiplications = (sizeOf(left.shape) * sizeOf(right.shape)) / (transposesLeft ? rows : columns);
    const T = attribute.type(left.dtype);
    const multiply = (a: Edge, b: Edge, waitFor: readonly Edge[] = []) =>
      this.#widened(
        this.graph.add('MatMul', [a, b, ...waitFor.map(after)], { ...attributes, T }),
        left.dtype,
      );

    if (!transposesLeft) {
      const parts =
        left.rowBlocks.length > 1 ? left.rowBlocks.length : this.#rowBlocksOf(rows, multiplications);
      const products = this.#cut(left, parts).map((block) => multiply(block, this.whole(right)));
      // A product that may never run must not be waited for.
      if (!this.#isConditional) this.#urgent.push(...products);
      return products;
    }
    // AᵀB is a gradient of weights, for which only their update waits. So it comes after the products for which more
    // waits, and then side by side with the next such gradient: each gets half of the processors.
    const parts = transposesRight
      ? 1
      : blocksOf(rows, Math.min(Math.floor(this.processors / 2), multiplications / LARGE));
    if (parts === 1) return [multiply(this.whole(left), this.whole(right), this.#urgent)];
    // It is the sum of the products of its row blocks.
    const others = this.#cut(right, parts);
    const products = this.#cut(left, parts).map((block, k) =>
      multiply(block, others[k] as Edge, this.#urgent),
    );
    const [{ dtype }] = factors;
    return [this.graph.add('AddN', products, { T: attribute.type(dtype), N: attribute.int(parts) })];
  }

  /** Products of many pairs of matrices at once, which a custom penalty may have. */
  #batchedProduct({ attributes, shapes, dtypes }: Operation, inputs: readonly Value[]): Value {
    const factors = this.#rounded(inputs);
    const dtype = (factors[0] as Value).dtype;
    const edges = factors.map((factor) => this.whole(factor));
    const product = this.graph.add(BATCHED_PRODUCT, edges, { ...attributes, T: attribute.type(dtype) });
    return wholeValue(this.#widened(product, dtype), shapes[0] as readonly number[], dtypes[0] as number);
  }

  /** Factors as they are multiplied. */
  #rounded(factors: readonly Value[]): readonly Value[] {
    const { bfloat16 } = this;
    return bfloat16
      ? factors.map((factor) => (isFloat(factor) ? bfloat16.rounded(factor) : factor))
      : factors;
  }

  /** A product of such factors. */
  #widened(product: Edge, dtype: number): Edge {
    return this.bfloat16 && dtype === DataType.bfloat16 ? this.bfloat16.widened(product) : product;
  }

  /**
   * Into how many row blocks the rows of a product are cut.
   *
   * A model's numbers must not depend on how many are trained with it, and oneDNN computes a block with other sums than the
   * whole, on processors without AVX-512 also for small products. So the number of models plays no part here.
   */
  #rowBlocksOf(rows: number, multiplications: number): number {
    return blocksOf(rows, Math.min(this.processors, multiplications / LEAST_MULTIPLICATIONS));
  }
}

/** An operation's attributes. tfjs-node leaves one type to be inferred, which a graph's loader does not do. */
function attributesOf({ name, attributes, dtypes }: Operation): Operation['attributes'] {
  return name === 'ExpandDims' ? { T: attribute.type(dtypes[0] as number), ...attributes } : attributes;
}

/** A product of two matrices. */
interface Product {
  readonly factors: readonly [left: Value, right: Value];
  readonly transposesLeft: boolean;
  readonly transposesRight: boolean;
  /** Of TensorFlow's MatMul, apart from the type. */
  readonly attributes: Readonly<Record<'transpose_a' | 'transpose_b', Encoded>>;
}

/** tfjs-node's name of every product of matrices. */
const BATCHED_PRODUCT = 'BatchMatMulV2';

/** tfjs-node's way to multiply two matrices. */
function asProduct(
  { name, attributes, shapes }: Operation,
  [left, right]: readonly Value[],
): Product | undefined {
  const { adj_x, adj_y } = attributes;
  if (name !== BATCHED_PRODUCT || shapes[0]?.length !== 2) return undefined;
  if (!(left && right && adj_x && adj_y)) return undefined;
  return {
    factors: [left, right],
    transposesLeft: isTrue(adj_x),
    transposesRight: isTrue(adj_y),
    attributes: { transpose_a: adj_x, transpose_b: adj_y },
  };
}

/** A part of a product has at least so many multiplications: some twenty microseconds on one processor. */
const LEAST_MULTIPLICATIONS = 2 ** 21;

/** A product of this many operations is large: a fifth of a millisecond. */
const LARGE = 2 ** 24;

/** Into how many row blocks of equal height a matrix can be cut, `most` at most. */
function blocksOf(rows: number, most: number): number {
  let rowBlocks = Math.max(1, Math.floor(most));
  while (rows % rowBlocks !== 0) rowBlocks--;
  return rowBlocks;
}

const isFloat = ({ dtype }: Value) => dtype === DataType.float;

const isTrue = (encoded: Encoded) => Buffer.compare(encoded, attribute.bool(true)) === 0;
