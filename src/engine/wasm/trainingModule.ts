/**
 * The module that takes training steps: batches are gathered, losses and gradients computed as they were traced, and Adam moves
 * the parameters, with nothing of JavaScript in between.
 *
 * @module
 */

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
  readonly inputs: readonly string[];
  readonly terms: readonly string[];
  /** Its step for each size of batch. */
  readonly programs: ReadonlyMap<number, Program>;
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

/** A module, and where things lie in its memory. */
export interface TrainingModule {
  readonly members: readonly { readonly start: number; readonly layout: MemberLayout }[];
  readonly batch: number;
  readonly examples: number;
  /** Takes steps; see {@link addRun}. */
  run(batchSize: number, steps: number, names: number, schedule: number, losses: number): void;
}

/** What is known of a module's memory while its code is written. */
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
  const programs = members.flatMap((member) => [...member.programs.values()]);
  const tables = new Tables(arena);
  const batch = arena.take(bytesFor(largest * format.dim));
  const examples = arena.take(
    'count' in format ? format.count * format.dim * (format.bytes ? 1 : 4) + 16 : 0,
  );
  const work = arena.take(4 * Math.max(...programs.map((program) => workOf(program, kernels))));
  const forms = new Map(members.map((member) => [member, layoutOf(member)]));
  const placed = members.map((member) => {
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
      const order = schedule(program);
      return { member, batchSize, program, order, ...placeResults(program, order, scratch) };
    }),
  );
  arena.take(Math.max(...planned.map(({ bytes }) => bytes)));
  const steps = new Map<Program, number>();
  for (const { member, batchSize, program, order, places } of planned) {
    const form = forms.get(member) as MemberLayout;
    const index = writer.function(`step_${steps.size}_${batchSize}`, STEP, (code) =>
      emitStep(code, { member, form, program, order, places, calls, layout }),
    );
    steps.set(program, index);
  }
  const batchSizes = [...new Set(members.flatMap(({ programs }) => [...programs.keys()]))];
  for (const batchSize of batchSizes) {
    writer.function(`run_${batchSize}`, RUN, (code) =>
      addRun(code, { batchSize, format, calls, layout, members, placed, steps }),
    );
  }
  arena.grow();
  tables.write();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(writer.toBytes()), {
    env: kernels.imports,
  });
  return {
    members: placed,
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

function layoutOf({ shapes, inputs }: MemberForm): MemberLayout {
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
    inputs: Object.fromEntries(inputs.map((name) => [name, take(1)])),
    bytes,
  };
}

/** (member's arrays, losses, Adam's step size, ε̂) */
const STEP = { parameters: [type.i32, type.i32, type.f32, type.f32], results: [] } as const;

interface StepParts {
  readonly member: MemberForm;
  readonly form: MemberLayout;
  readonly program: Program;
  readonly order: Schedule;
  readonly places: ReadonlyMap<Id, Place>;
  readonly calls: Readonly<Record<string, number>>;
  readonly layout: Layout;
}

/** Writes the function that takes one step of a member. */
function emitStep(code: Code, { member, form, program, order, places, calls, layout }: StepParts): void {
  const [base, losses, size, epsilon] = [0, 1, 2, 3];
  const own = new Map<string, Place>([[stepNames.batch, { ofMember: false, at: layout.batch }]]);
  for (const [name, { parameters }] of Object.entries(form.parameters)) {
    own.set(stepNames.parameter(name), { ofMember: true, at: parameters });
  }
  for (const [name, at] of Object.entries(form.inputs)) {
    own.set(stepNames.input(name), { ofMember: true, at });
  }
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
  member.terms.forEach((name, index) => {
    code.get(losses);
    emitAddress(code, placeOf(program.results[stepNames.term(name)] as Id), base);
    code.load('f32', 0).store('f32', 4 * index);
  });
  for (const [name, arrays] of Object.entries(form.parameters)) {
    code.integer(arrays.size);
    const address = (at: number) => emitAddress(code, { ofMember: true, at }, base);
    address(arrays.parameters);
    emitAddress(code, placeOf(program.results[stepNames.gradient(name)] as Id), base);
    address(arrays.firstMoments);
    address(arrays.secondMoments);
    code
      .get(size)
      .get(epsilon)
      .call(calls.adam as number);
  }
}

/** (steps, what names their batches, Adam's schedule, losses) */
const RUN = { parameters: [type.i32, type.i32, type.i32, type.i32], results: [] } as const;

interface RunParts {
  readonly batchSize: number;
  readonly format: BatchFormat;
  readonly calls: Readonly<Record<string, number>>;
  readonly layout: Layout;
  readonly members: readonly MemberForm[];
  readonly placed: readonly { readonly start: number }[];
  readonly steps: ReadonlyMap<Program, number>;
}

/**
 * Writes the loop over steps of one size of batch. A row of the schedule has ε̂ and each member's step size; one of the losses
 * each member's terms.
 */
function addRun(code: Code, { batchSize, format, calls, layout, members, placed, steps }: RunParts): void {
  const [count, names, rates, losses] = [0, 1, 2, 3];
  code.loop(() => {
    if ('count' in format) {
      code.integer(layout.batch).integer(layout.examples).get(names).integer(batchSize).integer(format.dim);
      const { scale, bytes } = format;
      code.float(scale).call(calls[bytes ? 'gather_bytes' : 'gather_floats'] as number);
      code.increase(names, 4 * batchSize);
    }
    members.forEach((member, index) => {
      code.integer(placed[index]?.start ?? 0).get(losses);
      code.get(rates).load('f32', 4 * (index + 1));
      code.get(rates).load('f32', 0);
      code.call(steps.get(member.programs.get(batchSize) as Program) as number);
      code.increase(losses, 4 * member.terms.length);
    });
    code.increase(rates, 4 * (1 + members.length));
    code.increase(count, -1).get(count);
  });
}
