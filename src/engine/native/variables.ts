/**
 * The variables that outlive a run of a training graph: parameters with their moments, and the examples. They are TensorFlow's
 * variables; the operations that assign them are run by name.
 *
 * @module
 */
import { mapNamed, type Named, parameterGroups } from '../step';
import { attribute } from './attributes';
import { DataType } from './binding';
import { after, type Edge, type Graph } from './graph';
import { graphNames } from './names';
import type { TracedMember } from './traceStep';

/** How stored examples lie in the graph. */
export interface ExampleFormat {
  readonly dim: number;
  readonly dtype: typeof DataType.float | typeof DataType.uint8;
  /** Factor for the numbers when they are gathered. */
  readonly scale: number;
}

/** An array that outlives a run. */
export interface Variable {
  readonly name: string;
  readonly dtype: number;
  readonly handle: Edge;
}

/** A parameter with its moments, in the order of `parameterGroups`. */
export type ParameterState = readonly [parameter: Variable, firstMoment: Variable, secondMoment: Variable];

/** All that outlives a run of one member. */
export interface MemberState {
  readonly parameters: Named<ParameterState>;
  readonly state: Named<Variable>;
}

function variable(graph: Graph, name: string, dtype: number, shape: readonly number[]): Variable {
  const attributes = {
    dtype: attribute.type(dtype),
    shape: attribute.shape(shape),
    shared_name: attribute.string(name),
  };
  return { name, dtype, handle: graph.add('VarHandleOp', [], attributes, `variable/${name}`) };
}

/** Adds a member's parameters, moments and state. */
export function addState(
  graph: Graph,
  { shapes, stateShapes }: Pick<TracedMember, 'shapes' | 'stateShapes'>,
  member: number,
): MemberState {
  const array = (group: string, name: string, shape: readonly number[]) =>
    variable(graph, graphNames.state(member, group, name), DataType.float, shape);
  return {
    parameters: mapNamed(
      shapes,
      (shape, name) =>
        // map() forgets that there are three groups.
        parameterGroups.map((group) => array(group, name, shape)) as unknown as ParameterState,
    ),
    state: mapNamed(stateShapes, (shape, name) => array('state', name, shape)),
  };
}

/** Adds an assignment of a value to a variable, which happens once `waitFor` has. */
export function assign(graph: Graph, handle: Edge, value: Edge, waitFor: readonly Edge[]): Edge {
  return graph.add('AssignVariableOp', [handle, value, ...waitFor], {
    dtype: attribute.type(DataType.float),
  });
}

/** Adds a node that, when fetched, gives the variables the values fed under their names. */
export function addAssignment(graph: Graph, variables: readonly Variable[]): void {
  const assignments = variables.map(({ name, handle, dtype }) => {
    const type = attribute.type(dtype);
    // The fed values lie in JavaScript's memory, which the variable must neither change nor keep.
    const copy = graph.add('DeepCopy', [graph.placeholder(graphNames.assign(name), dtype)], { T: type });
    return graph.add('AssignVariableOp', [handle, copy], { dtype: type });
  });
  addAction(graph, graphNames.stateAssigned, assignments);
}

/**
 * Adds the examples and the operations that fill them. They are written in pieces: tfjs-node copies what it is fed, and a
 * second copy of all examples would be the largest thing in memory.
 */
export function addExamples(graph: Graph, { dtype, dim }: ExampleFormat): Variable {
  const examples = variable(graph, 'examples', dtype, [-1, dim]);
  const type = attribute.type(dtype);
  const count = graph.placeholder(graphNames.exampleCount, DataType.int32, []);
  const shape = graph.add('Pack', [count, graph.integers(dim)], {
    N: attribute.int(2),
    T: attribute.type(DataType.int32),
  });
  const zero = graph.constant({ dtype, shape: [], values: Uint8Array.of(0) });
  const room = graph.add('Fill', [shape, zero], { T: type });
  const allocated = graph.add('AssignVariableOp', [examples.handle, room], { dtype: type });
  addAction(graph, graphNames.examplesAllocated, [allocated]);

  const rows = graph.placeholder(graphNames.chunkRows, DataType.int32, [-1]);
  const chunk = graph.placeholder(graphNames.exampleChunk, dtype, [-1, dim]);
  const written = graph.add('ResourceScatterUpdate', [examples.handle, rows, chunk], {
    dtype: type,
    Tindices: attribute.type(DataType.int32),
  });
  addAction(graph, graphNames.examplesWritten, [written]);
  return examples;
}

/** Adds a node that, when fetched, runs other nodes first. Its result has no meaning. */
function addAction(graph: Graph, name: string, nodes: readonly Edge[]): void {
  graph.identity(graph.float(0), DataType.float, nodes.map(after), name);
}

/**
 * Adds a reading of a variable.
 *
 * @param waitFor Nodes that must have run.
 * @param name What it is fetched by, if it is.
 */
export function read(
  graph: Graph,
  handle: Edge,
  dtype: number,
  waitFor: readonly Edge[],
  name?: string,
): Edge {
  return graph.add('ReadVariableOp', [handle, ...waitFor], { dtype: attribute.type(dtype) }, name);
}
