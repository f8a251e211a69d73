/**
 * Writes a program's steps as WebAssembly: loops as instructions, the rest as calls of kernels.
 *
 * @module
 */
import { type Code, op, type Signature, type Type, type } from './assembler';
import { type Calls, mapFunctions, mapImports } from './mapFunctions';
import type { Id, Operation, Program, Reduction, Spread } from './program';
import type { Loop, Place, Schedule } from './schedule';

const integers = (count: number): Type[] => Array.from({ length: count }, () => type.i32);
const kernel = (...parameters: readonly Type[]): Signature => ({ parameters, results: [] });

/** The kernels that are called, by name. */
export const kernelImports: Readonly<Record<string, Signature>> = {
  ...mapImports,
  product: kernel(...integers(12)),
  arrange: kernel(...integers(4)),
  fill: kernel(type.i32, type.i32, type.f32),
  gather: kernel(...integers(7)),
  segment_sum: kernel(...integers(6)),
  running_sum: kernel(...integers(6)),
  top_k: kernel(...integers(6)),
  gather_floats: kernel(...integers(5), type.f32),
  gather_bytes: kernel(...integers(5), type.f32),
  copy: kernel(...integers(3)),
  adam: kernel(...integers(6)),
};

/** References of a program's code. */
export interface Surroundings {
  readonly program: Program;
  readonly schedule: Schedule;
  readonly calls: Calls;
  /** Where each array lies that is in memory. */
  readonly placeOf: (id: Id) => Place;
  /** Memory that kernels may use while they run. */
  readonly work: number;
  /** The local variable that says where the member's arrays begin. */
  readonly member: number;
  /** Where a table for `arrange` lies. */
  readonly tableOf: (axes: readonly (readonly number[])[]) => number;
}

/** Writes all steps of a program. */
export function emitSteps(code: Code, surroundings: Surroundings): void {
  const { program, schedule } = surroundings;
  for (const step of schedule.steps) {
    if (step.kind === 'loop') new LoopWriter(code, surroundings, step).write();
    else emitCall(code, surroundings, step.id, program.operations[step.id] as Operation);
  }
}

/** Puts an address on the stack. */
export function emitAddress(code: Code, { ofMember, at }: Place, member: number, offset = 0): void {
  if (ofMember)
    code
      .get(member)
      .integer(at + offset)
      .add(op.i32Add);
  else code.integer(at + offset);
}

function emitCall(code: Code, surroundings: Surroundings, id: Id, operation: Operation): void {
  const { calls, placeOf, work, member, tableOf } = surroundings;
  const address = (of: Id, offset = 0) => emitAddress(code, placeOf(of), member, offset);
  const numbers = (...values: readonly number[]) => {
    for (const value of values) code.integer(value);
  };
  const call = (name: string) => code.call(calls[name] as number);
  switch (operation.kind) {
    case 'product': {
      const { left, right, sizes, offsets } = operation;
      const [m, k, n] = sizes;
      offsets.forEach(([leftOffset, rightOffset], index) => {
        numbers(m, n, k);
        address(left.id, 4 * leftOffset);
        numbers(...(left.transposed ? [1, m] : [k, 1]));
        address(right.id, 4 * rightOffset);
        numbers(...(right.transposed ? [1, k] : [n, 1]));
        address(id, 4 * index * m * n);
        numbers(n, work);
        call('product');
      });
      return;
    }
    case 'arrange': {
      const { size, fill, pieces } = operation;
      if (fill !== undefined) {
        address(id);
        numbers(size);
        code.float(fill);
        call('fill');
      }
      for (const { id: from, axes, toOffset, fromOffset } of pieces) {
        address(id, 4 * toOffset);
        address(from, 4 * fromOffset);
        numbers(axes.length, tableOf(axes));
        call('arrange');
      }
      return;
    }
    case 'call': {
      const { kernel, inputs } = operation;
      if (kernel === 'top_k_values' || kernel === 'top_k_indices') {
        // The kernel gives both; the one that this operation does not need goes to unused memory.
        const wanted = kernel === 'top_k_values' ? 0 : 1;
        for (const part of [0, 1]) {
          if (part === wanted) address(id);
          else numbers(work);
        }
        for (const input of inputs) address(input);
        numbers(...operation.numbers);
        call('top_k');
        return;
      }
      address(id);
      for (const input of inputs) address(input);
      numbers(...operation.numbers);
      call(kernel);
      return;
    }
    default:
      throw new Error(`${operation.kind} has no kernel of its own`);
  }
}

const ADD: Record<Reduction, readonly number[]> = {
  sum: op.add,
  maximum: op.maximum,
  minimum: op.minimum,
};
const NEUTRAL: Record<Reduction, number> = {
  sum: 0,
  maximum: Number.NEGATIVE_INFINITY,
  minimum: Number.POSITIVE_INFINITY,
};
const F32_MINIMUM = [0x96];

const lanes = (value: number) => Float32Array.of(value, value, value, value);

/** A reduction in a loop, and the vector in which it adds up a row. */
interface Sum {
  readonly id: Id;
  readonly input: Id;
  readonly apply: Reduction;
  readonly row: number;
  /** Where sums of all rows are added up in float64. */
  readonly total?: number;
}

/** Writes one loop: a walk over a matrix, four numbers at a time. */
class LoopWriter {
  /** Values that are the same for all elements, for a row, and for the four current elements, by operand. */
  readonly #same = new Map<Id, number>();
  readonly #ofRow = new Map<Id, number>();
  readonly #sums: Sum[] = [];
  readonly #columnSums: { readonly id: Id; readonly input: Id }[] = [];
  /** Byte offsets of the element, the column, the row; and the same from where the member's arrays begin. */
  readonly #offsets: Record<'each' | 'byColumn' | 'byRow', { plain: number; ofMember: number }>;
  readonly #uses = new Set<string>();

  constructor(
    readonly code: Code,
    readonly surroundings: Surroundings,
    readonly loop: Loop,
  ) {
    const i32 = () => code.local(type.i32);
    const pair = () => ({ plain: i32(), ofMember: i32() });
    const each = pair();
    this.#offsets = { each, byColumn: loop.rows > 1 ? pair() : each, byRow: pair() };
    for (const id of loop.ids) {
      const operation = this.#operation(id);
      if (operation.kind !== 'reduce') continue;
      const { input, apply, of, rows } = operation;
      if (of === 'columns') this.#columnSums.push({ id, input });
      else {
        const total = rows === 1 && loop.rows > 1;
        this.#sums.push({
          id,
          input,
          apply,
          row: code.local(type.v128),
          ...(total && { total: code.local(apply === 'sum' ? type.f64 : type.v128) }),
        });
      }
    }
    this.#noteUses();
  }

  write(): void {
    const { code, loop } = this;
    const { rows, columns } = loop;
    this.#loadWhatIsTheSame();
    for (const { id } of this.#columnSums) {
      this.#address(id);
      code
        .integer(0)
        .integer(4 * columns)
        .fill();
    }
    for (const { apply, total } of this.#sums) {
      if (total === undefined) continue;
      if (apply === 'sum') code.double(0);
      else code.vector(lanes(NEUTRAL[apply]));
      code.set(total);
    }
    this.#start('each');
    if (rows === 1) {
      this.#row();
    } else {
      this.#start('byRow');
      code.loop(() => {
        this.#start('byColumn');
        this.#loadWhatIsOfTheRow();
        this.#row();
        this.#advance('byRow', 4);
        code
          .get(this.#offsets.byRow.plain)
          .integer(4 * rows)
          .add(op.i32LessUnsigned);
      });
    }
    this.#storeTotals();
  }

  #row(): void {
    const { code, loop } = this;
    const { rows, columns } = loop;
    for (const { apply, row } of this.#sums) code.vector(lanes(NEUTRAL[apply])).set(row);
    const rest = columns % 4;
    const whole = columns - rest;
    const walk = () => {
      this.#advance('each', 16);
      if (rows > 1) this.#advance('byColumn', 16);
    };
    if (whole > 4) {
      code.loop(() => {
        this.#four(4);
        walk();
        code
          .get(this.#offsets.byColumn.plain)
          .integer(4 * whole)
          .add(op.i32LessUnsigned);
      });
    } else if (whole === 4) {
      this.#four(4);
      walk();
    }
    if (rest > 0) {
      this.#four(rest);
      this.#advance('each', 4 * rest);
    }
    this.#storeRowSums();
  }

  /** The next four numbers, of which `count` belong to the row. */
  #four(count: number): void {
    const { code } = this;
    const known = new Map<Id, number>();
    for (const id of this.loop.ids) {
      const operation = this.#operation(id);
      if (operation.kind !== 'map') continue;
      const operands = operation.operands.map((operand) => this.#operand(operand.id, operand.spread, known));
      if (operation.apply === 'identity') {
        known.set(id, operands[0] as number);
        continue;
      }
      const result = code.local(type.v128);
      mapFunctions[operation.apply].emit(code, operands, this.surroundings.calls);
      code.set(result);
      known.set(id, result);
    }
    for (const { input, apply, row } of this.#sums) {
      const value = this.#operand(input, 'each', known);
      code.get(row);
      if (count === 4) code.get(value);
      else {
        const mask = Int32Array.from({ length: 4 }, (_, lane) => (lane < count ? -1 : 0));
        code.get(value).vector(lanes(NEUTRAL[apply])).vector(mask).add(op.select);
      }
      code.add(ADD[apply]).set(row);
    }
    for (const { id, input } of this.#columnSums) {
      const value = this.#operand(input, 'each', known);
      this.#at(id, 'byColumn', () => {
        this.#at(id, 'byColumn', (offset) => code.load('v128', offset));
        code.get(value).add(op.add);
        return (offset: number) => code.store('v128', offset);
      });
    }
    for (const id of this.loop.ids) {
      if (this.#operation(id).kind !== 'map' || !this.surroundings.schedule.stored.has(id)) continue;
      this.#at(id, 'each', () => {
        code.get(known.get(id) as number);
        return (offset: number) => code.store('v128', offset);
      });
    }
  }

  /** The local variable that holds an operand's four numbers. */
  #operand(id: Id, spread: Spread, known: Map<Id, number>): number {
    // An array that is spread in two ways is two operands; the loop's own results are always at hand.
    const there = { each: known, same: this.#same, byRow: this.#ofRow, byColumn: undefined }[spread];
    const local = there?.get(id) ?? (spread === 'same' ? known.get(id) : undefined);
    if (local !== undefined) return local;
    const loaded = this.code.local(type.v128);
    this.#at(id, spread as 'each' | 'byColumn', (offset) => this.code.load('v128', offset));
    this.code.set(loaded);
    if (spread === 'each') known.set(id, loaded);
    return loaded;
  }

  /** Puts the running offset on the stack for an access to an array; the rest of its address is the access's own offset. */
  #at(id: Id, along: 'each' | 'byColumn' | 'byRow', access: (offset: number) => unknown): void {
    const { ofMember, at } = this.surroundings.placeOf(id);
    this.code.get(ofMember ? this.#offsets[along].ofMember : this.#offsets[along].plain);
    const later = access(at);
    if (typeof later === 'function') later(at);
  }

  #operation(id: Id): Operation {
    return this.surroundings.program.operations[id] as Operation;
  }

  #address(id: Id): void {
    emitAddress(this.code, this.surroundings.placeOf(id), this.surroundings.member);
  }

  /** The operands, and the running offsets that each needs. */
  #noteUses(): void {
    const note = (id: Id, along: string) => {
      if (this.surroundings.placeOf(id).ofMember) this.#uses.add(`${along} ofMember`);
    };
    const own = new Set(this.loop.ids);
    for (const { id, spread } of this.#reads()) {
      if (spread !== 'same' && !own.has(id)) note(id, spread);
    }
  }

  #reads() {
    return this.loop.ids.flatMap((id) => {
      const operation = this.#operation(id);
      if (operation.kind === 'map') return operation.operands;
      return operation.kind === 'reduce' ? [{ id: operation.input, spread: 'each' as const }] : [];
    });
  }

  #loadWhatIsTheSame(): void {
    const { code } = this;
    const own = new Set(this.loop.ids);
    for (const { id, spread } of this.#reads()) {
      if (spread !== 'same' || own.has(id) || this.#same.has(id)) continue;
      const operation = this.#operation(id);
      const local = code.local(type.v128);
      if (operation.kind === 'constant' && operation.values.length === 1) {
        code.vector(lanes(operation.values[0] as number));
      } else {
        this.#address(id);
        code.load('splat', 0);
      }
      code.set(local);
      this.#same.set(id, local);
    }
  }

  #loadWhatIsOfTheRow(): void {
    const { code } = this;
    const loaded = new Set<Id>();
    for (const { id, spread } of this.#reads()) {
      if (spread !== 'byRow' || loaded.has(id)) continue;
      loaded.add(id);
      const local = this.#ofRow.get(id) ?? code.local(type.v128);
      this.#at(id, 'byRow', (offset) => code.load('splat', offset));
      code.set(local);
      this.#ofRow.set(id, local);
    }
  }

  /** The total of a row's four partial sums is stored, or added to that of all rows. */
  #storeRowSums(): void {
    const { code } = this;
    for (const { id, apply, row, total } of this.#sums) {
      if (total === undefined) {
        if (this.loop.rows > 1) this.#at(id, 'byRow', () => this.#storeLanes(apply, row));
        else {
          this.#address(id);
          this.#lanes(apply, row);
          code.store('f32', 0);
        }
      } else if (apply === 'sum') {
        code.get(total);
        for (let lane = 0; lane < 4; lane++) code.get(row).lane(lane).add(op.f64PromoteF32, op.f64Add);
        code.set(total);
      } else code.get(total).get(row).add(ADD[apply]).set(total);
    }
  }

  #storeLanes(apply: Reduction, row: number): (offset: number) => unknown {
    this.#lanes(apply, row);
    return (offset) => this.code.store('f32', offset);
  }

  /** Takes the four lanes of a vector together. */
  #lanes(apply: Reduction, vector: number): void {
    const { code } = this;
    const combine = { sum: op.f32Add, maximum: op.f32Max, minimum: F32_MINIMUM }[apply];
    code.get(vector).lane(0).get(vector).lane(1).add(combine);
    code.get(vector).lane(2).get(vector).lane(3).add(combine, combine);
  }

  #storeTotals(): void {
    const { code } = this;
    for (const { id, apply, total } of this.#sums) {
      if (total === undefined) continue;
      this.#address(id);
      if (apply === 'sum') code.get(total).add(op.f32DemoteF64);
      else this.#lanes(apply, total);
      code.store('f32', 0);
    }
  }

  #start(along: 'each' | 'byColumn' | 'byRow'): void {
    const { plain, ofMember } = this.#offsets[along];
    this.code.integer(0).set(plain);
    if (this.#needsMember(along)) this.code.get(this.surroundings.member).set(ofMember);
  }

  #advance(along: 'each' | 'byColumn' | 'byRow', bytes: number): void {
    const { plain, ofMember } = this.#offsets[along];
    this.code.increase(plain, bytes);
    if (this.#needsMember(along)) this.code.increase(ofMember, bytes);
  }

  #needsMember(along: 'each' | 'byColumn' | 'byRow'): boolean {
    const shared = this.loop.rows === 1 && along === 'each' && this.#uses.has('byColumn ofMember');
    return this.#uses.has(`${along} ofMember`) || shared;
  }
}
