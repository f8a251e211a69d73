/**
 * Tracing: a function of tensors is called once, and every native operation that it executes is written down.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { guarded, Refusals, refuseDraw, refuseRead, refuseVariable, unlike } from '../refusals';
import { mapNamed, type Named } from '../step';
import type { ArgumentType, Traceable } from '../stepFunction';
import { type ConstantValue, encodeNative } from './attributes';
import {
  AttributeKind,
  type Binding,
  DataType,
  type Elements,
  handleOf,
  type NativeAttribute,
  type NativeTensor,
  nativeBackend,
  tensorOf,
} from './binding';
import { entryDifference, requireSame } from './compareTraces';
import type { Encoded } from './protobuf';
import { type Constant, isConstant, type Operation, type Trace, type ValueName, valueName } from './trace';

/**
 * Traces a function on the native backend.
 *
 * @param makeArguments Makes example tensors by name; they are freed.
 * @param body A function of these tensors; the tensors that it makes are freed too.
 * @throws TraceError if the function does something that a graph could not repeat.
 */
export function trace(makeArguments: () => Named<tf.Tensor>, body: Traceable): Trace {
  return record(new Recorder(), makeArguments, body);
}

/**
 * Calls a function again, next to its trace, to see whether it still does the same. Nothing is computed: the trace has the
 * result of each operation except its numbers, which the function must not see.
 *
 * @param types What the arguments are.
 * @throws TraceError naming the first thing that is no longer as it was.
 */
export function retrace(before: Trace, types: Named<ArgumentType>, body: Traceable): void {
  const recorder = new Recorder(before);
  const makeArguments = () =>
    mapNamed(types, ({ shape, dtype }) =>
      tensorOf(recorder.imagined(shape, dtype === 'int32' ? DataType.int32 : DataType.float)),
    );
  requireSame(before, record(recorder, makeArguments, body));
}

function record(recorder: Recorder, makeArguments: () => Named<tf.Tensor>, body: Traceable): Trace {
  const backend = nativeBackend();
  const { binding } = backend;
  const { refusals } = recorder;
  tf.engine().startScope();
  try {
    const args = makeArguments();
    recorder.nameArguments(args);
    backend.binding = recorder.binding;
    const results = guarded(refusals, backend, () => body(args));
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

class Recorder {
  readonly refusals = new Refusals();
  /** The native functions, written down as they are called. */
  readonly binding: Binding;
  readonly #native = nativeBackend().binding;
  readonly #before: Trace | undefined;
  readonly #operations: (Operation | Constant)[] = [];
  readonly #names = new Map<number, ValueName>();
  /** The handles that are recomputed in every step: arguments, and results of operations. */
  readonly #computed = new Set<number>();
  /** Constants made in JavaScript that no operation has used yet. */
  readonly #made = new Map<number, ConstantValue>();
  readonly #variables: ReadonlyMap<number, string>;
  // Negative ones are never freed natively; −1 is tfjs-node's own.
  #imaginedHandle = -2;

  /** @param before An earlier trace, which says what comes out of operations; without it they are executed. */
  constructor(before?: Trace) {
    this.#before = before;
    const variables = Object.values(tf.engine().registeredVariables);
    this.#variables = new Map(variables.map((variable) => [handleOf(variable), variable.name]));
    // The native functions are read-only properties: the recording ones hide them.
    const recording: Partial<Binding> = {
      createTensor: (shape, dtype, values) => this.#createTensor(shape, dtype, values),
      executeOp: (name, attributes, inputs, count) => this.#executeOp(name, attributes, inputs, count),
      tensorDataSync: (id) => this.#read(id),
    };
    this.binding = Object.create(this.#native, Object.getOwnPropertyDescriptors(recording)) as Binding;
  }

  nameArguments(args: Named<tf.Tensor>): void {
    for (const [name, tensor] of Object.entries(args)) this.#nameComputed(handleOf(tensor), name);
  }

  /** A placeholder for a native tensor: it has a shape and a type, but no numbers. */
  imagined(shape: readonly number[], dtype: number): NativeTensor {
    return { id: this.#imaginedHandle--, shape, dtype };
  }

  finish(results: Named<tf.Tensor>): Trace {
    return {
      results: mapNamed(results, (tensor) => this.#nameOf(handleOf(tensor))),
      operations: this.#operations,
    };
  }

  #createTensor(shape: readonly number[], dtype: number, values: unknown): number {
    const id = this.#native.createTensor(shape, dtype, values);
    this.#made.set(id, { dtype, shape: [...shape], values: toElements(dtype, values, this.refusals) });
    return id;
  }

  #executeOp(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): NativeTensor[] {
    refuseDraw(this.refusals, name);
    const call = {
      name,
      attributes: Object.fromEntries(attributes.map((a) => [a.name, this.#encode(name, a)])),
      inputs: inputs.map((id) => this.#nameOf(id)),
    };
    const outputs = this.#before
      ? this.#recall(this.#before, call)
      : this.#native.executeOp(name, attributes, inputs, outputCount);
    const position = this.#operations.push({
      ...call,
      shapes: outputs.map(({ shape }) => [...shape]),
      dtypes: outputs.map(({ dtype }) => dtype),
    });
    outputs.forEach(({ id }, output) => {
      this.#nameComputed(id, valueName(position - 1, output));
    });
    return outputs;
  }

  #nameComputed(id: number, name: ValueName): void {
    this.#names.set(id, name);
    this.#computed.add(id);
  }

  /** Reads a constant, as tf.gather does to check its indices: the numbers of no other tensor stay the same. */
  #read(id: number): Elements {
    if (this.#computed.has(id) || this.#variables.has(id)) refuseRead(this.refusals);
    return this.#native.tensorDataSync(id);
  }

  /** The earlier result of the operation at this place, provided that it is the same one. */
  #recall(before: Trace, call: Pick<Operation, 'name' | 'attributes' | 'inputs'>): NativeTensor[] {
    const position = this.#operations.length;
    const known = before.operations[position];
    const { shapes = [], dtypes = [] } = known && !isConstant(known) ? known : {};
    const difference = entryDifference(before, position, { ...call, shapes, dtypes });
    if (difference) throw this.refusals.refuse(unlike(difference));
    return shapes.map((shape, output) => this.imagined(shape, dtypes[output] as number));
  }

  #encode(operation: string, nativeAttribute: NativeAttribute): Encoded {
    const encoded = encodeNative(nativeAttribute);
    if (encoded) return encoded;
    throw this.refusals.refuse(
      `its operation ${operation} has an attribute '${nativeAttribute.name}' of a kind that graphs are not written ` +
        'with here; write it in other tf operations',
    );
  }

  /** The name of a tensor; one that has none yet becomes a constant. */
  #nameOf(id: number): ValueName {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const value = this.#made.get(id) ?? this.#known(id) ?? this.#capture(id);
    const position = this.#operations.push({ name: 'Const', handle: id, ...value });
    const name = valueName(position - 1, 0);
    this.#names.set(id, name);
    return name;
  }

  /** A tensor from outside that the earlier trace contains. Tensors never change. */
  #known(id: number): ConstantValue | undefined {
    const entry = this.#before?.operations[this.#operations.length];
    return entry && isConstant(entry) && entry.handle === id ? entry : undefined;
  }

  /** The numbers of a tensor from outside. A variable could change and is refused. */
  #capture(id: number): ConstantValue {
    const variable = this.#variables.get(id);
    if (variable !== undefined) refuseVariable(this.refusals, variable);
    const values = this.#native.tensorDataSync(id);
    const dtype =
      values instanceof Float32Array
        ? DataType.float
        : values instanceof Int32Array
          ? DataType.int32
          : DataType.bool;
    return { dtype, shape: this.#shapeOf(id, dtype), values: toElements(dtype, values, this.refusals) };
  }

  #shapeOf(id: number, dtype: number): number[] {
    const attributes = [
      { name: 'T', type: AttributeKind.type, value: dtype },
      { name: 'out_type', type: AttributeKind.type, value: DataType.int32 },
    ];
    const [shape] = this.#native.executeOp('Shape', attributes, [id], 1);
    if (!shape) throw new Error('TensorFlow gave no shape');
    const sizes = [...this.#native.tensorDataSync(shape.id)];
    this.#native.deleteTensor(shape.id);
    return sizes;
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
  const numbers = values as ArrayLike<number>;
  return numbers.length > 1 && areEqual(numbers) ? type.of(numbers[0] as number) : new type(numbers);
}

function areEqual(numbers: ArrayLike<number>): boolean {
  // A plain loop: most of the cost of retracing is here.
  for (let i = 1; i < numbers.length; i++) if (numbers[i] !== numbers[0]) return false;
  return true;
}
