/**
 * The module that takes training steps: batches are gathered, losses and gradients computed as they were traced, and Adam moves
 * the parameters, with nothing of JavaScript in between.
 *
 * @module
 */

import { ADAM_COLUMNS, scheduleWidth } from '../adam';
import { stepNames } from '../stepFunction';
import type { Arena } from './arena';
import { type Code, ModuleWriter, op, type } from './assembler';
import { emitAddress, emitSteps, kernelImports } from './emit';
import type { Kernels } from './kernels';
import { bytesFor, type Place, placeResults } from './places';
import { type Id, type Operation, type Program, sizeOf } from './program';
import { type End, type Schedule, schedule, type WantedEnd } from './schedule';
import { control, type Share, Sharing } from './sharing';
import { type Module, WebAssembly } from './webAssembly';

/** A member as a module knows it. */
export interface MemberForm {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** The arrays that no gradient moves. */
  readonly stateShapes: Readonly<Record<string, readonly number[]>>;
  readonly inputs: readonly string[];
  readonly terms: readonly string[];
  /** Its step for each size of batch. */
  readonly programs: ReadonlyMap<number, Program>;
  /** Changes after Adam's update, if there are any. */
  readonly settling?: Program;
}

/** Where a batch comes from: rows of stored examples, or it is there already. */
export type BatchFormat =
  | { readonly dim: number }
  | {
      readonly dim: number;
      readonly count: number;
      readonly scale: number;
      readonly bytes: boolean;
    };

/** The arrays of a member, as offsets from where its own begin. */
export interface MemberLayout {
  readonly parameters: Readonly<Record<string, ParameterLayout>>;
  readonly state: Readonly<Record<string, { readonly at: number; readonly size: number }>>;
  readonly inputs: Readonly<Record<string, number>>;
  readonly bytes: number;
}

/** Where a parameter and its moments lie. */
export interface ParameterLayout {
  readonly parameters: number;
  readonly firstMoments: number;
  readonly secondMoments: number;
  readonly size: number;
}

/** Where a member's arrays lie. */
interface Home {
  readonly start: number;
  readonly layout: MemberLayout;
}

/** A module, and where things lie in its memory. */
export interface TrainingModule {
  readonly members: readonly Home[];
  readonly batch: number;
  readonly examples: number;
  readonly module: Module;
  /** The address of the threads' {@link control}. */
  readonly control: number;
  /** Products of two numbers in a step of all members. */
  readonly work: number;
  /** For each size of batch the function that takes steps in one of the threads; see {@link addRun}. */
  readonly runs: ReadonlyMap<number, (...values: number[]) => void>;
}

/** The layout of a module's memory, known while its code is written. */
interface Layout {
  readonly batch: number;
  readonly examples: number;
  /** The address of the first thread's memory for kernels; the other threads' follow, `workBytes` each. */
  readonly work: number;
  readonly workBytes: number;
  readonly tables: Tables;
}

/**
 * Writes, compiles and starts the module for some members.
 *
 * @param threads How many threads it may run in, if they share the memory.
 */
export function trainingModule(
  members: readonly MemberForm[],
  format: BatchFormat,
  kernels: Kernels,
  arena: Arena,
  threads: number | undefined,
): TrainingModule {
  const largest = Math.max(...members.flatMap(({ programs }) => [...programs.keys()]));
  const programs = members.flatMap(({ programs, settling }) => [
    ...programs.values(),
    ...(settling ? [settling] : []),
  ]);
  // First, so that it is at the same address in all trainings of a memory.
  const controlAt = arena.take(control.bytes);
  const tables = new Tables(arena);
  const batch = arena.take(bytesFor(largest * format.dim));
  const examples = arena.take(
    'count' in format ? format.count * format.dim * (format.bytes ? 1 : 4) + 16 : 0,
  );
  const workBytes = bytesFor(Math.max(...programs.map((program) => workOf(program, kernels))));
  const work = arena.take((threads ?? 1) * workBytes);
  const forms = new Map(members.map((member) => [member, layoutOf(member)]));
  const homes = members.map((member) => {
    const layout = forms.get(member) as MemberLayout;
    return { start: arena.take(layout.bytes), layout };
  });
  const scratch = arena.end;
  const layout: Layout = { batch, examples, work, workBytes, tables };

  const writer = new ModuleWriter(threads !== undefined);
  const calls = Object.fromEntries(
    Object.entries(kernelImports).map(([name, signature]) => [name, writer.import(name, signature)]),
  );
  const sharing = new Sharing(writer, controlAt);
  const planned = [...new Set(members)].flatMap((member) =>
    [...member.programs].map(([batchSize, program]) => {
      const given = new Map([[stepNames.batch, batchSize]]);
      const step = placed(program, stepEnds(member, program), given, scratch);
      const settling =
        member.settling &&
        placed(member.settling, settlingEnds(member, member.settling), new Map(), scratch + step.bytes);
      return { member, batchSize, step, settling, bytes: step.bytes + (settling?.bytes ?? 0) };
    }),
  );
  arena.take(Math.max(...planned.map(({ bytes }) => bytes)));
  const steps = new Map<Program, number>();
  for (const { member, batchSize, step, settling } of planned) {
    const form = forms.get(member) as MemberLayout;
    const index = writer.function(`step_${steps.size}_${batchSize}`, STEP, (code) =>
      emitStep(code, { member, form, step, settling, calls, sharing, layout }),
    );
    steps.set(step.program, index);
  }
  const batchSizes = [...new Set(members.flatMap(({ programs }) => [...programs.keys()]))];
  for (const batchSize of batchSizes) {
    writer.function(`run_${batchSize}`, RUN, (code) =>
      addRun(code, { batchSize, format, calls, sharing, layout, members, homes, steps }),
    );
  }
  arena.grow();
  tables.write();
  const module = new WebAssembly.Module(writer.toBytes());
  const { exports } = new WebAssembly.Instance(module, { env: kernels.imports });
  return {
    members: homes,
    batch,
    examples,
    module,
    control: controlAt,
    work: members.reduce((sum, { programs }) => sum + Math.max(...[...programs.values()].map(productsOf)), 0),
    runs: new Map(batchSizes.map((size) => [size, exports[`run_${size}`] as (...values: number[]) => void])),
  };
}

function productsOf({ operations }: Program): number {
  return operations.reduce((sum, operation) => {
    if (operation.kind !== 'product') return sum;
    return sum + operation.sizes.reduce((product, size) => product * size, operation.offsets.length);
  }, 0);
}

/** Constants and tables that are in memory before the first step. */
class Tables {
  readonly #written: (() => void)[] = [];
  readonly #known = new Map<string, number>();

  constructor(readonly arena: Arena) {}

  floats(values: Float32Array): number {
    const address = this.arena.take(bytesFor(values.length));
    this.#written.push(() => this.arena.floats(address, values.length).set(values));
    return address;
  }

  integers(values: readonly number[]): number {
    const key = values.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const address = this.arena.take(4 * values.length);
    this.#written.push(() => this.arena.integers(address, values.length).set(values));
    this.#known.set(key, address);
    return address;
  }

  write(): void {
    for (const write of this.#written) write();
  }
}

/** How many numbers the kernels that a program calls need room for. */
function workOf({ operations }: Program, kernels: Kernels): number {
  const needs = operations.map((operation) => {
    if (operation.kind === 'product') return kernels.productWork(operation.sizes[2]);
    return operation.kind === 'call' ? operation.size : 0;
  });
  return Math.max(4, ...needs);
}

function layoutOf({ shapes, stateShapes, inputs }: MemberForm): MemberLayout {
  let bytes = 0;
  const take = (size: number) => {
    const at = bytes;
    bytes += bytesFor(size);
    return at;
  };
  return {
    parameters: Object.fromEntries(
      Object.entries(shapes).map(([name, shape]): [string, ParameterLayout] => {
        const size = sizeOf(shape);
        return [name, { parameters: take(size), firstMoments: take(size), secondMoments: take(size), size }];
      }),
    ),
    state: Object.fromEntries(
      Object.entries(stateShapes).map(([name, shape]) => {
        const size = sizeOf(shape);
        return [name, { at: take(size), size }];
      }),
    ),
    inputs: Object.fromEntries(inputs.map((name) => [name, take(1)])),
    bytes,
  };
}

/** The rows of an array by which threads share its use. */
const rowsOf = (shape: readonly number[] | undefined) => (shape && shape.length > 1 ? (shape[0] ?? 1) : 1);

/** The uses of a step's results: losses are noted, Adam moves the parameters, the state becomes that of the next step. */
function stepEnds({ shapes, stateShapes, terms }: MemberForm, { results }: Program): WantedEnd[] {
  return [
    ...terms.map((name) => ({ name: stepNames.term(name), rows: 1 })),
    ...Object.keys(shapes).map((name) => ({
      name: stepNames.gradient(name),
      changes: stepNames.parameter(name),
      rows: rowsOf(shapes[name]),
    })),
    ...Object.keys(stateShapes).map((name) => ({
      name: stepNames.state(name),
      changes: stepNames.state(name),
      rows: rowsOf(stateShapes[name]),
    })),
  ].flatMap((end) => (end.name in results ? [{ ...end, result: results[end.name] as Id }] : []));
}

/** The uses of the results of settling: they are the parameters and the state from then on. */
function settlingEnds({ shapes, stateShapes }: MemberForm, { results }: Program): WantedEnd[] {
  return [
    ...Object.keys(shapes).map((name) => ({ name: stepNames.parameter(name), rows: rowsOf(shapes[name]) })),
    ...Object.keys(stateShapes).map((name) => ({
      name: stepNames.state(name),
      rows: rowsOf(stateShapes[name]),
    })),
  ].flatMap((end) =>
    end.name in results ? [{ ...end, changes: end.name, result: results[end.name] as Id }] : [],
  );
}

/** (member's arrays, losses, the member's part of the schedule's row, memory for kernels) */
const STEP = { parameters: [type.i32, type.i32, type.i32, type.i32], results: [] } as const;

/** A program, and where its results lie. */
interface Placed {
  readonly program: Program;
  readonly order: Schedule;
  readonly places: ReadonlyMap<Id, Place>;
  readonly bytes: number;
}

/** @param start Where the memory for its results begins. */
function placed(
  program: Program,
  ends: readonly WantedEnd[],
  given: ReadonlyMap<string, number>,
  start: number,
): Placed {
  const order = schedule(program, ends, given);
  return { program, order, ...placeResults(program, order, start) };
}

interface StepParts {
  readonly member: MemberForm;
  readonly form: MemberLayout;
  readonly step: Placed;
  /** Its results lie behind the step's. */
  readonly settling: Placed | undefined;
  readonly calls: Readonly<Record<string, number>>;
  readonly sharing: Sharing;
  readonly layout: Layout;
}

/** Writes the function that takes one step of a member. */
function emitStep(code: Code, { member, form, step, settling, calls, sharing, layout }: StepParts): void {
  const [base, losses, row, work] = [0, 1, 2, 3];
  const own = new Map<string, Place>([[stepNames.batch, { ofMember: false, at: layout.batch }]]);
  for (const [name, { parameters }] of Object.entries(form.parameters)) {
    own.set(stepNames.parameter(name), { ofMember: true, at: parameters });
  }
  for (const [name, { at }] of Object.entries(form.state)) {
    own.set(stepNames.state(name), { ofMember: true, at });
  }
  // Each thread writes the same numbers, and so need not wait for them.
  member.inputs.forEach((name, index) => {
    const place = { ofMember: true, at: form.inputs[name] as number };
    own.set(stepNames.input(name), place);
    emitAddress(code, place, base);
    code.get(row).load('f32', 4 * (ADAM_COLUMNS.length + index));
    code.store('f32', 0);
  });
  const run = ({ program, order, places }: Placed) => {
    const constants = new Map<Id, Place>();
    const placeOf = (id: Id): Place => {
      const operation = program.operations[id] as Operation;
      const place =
        operation.kind === 'argument' ? own.get(operation.name) : (places.get(id) ?? constants.get(id));
      if (place) return place;
      if (operation.kind !== 'constant') throw new Error(`nothing says where array ${id} lies`);
      const written = { ofMember: false, at: layout.tables.floats(operation.values) };
      constants.set(id, written);
      return written;
    };
    const emitEnd = ({ name, result, shared, changes }: End, share: Share | undefined) => {
      const place = placeOf(result);
      if (changes === undefined) {
        code.get(losses);
        emitAddress(code, place, base);
        code.load('f32', 0).store('f32', 4 * member.terms.findIndex((term) => stepNames.term(term) === name));
        return;
      }
      const { size } = program.operations[result] as Operation;
      const address = (array: Place) => {
        emitAddress(code, array, base);
        if (share)
          code
            .get(share.first)
            .integer((4 * size) / shared)
            .add(op.i32Mul, op.i32Add);
      };
      const count = () => {
        if (!share) code.integer(size);
        else
          code
            .get(share.end)
            .get(share.first)
            .add(op.i32Subtract)
            .integer(size / shared)
            .add(op.i32Mul);
      };
      const moved = Object.keys(form.parameters).find((parameter) => stepNames.gradient(parameter) === name);
      if (moved === undefined) {
        address(own.get(changes) as Place);
        address(place);
        count();
        code.call(calls.copy as number);
        return;
      }
      const { parameters, firstMoments, secondMoments } = form.parameters[moved] as ParameterLayout;
      count();
      address({ ofMember: true, at: parameters });
      address(place);
      address({ ofMember: true, at: firstMoments });
      address({ ofMember: true, at: secondMoments });
      code.get(row).call(calls.adam as number);
    };
    emitSteps(code, {
      program,
      schedule: order,
      calls,
      sharing,
      placeOf,
      work,
      member: base,
      tableOf: (axes) => layout.tables.integers(axes.flat()),
      emitEnd,
    });
  };
  run(step);
  if (settling) run(settling);
}

/** (thread, threads, steps, the names of their batches, the schedule, losses) */
const RUN = {
  parameters: [type.i32, type.i32, type.i32, type.i32, type.i32, type.i32],
  results: [],
} as const;

interface RunParts {
  readonly batchSize: number;
  readonly format: BatchFormat;
  readonly calls: Readonly<Record<string, number>>;
  readonly sharing: Sharing;
  readonly layout: Layout;
  readonly members: readonly MemberForm[];
  readonly homes: readonly Home[];
  readonly steps: ReadonlyMap<Program, number>;
}

/**
 * Writes the loop over steps of one size of batch. A row of the schedule has each member's numbers (see `adam.ts`); one of the
 * losses each member's terms. Each step ends when all threads are done with it.
 */
function addRun(
  code: Code,
  { batchSize, format, calls, sharing, layout, members, homes, steps }: RunParts,
): void {
  const [thread, threads, count, names, row, losses] = [0, 1, 2, 3, 4, 5];
  sharing.begin(code, thread, threads);
  const work = code.local(type.i32);
  code.get(thread).integer(layout.workBytes).add(op.i32Mul).integer(layout.work).add(op.i32Add).set(work);
  const share = sharing.share(code, batchSize);
  code.loop(() => {
    if ('count' in format) {
      const { dim, scale, bytes } = format;
      code
        .get(share.first)
        .integer(4 * dim)
        .add(op.i32Mul)
        .integer(layout.batch)
        .add(op.i32Add);
      code.integer(layout.examples);
      code.get(share.first).integer(4).add(op.i32Mul).get(names).add(op.i32Add);
      code.get(share.end).get(share.first).add(op.i32Subtract).integer(dim);
      code.float(scale).call(calls[bytes ? 'gather_bytes' : 'gather_floats'] as number);
      code.increase(names, 4 * batchSize);
    }
    members.forEach((member, index) => {
      code
        .integer(homes[index]?.start ?? 0)
        .get(losses)
        .get(row)
        .get(work);
      code.call(steps.get(member.programs.get(batchSize) as Program) as number);
      code.increase(losses, 4 * member.terms.length);
      code.increase(row, 4 * scheduleWidth(member.inputs.length));
    });
    code.increase(count, -1).get(count);
  });
}
