import type { Values } from '../../numbers/values';
import { BETA1, BETA2, EPSILON } from '../adam';
import {
  type BatchSource,
  type Examples,
  isExampleSource,
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
import { PurityCheck } from './purityCheck';
import type { Feed, Session } from './session';
import { acquireSession, releaseSession } from './sessionCache';
import type { BatchFormat } from './stepLoop';
import { traceMembers } from './traceStep';
import { trainingGraph } from './trainingGraph';

/** Bytes of examples that are copied at once. */
const CHUNK_BYTES = 2 ** 22;

/**
 * Runs steps as one TensorFlow graph, loop included: each member's step is traced, and the graph repeats it with
 * nothing of JavaScript in between.
 *
 * @param members The models; each sees the same batches.
 * @param batchSizes Every size of batch that `run` will get.
 * @throws TraceError if a step does something that a graph cannot repeat.
 */
export function compiledRunner(
  members: readonly Member[],
  source: BatchSource,
  batchSizes: readonly number[],
): StepRunner {
  const traced = traceMembers(members, source, batchSizes);
  const graph = trainingGraph(traced, formatOf(source));
  const session = acquireSession(graph);
  try {
    if (!isExampleSource(source)) writeExamples(session, source);
    assignStates(
      session,
      members.map(({ initial }) => initial),
    );
  } catch (error) {
    session.dispose();
    throw error;
  }
  let taken = members[0]?.initial.step ?? 0;
  const inputs = inputFeeds(members);
  const purity = new PurityCheck(members, traced, source);

  return {
    run(batches, batchSize) {
      if (!batchSizes.includes(batchSize)) {
        throw new RangeError(`batchSize must be one of ${batchSizes.join(', ')}; got ${batchSize}`);
      }
      purity.beforeRun();
      const steps = batches.length / (isExampleSource(source) ? KEY_LENGTH : batchSize);
      const feeds = {
        [graphNames.batches]: { values: batches, shape: [batches.length] },
        [graphNames.schedule]: adamSchedule(members, taken, steps),
        ...inputs,
      };
      const [losses] = session.run(feeds, [graphNames.losses(batchSize)]);
      taken += steps;
      return splitColumns(
        losses as Float32Array,
        members.map(({ step }) => step.terms.length),
      );
    },
    states: () => readStates(session, members, taken),
    verify: () => purity.all(),
    dispose() {
      if (!isExampleSource(source)) writeExamples(session, { ...source, count: 0 });
      assignStates(
        session,
        members.map(({ initial }) => emptied(initial)),
      );
      releaseSession(graph, session);
    },
  };
}

/** How the graph gets its batches. */
function formatOf(source: BatchSource): BatchFormat {
  if (isExampleSource(source)) return { namesPerStep: KEY_LENGTH };
  const { values, dim, scale } = source;
  const dtype = values instanceof Uint8Array ? DataType.uint8 : DataType.float;
  return { stored: { dim, dtype, scale } };
}

/** The scalars that steer the losses, which stay the same from run to run. */
function inputFeeds(members: readonly Member[]): Named<Feed> {
  return Object.fromEntries(
    members.flatMap(({ step }, m) =>
      Object.entries(step.inputs).map(([name, value]) => [
        graphNames.input(m, name),
        { values: Float32Array.of(value), shape: [] },
      ]),
    ),
  );
}

/**
 * Adam's ε̂ and each member's step size for the steps after `taken`, so that the fused operation,
 * `w ← w − size · m / (√v + ε̂)`, does what `adamStep` does:
 *
 *     size = η √(1−β₂ᵗ) / (1−β₁ᵗ),   ε̂ = ε √(1−β₂ᵗ)
 *
 * β₁ and β₂ are taken as the float32 numbers that the operation knows: 1 − β₂ there is 1e-5 off.
 */
function adamSchedule(members: readonly Member[], taken: number, steps: number): Feed {
  const columns = 1 + members.length;
  const schedule = new Float32Array(steps * columns);
  for (let i = 0; i < steps; i++) {
    const t = taken + i + 1;
    const correction = Math.sqrt(1 - Math.fround(BETA2) ** t);
    const factor = correction / (1 - Math.fround(BETA1) ** t);
    const sizes = members.map(({ learningRate }) => learningRate * factor);
    schedule.set([EPSILON * correction, ...sizes], i * columns);
  }
  return { values: schedule, shape: [steps, columns] };
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
    const group = (name: (typeof parameterGroups)[number]): Named<Values> =>
      mapNamed(initial[name], ({ shape }, parameter) => ({
        values: arrays.get(graphNames.state(m, name, parameter)) as Float32Array,
        shape,
      }));
    return {
      step,
      parameters: group('parameters'),
      firstMoments: group('firstMoments'),
      secondMoments: group('secondMoments'),
    };
  });
}

/** Every array of the states with what the graph calls it. */
function stateArrays(states: readonly OptimizerState[]): { key: string; array: Values }[] {
  return states.flatMap((state, m) =>
    parameterGroups.flatMap((group) =>
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
  };
}

/** Columns `widths[0]`, then `widths[1]`… of a matrix, each as a matrix of its own. */
function splitColumns(matrix: Float32Array, widths: readonly number[]): Float32Array[] {
  const width = widths.reduce((sum, columns) => sum + columns, 0);
  const rows = matrix.length / width;
  let start = 0;
  return widths.map((columns) => {
    const part = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      const offset = row * width + start;
      part.set(matrix.subarray(offset, offset + columns), row * columns);
    }
    start += columns;
    return part;
  });
}
