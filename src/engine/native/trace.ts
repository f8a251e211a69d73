/**
 * A function of tensors as the native operations that it executes.
 *
 * It is a straight line: loops, ifs and arithmetic of JavaScript have happened already, and their values (shapes, options,
 * numbers) are its constants. JAX calls the same thing a jaxpr.
 *
 * @module
 */
import { mapNamed, type Named } from '../step';
import type { ConstantValue } from './attributes';
import type { Encoded } from './protobuf';

/** The name of a value in a trace: an argument's name, or `%3:0` for output 0 of operation 3. */
export type ValueName = string;

/** A native operation that was executed. */
export interface Operation {
  readonly name: string;
  readonly attributes: Readonly<Record<string, Encoded>>;
  readonly inputs: readonly ValueName[];
  /** The shape of each output. */
  readonly shapes: readonly (readonly number[])[];
  /** The element type of each output. */
  readonly dtypes: readonly number[];
}

/** Numbers that were there without an operation: made in JavaScript, or a tensor from outside. */
export interface Constant extends ConstantValue {
  readonly name: 'Const';
  /** The native tensor that they were; no other tensor of the process is ever given its handle. */
  readonly handle: number;
}

/** A function of tensors, written down. */
export interface Trace {
  /** In the order in which they were executed; a constant before the first operation that uses it. */
  readonly operations: readonly (Operation | Constant)[];
  /** Which value each result is. */
  readonly results: Named<ValueName>;
}

/** Whether an entry of a trace is a constant. */
export function isConstant(entry: Operation | Constant): entry is Constant {
  return 'values' in entry;
}

/** The name of an output of the operation at a position. */
export function valueName(position: number, output: number): ValueName {
  return `%${position}:${output}`;
}

/** The trace without the operations that no result needs. */
export function neededPart({ operations, results }: Trace): Trace {
  const needed = new Set(Object.values(results).flatMap(positionOf));
  // Operations come after what they use, so one look at each, from the last to the first, is enough.
  for (let position = operations.length - 1; position >= 0; position--) {
    const entry = operations[position] as Operation | Constant;
    if (!needed.has(position) || isConstant(entry)) continue;
    for (const input of entry.inputs.flatMap(positionOf)) needed.add(input);
  }
  const kept = [...needed].sort((a, b) => a - b);
  const moved = new Map(kept.map((before, after) => [before, after]));
  const rename = (name: ValueName) =>
    name.replace(/^%(\d+)/, (_, position) => `%${moved.get(Number(position))}`);
  return {
    operations: kept.map((position) => {
      const entry = operations[position] as Operation | Constant;
      return isConstant(entry) ? entry : { ...entry, inputs: entry.inputs.map(rename) };
    }),
    results: mapNamed(results, rename),
  };
}

/** The position of the operation that a value comes from; none for an argument. */
export function positionOf(name: ValueName): number[] {
  const [, position] = /^%(\d+):/.exec(name) ?? [];
  return position === undefined ? [] : [Number(position)];
}
