/**
 * How an operation of a trace is written in a graph: as it was executed, except for products of matrices.
 *
 * Every operation runs on one processor (see `backend.ts`), so a large product is written as several smaller ones
 * that run side by side. Forward, each product waits for the one before and gets all processors. Backward, two can
 * always run at the same time (the gradient of a layer's weights, and of its inputs), and each gets half of them.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { attribute } from './attributes';
import { DataType } from './binding';
import { type Edge, type Graph, outputOf } from './graph';
import type { Encoded } from './protobuf';
import type { Operation } from './trace';

/** A value in the graph, and its shape. */
export interface Value {
  readonly edge: Edge;
  readonly shape: readonly number[];
}

/**
 * Adds an operation of a trace.
 *
 * @param started A control input for nodes without data inputs.
 * @returns Its first output.
 */
export function addOperation(
  graph: Graph,
  operation: Operation,
  inputs: readonly Value[],
  started: Edge,
): Edge {
  const { T, adj_x, adj_y } = operation.attributes;
  if (operation.name === 'BatchMatMulV2' && operation.shapes[0]?.length === 2 && T && adj_x && adj_y) {
    const [left, right] = inputs as [Value, Value];
    return addProduct(graph, left, right, { T, transpose_a: adj_x, transpose_b: adj_y }, started);
  }
  const edges = inputs.map(({ edge }) => edge);
  return graph.add(operation.name, edges.length > 0 ? edges : [started], operation.attributes);
}

/** The attributes of MatMul. */
type ProductAttributes = Readonly<Record<'T' | 'transpose_a' | 'transpose_b', Encoded>>;

/**
 * Adds a product of two matrices. tfjs-node multiplies all with BatchMatMulV2; MatMul is quicker where one side is
 * narrow ([128, 784] × [784, 64]), and only that is joined with the bias that follows.
 */
function addProduct(
  graph: Graph,
  left: Value,
  right: Value,
  attributes: ProductAttributes,
  started: Edge,
): Edge {
  const [rows, columns] = left.shape as [number, number];
  const [leftTransposed, rightTransposed] = [attributes.transpose_a, attributes.transpose_b].map(isTrue);
  const multiplications = (sizeOf(left) * sizeOf(right)) / (leftTransposed ? rows : columns);
  const parts = partsOf(rows, multiplications, leftTransposed || rightTransposed ? 2 : 1);
  const multiply = (a: Edge, b: Edge) => graph.add('MatMul', [a, b], attributes);
  if (parts === 1) return multiply(left.edge, right.edge);

  // A band of rows of a matrix lies in one piece in memory: taking it copies nothing.
  const { T } = attributes;
  const firstAxis = graph.integers(0, started);
  const bands = ({ edge }: Value) => {
    const split = graph.add('Split', [firstAxis, edge], { T, num_split: attribute.int(parts) });
    return Array.from({ length: parts }, (_, k) => outputOf(split, k));
  };
  if (leftTransposed) {
    // AᵀB is the sum of the products of their bands.
    const others = bands(right);
    const products = bands(left).map((band, k) => multiply(band, others[k] as Edge));
    return graph.add('AddN', products, { T, N: attribute.int(parts) });
  }
  const products = bands(left).map((band) => multiply(band, right.edge));
  return graph.add('ConcatV2', [...products, firstAxis], {
    T,
    N: attribute.int(parts),
    Tidx: attribute.type(DataType.int32),
  });
}

/** A part of a product has at least so many multiplications: about a fifth of a millisecond on one processor. */
const LEAST_MULTIPLICATIONS = 2 ** 24;

/** Into how many bands of equal height the left matrix is cut, if so many products run at the same time. */
function partsOf(rows: number, multiplications: number, productsAtOnce: number): number {
  const processors = Math.floor(availableParallelism() / productsAtOnce);
  let parts = Math.max(1, Math.min(processors, Math.floor(multiplications / LEAST_MULTIPLICATIONS)));
  while (rows % parts !== 0) parts--;
  return parts;
}

const sizeOf = ({ shape }: Value) => shape.reduce((size, length) => size * length, 1);

const isTrue = (encoded: Encoded) => Buffer.compare(encoded, attribute.bool(true)) === 0;
