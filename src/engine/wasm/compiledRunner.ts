import * as tf from '@tensorflow/tfjs';
import type { Values } from '../../numbers/values';
import { schedule as scheduleOf, scheduleWidth } from '../adam';
import { splitColumns } from '../columns';
import { PurityCheck } from '../purityCheck';
import {
  type BatchSource,
  isExampleSource,
  isStored,
  KEY_LENGTH,
  type Member,
  mapNamed,
  type OptimizerState,
  parameterGroups,
  type StepRunner,
} from '../step';
import { argumentTypes, lossOf, settlingOf, settlingTypes } from '../stepFunction';
import { Arena } from './arena';
import { type Build, fastestBuild, instantiate } from './kernels';
import { keyOf, type Program } from './program';
import { record, requireSame } from './record';
import { returnTeam, type Team, takeTeam } from './threads';
import { type BatchFormat, type MemberForm, type ParameterLayout, trainingModule } from './trainingModule';

/** The products of two numbers per step that are enough for one thread: some 20 µs. */
const ENOUGH = 2 ** 19;

/**
 * Runs steps as one WebAssembly module that is written for them, loop included: each member's step is traced, and the module
 * repeats it with nothing of JavaScript in between.
 *
 * @param members The models; each sees the same batches.
 * @param batchSizes Every size of batch that `run` will get.
 * @param build Which of the kernels' builds to use. Default: the fastest that runs.
 * @param given The memory and the threads to use; the numbers do not depend on how many there are. Default: those of the last
 * training.
 * @returns `undefined` if a step uses an operation of tf that such a module cannot have.
 * @throws TraceError if a step does something that a module cannot repeat.
 * @throws RangeError if there is not enough memory.
 */
export function compiledRunner(
  members: readonly Member[],
  source: BatchSource,
  batchSizes: readonly number[],
  build: Build = fastestBuild(),
  given?: Team,
): StepRunner | undefined {
  const forms: MemberForm[] = [];
  for (const member of members) {
    const form = traceMember(member, source, batchSizes, forms.at(-1));
    if (!form) return undefined;
    forms.push(form);
  }
  const team = given ?? takeTeam();
  const kernels = instantiate(build, team.memory, team.mostThreads !== undefined);
  const arena = new Arena(team.memory, kernels.start);
  const module = trainingModule(forms, formatOf(source), kernels, arena, team.mostThreads);
  team.invite(kernels, module.module, module.control, Math.floor(module.work / ENOUGH));
  let disposed = false;

  const arraysOf = (m: number) => {
    const { start, layout } = module.members[m] as (typeof module.members)[number];
    const view = (at: number, size: number) => arena.floats(start + at, size);
    return { layout, view };
  };
  if (isStored(source)) writeExamples(arena, module.examples, source.values);
  const assign = (states: readonly OptimizerState[]) => {
    states.forEach((state, m) => {
      const { layout, view } = arraysOf(m);
      const write = (name: string, at: number, size: number, { values }: Values) => {
        if (values.length !== size) {
          throw new RangeError(`${name} must have ${size} numbers; got ${values.length}`);
        }
        view(at, size).set(values);
      };
      for (const [name, arrays] of Object.entries(layout.parameters)) {
        for (const group of parameterGroups) {
          write(`${group}.${name}`, arrays[group], arrays.size, state[group][name] as Values);
        }
      }
      for (const [name, { at, size }] of Object.entries(layout.state)) {
        write(`state.${name}`, at, size, state.state[name] as Values);
      }
    });
  };
  assign(members.map(({ initial }) => initial));

  let taken = members[0]?.initial.step ?? 0;
  const widths = members.map(({ step }) => step.terms.length);
  const width = widths.reduce((sum, terms) => sum + terms, 0);
  const rowWidth = members.reduce((sum, { step }) => sum + scheduleWidth(Object.keys(step.inputs).length), 0);
  const purity = new PurityCheck(
    members.flatMap((member, m) => retraces(forms[m] as MemberForm, member, source)),
  );

  /** Takes steps whose batches are named, or one whose batch is there. */
  const take = (names: Int32Array, steps: number, batchSize: number): Float32Array => {
    const bytes = 4 * (names.length + steps * (rowWidth + width));
    arena.grow(bytes);
    const [namesAt, scheduleAt] = [arena.end, arena.end + 4 * names.length];
    const lossesAt = scheduleAt + 4 * steps * rowWidth;
    arena.integers(namesAt, names.length).set(names);
    const schedule = scheduleOf(members, taken, steps);
    arena.floats(scheduleAt, schedule.length).set(schedule);
    const run = module.runs.get(batchSize) as (...values: number[]) => void;
    team.run(run, batchSize, [steps, namesAt, scheduleAt, lossesAt]);
    taken += steps;
    return arena.floats(lossesAt, steps * width).slice();
  };

  return {
    run(batches, batchSize) {
      if (!batchSizes.includes(batchSize)) {
        throw new RangeError(`batchSize must be one of ${batchSizes.join(', ')}; got ${batchSize}`);
      }
      purity.beforeRun();
      if (batches.length === 0) return widths.map(() => new Float32Array(0));
      if (isStored(source)) {
        return splitColumns(take(batches, batches.length / batchSize, batchSize), widths);
      }
      const namesPerStep = isExampleSource(source) ? KEY_LENGTH : batchSize;
      const steps = batches.length / namesPerStep;
      const losses = new Float32Array(steps * width);
      for (let step = 0; step < steps; step++) {
        const names = batches.subarray(step * namesPerStep, (step + 1) * namesPerStep);
        const batch = isExampleSource(source)
          ? tf.tidy(() => source.sample(tf.tensor1d(names, 'int32'), batchSize).dataSync())
          : source.gather(names);
        arena.floats(module.batch, batch.length).set(batch);
        losses.set(take(names, 1, batchSize), step * width);
      }
      return splitColumns(losses, widths);
    },
    states: () =>
      members.map(({ initial }, m): OptimizerState => {
        const { layout, view } = arraysOf(m);
        const group = (of: (typeof parameterGroups)[number]) =>
          mapNamed(initial[of], ({ shape }, name): Values => {
            const arrays = layout.parameters[name] as ParameterLayout;
            return { values: view(arrays[of], arrays.size).slice(), shape };
          });
        return {
          step: taken,
          parameters: group('parameters'),
          firstMoments: group('firstMoments'),
          secondMoments: group('secondMoments'),
          state: mapNamed(initial.state, ({ shape }, name): Values => {
            const { at, size } = layout.state[name] as (typeof layout.state)[string];
            return { values: view(at, size).slice(), shape };
          }),
        };
      }),
    assign,
    verify: () => purity.all(),
    dispose() {
      if (!disposed) returnTeam(team);
      disposed = true;
    },
  };
}

/** Traces a member's step for each size of batch; the one before serves, if it does the same. */
function traceMember(
  member: Member,
  source: BatchSource,
  batchSizes: readonly number[],
  before: MemberForm | undefined,
): MemberForm | undefined {
  const programs = new Map<number, Program>();
  for (const batchSize of batchSizes) {
    const program = traceStep(member, source, batchSize);
    if (!program) return undefined;
    // Called again: what differs would be the same in every step.
    requireSame(program, traceStep(member, source, batchSize));
    programs.set(batchSize, program);
  }
  const settling = traceSettling(member);
  if (settling === 'not lowered') return undefined;
  if (settling) requireSame(settling, traceSettling(member) as Program);
  const form: MemberForm = {
    shapes: mapNamed(member.initial.parameters, ({ shape }) => shape),
    stateShapes: mapNamed(member.initial.state, ({ shape }) => shape),
    inputs: Object.keys(member.step.inputs),
    terms: member.step.terms,
    programs,
    ...(settling && { settling }),
  };
  return before && textOf(before) === textOf(form) ? before : form;
}

/** A key that two members with the same work share. */
function textOf({ programs, settling, ...form }: MemberForm): string {
  const written = ({ operations, results }: Program) => [operations.map(keyOf), results];
  return JSON.stringify([
    form,
    [...programs].map(([size, program]) => [size, written(program)]),
    settling && written(settling),
  ]);
}

/** Checks that a member does what was traced, one for each program; each throws a TraceError naming what is different. */
function retraces({ programs, settling }: MemberForm, member: Member, source: BatchSource): (() => void)[] {
  const steps = [...programs].map(
    ([batchSize, before]) =>
      () =>
        requireSame(before, traceStep(member, source, batchSize)),
  );
  if (!settling) return steps;
  return [...steps, () => requireSame(settling, traceSettling(member) as Program)];
}

/** The changes after Adam's update, as a program; `undefined` if nothing does. */
function traceSettling(member: Member): Program | undefined | 'not lowered' {
  const settling = settlingOf(member);
  return settling && (record(settlingTypes(member), settling) ?? 'not lowered');
}

/** The step as a program whose batch is there already, wherever it comes from. */
function traceStep(member: Member, source: BatchSource, batchSize: number): Program | undefined {
  const stored = { values: new Float32Array(0), count: 0, dim: source.dim, scale: 1 };
  return record(argumentTypes(member, stored, batchSize), lossOf(member, stored, batchSize));
}

function formatOf(source: BatchSource): BatchFormat {
  const { dim } = source;
  if (!isStored(source)) return { dim };
  const { values, count, scale } = source;
  return { dim, count, scale, bytes: values instanceof Uint8Array };
}

function writeExamples(arena: Arena, address: number, values: Float32Array | Uint8Array): void {
  if (values instanceof Uint8Array) arena.bytes(address, values.length).set(values);
  else arena.floats(address, values.length).set(values);
}
