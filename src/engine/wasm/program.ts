/**
 * A function of tensors as a short list of array operations, which a WebAssembly module is then written from.
 *
 * tf has two hundred operations; here are six kinds. A tf operation becomes one or several of them as it is recorded.
 * Operations on known values are computed at once, and existing results are used again.
 *
 * @module
 */
import type { Named } from '../step';
import { type MapFunction, mapFunctions } from './mapFunctions';

/** The position of the operation that makes an array. */
export type Id = number;

/**
 * How an operand is spread over the elements of a result that is looked at as [rows, columns]: each element has its own, all
 * have the same, one for each column, or one for each row.
 */
export type Spread = 'each' | 'same' | 'byColumn' | 'byRow';

/** An operand of an element-by-element operation. */
export interface Operand {
  readonly id: Id;
  readonly spread: Spread;
}

/** One operation; `size` is how many numbers it makes. All numbers are float32: 0 and 1 for false and true. */
export type Operation =
  /** The function's arguments. */
  | { readonly kind: 'argument'; readonly size: number; readonly name: string }
  /** Known numbers; a single one stands for as many equal ones. */
  | { readonly kind: 'constant'; readonly size: number; readonly values: Float32Array }
  /** A function of each element by itself; `columns` where an operand is spread by row or by column. */
  | {
      readonly kind: 'map';
      readonly size: number;
      readonly apply: MapFunction;
      readonly operands: readonly Operand[];
      readonly columns?: number;
    }
  /** Takes a matrix [rows, columns] together: each row to a number, or each column (only sums). */
  | {
      readonly kind: 'reduce';
      readonly size: number;
      readonly apply: Reduction;
      readonly of: 'rows' | 'columns';
      readonly input: Id;
      readonly rows: number;
      readonly columns: number;
    }
  /** Products of matrices, as many as there are pairs of offsets. */
  | {
      readonly kind: 'product';
      readonly size: number;
      readonly left: Factor;
      readonly right: Factor;
      /** [rows, shared, columns] of each. */
      readonly sizes: readonly [m: number, k: number, n: number];
      readonly offsets: readonly (readonly [left: number, right: number])[];
      /** The product is 0 where this array is 0, as then nobody needs it. */
      readonly where?: Id;
    }
  /** Copies pieces of arrays to other places; the rest is `fill`. */
  | {
      readonly kind: 'arrange';
      readonly size: number;
      readonly fill?: number;
      readonly pieces: readonly Piece[];
      /** If it only turns a matrix [rows, columns] of another operation. */
      readonly transposes?: { readonly id: Id; readonly rows: number; readonly columns: number };
    }
  /** A kernel with a loop of its own. */
  | {
      readonly kind: 'call';
      readonly size: number;
      readonly kernel: 'gather' | 'segment_sum' | 'running_sum' | 'top_k_values' | 'top_k_indices';
      readonly inputs: readonly Id[];
      readonly numbers: readonly number[];
    };

export type Reduction = 'sum' | 'maximum' | 'minimum';

/** A matrix in a product, and whether it is transposed there. */
export interface Factor {
  readonly id: Id;
  readonly transposed: boolean;
}

/** The copies of `arrange`: for each axis the count of numbers, and their distance in the result and in the source. */
export interface Piece {
  readonly id: Id;
  readonly axes: readonly (readonly [length: number, toStride: number, fromStride: number])[];
  readonly toOffset: number;
  readonly fromOffset: number;
}

/** A function of tensors, written down. */
export interface Program {
  /** Each after those that it uses. */
  readonly operations: readonly Operation[];
  readonly results: Named<Id>;
}

/** The operations that one uses. */
export function inputsOf(operation: Operation): readonly Id[] {
  switch (operation.kind) {
    case 'map':
      return operation.operands.map(({ id }) => id);
    case 'reduce':
      return [operation.input];
    case 'product':
      return [
        operation.left.id,
        operation.right.id,
        ...(operation.where === undefined ? [] : [operation.where]),
      ];
    case 'arrange':
      return operation.pieces.map(({ id }) => id);
    case 'call':
      return operation.inputs;
    default:
      return [];
  }
}

/** An array with the shape under which a step sees it. */
export interface View {
  readonly id: Id;
  readonly shape: readonly number[];
}

/** Writes a program. */
export class ProgramWriter {
  readonly #operations: Operation[] = [];
  readonly #known = new Map<string, Id>();

  argument(name: string, shape: readonly number[]): View {
    return { id: this.#add({ kind: 'argument', size: sizeOf(shape), name }), shape };
  }

  constant(values: Float32Array, shape: readonly number[]): View {
    const first = values[0] ?? 0;
    const uniform = values.every((value) => Object.is(value, first));
    return {
      id: this.#add({
        kind: 'constant',
        size: sizeOf(shape),
        values: uniform ? Float32Array.of(first) : values.slice(),
      }),
      shape,
    };
  }

  /** A number that stands wherever it is needed. */
  number(value: number): View {
    return this.constant(Float32Array.of(value), []);
  }

  /** The value of a constant whose numbers are all the same. */
  uniform({ id }: View): number | undefined {
    const operation = this.#operations[id] as Operation;
    return operation.kind === 'constant' && operation.values.length === 1 ? operation.values[0] : undefined;
  }

  /** A function of each element by itself, after broadcasting the operands to the shape. */
  map(apply: MapFunction, operands: readonly View[], shape: readonly number[]): View {
    const uniform = operands.map((operand) => this.uniform(operand));
    const known = uniform.filter((value) => value !== undefined);
    if (known.length === operands.length) {
      return { ...this.number(mapFunctions[apply].evaluate(...known)), shape };
    }
    const same = this.#whatStaysTheSame(apply, operands, uniform);
    if (same !== undefined) return this.broadcast(same, shape);

    const size = sizeOf(shape);
    let columns: number | undefined;
    const spread = operands.map((operand): Operand => {
      const found = this.#spreadOf(operand, shape, columns);
      columns ??= found.columns;
      return found.operand;
    });
    // Values that differ only by column (or by row, or not at all) are computed once for each of them.
    const kinds = new Set(spread.map((operand) => operand.spread));
    if (!kinds.has('each') && size > 1 && !(kinds.has('byRow') && kinds.has('byColumn'))) {
      const of: Spread = kinds.has('byRow') ? 'byRow' : kinds.has('byColumn') ? 'byColumn' : 'same';
      const count = of === 'same' ? 1 : of === 'byColumn' ? (columns ?? size) : size / (columns ?? 1);
      if (count < size) {
        const few = this.#addMap(
          apply,
          spread.map(({ id, spread }) => ({ id, spread: spread === 'same' ? 'same' : 'each' })),
          count,
          undefined,
        );
        return { id: this.#addMap('identity', [{ id: few, spread: of }], size, columns), shape };
      }
    }
    return { id: this.#addMap(apply, spread, size, columns), shape };
  }

  /** The same numbers under a shape to which they are broadcast. */
  broadcast(view: View, shape: readonly number[]): View {
    if (this.uniform(view) !== undefined) return { ...this.number(this.uniform(view) as number), shape };
    if (sizeOf(view.shape) === sizeOf(shape)) return { id: view.id, shape };
    const { operand, columns } = this.#spreadOf(view, shape, undefined);
    if (operand.spread === 'each') return { id: operand.id, shape };
    return { id: this.#addMap('identity', [operand], sizeOf(shape), columns), shape };
  }

  /** The same numbers under another shape of as many. */
  reshape({ id }: View, shape: readonly number[]): View {
    return { id, shape };
  }

  /** Takes axes together. */
  reduce(apply: Reduction, view: View, axes: readonly number[], keepsAxes = false): View {
    const { shape } = view;
    const reduced = new Set(axes);
    const rest = shape.filter((_, axis) => !reduced.has(axis));
    const to = keepsAxes ? shape.map((length, axis) => (reduced.has(axis) ? 1 : length)) : rest;
    const count = sizeOf(shape) / Math.max(1, sizeOf(rest));
    const uniform = this.uniform(view);
    if (uniform !== undefined) {
      return { ...this.number(apply === 'sum' ? Math.fround(uniform * count) : uniform), shape: to };
    }
    if (count === 1) return { id: view.id, shape: to };
    if (sizeOf(rest) === 1 && count > LONGEST_ROW) {
      const columns = columnsFor(count, shape.at(-1));
      if (columns < count) {
        const byRow = this.reduce(apply, { id: view.id, shape: [count / columns, columns] }, [1]);
        return { id: this.reduce(apply, byRow, [0]).id, shape: to };
      }
    }
    // Axes of length 1 stand wherever it suits.
    const order = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1);
    const trailing = order.slice(order.length - order.filter((axis) => reduced.has(axis)).length);
    const leading = order.slice(0, order.filter((axis) => reduced.has(axis)).length);
    const size = sizeOf(rest);
    if (
      apply === 'sum' &&
      !trailing.every((axis) => reduced.has(axis)) &&
      leading.every((axis) => reduced.has(axis))
    ) {
      return {
        id: this.#add({
          kind: 'reduce',
          size,
          apply,
          of: 'columns',
          input: view.id,
          rows: count,
          columns: size,
        }),
        shape: to,
      };
    }
    const kept = shape.map((_, axis) => axis).filter((axis) => !reduced.has(axis));
    const { id } = trailing.every((axis) => reduced.has(axis))
      ? view
      : this.transpose(view, [...kept, ...axes]);
    return {
      id: this.#add({ kind: 'reduce', size, apply, of: 'rows', input: id, rows: size, columns: count }),
      shape: to,
    };
  }

  /** A product of matrices in the last two axes; the others are broadcast. */
  product(left: View, right: View, transposesLeft: boolean, transposesRight: boolean): View | undefined {
    const factors = [this.#written(left), this.#written(right)] as const;
    const [[leftRows, leftColumns], [rightRows, rightColumns]] = [lastTwo(left.shape), lastTwo(right.shape)];
    const [m, k] = transposesLeft ? [leftColumns, leftRows] : [leftRows, leftColumns];
    const n = transposesRight ? rightRows : rightColumns;
    const [leftBatch, rightBatch] = [left.shape.slice(0, -2), right.shape.slice(0, -2)];
    const [a, b] = [sizeOf(leftBatch), sizeOf(rightBatch)];
    if (a !== b && a !== 1 && b !== 1) return undefined;
    const batch = a >= b ? leftBatch : rightBatch;
    const offsets = Array.from(
      { length: Math.max(a, b) },
      (_, index) => [a === 1 ? 0 : index * m * k, b === 1 ? 0 : index * k * n] as const,
    );
    const plain = offsets.length === 1;
    const factor = ({ id }: View, transposed: boolean): Factor => {
      const of = this.#operations[id] as Operation;
      const turned = plain && of.kind === 'arrange' ? of.transposes : undefined;
      return turned ? { id: turned.id, transposed: !transposed } : { id, transposed };
    };
    const id = this.#add({
      kind: 'product',
      size: offsets.length * m * n,
      left: factor(factors[0], transposesLeft),
      right: factor(factors[1], transposesRight),
      sizes: [m, k, n],
      offsets,
    });
    return { id, shape: [...batch, m, n] };
  }

  /** Axes in another order. */
  transpose(view: View, order: readonly number[]): View {
    const { shape } = view;
    const from = stridesOf(shape);
    const to = order.map((axis) => shape[axis] as number);
    const moving = order.filter((axis) => shape[axis] !== 1);
    if (
      this.uniform(view) !== undefined ||
      moving.every((axis, k) => k === 0 || axis > (moving[k - 1] as number))
    ) {
      return { id: view.id, shape: to };
    }
    const turned = this.#turned(view, order, moving);
    if (turned) return { ...turned, shape: to };
    const strides = stridesOf(to);
    const axes = order.map(
      (axis, k) => [to[k] as number, strides[k] as number, from[axis] as number] as const,
    );
    const [rows, columns] = moving.length === 2 ? shape.filter((length) => length !== 1) : [];
    return this.arrange(
      to,
      [this.piece(view, axes)],
      undefined,
      rows && columns ? { id: view.id, rows, columns } : undefined,
    );
  }

  /** A transposed product is the product of the transposed, the other way round; twice transposed is as it was. */
  #turned({ id, shape }: View, order: readonly number[], moving: readonly number[]): View | undefined {
    if (moving.length !== 2 || order.length !== 2) return undefined;
    const of = this.#operations[id] as Operation;
    if (of.kind === 'arrange' && of.transposes) return { id: of.transposes.id, shape };
    if (of.kind !== 'product' || of.offsets.length !== 1) return undefined;
    const { left, right, sizes, size, offsets } = of;
    return {
      id: this.#add({
        kind: 'product',
        size,
        left: { id: right.id, transposed: !right.transposed },
        right: { id: left.id, transposed: !left.transposed },
        sizes: [sizes[2], sizes[1], sizes[0]],
        offsets,
      }),
      shape,
    };
  }

  /** Copies pieces; the uncovered rest is `fill`. */
  arrange(
    shape: readonly number[],
    pieces: readonly Piece[],
    fill?: number,
    transposes?: { id: Id; rows: number; columns: number },
  ): View {
    const merged = pieces.map((piece) => ({ ...piece, axes: mergedAxes(piece.axes) }));
    return {
      id: this.#add({
        kind: 'arrange',
        size: sizeOf(shape),
        pieces: merged,
        ...(fill !== undefined && { fill }),
        ...(transposes && { transposes }),
      }),
      shape,
    };
  }

  call(
    kernel: Extract<Operation, { kind: 'call' }>['kernel'],
    inputs: readonly View[],
    numbers: readonly number[],
    shape: readonly number[],
  ): View {
    return {
      id: this.#add({
        kind: 'call',
        size: sizeOf(shape),
        kernel,
        inputs: inputs.map((input) => this.#written(input).id),
        numbers,
      }),
      shape,
    };
  }

  /** The program that makes the results, each an array of its own, without what none of them needs. */
  finish(results: Named<View>): Program {
    const taken = new Set<Id>();
    const ids = Object.entries(results).map(([name, view]): [string, Id] => {
      const { kind } = this.#operations[view.id] as Operation;
      const own = kind !== 'argument' && kind !== 'constant' && !taken.has(view.id);
      const id = own ? view.id : this.#copy(view);
      taken.add(id);
      return [name, id];
    });
    const needed = new Set(ids.map(([, id]) => id));
    for (let id = this.#operations.length - 1; id >= 0; id--) {
      if (needed.has(id)) for (const input of inputsOf(this.#operations[id] as Operation)) needed.add(input);
    }
    const kept = [...needed].sort((a, b) => a - b);
    const moved = new Map(kept.map((before, after) => [before, after]));
    const rename = (id: Id) => moved.get(id) as Id;
    return {
      operations: kept.map((id) => renamed(this.#operations[id] as Operation, rename)),
      results: Object.fromEntries(ids.map(([name, id]) => [name, rename(id)])),
    };
  }

  /** A constant of equal numbers written out, for operations that read arrays number by number. */
  #written(view: View): View {
    if (this.uniform(view) === undefined) return view;
    const size = sizeOf(view.shape);
    const operands = [{ id: view.id, spread: 'same' }] as const;
    return { ...view, id: this.#add({ kind: 'map', size, apply: 'identity', operands }) };
  }

  /** A piece that an array as a whole is copied to. */
  piece(view: View, axes: Piece['axes'], toOffset = 0, fromOffset = 0): Piece {
    return { id: this.#written(view).id, axes, toOffset, fromOffset };
  }

  #copy({ id, shape }: View): Id {
    const spread = this.uniform({ id, shape }) === undefined ? 'each' : 'same';
    const size = sizeOf(shape);
    return this.#operations.push({ kind: 'map', size, apply: 'identity', operands: [{ id, spread }] }) - 1;
  }

  /** The operand that an operation returns as it is: x + 0, x · 1, x / 1. */
  #whatStaysTheSame(
    apply: MapFunction,
    [a, b]: readonly View[],
    [first, second]: readonly (number | undefined)[],
  ): View | undefined {
    if (apply === 'identity') return a;
    if ((apply === 'multiply' || apply === 'divide') && second === 1) return a;
    if ((apply === 'add' || apply === 'subtract') && second === 0) return a;
    if (apply === 'multiply' && first === 1) return b;
    return apply === 'add' && first === 0 ? b : undefined;
  }

  /** How an operand is spread over a shape; written out if it is so in no simple way. */
  #spreadOf(
    { id, shape: given }: View,
    shape: readonly number[],
    columns: number | undefined,
  ): { operand: Operand; columns?: number } {
    const [size, own] = [sizeOf(shape), sizeOf(given)];
    const operation = this.#operations[id] as Operation;
    if (this.uniform({ id, shape: given }) !== undefined || own === 1) {
      return { operand: { id, spread: 'same' } };
    }
    if (own === size) {
      // A broadcast one is taken from where it comes.
      if (operation.kind === 'map' && operation.apply === 'identity') {
        const [operand] = operation.operands;
        const fits =
          columns === undefined || operation.columns === undefined || operation.columns === columns;
        if (operand && operand.spread !== 'each' && fits) {
          return { operand, ...(operation.columns !== undefined && { columns: operation.columns }) };
        }
      }
      return { operand: { id, spread: 'each' } };
    }
    const padded = [...shape.map(() => 1).slice(given.length), ...given];
    const first = padded.findIndex((length) => length !== 1);
    const last = padded.findLastIndex((length) => length !== 1);
    if (sizeOf(shape.slice(first)) === own && (columns ?? own) === own) {
      return { operand: { id, spread: 'byColumn' }, columns: own };
    }
    if (sizeOf(shape.slice(0, last + 1)) === own && (columns ?? size / own) === size / own) {
      return { operand: { id, spread: 'byRow' }, columns: size / own };
    }
    const from = stridesOf(padded);
    const to = stridesOf(shape);
    const axes = shape.map(
      (length, axis) =>
        [length, to[axis] as number, padded[axis] === 1 ? 0 : (from[axis] as number)] as const,
    );
    const written = this.arrange(shape, [this.piece({ id, shape: given }, axes)]);
    return { operand: { id: written.id, spread: 'each' } };
  }

  #addMap(apply: MapFunction, operands: readonly Operand[], size: number, columns: number | undefined): Id {
    const needed = operands.some(({ spread }) => spread === 'byRow' || spread === 'byColumn');
    return this.#add({
      kind: 'map',
      size,
      apply,
      operands,
      ...(needed && columns !== undefined && { columns }),
    });
  }

  /** Adds an operation unless it is there. */
  #add(operation: Operation): Id {
    const key = keyOf(operation);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.#operations.push(operation) - 1;
    this.#known.set(key, id);
    return id;
  }
}

/** A text that two operations have in common only if they make the same numbers. */
export function keyOf(operation: Operation): string {
  if (operation.kind !== 'constant') {
    // JSON has no word for numbers that are not finite.
    return JSON.stringify(operation, (_, value) =>
      typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value,
    );
  }
  const { values, size } = operation;
  // As bits: −0 is not 0, and NaN is NaN. Equal numbers stand for as many as are needed.
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return `constant of ${values.length === 1 ? 'any size' : size}: ${bits.join()}`;
}

/** The longest rows that numbers are cut into to be added up, so that float32 loses no digits. */
const LONGEST_ROW = 2048;

/** The length of the rows into which this many numbers are cut, if possible the given one. */
export function columnsFor(size: number, wanted = 0): number {
  if (wanted >= 16 && wanted <= LONGEST_ROW && size % wanted === 0) return wanted;
  if (size <= LONGEST_ROW) return size;
  for (let columns = LONGEST_ROW; columns >= 64; columns -= 4) if (size % columns === 0) return columns;
  return size;
}

/** How many numbers a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** How far apart neighbours along each axis lie. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const length of shape.toReversed()) {
    strides.unshift(stride);
    stride *= length;
  }
  return strides;
}

/** Axes of length 1 left out, and such taken together as lie behind one another in both arrays. */
function mergedAxes(axes: Piece['axes']): Piece['axes'] {
  const merged: [number, number, number][] = [];
  for (const [length, to, from] of axes) {
    if (length === 1) continue;
    const outer = merged.at(-1);
    if (outer && outer[1] === length * to && outer[2] === length * from) {
      outer[0] *= length;
      outer[1] = to;
      outer[2] = from;
    } else merged.push([length, to, from]);
  }
  return merged;
}

function lastTwo(shape: readonly number[]): [rows: number, columns: number] {
  return [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
}

/** An operation that uses others by their new ids. */
export function renamed(operation: Operation, rename: (id: Id) => Id): Operation {
  switch (operation.kind) {
    case 'map':
      return {
        ...operation,
        operands: operation.operands.map(({ id, spread }) => ({ id: rename(id), spread })),
      };
    case 'reduce':
      return { ...operation, input: rename(operation.input) };
    case 'product': {
      const { left, right, where } = operation;
      return {
        ...operation,
        left: { ...left, id: rename(left.id) },
        right: { ...right, id: rename(right.id) },
        ...(where !== undefined && { where: rename(where) }),
      };
    }
    case 'arrange': {
      // Whether it is a transpose was of use while the program was written.
      const { transposes: _, ...rest } = operation;
      return { ...rest, pieces: rest.pieces.map((piece) => ({ ...piece, id: rename(piece.id) })) };
    }
    case 'call':
      return { ...operation, inputs: operation.inputs.map(rename) };
    default:
      return operation;
  }
}
