/**
 * The loop over steps: a batch is gathered, losses and gradients are computed as they were traced, and Adam moves the
 * parameters.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { ADAM_COLUMNS, scheduleWidth } from '../adam';
import type { Precision } from '../precision';
import { mapNamed } from '../step';
import { stepNames } from '../stepFunction';
import { attribute } from './attributes';
import { Bfloat16 } from './bfloat16';
import { DataType } from './binding';
import { conditionsOf } from './conditions';
import { withFactorsMoved } from './factors';
import { after, type Edge, type Graph, outputOf } from './graph';
import { withKthLargest } from './kthLargest';
import { addLoop, type Iteration } from './loop';
import { Lowering } from './lower';
import { graphNames } from './names';
import { simplified } from './simplify';
import { isConstant, neededPart, positionOf, type Trace, type ValueName, valueName } from './trace';
import type { TracedMember } from './traceStep';
import { type Value, wholeValue } from './value';
import { assign, type ExampleFormat, type MemberState, read, type Variable } from './variables';

/** The source of a step's batch: examples in the graph, or keys from which the traced step makes it. */
export type BatchFormat = { readonly stored: ExampleFormat } | { readonly namesPerStep: number };

/** The inputs of each run. */
export interface Feeds {
  readonly batches: Edge;
  readonly schedule: Edge;
}

/** Parts of the loops. */
export interface LoopParts {
  readonly members: readonly TracedMember[];
  readonly states: readonly MemberState[];
  readonly examples: Variable | undefined;
  readonly format: BatchFormat;
  readonly feeds: Feeds;
  /** The numbers that products of matrices multiply. */
  readonly precision: Precision;
}

/** Adds the loop over steps for one batch size. */
export function addSteps(graph: Graph, batchSize: number, parts: LoopParts): void {
  const { members, format, feeds, precision } = parts;
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
    const batchShape = 'stored' in format ? [batchSize, format.stored.dim] : [format.namesPerStep];
    const batch = wholeValue(
      addBatch(graph, pick(namesByStep, DataType.int32), parts, iteration),
      batchShape,
      'stored' in format ? DataType.float : DataType.int32,
    );
    const bfloat16 = precision === 'bfloat16' ? new Bfloat16(graph) : undefined;
    const widths = members.map(({ inputs }) => scheduleWidth(inputs.length));
    const width = widths.reduce((sum, own) => sum + own, 0);
    const row = unpack(graph, pick(feeds.schedule, DataType.float), width);
    const results = members.map((_, member) => {
      const scheduled = row.splice(0, widths[member]);
      return addStep(graph, { ...parts, ...iteration, member, batch, batchSize, bfloat16, scheduled });
    });
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

/** Inputs of one member's step. */
interface StepParts extends LoopParts, Iteration {
  readonly member: number;
  /** The batch, or what names it. */
  readonly batch: Value;
  readonly batchSize: number;
  /** Rounds the factors of all members' products. */
  readonly bfloat16: Bfloat16 | undefined;
  /** The member's part of the schedule's row. */
  readonly scheduled: readonly Edge[];
}

/** Adds one member's step: its trace, the update of its parameters, and the changes after it. */
function addStep(graph: Graph, parts: StepParts): { terms: Edge[]; updates: Edge[] } {
  const { started, settled, enter, batchSize, scheduled } = parts;
  const member = parts.members[parts.member] as TracedMember;
  const { parameters, state } = parts.states[parts.member] as MemberState;
  const handles = mapNamed(parameters, (arrays) =>
    arrays.map(({ handle }) => enter(handle, DataType.resource)),
  );
  const stateHandles = mapNamed(state, ({ handle }) => enter(handle, DataType.resource));
  const adam = scheduled.slice(0, ADAM_COLUMNS.length);
  const floats = (edge: Edge, shape: readonly number[] = []) => wholeValue(edge, shape, DataType.float);
  const inputs = member.inputs.map(
    (name, k) => [stepNames.input(name), floats(scheduled[ADAM_COLUMNS.length + k] as Edge)] as const,
  );
  const values = new Map<ValueName, Value>([[stepNames.batch, parts.batch], ...inputs]);
  for (const [name, [handle]] of Object.entries(handles)) {
    const edge = read(graph, handle as Edge, DataType.float, [settled]);
    values.set(stepNames.parameter(name), floats(edge, member.shapes[name]));
  }
  for (const [name, handle] of Object.entries(stateHandles)) {
    const edge = read(graph, handle, DataType.float, [settled]);
    values.set(stepNames.state(name), floats(edge, member.stateShapes[name]));
  }

  const trace = inOtherWords(member.traces.get(batchSize) as Trace, values);
  const lowering = new Lowering(graph, started, availableParallelism(), parts.bfloat16);
  const { edgeOf, readers } = addTrace(lowering, trace, values);
  const result = (name: string) => edgeOf(trace.results[name] as ValueName);
  const updates = mapNamed(handles, (arrays, name) =>
    addAdam(graph, {
      arrays,
      gradient: result(stepNames.gradient(name)),
      adam,
      started,
      // An operation that still reads the old parameter would make Adam copy it first.
      waitFor: (readers.get(stepNames.parameter(name)) ?? []).map(after),
    }),
  );
  /** The current version of an array of the state: the next assignment waits for its readers. */
  const nextOf = (of: Trace, edge: (name: string) => Edge) =>
    Object.keys(stateHandles).flatMap((name) =>
      of.results[stepNames.state(name)] === undefined ? [] : [[name, edge(stepNames.state(name))] as const],
    );
  const waitForRead = (name: string) => [
    ...(values.get(stepNames.state(name)) as Value).rowBlocks.map(after),
    ...(readers.get(stepNames.state(name)) ?? []).map(after),
  ];
  const assigned = new Map(
    nextOf(trace, result).map(([name, edge]) => [
      name,
      assign(graph, stateHandles[name] as Edge, edge, waitForRead(name)),
    ]),
  );
  const ends: Edge[] = [...Object.values(updates), ...assigned.values()];
  if (member.settling) {
    const now = new Map<ValueName, Value>(inputs);
    for (const [name, [handle]] of Object.entries(handles)) {
      const edge = read(graph, handle as Edge, DataType.float, [after(updates[name] as Edge)]);
      now.set(stepNames.parameter(name), floats(edge, member.shapes[name]));
    }
    for (const [name, handle] of Object.entries(stateHandles)) {
      const last = assigned.get(name);
      const edge = read(graph, handle, DataType.float, last ? [after(last)] : waitForRead(name));
      now.set(stepNames.state(name), floats(edge, member.stateShapes[name]));
    }
    const settling = inOtherWords(member.settling, now);
    const then = addTrace(lowering, settling, now);
    const settle = (name: string, handle: Edge) => {
      const end = settling.results[name];
      if (end === undefined) return;
      // Everything that reads the old value must have read it first.
      const waitFor = [...(now.get(name) as Value).rowBlocks, ...(then.readers.get(name) ?? [])].map(after);
      ends.push(assign(graph, handle, then.edgeOf(end), waitFor));
    };
    for (const [name, [handle]] of Object.entries(handles)) settle(stepNames.parameter(name), handle as Edge);
    for (const [name, handle] of Object.entries(stateHandles)) settle(stepNames.state(name), handle);
  }
  return { terms: member.terms.map((name) => result(stepNames.term(name))), updates: ends };
}

/** A trace as the graph computes it; `values` says what its arguments are. */
function inOtherWords(trace: Trace, values: ReadonlyMap<ValueName, Value>): Trace {
  const shapes = new Map([...values].map(([name, { shape }]) => [name, shape]));
  const simple = neededPart(simplified(neededPart(withKthLargest(trace)), shapes));
  return neededPart(withFactorsMoved(simple, shapes));
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
function addTrace(lowering: Lowering, trace: Trace, values: Map<ValueName, Value>) {
  const found = (name: ValueName): Value => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`a trace uses ${name} before it is there`);
    return value;
  };
  const readers = new Map<ValueName, Edge[]>();
  const isReadBy = (name: ValueName, edges: readonly Edge[]) =>
    readers.set(name, [...(readers.get(name) ?? []), ...edges]);
  const conditions = conditionsOf(trace);
  const conditionOf = (name: ValueName) => positionOf(name).map((position) => conditions.under(position))[0];
  const held = new Map<string, Value>();
  /** A value as it is where a condition holds. */
  const under = (condition: ValueName, name: ValueName): Value => {
    const value = found(name);
    if (value.constant || conditionOf(name) === condition) return value;
    const key = `${condition} ${name}`;
    const known = held.get(key);
    if (known) return known;
    const switched = lowering.under(value, lowering.whole(found(condition)));
    isReadBy(name, switched.rowBlocks);
    held.set(key, switched);
    return switched;
  };
  trace.operations.forEach((entry, position) => {
    const inputs = isConstant(entry) ? [] : entry.inputs;
    const condition = conditions.under(position);
    const chosen = conditions.chosen(position);
    let results: Value[];
    if (condition !== undefined) {
      const operands = inputs.map((name) => under(condition, name));
      results = lowering.add(entry, operands, true);
    } else if (chosen && conditionOf(chosen.value) === chosen.condition) {
      results = [lowering.orZeros(found(chosen.value), lowering.whole(found(chosen.condition)))];
    } else {
      results = lowering.add(entry, inputs.map(found));
      const edges = results.flatMap(({ rowBlocks }) => rowBlocks);
      for (const name of inputs) isReadBy(name, edges);
    }
    results.forEach((value, k) => {
      values.set(valueName(position, k), value);
    });
  });
  return { edgeOf: (name: ValueName) => lowering.whole(found(name)), readers };
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
    /** In the order of `ADAM_COLUMNS`. */
    readonly adam: readonly Edge[];
    readonly started: Edge;
    readonly waitFor: readonly Edge[];
  },
): Edge {
  const { arrays, gradient, adam, started, waitFor } = update;
  const [epsilon, stepSize, beta1, beta2] = adam as [Edge, Edge, Edge, Edge];
  const none = () => graph.float(0, started);
  const inputs = [none(), none(), stepSize, beta1, beta2, epsilon, gradient];
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
  if (dtype === DataType.uint8 && isExactScale(scale)) return dequantized(graph, gathered, scale, started);
  const types = { SrcT: attribute.type(dtype), DstT: attribute.type(DataType.float) };
  const numbers = dtype === DataType.float ? gathered : graph.add('Cast', [gathered], types);
  if (scale === 1) return numbers;
  return graph.add('Mul', [numbers, graph.float(scale, started)], { T: attribute.type(DataType.float) });
}

/** The largest byte. */
const MOST = 255;

/** Bytes times a number, in one operation instead of two: TensorFlow knows bytes that stand for equal steps of a range. */
function dequantized(graph: Graph, bytes: Edge, scale: number, started: Edge): Edge {
  const type = attribute.type(DataType.quint8);
  const steps = graph.add('Bitcast', [bytes], { T: attribute.type(DataType.uint8), type });
  const range = [graph.float(0, started), graph.float(MOST * scale, started)];
  return graph.add('Dequantize', [steps, ...range], { T: type });
}

/** Whether TensorFlow finds a step of the range as it was given. */
const isExactScale = (scale: number) => Math.fround(Math.fround(MOST * scale) / MOST) === Math.fround(scale);

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
