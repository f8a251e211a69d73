/**
 * bfloat16, the upper half of a float32: its range, and 8 of its 24 significant bits.
 *
 * A product of two bfloat16 numbers is exact in float32, so a processor that multiplies them adds in float32 and takes twice as many
 * at a time. Only products of matrices work on these halves; their results are float32 again.
 *
 * @module
 */
import { attribute } from './attributes';
import { DataType } from './binding';
import type { Edge, Graph } from './graph';
import type { Value } from './value';

/** Rounds values of a graph to bfloat16, each one once, however many products read it. */
export class Bfloat16 {
  readonly #graph: Graph;
  readonly #rounded = new Map<Value, Value>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** A float32 value, rounded to the nearest bfloat16 numbers. */
  rounded(value: Value): Value {
    const known = this.#rounded.get(value);
    if (known) return known;
    const { shape, rowBlocks } = value;
    const rounded = {
      shape,
      dtype: DataType.bfloat16,
      rowBlocks: rowBlocks.map((block) => this.#cast(block, DataType.float, DataType.bfloat16)),
    };
    this.#rounded.set(value, rounded);
    return rounded;
  }

  /** The same numbers as float32. */
  widened(edge: Edge): Edge {
    return this.#cast(edge, DataType.bfloat16, DataType.float);
  }

  #cast(edge: Edge, from: number, to: number): Edge {
    return this.#graph.add('Cast', [edge], { SrcT: attribute.type(from), DstT: attribute.type(to) });
  }
}
