import type { Values } from '../../numbers/values';
import { schedule, scheduleWidth } from '../adam';
import { splitColumns } from '../columns';
import type { Precision } from '../precision';
import { PurityCheck } from '../purityCheck';
import {
  type BatchSource,
  type Examples,
  isExampleSource,
  isStored,
  KEY_LENGTH,
  type Member,
  mapNamed,
  type Named,
  type OptimizerState,
  parameterGroups,
  type StepRunner,
} from '../step';
import { DataType } from './binding';
import { graphNames } from './names';
import type { Session } from './session';
import { acquireSession, releaseSession } from './sessionCache';
import type { BatchFormat } from './stepLoop';
import { retraces, type TracedMember, traceMembers } from './traceStep';
import { trainingGraph } from './trainingGraph';

/** The arrays of a member. */
const GROUPS = [...parameterGroups, 'state'] as const;
type Group = (typeof GROUPS)[number];

/** Bytes of examples that are copied at once. */
const CHUNK_BYTES = 2 ** 22;

/**
 * Runs steps as one TensorFlow graph, loop included: each member's step is traced, and the graph repeats it with
 * nothing of JavaScript in between.
 *
 * @param members The models; each sees the same batches.
 * @param batchSizes Every size of batch that `run` will get.
 * @param precision The numbers that products of matrices multiply.
 * @throws TraceError if a step does something that a graph cannot repeat.
 */
export function compiledRunner(
  members: readonly Member[],
  source: BatchSource,
  batchSizes: readonly number[],
  precision: Precision = 'float32',
): StepRunner {
  const traced = traceMembers(members, source, batchSizes);
  const graph = trainingGraph(traced, formatOf(source), precision);
  const session = acquireSession(graph);
  try {
    if (isStored(source)) writeExamples(session, source);
    assignStates(
      session,
      members.map(({ initial }) => initial),
    );
  } catch (error) {
    session.dispose();
    throw error;
  }
  let taken = members[0]?.initial.step ?? 0;
  const width = traced.reduce((sum, { inputs }) => sum + scheduleWidth(inputs.length), 0);
  const purity = new PurityCheck(
    members.flatMap((member, m) => retraces(traced[m] as TracedMember, member, source)),
  );

  return {
    run(batches, batchSize) {
      if (!batchSizes.includes(batchSize)) {
        throw new RangeError(`batchSize must be one of ${batchSizes.join(', ')}; got ${batchSize}`);
      }
      purity.beforeRun();
      const steps = batches.length / (isExampleSource(source) ? KEY_LENGTH : batchSize);
      const feeds = {
        [graphNames.batches]: { values: namesInGraph(session, source, batches), shape: [batches.length] },
        [graphNames.schedule]: {
          values: schedule(members, taken, steps),
          shape: [steps, width],
        },
      };
      const [losses] = session.run(feeds, [graphNames.losses(batchSize)]);
      taken += steps;
      return splitColumns(
        losses as Float32Array,
        members.map(({ step }) => step.terms.length),
      );
    },
    states: () => readStates(session, members, taken),
    assign: (states) => assignStates(session, states),
    verify: () => purity.all(),
    dispose() {
      if (!isExampleSource(source)) {
        writeExamples(session, isStored(source) ? { ...source, count: 0 } : { ...NO_ROWS, dim: source.dim });
      }
      assignStates(
        session,
        members.map(({ initial }) => emptied(initial)),
      );
      releaseSession(graph, session);
    },
  };
}

/** The remaining generated rows. */
const NO_ROWS = { values: new Float32Array(0), count: 0 };

/** How the graph gets its batches. */
function formatOf(source: BatchSource): BatchFormat {
  if (isExampleSource(source)) return { namesPerStep: KEY_LENGTH };
  if (!isStored(source)) return { stored: { dim: source.dim, dtype: DataType.float, scale: 1 } };
  const { values, dim, scale } = source;
  const dtype = values instanceof Uint8Array ? DataType.uint8 : DataType.float;
  return { stored: { dim, dtype, scale } };
}

/**
 * The input that names the batches of a run in the graph. Generated rows are made now and stored for this run: the graph then
 * knows them by their place.
 */
function namesInGraph(session: Session, source: BatchSource, batches: Int32Array): Int32Array {
  if (isStored(source) || isExampleSource(source)) return batches;
  writeExamples(session, { values: source.gather(batches), count: batches.length, dim: source.dim });
  return batches.map((_, place) => place);
}

/** Copies the examples into the session; none of them empties it. */
function writeExamples(
  session: Session,
  { values, count, dim }: Pick<Examples, 'values' | 'count' | 'dim'>,
): void {
  const size = { values: Int32Array.of(count), shape: [] };
  session.run({ [graphNames.exampleCount]: size }, [graphNames.examplesAllocated]);
  const rowsAtOnce = Math.max(1, Math.floor(CHUNK_BYTES / (dim * values.BYTES_PER_ELEMENT)));
  for (let start = 0; start < count; start += rowsAtOnce) {
    const end = Math.min(start + rowsAtOnce, count);
    const rows = Int32Array.from({ length: end - start }, (_, row) => start + row);
    const feeds = {
      [graphNames.chunkRows]: { values: rows, shape: [rows.length] },
      [graphNames.exampleChunk]: {
        values: values.subarray(start * dim, end * dim),
        shape: [rows.length, dim],
      },
    };
    session.run(feeds, [graphNames.examplesWritten]);
  }
}

function assignStates(session: Session, states: readonly OptimizerState[]): void {
  const arrays = stateArrays(states).map(({ key, array }) => [graphNames.assign(key), array] as const);
  session.run(Object.fromEntries(arrays), [graphNames.stateAssigned]);
}

function readStates(session: Session, members: readonly Member[], step: number): OptimizerState[] {
  const keys = stateArrays(members.map(({ initial }) => initial)).map(({ key }) => key);
  const arrays = new Map(session.run({}, keys).map((values, index) => [keys[index], values]));
  return members.map(({ initial }, m) => {
    const group = (name: Group): Named<Values> =>
      mapNamed(initial[name], ({ shape }, parameter) => ({
        values: arrays.get(graphNames.state(m, name, parameter)) as Float32Array,
        shape,
      }));
    return {
      step,
      parameters: group('parameters'),
      firstMoments: group('firstMoments'),
      secondMoments: group('secondMoments'),
      state: group('state'),
    };
  });
}

/** Every array of the states with its name in the graph. */
function stateArrays(states: readonly OptimizerState[]): { key: string; array: Values }[] {
  return states.flatMap((state, m) =>
    GROUPS.flatMap((group) =>
      Object.entries(state[group]).map(([name, array]) => ({ key: graphNames.state(m, group, name), array })),
    ),
  );
}

/** The state's arrays without their numbers: what a session that nobody uses holds. */
function emptied(state: OptimizerState): OptimizerState {
  const none = () => ({ values: new Float32Array(0), shape: [0] });
  return {
    step: 0,
    parameters: mapNamed(state.parameters, none),
    firstMoments: mapNamed(state.firstMoments, none),
    secondMoments: mapNamed(state.secondMoments, none),
    state: mapNamed(state.state, none),
  };
}
