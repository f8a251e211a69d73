/**
 * TensorFlow graphs, as text-like structures: nodes by name, edges by the names of their values.
 *
 * @module
 */

import { concatBytes } from '../../numbers/bytes';
import { attribute, type ConstantValue, encodeAttributes } from './attributes';
import { DataType } from './binding';
import { type Encoded, integerField, messageField, textField } from './protobuf';

/** The name of a node's output: `node` for output 0, `node:1` for output 1. */
export type Edge = string;

/** The version of graphs that TensorFlow 2.9 and all newer ones read. */
const PRODUCER = 1087;

/** The k-th output of a node. */
export function outputOf(node: string, k: number): Edge {
  return k === 0 ? node : `${node}:${k}`;
}

/** An input that carries nothing: the node waits until the one that makes `edge` has run. */
export function after(edge: Edge): Edge {
  return `^${edge.split(':')[0]}`;
}

/** A graph under construction. The same calls give the same bytes. */
export class Graph {
  readonly #nodes: Encoded[] = [];

  /**
   * Adds a node.
   *
   * @param name Default: `operation_n`. A name that is fed or fetched must be given.
   * @returns Its first output.
   */
  add(
    operation: string,
    inputs: readonly Edge[] = [],
    attributes: Readonly<Record<string, Encoded>> = {},
    name = `${operation}_${this.#nodes.length}`,
  ): Edge {
    // Names that begin with an underscore are TensorFlow's own.
    const node = name.replace(/^_/, '');
    // TensorFlow wants control inputs after those that carry data.
    const ordered = [...inputs].sort((a, b) => Number(a.startsWith('^')) - Number(b.startsWith('^')));
    this.#nodes.push(
      messageField(
        1,
        textField(1, node),
        textField(2, operation),
        ...ordered.map((edge) => textField(3, edge)),
        encodeAttributes(attributes),
      ),
    );
    return node;
  }

  /** Adds a constant, made only after the `waitFor` nodes have run. */
  constant(value: ConstantValue, ...waitFor: readonly Edge[]): Edge {
    return this.add('Const', waitFor, {
      dtype: attribute.type(value.dtype),
      value: attribute.tensor(value),
    });
  }

  /** Adds an int32 constant: a scalar for a number, else a vector. */
  integers(value: number | readonly number[], ...waitFor: readonly Edge[]): Edge {
    const shape = typeof value === 'number' ? [] : [value.length];
    return this.constant(
      { dtype: DataType.int32, shape, values: Int32Array.of(...[value].flat()) },
      ...waitFor,
    );
  }

  /** Adds a float32 scalar constant. */
  float(value: number, ...waitFor: readonly Edge[]): Edge {
    return this.constant({ dtype: DataType.float, shape: [], values: Float32Array.of(value) }, ...waitFor);
  }

  /** Adds a value that every run is fed; −1 in its shape is a size that may differ from run to run. */
  placeholder(name: string, dtype: number, shape?: readonly number[]): Edge {
    return this.add(
      'Placeholder',
      [],
      { dtype: attribute.type(dtype), ...(shape && { shape: attribute.shape(shape) }) },
      name,
    );
  }

  /** Adds a node that passes a value on, under a name and after other nodes. */
  identity(edge: Edge, dtype: number, waitFor: readonly Edge[] = [], name?: string): Edge {
    return this.add('Identity', [edge, ...waitFor], { T: attribute.type(dtype) }, name);
  }

  /** The graph as a serialized SavedModel that holds it alone. */
  toSavedModel(): Uint8Array {
    const versions = messageField(4, integerField(1, PRODUCER));
    const metaInfo = messageField(1, textField(4, SERVE_TAG), textField(5, '2.9.1'));
    const graph = messageField(2, concatBytes(this.#nodes), versions);
    return concatBytes([integerField(1, 1), messageField(2, metaInfo, graph)]);
  }
}

/** The tag under which the SavedModel's only graph is loaded. */
export const SERVE_TAG = 'serve';
