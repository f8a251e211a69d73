/**
 * The graph that trains: a loop over steps, each of which gathers a batch, computes losses and gradients as they were
 * traced, and lets Adam move the parameters. Parameters, moments and examples are variables of the graph.
 *
 *     feeds:   batches, schedule, inputs              → a loop for each batch size → losses
 *     assign:  examples, piece by piece; parameters and both moments
 *     fetches: parameters and both moments
 *
 * @module
 */
import { BETA1, BETA2 } from '../adam';
import { mapNamed, type Named, parameterGroups } from '../step';
import { attribute } from './attributes';
import { DataType } from './binding';
import { after, type Edge, Graph, outputOf } from './graph';
import { addLoop, type Iteration } from './loop';
import { addOperation, type Value } from './lower';
import { isConstant, neededPart, type Trace, type ValueName, valueName } from './trace';

/** One model in the graph: its trainable arrays, and its step for each size of batch. */
export interface TracedMember {
  readonly shapes: Named<readonly number[]>;
  /** The names of the scalars that steer the loss. */
  readonly inputs: readonly string[];
  /** The names of the loss's terms. */
  readonly terms: readonly string[];
  /** The arguments and results of each have the names of {@link stepNames}. */
  readonly traces: ReadonlyMap<number, Trace>;
}

/** How stored examples lie in the graph. */
export interface ExampleFormat {
  readonly dim: number;
  readonly dtype: typeof DataType.float | typeof DataType.uint8;
  /** What the numbers are multiplied by when they are gathered. */
  readonly scale: number;
}

/** Where a step's batch comes from: examples in the graph, or names (keys) from which the traced step makes it. */
export type BatchFormat = { readonly stored: ExampleFormat } | { readonly namesPerStep: number };

/** The arguments and results of a traced step. */
export const stepNames = {
  /** The batch itself, or what names it. */
  batch: 'batch',
  parameter: (name: string) => `parameter/${name}`,
  input: (name: string) => `input/${name}`,
  term: (name: string) => `term/${name}`,
  gradient: (name: string) => `gradient/${name}`,
};

/** What the graph calls its inputs and outputs. */
export const graphNames = {
  /** Fed: what names the batches, one after another: the row numbers of their examples, or their keys; int32. */
  batches: 'batches',
  /** Fed: a row for each step, of Adam's ε̂ and then each member's step size; float32 [steps, 1 + members]. */
  schedule: 'schedule',
  /** Fed: a scalar that steers a member's loss. */
  input: (member: number, name: string) => `input/${member}/${plain(name)}`,
  /** Fetched: every step's terms, member after member, float32 [steps, terms]; runs as many steps as `schedule` has. */
  losses: (batchSize: number) => `losses/${batchSize}`,
  /** An array of the state: fetched under this name, fed under `assign/` + name together with all others. */
  state: (member: number, group: string, name: string) => `${group}/${member}/${plain(name)}`,
  assign: (name: string) => `assign/${name}`,
  /** Fetched: assigns the state. */
  stateAssigned: 'state_assigned',
  /** Fed, int32: how many examples `examplesAllocated`, when fetched, makes room for. */
  exampleCount: 'example_count',
  examplesAllocated: 'examples_allocated',
  /** Fed: some examples, and their row numbers (int32), which `examplesWritten`, when fetched, writes. */
  exampleChunk: 'example_chunk',
  chunkRows: 'chunk_rows',
  examplesWritten: 'examples_written',
};

/** A name in the letters that TensorFlow allows: ρ becomes .3c1 */
function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9]/gu, (letter) => `.${letter.codePointAt(0)?.toString(16)}`);
}

/** Builds the graph, as the bytes of a SavedModel; the same members and format give the same bytes. */
export function trainingGraph(members: readonly TracedMember[], format: BatchFormat): Uint8Array {
  const graph = new Graph();
  const examples = 'stored' in format ? addExamples(graph, format.stored) : undefined;
  const states = members.map(({ shapes }, member) => addState(graph, shapes, member));
  addAssignment(
    graph,
    states.flatMap((arrays) => Object.values(arrays).flat()),
  );
  for (const { name, handle, dtype } of states.flatMap((arrays) => Object.values(arrays).flat())) {
    read(graph, handle, dtype, [], name);
  }

  const feeds: Feeds = {
    batches: graph.placeholder(graphNames.batches, DataType.int32, [-1]),
    schedule: graph.placeholder(graphNames.schedule, DataType.float, [-1, 1 + members.length]),
    inputs: members.map(({ inputs }, member) =>
      Object.fromEntries(
        inputs.map((name) => [name, graph.placeholder(graphNames.input(member, name), DataType.float, [])]),
      ),
    ),
  };
  const batchSizes = new Set(members.flatMap(({ traces }) => [...traces.keys()]));
  for (const batchSize of batchSizes) {
    addSteps(graph, batchSize, { members, states, examples, format, feeds });
  }
  return graph.toSavedModel();
}

/** An array that outlives a run. */
interface Variable {
  readonly name: string;
  readonly dtype: number;
  readonly handle: Edge;
}

/** A parameter with its moments, in the order of `parameterGroups`. */
type ParameterState = readonly [parameter: Variable, firstMoment: Variable, secondMoment: Variable];

interface Feeds {
  readonly batches: Edge;
  readonly schedule: Edge;
  readonly inputs: readonly Named<Edge>[];
}

interface LoopParts {
  readonly members: readonly TracedMember[];
  readonly states: readonly Named<ParameterState>[];
  readonly examples: Variable | undefined;
  readonly format: BatchFormat;
  readonly feeds: Feeds;
}

function variable(graph: Graph, name: string, dtype: number, shape: readonly number[]): Variable {
  const attributes = {
    dtype: attribute.type(dtype),
    shape: attribute.shape(shape),
    shared_name: attribute.string(name),
  };
  return { name, dtype, handle: graph.add('VarHandleOp', [], attributes, `variable/${name}`) };
}

function addState(graph: Graph, shapes: Named<readonly number[]>, member: number): Named<ParameterState> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const arrays = parameterGroups.map((group) =>
        variable(graph, graphNames.state(member, group, name), DataType.float, shape),
      );
      return [name, arrays as unknown as ParameterState]; // map() forgets that there are three groups.
    }),
  );
}

/** Adds a node that, when fetched, gives the variables the values fed under their names. */
function addAssignment(graph: Graph, variables: readonly Variable[]): void {
  const assignments = variables.map(({ name, handle, dtype }) => {
    const type = attribute.type(dtype);
    // What is fed lies in JavaScript's memory, which the variable must neither change nor keep.
    const copy = graph.add('DeepCopy', [graph.placeholder(graphNames.assign(name), dtype)], { T: type });
    return graph.add('AssignVariableOp', [handle, copy], { dtype: type });
  });
  addAction(graph, graphNames.stateAssigned, assignments);
}

/**
 * Adds the examples and what fills them. They are written in pieces: tfjs-node copies what it is fed, and a second copy
 * of all examples would be the largest thing in memory.
 */
function addExamples(graph: Graph, { dtype, dim }: ExampleFormat): Variable {
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

/** Adds a node that, when fetched, runs other nodes first. What it gives says nothing. */
function addAction(graph: Graph, name: string, nodes: readonly Edge[]): void {
  graph.identity(graph.float(0), DataType.float, nodes.map(after), name);
}

function read(graph: Graph, handle: Edge, dtype: number, waitFor: readonly Edge[], name?: string): Edge {
  return graph.add('ReadVariableOp', [handle, ...waitFor], { dtype: attribute.type(dtype) }, name);
}

/** Adds the loop over steps for one batch size. */
function addSteps(graph: Graph, batchSize: number, parts: LoopParts): void {
  const { members, format, feeds } = parts;
  const terms = members.reduce((count, member) => count + member.terms.length, 0);
  const int32 = attribute.type(DataType.int32);
  const namesPerStep = 'stored' in format ? batchSize : format.namesPerStep;
  const namesByStep = graph.add('Reshape', [feeds.batches, graph.integers([-1, namesPerStep])], { T: int32 });
  const steps = firstSize(graph, feeds.schedule);
  const lossShape = graph.add('Pack', [steps, graph.integers(terms)], { N: attribute.int(2), T: int32 });
  const noLosses = {
    edge: graph.add('Fill', [lossShape, graph.float(0)], { T: attribute.type(DataType.float) }),
    dtype: DataType.float,
  };

  const losses = addLoop(graph, `steps_${batchSize}`, steps, noLosses, (iteration) => {
    const { index, carried, started, enter } = iteration;
    const pick = (edge: Edge, dtype: number) => gather(graph, enter(edge, dtype), index, dtype, started);
    const batch = addBatch(graph, pick(namesByStep, DataType.int32), parts, iteration);
    const [epsilon, ...stepSizes] = unpack(graph, pick(feeds.schedule, DataType.float), 1 + members.length);
    const results = members.map((_, member) =>
      addStep(graph, {
        ...parts,
        ...iteration,
        member,
        batch,
        batchSize,
        epsilon: epsilon as Edge,
        stepSize: stepSizes[member] as Edge,
      }),
    );
    return {
      carried: addRow(
        graph,
        carried,
        results.flatMap((result) => result.terms),
        iteration,
      ),
      waitFor: results.flatMap((result) => result.updates),
    };
  });
  graph.identity(losses, DataType.float, [], graphNames.losses(batchSize));
}

/** What one member's step is built from. */
interface StepParts extends LoopParts, Iteration {
  readonly member: number;
  readonly batch: Edge;
  readonly batchSize: number;
  readonly epsilon: Edge;
  readonly stepSize: Edge;
}

/** Adds one member's step: its trace, and the update of its parameters. */
function addStep(graph: Graph, parts: StepParts): { terms: Edge[]; updates: Edge[] } {
  const { started, settled, enter, batchSize, epsilon, stepSize } = parts;
  const member = parts.members[parts.member] as TracedMember;
  const trace = neededPart(member.traces.get(batchSize) as Trace);
  const handles = mapNamed(parts.states[parts.member] as Named<ParameterState>, (arrays) =>
    arrays.map(({ handle }) => enter(handle, DataType.resource)),
  );
  const { format } = parts;
  const batchShape = 'stored' in format ? [batchSize, format.stored.dim] : [format.namesPerStep];
  const values = new Map<ValueName, Value>([[stepNames.batch, { edge: parts.batch, shape: batchShape }]]);
  for (const [name, [handle]] of Object.entries(handles)) {
    const edge = read(graph, handle as Edge, DataType.float, [settled]);
    values.set(stepNames.parameter(name), { edge, shape: member.shapes[name] as readonly number[] });
  }
  for (const [name, edge] of Object.entries(parts.feeds.inputs[parts.member] as Named<Edge>)) {
    values.set(stepNames.input(name), { edge: enter(edge, DataType.float), shape: [] });
  }

  const { edgeOf, readers } = addTrace(graph, trace, values, started);
  const result = (name: string) => edgeOf(trace.results[name] as ValueName);
  return {
    terms: member.terms.map((name) => result(stepNames.term(name))),
    updates: Object.entries(handles).map(([name, arrays]) =>
      addAdam(graph, {
        arrays,
        gradient: result(stepNames.gradient(name)),
        stepSize,
        epsilon,
        started,
        // Whoever still reads the old parameter would make Adam copy it first.
        waitFor: (readers.get(stepNames.parameter(name)) ?? []).map(after),
      }),
    ),
  };
}

/** Sets row `index` of the losses. */
function addRow(graph: Graph, losses: Edge, terms: readonly Edge[], { index, started }: Iteration): Edge {
  const float = attribute.type(DataType.float);
  const int32 = attribute.type(DataType.int32);
  const row = graph.add('Pack', terms, { N: attribute.int(terms.length), T: float });
  const rows = graph.add('ExpandDims', [row, graph.integers(0, started)], { T: float });
  const position = graph.add('Reshape', [index, graph.integers([1, 1], started)], { T: int32 });
  return graph.add('TensorScatterUpdate', [losses, position, rows], { T: float, Tindices: int32 });
}

/** Adds a trace's operations; `values` says what its arguments are. */
function addTrace(graph: Graph, trace: Trace, values: Map<ValueName, Value>, started: Edge) {
  const found = (name: ValueName): Value => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`a trace uses ${name} before it is there`);
    return value;
  };
  const readers = new Map<ValueName, Edge[]>();
  trace.operations.forEach((entry, position) => {
    const node = isConstant(entry)
      ? graph.constant(entry, started)
      : addOperation(graph, entry, entry.inputs.map(found), started);
    const shapes = isConstant(entry) ? [entry.shape] : entry.shapes;
    shapes.forEach((shape, k) => {
      values.set(valueName(position, k), { edge: outputOf(node, k), shape });
    });
    for (const name of isConstant(entry) ? [] : entry.inputs) {
      readers.set(name, [...(readers.get(name) ?? []), node]);
    }
  });
  return { edgeOf: (name: ValueName) => found(name).edge, readers };
}

/**
 * Adds Adam's update of one array, TensorFlow's fused operation.
 *
 * The operation's own bias correction is switched off by β₁ᵗ = β₂ᵗ = 0: the schedule brings step size and ε̂
 * corrected already, in float64.
 */
function addAdam(
  graph: Graph,
  update: {
    readonly arrays: readonly Edge[];
    readonly gradient: Edge;
    readonly stepSize: Edge;
    readonly epsilon: Edge;
    readonly started: Edge;
    readonly waitFor: readonly Edge[];
  },
): Edge {
  const { arrays, gradient, stepSize, epsilon, started, waitFor } = update;
  const constant = (value: number) => graph.float(value, started);
  const inputs = [constant(0), constant(0), stepSize, constant(BETA1), constant(BETA2), epsilon, gradient];
  return graph.add('ResourceApplyAdam', [...arrays, ...inputs, ...waitFor], {
    T: attribute.type(DataType.float),
  });
}

/** The batch that is named, as float32 and scaled, if examples are stored; else what names it, for the trace. */
function addBatch(
  graph: Graph,
  names: Edge,
  { examples, format }: LoopParts,
  { enter, started }: Iteration,
): Edge {
  if (!examples || !('stored' in format)) return names;
  const { dtype, scale } = format.stored;
  const gathered = graph.add('ResourceGather', [enter(examples.handle, DataType.resource), names], {
    dtype: attribute.type(dtype),
    Tindices: attribute.type(DataType.int32),
  });
  const types = { SrcT: attribute.type(dtype), DstT: attribute.type(DataType.float) };
  const numbers = dtype === DataType.float ? gathered : graph.add('Cast', [gathered], types);
  if (scale === 1) return numbers;
  return graph.add('Mul', [numbers, graph.float(scale, started)], { T: attribute.type(DataType.float) });
}

function gather(graph: Graph, table: Edge, index: Edge, dtype: number, started: Edge): Edge {
  return graph.add('GatherV2', [table, index, graph.integers(0, started)], {
    Tparams: attribute.type(dtype),
    Tindices: attribute.type(DataType.int32),
    Taxis: attribute.type(DataType.int32),
  });
}

function unpack(graph: Graph, vector: Edge, count: number): Edge[] {
  const node = graph.add('Unpack', [vector], {
    num: attribute.int(count),
    T: attribute.type(DataType.float),
  });
  return Array.from({ length: count }, (_, k) => outputOf(node, k));
}

/** The size of a matrix's first axis, as a scalar. */
function firstSize(graph: Graph, matrix: Edge): Edge {
  const shape = graph.add('Shape', [matrix], { T: attribute.type(DataType.float) });
  return graph.add('GatherV2', [shape, graph.integers(0), graph.integers(0)], {
    Tparams: attribute.type(DataType.int32),
    Tindices: attribute.type(DataType.int32),
    Taxis: attribute.type(DataType.int32),
  });
}
