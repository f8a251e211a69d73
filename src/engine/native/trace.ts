/**
 * Tracing: a function of tensors is called once, and every native operation that it executes is written down.
 *
 * The record is a straight line of operations: loops, ifs and arithmetic of JavaScript have happened already, and what
 * they worked with (shapes, options, numbers) stands in it as constants. JAX calls the same thing a jaxpr.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { mapNamed, type Named } from '../step';
import { type ConstantValue, encodeNative } from './attributes';
import {
  AttributeKind,
  type Binding,
  DataType,
  type Elements,
  handleOf,
  type NativeAttribute,
  nativeBackend,
} from './binding';
import type { Encoded } from './protobuf';
import { guarded, Refusals, refuseDraw, refuseRead } from './refusals';

/** What a value of a trace is called: an argument's name, or `%3:0` for output 0 of operation 3. */
export type ValueName = string;

/** A native operation that was executed. */
export interface Operation {
  readonly name: string;
  readonly attributes: Readonly<Record<string, Encoded>>;
  readonly inputs: readonly ValueName[];
  /** The shape of each output. */
  readonly shapes: readonly (readonly number[])[];
}

/** Numbers that were there without an operation: made in JavaScript, or a tensor from outside. */
export interface Constant extends ConstantValue {
  readonly name: 'Const';
}

/** A function of tensors as the operations that it executes. */
export interface Trace {
  /** In the order in which they were executed, each after those it needs; only what the results need. */
  readonly operations: readonly (Operation | Constant)[];
  /** Which value each result is. */
  readonly results: Named<ValueName>;
}

/** Whether an entry of a trace is a constant. */
export function isConstant(entry: Operation | Constant): entry is Constant {
  return 'values' in entry;
}

/**
 * Traces a function on the native backend.
 *
 * @param args Example tensors by name: their shapes count, their numbers do not.
 * @param body A function of these tensors; the tensors that it makes are freed.
 * @throws TraceError if the function does something that a graph could not repeat.
 */
export function trace(args: Named<tf.Tensor>, body: () => Named<tf.Tensor>): Trace {
  const backend = nativeBackend();
  const refusals = new Refusals();
  const variables = Object.values(tf.engine().registeredVariables);
  const recorder = new Recorder(
    backend.binding,
    new Map(Object.entries(args).map(([name, tensor]) => [handleOf(tensor), name])),
    new Map(variables.map((variable) => [handleOf(variable), variable.name])),
    refusals,
  );
  const { binding } = backend;
  tf.engine().startScope();
  try {
    backend.binding = recorder.binding;
    const results = guarded(refusals, body);
    refusals.throwIfAny();
    return recorder.finish(results);
  } catch (error) {
    // An error of tf's own may only be what a refusal led to.
    refusals.throwIfAny();
    throw error;
  } finally {
    backend.binding = binding;
    tf.engine().endScope();
  }
}

/** An entry of the record before it is known which entries count. */
interface Recorded {
  readonly entry: Omit<Operation, 'inputs'> | Constant;
  readonly inputs: readonly number[];
}

/** Where a native tensor came from. */
type Origin = { readonly argument: string } | { readonly recorded: Recorded; readonly output: number };

class Recorder {
  /** The native functions, written down as they are called. */
  readonly binding: Binding;
  readonly #native: Binding;
  /** In the order in which they were executed. */
  readonly #records: Recorded[] = [];
  readonly #origins = new Map<number, Origin>();
  readonly #variables: ReadonlyMap<number, string>;
  readonly #refusals: Refusals;

  constructor(
    native: Binding,
    args: ReadonlyMap<number, string>,
    variables: ReadonlyMap<number, string>,
    refusals: Refusals,
  ) {
    this.#native = native;
    this.#variables = variables;
    this.#refusals = refusals;
    for (const [id, argument] of args) this.#origins.set(id, { argument });
    // The native functions are read-only properties: the recording ones stand in front of them.
    const recording: Partial<Binding> = {
      createTensor: (shape, dtype, values) => this.#createTensor(shape, dtype, values),
      executeOp: (name, attributes, inputs, count) => this.#executeOp(name, attributes, inputs, count),
      tensorDataSync: () => refuseRead(refusals),
    };
    this.binding = Object.create(native, Object.getOwnPropertyDescriptors(recording)) as Binding;
  }

  #createTensor(shape: readonly number[], dtype: number, values: unknown): number {
    const id = this.#native.createTensor(shape, dtype, values);
    this.#recordConstant(id, { dtype, shape, values: toElements(dtype, values, this.#refusals) });
    return id;
  }

  #executeOp(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): ReturnType<Binding['executeOp']> {
    refuseDraw(this.#refusals, name);
    for (const id of inputs) if (!this.#origins.has(id)) this.#capture(id);
    const outputs = this.#native.executeOp(name, attributes, inputs, outputCount);
    const entry = {
      name,
      attributes: Object.fromEntries(attributes.map((a) => [a.name, this.#encode(name, a)])),
      shapes: outputs.map(({ shape }) => [...shape]),
    };
    this.#record(
      { entry, inputs: [...inputs] },
      outputs.map(({ id }) => id),
    );
    return outputs;
  }

  #record(recorded: Recorded, outputs: readonly number[]): void {
    this.#records.push(recorded);
    outputs.forEach((id, output) => {
      this.#origins.set(id, { recorded, output });
    });
  }

  #encode(operation: string, nativeAttribute: NativeAttribute): Encoded {
    const encoded = encodeNative(nativeAttribute);
    if (encoded) return encoded;
    throw this.#refusals.refuse(
      `its operation ${operation} has an attribute '${nativeAttribute.name}' of a kind that graphs are not written ` +
        'with here; write it in other tf operations',
    );
  }

  /** A tensor from outside never changes and becomes a constant; a variable could change and is refused. */
  #capture(id: number): void {
    const variable = this.#variables.get(id);
    if (variable !== undefined) {
      throw this.#refusals.refuse(
        `it uses the tf.variable '${variable}', whose value now would be taken for all steps; ` +
          "if it is a number make it one of the penalty's parameters, or a tensor if it never changes",
      );
    }
    const values = this.#native.tensorDataSync(id);
    const dtype =
      values instanceof Float32Array
        ? DataType.float
        : values instanceof Int32Array
          ? DataType.int32
          : DataType.bool;
    const shapeAttributes = [
      { name: 'T', type: AttributeKind.type, value: dtype },
      { name: 'out_type', type: AttributeKind.type, value: DataType.int32 },
    ];
    const [shape] = this.#native.executeOp('Shape', shapeAttributes, [id], 1);
    if (!shape) throw new Error('TensorFlow gave no shape');
    const sizes = [...this.#native.tensorDataSync(shape.id)];
    this.#native.deleteTensor(shape.id);
    this.#recordConstant(id, { dtype, shape: sizes, values: toElements(dtype, values, this.#refusals) });
  }

  #recordConstant(id: number, { dtype, shape, values }: ConstantValue): void {
    const entry: Constant = { name: 'Const', dtype, shape: [...shape], values };
    this.#record({ entry, inputs: [] }, [id]);
  }

  /** The record of what the results need, in terms of names instead of handles. */
  finish(results: Named<tf.Tensor>): Trace {
    // A result may be a constant that no operation has used and that is still JavaScript's: this uploads it.
    const handles = mapNamed(results, handleOf);
    for (const id of Object.values(handles)) if (!this.#origins.has(id)) this.#capture(id);
    const kept = this.#neededFor(Object.values(handles));
    const positions = new Map(kept.map((recorded, position) => [recorded, position]));
    const nameOf = (id: number): ValueName => {
      const origin = this.#originOf(id);
      return 'argument' in origin ? origin.argument : `%${positions.get(origin.recorded)}:${origin.output}`;
    };
    return {
      results: mapNamed(handles, nameOf),
      operations: kept.map(({ entry, inputs }) =>
        'values' in entry ? entry : { ...entry, inputs: inputs.map(nameOf) },
      ),
    };
  }

  /** The records without which these tensors would not be there, in the order in which they were executed. */
  #neededFor(handles: readonly number[]): Recorded[] {
    const needed = new Set<Recorded>();
    const waiting = [...handles];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const origin = this.#originOf(id);
      if ('argument' in origin || needed.has(origin.recorded)) continue;
      needed.add(origin.recorded);
      waiting.push(...origin.recorded.inputs);
    }
    return this.#records.filter((recorded) => needed.has(recorded));
  }

  #originOf(id: number): Origin {
    const origin = this.#origins.get(id);
    if (!origin) throw new Error(`native tensor ${id} was used before it was there`);
    return origin;
  }
}

/** A copy of a constant's numbers; a single one if all are equal (zeros, ones): that keeps graphs small. */
function toElements(dtype: number, values: unknown, refusals: Refusals): Elements {
  const type = { [DataType.float]: Float32Array, [DataType.int32]: Int32Array, [DataType.bool]: Uint8Array }[
    dtype
  ];
  if (!type) {
    throw refusals.refuse(
      'it uses a constant that is neither float32, int32 nor bool; use float32, int32 or bool',
    );
  }
  const elements = type.from(values as ArrayLike<number>);
  const first = elements[0];
  return elements.length > 1 && elements.every((value: number) => value === first)
    ? elements.slice(0, 1)
    : elements;
}
