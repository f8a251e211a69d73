/**
 * Writes a program's steps as WebAssembly: loops as instructions, the rest as calls of kernels.
 *
 * @module
 */
import { type Code, op, type Signature, type Type, type } from './assembler';
import { type Calls, mapFunctions, mapImports } from './mapFunctions';
import type { Place } from './places';
import type { Id, Operation, Program, Reduction, Spread } from './program';
import type { End, Loop, Schedule, Single, Step } from './schedule';
import type { Share, Sharing } from './sharing';

const integers = (count: number): Type[] => Array.from({ length: count }, () => type.i32);
const kernel = (...parameters: readonly Type[]): Signature => ({ parameters, results: [] });

/** The kernels that are called, by name. */
export const kernelImports: Readonly<Record<string, Signature>> = {
  ...mapImports,
  product: kernel(...integers(13)),
  arrange: kernel(...integers(4)),
  fill: kernel(type.i32, type.i32, type.f32),
  gather: kernel(...integers(7)),
  segment_sum: kernel(...integers(6)),
  column_sums: kernel(...integers(5)),
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
  readonly sharing: Sharing;
  /** Where each array lies that is in memory. */
  readonly placeOf: (id: Id) => Place;
  /** Memory that kernels may use while they run: the local variable with its address. */
  readonly work: number;
  /** The local variable that says where the member's arrays begin. */
  readonly member: number;
  /** Where a table for `arrange` lies. */
  readonly tableOf: (axes: readonly (readonly number[])[]) => number;
  /** Writes an end, for this thread's share of its rows or for all of them. */
  readonly emitEnd: (end: End, share: Share | undefined) => void;
}

/** Writes all steps of a program. */
export function emitSteps(code: Code, surroundings: Surroundings): void {
  const { schedule, sharing } = surroundings;
  const shares = new Map<number, Share>();
  const emit = (step: Step) => {
    if (step.shared > 0 && !shares.has(step.shared)) {
      shares.set(step.shared, sharing.share(code, step.shared));
    }
    emitStep(code, surroundings, step, shares.get(step.shared));
  };
  for (const phase of schedule.phases) {
    for (const step of phase) if (step.shared > 0) emit(step);
    const single = phase.filter(({ shared }) => shared === 0);
    if (single.length > 0) sharing.alone(code, () => single.forEach(emit));
    sharing.barrier(code);
  }
}

function emitStep(code: Code, surroundings: Surroundings, step: Step, share: Share | undefined): void {
  const write = () => {
    if (step.kind === 'loop') new LoopWriter(code, surroundings, step, share).write();
    else if (step.kind === 'single') emitCall(code, surroundings, step, share);
    else surroundings.emitEnd(step, share);
  };
  if (!share) write();
  else code.get(share.first).get(share.end).add(op.i32LessUnsigned).if(write);
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

/** Writes the call of an operation's kernel: for the rows of a share, or for all. */
function emitCall(code: Code, surroundings: Surroundings, { id }: Single, share: Share | undefined): void {
  const { program, calls, placeOf, work, member, tableOf } = surroundings;
  const operation = program.operations[id] as Operation;
  const address = (of: Id, offset = 0) => emitAddress(code, placeOf(of), member, offset);
  /** The address of the share's first row, if consecutive rows begin this many numbers apart. */
  const rowAddress = (of: Id, stride: number, offset = 0) => {
    address(of, offset);
    if (share)
      code
        .get(share.first)
        .integer(4 * stride)
        .add(op.i32Mul, op.i32Add);
  };
  const rowCount = (all: number) => {
    if (share) code.get(share.end).get(share.first).add(op.i32Subtract);
    else code.integer(all);
  };
  const numbers = (...values: readonly number[]) => {
    for (const value of values) code.integer(value);
  };
  const call = (name: string) => code.call(calls[name] as number);
  switch (operation.kind) {
    case 'product': {
      const { left, right, sizes, offsets, where } = operation;
      const [m, k, n] = sizes;
      offsets.forEach(([leftOffset, rightOffset], index) => {
        const [row, column] = left.transposed ? [1, m] : [k, 1];
        rowCount(m);
        numbers(n, k);
        rowAddress(left.id, row, 4 * leftOffset);
        numbers(row, column);
        address(right.id, 4 * rightOffset);
        numbers(...(right.transposed ? [1, k] : [n, 1]));
        rowAddress(id, n, 4 * index * m * n);
        numbers(n);
        if (where === undefined) numbers(0);
        else rowAddress(where, n);
        code.get(work);
        call('product');
      });
      return;
    }
    case 'reduce': {
      const { input, rows, columns } = operation;
      rowAddress(id, 1);
      rowAddress(input, 1);
      numbers(rows, columns);
      rowCount(columns);
      call('column_sums');
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
      const { kernel, inputs, numbers: given } = operation;
      const [rows = 0, columns = 0, k = 0] = given;
      if (kernel === 'top_k_values' || kernel === 'top_k_indices') {
        // The kernel gives both; the one that this operation does not need goes to unused memory.
        const wanted = kernel === 'top_k_values' ? 0 : 1;
        for (const part of [0, 1]) {
          if (part === wanted) rowAddress(id, k);
          else code.get(work);
        }
        for (const input of inputs) rowAddress(input, columns);
        rowCount(rows);
        numbers(columns, k);
        call('top_k');
        return;
      }
      if (kernel === 'running_sum') {
        rowAddress(id, columns);
        for (const input of inputs) rowAddress(input, columns);
        rowCount(rows);
        numbers(...given.slice(1));
        call(kernel);
        return;
      }
      address(id);
      for (const input of inputs) address(input);
      numbers(...given);
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
}

/** Writes one loop: a walk over a matrix, four numbers at a time. */
class LoopWriter {
  /** Values that are the same for all elements, for a row, and for the four current elements, by operand. */
  readonly #same = new Map<Id, number>();
  readonly #ofRow = new Map<Id, number>();
  readonly #sums: Sum[] = [];
  /** Byte offsets of the element, the column, the row; and the same from where the member's arrays begin. */
  readonly #offsets: Record<'each' | 'byColumn' | 'byRow', { plain: number; ofMember: number }>;
  readonly #uses = new Set<string>();

  constructor(
    readonly code: Code,
    readonly surroundings: Surroundings,
    readonly loop: Loop,
    /** The rows to walk over. Default: all. */
    readonly share: Share | undefined,
  ) {
    const i32 = () => code.local(type.i32);
    const pair = () => ({ plain: i32(), ofMember: i32() });
    const each = pair();
    this.#offsets = { each, byColumn: loop.rows > 1 ? pair() : each, byRow: pair() };
    for (const id of loop.ids) {
      const operation = this.#operation(id);
      if (operation.kind !== 'reduce') continue;
      const { input, apply } = operation;
      this.#sums.push({ id, input, apply, row: code.local(type.v128) });
    }
    this.#noteUses();
  }

  write(): void {
    const { code, loop, share } = this;
    const { rows, columns } = loop;
    this.#loadWhatIsTheSame();
    this.#start('each', columns);
    if (rows === 1) {
      this.#row();
      return;
    }
    this.#start('byRow', 1);
    code.loop(() => {
      this.#start('byColumn');
      this.#loadWhatIsOfTheRow();
      this.#row();
      this.#advance('byRow', 4);
      code.get(this.#offsets.byRow.plain);
      if (share) code.get(share.end).integer(4).add(op.i32Mul);
      else code.integer(4 * rows);
      code.add(op.i32LessUnsigned);
    });
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
    for (const id of this.loop.ids) {
      if (this.#operation(id).kind !== 'map' || !this.surroundings.schedule.stored.has(id)) continue;
      this.#at(id, 'each', () => {
        code.get(known.get(id) as number);
        return (offset: number) => {
          if (count === 4) code.store('v128', offset);
          else code.storeLane(count === 1 ? 32 : 64, 0, offset);
        };
      });
      if (count !== 3) continue;
      this.#at(id, 'each', () => {
        code.get(known.get(id) as number);
        return (offset: number) => code.storeLane(32, 2, offset + 8);
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

  /** Stores the sum of each row, from its four partial sums. */
  #storeRowSums(): void {
    for (const { id, apply, row } of this.#sums) {
      if (this.loop.rows > 1) this.#at(id, 'byRow', () => this.#storeLanes(apply, row));
      else {
        this.#address(id);
        this.#lanes(apply, row);
        this.code.store('f32', 0);
      }
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

  /** @param stride How many numbers lie between the beginnings of two rows. */
  #start(along: 'each' | 'byColumn' | 'byRow', stride = 0): void {
    const { plain, ofMember } = this.#offsets[along];
    const { code, share } = this;
    if (share && stride > 0)
      code
        .get(share.first)
        .integer(4 * stride)
        .add(op.i32Mul)
        .set(plain);
    else code.integer(0).set(plain);
    if (!this.#needsMember(along)) return;
    code.get(this.surroundings.member).get(plain).add(op.i32Add).set(ofMember);
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
