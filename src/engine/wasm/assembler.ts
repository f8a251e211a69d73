/**
 * Writes WebAssembly modules: functions as bytes.
 *
 * WebAssembly Core Specification, sections 5 (binary format).
 *
 * @module
 */

/** The types of values, by their codes. */
export const type = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
/** One of {@link type}. */
export type Type = (typeof type)[keyof typeof type];

/** Types of a function's arguments and result. */
export interface Signature {
  readonly parameters: readonly Type[];
  readonly results: readonly Type[];
}

/** Instructions without immediate operands, by their bytes. */
export const op = {
  f32Abs: [0x8b],
  f32Add: [0x92],
  f32Div: [0x95],
  f32Max: [0x97],
  f32Mul: [0x94],
  f32DemoteF64: [0xb6],
  f64PromoteF32: [0xbb],
  i32Add: [0x6a],
  i32And: [0x71],
  i32DivideUnsigned: [0x6e],
  i32Equal: [0x46],
  i32IsZero: [0x45],
  i32LessUnsigned: [0x49],
  i32Mul: [0x6c],
  i32NotEqual: [0x47],
  i32Subtract: [0x6b],
  choose: [0x1b],
  drop: [0x1a],
  leave: [0x0f],
  trap: [0x00],
  splat: simd(19),
  f32Equal: simd(65),
  f32NotEqual: simd(66),
  f32Less: simd(67),
  f32Greater: simd(68),
  f32LessOrEqual: simd(69),
  f32GreaterOrEqual: simd(70),
  not: simd(77),
  and: simd(78),
  andNot: simd(79),
  or: simd(80),
  select: simd(82),
  ceil: simd(103),
  floor: simd(104),
  truncate: simd(105),
  nearest: simd(106),
  absolute: simd(224),
  negate: simd(225),
  squareRoot: simd(227),
  add: simd(228),
  subtract: simd(229),
  multiply: simd(230),
  divide: simd(231),
  minimum: simd(232),
  maximum: simd(233),
} as const satisfies Record<string, readonly number[]>;

/** A SIMD instruction by its number. */
function simd(number: number): number[] {
  return [0xfd, ...unsigned(number)];
}

/** The body of a function under construction. */
export class Code {
  readonly #bytes: number[] = [];
  readonly #locals: Type[] = [];
  readonly #parameterCount: number;

  constructor(parameterCount: number) {
    this.#parameterCount = parameterCount;
  }

  /** Adds a local variable; returns its index. */
  local(of: Type): number {
    return this.#parameterCount + this.#locals.push(of) - 1;
  }

  /** Adds instructions as they are. */
  add(...instructions: readonly (readonly number[])[]): this {
    for (const instruction of instructions) for (const byte of instruction) this.#bytes.push(byte);
    return this;
  }

  get(local: number): this {
    return this.add([0x20, ...unsigned(local)]);
  }

  set(local: number): this {
    return this.add([0x21, ...unsigned(local)]);
  }

  tee(local: number): this {
    return this.add([0x22, ...unsigned(local)]);
  }

  getGlobal(global: number): this {
    return this.add([0x23, ...unsigned(global)]);
  }

  setGlobal(global: number): this {
    return this.add([0x24, ...unsigned(global)]);
  }

  call(index: number): this {
    return this.add([0x10, ...unsigned(index)]);
  }

  integer(value: number): this {
    return this.add([0x41, ...signed(value | 0)]);
  }

  float(value: number): this {
    return this.add([0x43], bytesOf(Float32Array.of(value)));
  }

  /** A 64-bit integer between −64 and 63. */
  long(value: number): this {
    return this.add([0x42, value & 0x7f]);
  }

  /** Four 32-bit lanes. */
  vector(lanes: Float32Array | Int32Array): this {
    return this.add(simd(12), bytesOf(lanes));
  }

  /** Adds `amount` to an i32 local. */
  increase(local: number, amount: number): this {
    return this.get(local).integer(amount).add(op.i32Add).set(local);
  }

  /** Loads from the address on the stack, plus `offset`. */
  load(of: 'f32' | 'i32' | 'v128' | 'splat', offset: number): this {
    const instruction = { f32: [0x2a], i32: [0x28], v128: simd(0), splat: simd(9) }[of];
    return this.add(instruction, [2], unsigned(offset));
  }

  /** Stores the value on the stack at the address below it, plus `offset`. */
  store(of: 'f32' | 'v128', offset: number): this {
    return this.add({ f32: [0x38], v128: simd(11) }[of], [2], unsigned(offset));
  }

  /** Stores one lane of 32 bits, or one of 64, of the vector on the stack. */
  storeLane(bits: 32 | 64, lane: number, offset: number): this {
    return this.add(simd(bits === 32 ? 90 : 91), [2], unsigned(offset), [lane]);
  }

  /**
   * An atomic operation on the 32 bits at the address on the stack, plus `offset`; operands lie above it.
   *
   * `add` takes a number, and leaves what was there before; `wait` takes what is there and a time in nanoseconds (negative:
   * any) and leaves why it ended; `notify` takes how many to wake, and leaves how many those are.
   */
  atomic(what: 'notify' | 'wait' | 'load' | 'store' | 'add', offset: number): this {
    const instruction = { notify: 0x00, wait: 0x01, load: 0x10, store: 0x17, add: 0x1e }[what];
    return this.add([0xfe, instruction, 2], unsigned(offset));
  }

  /** Fills memory; on the stack: address, byte, count. */
  fill(): this {
    return this.add([0xfc, 11, 0]);
  }

  /** The lane of the vector on the stack. */
  lane(index: number): this {
    return this.add(simd(31), [index]);
  }

  /** Puts the number on the stack into a lane of the vector below it. */
  replaceLane(index: number): this {
    return this.add(simd(32), [index]);
  }

  /** Runs `body` while it leaves a number other than 0 on the stack; at least once. */
  loop(body: () => void): this {
    this.add([0x03, 0x40]);
    body();
    return this.add([0x0d, 0, 0x0b]);
  }

  /** Runs `body` if the number on the stack is not 0. */
  if(body: () => void): this {
    this.add([0x04, 0x40]);
    body();
    return this.add([0x0b]);
  }

  /** The function as a module contains it. */
  toBytes(): number[] {
    const locals = this.#locals.map((of) => [1, of]);
    const body = [...vector(locals)];
    for (const byte of this.#bytes) body.push(byte);
    body.push(0x0b);
    return [...unsigned(body.length), ...body];
  }
}

/** Pages of 64 KB in a memory that threads share: it says beforehand how large it may become. */
export const MOST_PAGES = 2 ** 16;

/** How a module declares a memory from outside. */
function memoryLimits(isShared: boolean): number[] {
  return isShared ? [0x03, 0x00, ...unsigned(MOST_PAGES)] : [0x00, 0x00];
}

/** A compiled module whose only import is a memory, so that threads can share this memory. */
export function withSharedMemory(module: Uint8Array): Uint8Array {
  const name = [...text('env'), ...text('memory'), 0x02];
  const at = module.findIndex((_, start) => name.every((byte, k) => module[start + k] === byte));
  // Before it stand the section's length and the number of imports, behind it the limits: a flag, and the least number of pages.
  const [length = 0, count] = module.subarray(at - 2, at);
  const limits = memoryLimits(true);
  if (at < 0 || count !== 1 || length !== 1 + name.length + 2)
    throw new Error('this module has other imports');
  return Uint8Array.from([
    ...module.subarray(0, at - 2),
    length - 2 + limits.length,
    1,
    ...name,
    ...limits,
    ...module.subarray(at + name.length + 2),
  ]);
}

/**
 * A module under construction: a memory and functions from outside, and functions of its own that all are exported. Its global
 * variables are i32, begin with 0, and each thread has its own.
 */
export class ModuleWriter {
  readonly #types = new Map<string, number>();
  readonly #imports: { readonly name: string; readonly of: number }[] = [];
  readonly #functions: { readonly name: string; readonly of: number; readonly code: Code }[] = [];
  readonly #known = new Map<string, number>();
  #globals = 0;

  constructor(readonly isShared: boolean) {}

  /** Adds a global variable; returns its index. */
  global(): number {
    return this.#globals++;
  }

  /** The index of a function from outside; all are imported before the first own function is added. */
  import(name: string, signature: Signature): number {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#functions.length > 0) throw new Error('imports come before functions');
    const index = this.#imports.push({ name, of: this.#typeOf(signature) }) - 1;
    this.#known.set(name, index);
    return index;
  }

  /** Adds a function; returns its index. */
  function(name: string, signature: Signature, write: (code: Code) => void): number {
    const code = new Code(signature.parameters.length);
    write(code);
    const index = this.#functions.push({ name, of: this.#typeOf(signature), code }) - 1;
    return this.#imports.length + index;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const imports = [
      [...text('env'), ...text('memory'), 0x02, ...memoryLimits(this.isShared)],
      ...this.#imports.map(({ name, of }) => [...text('env'), ...text(name), 0x00, ...unsigned(of)]),
    ];
    const types = [...this.#types.keys()].map((key) => JSON.parse(key) as number[]);
    const exported = this.#functions.map(({ name }, k) => [
      ...text(name),
      0x00,
      ...unsigned(this.#imports.length + k),
    ]);
    const sections: (readonly [number, number[]])[] = [
      [1, vector(types)],
      [2, vector(imports)],
      [3, vector(this.#functions.map(({ of }) => unsigned(of)))],
      [6, vector(Array.from({ length: this.#globals }, () => [type.i32, 0x01, 0x41, 0x00, 0x0b]))],
      [7, vector(exported)],
      [10, vector(this.#functions.map(({ code }) => code.toBytes()))],
    ];
    const bytes = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    for (const [id, content] of sections) {
      for (const byte of [id, ...unsigned(content.length)]) bytes.push(byte);
      for (const byte of content) bytes.push(byte);
    }
    return Uint8Array.from(bytes);
  }

  #typeOf({ parameters, results }: Signature): number {
    const key = JSON.stringify([0x60, parameters.length, ...parameters, results.length, ...results]);
    const known = this.#types.get(key) ?? this.#types.size;
    this.#types.set(key, known);
    return known;
  }
}

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128 of an int32. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const low = rest & 0x7f;
    rest >>= 7;
    const last = rest === (low & 0x40 ? -1 : 0);
    bytes.push(last ? low : low | 0x80);
    if (last) return bytes;
  }
}

function vector(entries: readonly (readonly number[])[]): number[] {
  const bytes = unsigned(entries.length);
  for (const entry of entries) for (const byte of entry) bytes.push(byte);
  return bytes;
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
}

function bytesOf({ buffer }: Float32Array | Float64Array | Int32Array): number[] {
  return [...new Uint8Array(buffer)];
}
