/**
 * The module that takes training steps: batches are gathered, losses and gradients computed as they were traced, and Adam moves
 * the parameters, with nothing of JavaScript in between.
 *
 * @module
 */

import { ADAM_COLUMNS, scheduleWidth } from '../adam';
import { stepNames } from '../stepFunction';
import type { Arena } from './arena';
import { type Code, ModuleWriter, type } from './assembler';
import { emitAddress, emitSteps, kernelImports } from './emit';
import type { Kernels } from './kernels';
import { type Id, type Operation, type Program, sizeOf } from './program';
import { bytesFor, type Place, placeResults, type Schedule, schedule } from './schedule';
import { WebAssembly } from './webAssembly';

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
  /** Takes steps; see {@link addRun}. */
  run(batchSize: number, steps: number, names: number, schedule: number, losses: number): void;
}

/** The layout of a module's memory, known while its code is written. */
interface Layout {
  readonly batch: number;
  readonly examples: number;
  readonly work: number;
  readonly tables: Tables;
}

/** Writes, compiles and starts the module for some members. */
export function trainingModule(
  members: readonly MemberForm[],
  format: BatchFormat,
  kernels: Kernels,
  arena: Arena,
): TrainingModule {
  const largest = Math.max(...members.flatMap(({ programs }) => [...programs.keys()]));
  const programs = members.flatMap(({ programs, settling }) => [
    ...programs.values(),
    ...(settling ? [settling] : []),
  ]);
  const tables = new Tables(arena);
  const batch = arena.take(bytesFor(largest * format.dim));
  const examples = arena.take(
    'count' in format ? format.count * format.dim * (format.bytes ? 1 : 4) + 16 : 0,
  );
  const work = arena.take(4 * Math.max(...programs.map((program) => workOf(program, kernels))));
  const forms = new Map(members.map((member) => [member, layoutOf(member)]));
  const homes = members.map((member) => {
    const layout = forms.get(member) as MemberLayout;
    return { start: arena.take(layout.bytes), layout };
  });
  const scratch = arena.end;
  const layout: Layout = { batch, examples, work, tables };

  const writer = new ModuleWriter();
  const calls = Object.fromEntries(
    Object.entries(kernelImports).map(([name, signature]) => [name, writer.import(name, signature)]),
  );
  const planned = [...new Set(members)].flatMap((member) =>
    [...member.programs].map(([batchSize, program]) => {
      const step = placed(program, scratch);
      const settling = member.settling && placed(member.settling, scratch + step.bytes);
      return { member, batchSize, step, settling, bytes: step.bytes + (settling?.bytes ?? 0) };
    }),
  );
  arena.take(Math.max(...planned.map(({ bytes }) => bytes)));
  const steps = new Map<Program, number>();
  for (const { member, batchSize, step, settling } of planned) {
    const form = forms.get(member) as MemberLayout;
    const index = writer.function(`step_${steps.size}_${batchSize}`, STEP, (code) =>
      emitStep(code, { member, form, step, settling, calls, layout }),
    );
    steps.set(step.program, index);
  }
  const batchSizes = [...new Set(members.flatMap(({ programs }) => [...programs.keys()]))];
  for (const batchSize of batchSizes) {
    writer.function(`run_${batchSize}`, RUN, (code) =>
      addRun(code, { batchSize, format, calls, layout, members, homes, steps }),
    );
  }
  arena.grow();
  tables.write();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(writer.toBytes()), {
    env: kernels.imports,
  });
  return {
    members: homes,
    batch,
    examples,
    run: (batchSize, ...rest) => {
      (exports[`run_${batchSize}`] as (...values: number[]) => void)(...rest);
    },
  };
}

/** Constants and tables that stand in memory before the first step. */
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

/** (member's arrays, losses, the member's part of the schedule's row) */
const STEP = { parameters: [type.i32, type.i32, type.i32], results: [] } as const;

/** A program, and where its results lie. */
interface Placed {
  readonly program: Program;
  readonly order: Schedule;
  readonly places: ReadonlyMap<Id, Place>;
  readonly bytes: number;
}

/** @param start Where the memory for its results begins. */
function placed(program: Program, start: number): Placed {
  const order = schedule(program);
  return { program, order, ...placeResults(program, order, start) };
}

interface StepParts {
  readonly member: MemberForm;
  readonly form: MemberLayout;
  readonly step: Placed;
  /** Its results lie behind the step's, some of which it sets when it ends. */
  readonly settling: Placed | undefined;
  readonly calls: Readonly<Record<string, number>>;
  readonly layout: Layout;
}

/** Writes the function that takes one step of a member. */
function emitStep(code: Code, { member, form, step, settling, calls, layout }: StepParts): void {
  const [base, losses, row] = [0, 1, 2];
  const own = new Map<string, Place>([[stepNames.batch, { ofMember: false, at: layout.batch }]]);
  for (const [name, { parameters }] of Object.entries(form.parameters)) {
    own.set(stepNames.parameter(name), { ofMember: true, at: parameters });
  }
  for (const [name, { at }] of Object.entries(form.state)) {
    own.set(stepNames.state(name), { ofMember: true, at });
  }
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
    emitSteps(code, {
      program,
      schedule: order,
      calls,
      placeOf,
      work: layout.work,
      member: base,
      tableOf: (axes) => layout.tables.integers(axes.flat()),
    });
    return (name: string): Place | undefined => {
      const id = program.results[name];
      return id === undefined ? undefined : placeOf(id);
    };
  };
  const set = (place: Place | undefined, to: number, size: number) => {
    if (!place) return;
    emitAddress(code, { ofMember: true, at: to }, base);
    emitAddress(code, place, base);
    code.integer(size).call(calls.copy as number);
  };

  const result = run(step);
  member.terms.forEach((name, index) => {
    code.get(losses);
    emitAddress(code, result(stepNames.term(name)) as Place, base);
    code.load('f32', 0).store('f32', 4 * index);
  });
  for (const [name, arrays] of Object.entries(form.parameters)) {
    code.integer(arrays.size);
    const address = (at: number) => emitAddress(code, { ofMember: true, at }, base);
    address(arrays.parameters);
    emitAddress(code, result(stepNames.gradient(name)) as Place, base);
    address(arrays.firstMoments);
    address(arrays.secondMoments);
    code.get(row).call(calls.adam as number);
  }
  for (const [name, { at, size }] of Object.entries(form.state)) set(result(stepNames.state(name)), at, size);
  if (!settling) return;
  const end = run(settling);
  for (const [name, { parameters, size }] of Object.entries(form.parameters)) {
    set(end(stepNames.parameter(name)), parameters, size);
  }
  for (const [name, { at, size }] of Object.entries(form.state)) set(end(stepNames.state(name)), at, size);
}

/** (steps, what names their batches, the schedule, losses) */
const RUN = { parameters: [type.i32, type.i32, type.i32, type.i32], results: [] } as const;

interface RunParts {
  readonly batchSize: number;
  readonly format: BatchFormat;
  readonly calls: Readonly<Record<string, number>>;
  readonly layout: Layout;
  readonly members: readonly MemberForm[];
  readonly homes: readonly Home[];
  readonly steps: ReadonlyMap<Program, number>;
}

/**
 * Writes the loop over steps of one size of batch. A row of the schedule has each member's numbers (see `adam.ts`); one of the
 * losses each member's terms.
 */
function addRun(code: Code, { batchSize, format, calls, layout, members, homes, steps }: RunParts): void {
  const [count, names, row, losses] = [0, 1, 2, 3];
  code.loop(() => {
    if ('count' in format) {
      code.integer(layout.batch).integer(layout.examples).get(names).integer(batchSize).integer(format.dim);
      const { scale, bytes } = format;
      code.float(scale).call(calls[bytes ? 'gather_bytes' : 'gather_floats'] as number);
      code.increase(names, 4 * batchSize);
    }
    members.forEach((member, index) => {
      code
        .integer(homes[index]?.start ?? 0)
        .get(losses)
        .get(row);
      code.call(steps.get(member.programs.get(batchSize) as Program) as number);
      code.increase(losses, 4 * member.terms.length);
      code.increase(row, 4 * scheduleWidth(member.inputs.length));
    });
    code.increase(count, -1).get(count);
  });
}
