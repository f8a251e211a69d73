import { attribute } from './attributes';
import { DataType } from './binding';
import {
  type Constant,
  isConstant,
  type Operation,
  positionOf,
  type Trace,
  type ValueName,
  valueName,
} from './trace';

/** The sizes of a value's axes. */
export type Shape = readonly number[];

/** A number times a value. */
export interface Multiple {
  readonly number: ValueName;
  readonly of: ValueName;
}

/** The parts of an operation that multiplies a value by a number; `undefined` for any other. */
export function asMultiple(
  { name, inputs: [a, b] }: Operation,
  isNumber: (value: ValueName) => boolean,
): Multiple | undefined {
  if (name !== 'Mul' || a === undefined || b === undefined) return undefined;
  if (isNumber(a)) return { number: a, of: b };
  return isNumber(b) ? { number: b, of: a } : undefined;
}

const T = attribute.type(DataType.float);

/** Writes a trace in other words; what computes the same is written only once. */
export class TraceWriter {
  readonly #operations: (Operation | Constant)[] = [];
  readonly #positions = new Map<string, number>();
  readonly #arguments: ReadonlyMap<ValueName, Shape>;

  /** @param shapes Those of the trace's arguments. */
  constructor(shapes: ReadonlyMap<ValueName, Shape>) {
    this.#arguments = shapes;
  }

  /**
   * Writes a whole trace.
   *
   * @param reword Gives the only result of an entry in another way; `undefined` leaves the entry as it is. It gets the entry
   *   with the new names of its inputs, as it was before, and what values are called now.
   */
  rewrite(
    { operations, results }: Trace,
    reword: (
      entry: Operation | Constant,
      before: Operation | Constant,
      rename: (name: ValueName) => ValueName,
    ) => ValueName | undefined,
  ): Trace {
    const now = new Map<ValueName, ValueName>();
    const rename = (name: ValueName) => now.get(name) ?? name;
    operations.forEach((before, position) => {
      const entry = isConstant(before) ? before : { ...before, inputs: before.inputs.map(rename) };
      const first = reword(entry, before, rename) ?? this.add(entry);
      now.set(valueName(position, 0), first);
      const [place] = positionOf(first);
      const count = isConstant(entry) ? 1 : entry.shapes.length;
      for (let k = 1; k < count; k++) now.set(valueName(position, k), valueName(place as number, k));
    });
    const renamed = Object.entries(results).map(([key, name]) => [key, rename(name)] as const);
    return { operations: this.#operations, results: Object.fromEntries(renamed) };
  }

  /** Adds an entry; returns its first result. */
  add(entry: Operation | Constant): ValueName {
    const key = keyOf(entry);
    const position = this.#positions.get(key) ?? this.#operations.push(entry) - 1;
    this.#positions.set(key, position);
    return valueName(position, 0);
  }

  /** Adds an operation with one float32 result. */
  operation(name: string, inputs: readonly ValueName[], shape: Shape): ValueName {
    return this.add({ name, inputs, attributes: { T }, shapes: [shape], dtypes: [DataType.float] });
  }

  /** Adds a float32 scalar. */
  number(value: number): ValueName {
    return this.add({
      name: 'Const',
      handle: 0,
      dtype: DataType.float,
      shape: [],
      values: Float32Array.of(value),
    });
  }

  /** The operation that a value is the first result of, if it has this name. */
  operationOf(value: ValueName | undefined, name: string): Operation | undefined {
    const entry = this.#entryOf(value);
    return entry && !isConstant(entry) && entry.name === name && value?.endsWith(':0') ? entry : undefined;
  }

  shapeOf(value: ValueName): Shape | undefined {
    const entry = this.#entryOf(value);
    if (!entry) return this.#arguments.get(value);
    return isConstant(entry) ? entry.shape : entry.shapes[Number(value.split(':')[1])];
  }

  hasShape(value: ValueName | undefined, shape: Shape): value is ValueName {
    return value !== undefined && this.shapeOf(value)?.join() === shape.join();
  }

  /** The number of which a constant is full. */
  numberOf(value: ValueName | undefined): number | undefined {
    const entry = this.#entryOf(value);
    return entry && isConstant(entry) && entry.values.length === 1 ? entry.values[0] : undefined;
  }

  #entryOf(value: ValueName | undefined): Operation | Constant | undefined {
    const [position] = value === undefined ? [] : positionOf(value);
    return position === undefined ? undefined : this.#operations[position];
  }
}

/** The same for entries that compute the same. */
function keyOf(entry: Operation | Constant): string {
  if (isConstant(entry)) {
    const { dtype, shape, values } = entry;
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    return ['Const', dtype, shape, bytes.toString('base64')].join(';');
  }
  const attributes = Object.entries(entry.attributes).map(([name, value]) => `${name} ${value}`);
  return [entry.name, entry.inputs, entry.dtypes, ...entry.shapes.map(String), ...attributes].join(';');
}
