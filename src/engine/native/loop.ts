import { attribute } from './attributes';
import { DataType } from './binding';
import { after, type Edge, type Graph, outputOf } from './graph';

/** Inputs of a loop's body. */
export interface Iteration {
  /** Which iteration it is, from 0; int32. */
  readonly index: Edge;
  /** The values that the last iteration passed on. */
  readonly carried: Edge;
  /**
   * A control input: what the last iteration waited for has happened. Nodes that need none of it may run earlier,
   * while the last iteration still works.
   */
  readonly settled: Edge;
  /** A control input: nodes without data inputs belong to the iteration only through this. */
  readonly started: Edge;
  /** A value from outside the loop, the same in every iteration. */
  enter(edge: Edge, dtype: number): Edge;
}

/** The results of a loop's body. */
export interface IterationEnd {
  /** The values that it passes on. */
  readonly carried: Edge;
  /** The next iteration is settled only when these nodes have run. */
  readonly waitFor: readonly Edge[];
}

/**
 * Adds a loop, in TensorFlow's control-flow operations:
 *
 *     i, carried = 0, initial
 *     while i < count: i, carried = i + 1, body(i, carried)
 *
 * Values that change go round through Merge (from outside, or from the last iteration), Switch (out of the loop, or into
 * its body) and NextIteration; values that stay the same enter once and are there in every iteration.
 *
 * @param name Tells the loop from the others of the graph.
 * @param count How often, an int32 scalar.
 * @returns The value from the last iteration, or `initial`.
 */
export function addLoop(
  graph: Graph,
  name: string,
  count: Edge,
  initial: { readonly edge: Edge; readonly dtype: number },
  body: (iteration: Iteration) => IterationEnd,
): Edge {
  const enter = (edge: Edge, dtype: number, isConstant = true) =>
    graph.add('Enter', [edge], {
      T: attribute.type(dtype),
      frame_name: attribute.string(name),
      is_constant: attribute.bool(isConstant),
      parallel_iterations: attribute.int(2),
    });
  const index = new Carried(
    graph,
    `${name}/index`,
    DataType.int32,
    enter(graph.integers(0), DataType.int32, false),
  );
  const carried = new Carried(
    graph,
    `${name}/carried`,
    initial.dtype,
    enter(initial.edge, initial.dtype, false),
  );
  const more = graph.add('Less', [index.merged, enter(count, DataType.int32)], {
    T: attribute.type(DataType.int32),
  });
  const proceed = graph.add('LoopCond', [more]);
  const [currentIndex, lastIndex] = index.switch(proceed);
  const [current, last] = carried.switch(proceed);
  const started = after(currentIndex);

  const end = body({ index: currentIndex, carried: current, started, settled: after(current), enter });
  const next = graph.add('AddV2', [currentIndex, graph.integers(1, started)], {
    T: attribute.type(DataType.int32),
  });
  index.next(next);
  carried.next(graph.identity(end.carried, initial.dtype, end.waitFor.map(after)));
  return graph.identity(last, initial.dtype, [after(lastIndex)]);
}

/** A value that goes round in a loop. */
class Carried {
  /** The value at the top of the loop. */
  readonly merged: Edge;
  readonly #graph: Graph;
  readonly #name: string;
  readonly #type: { readonly T: Uint8Array };

  constructor(graph: Graph, name: string, dtype: number, entered: Edge) {
    this.#graph = graph;
    this.#name = name;
    this.#type = { T: attribute.type(dtype) };
    this.merged = graph.add('Merge', [entered, this.#nextName], { ...this.#type, N: attribute.int(2) });
  }

  /** Parts the ways: into the body while the loop goes on, out of it at the end. */
  switch(proceed: Edge): [inside: Edge, outside: Edge] {
    const switched = this.#graph.add('Switch', [this.merged, proceed], this.#type);
    const inside = this.#graph.add('Identity', [outputOf(switched, 1)], this.#type);
    return [inside, this.#graph.add('Exit', [switched], this.#type)];
  }

  /** Closes the circle. */
  next(value: Edge): void {
    this.#graph.add('NextIteration', [value], this.#type, this.#nextName);
  }

  get #nextName(): string {
    return `${this.#name}/next`;
  }
}
