/**
 * Tracing: a function of tensors is called once, on a tf backend that computes nothing, and its operations are written down.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';
import { guarded, Refusals, refuseRead, refuseVariable, TraceError, unlike } from '../refusals';
import { mapNamed, type Named } from '../step';
import type { ArgumentType, Traceable } from '../stepFunction';
import { lowerings, NotLowered } from './lowerings';
import { masked } from './masks';
import { inputsOf, keyOf, type Operation, type Program, ProgramWriter, type View } from './program';

const NAME = 'recording';

/** tf's handle of a tensor's numbers: an empty object that only serves as a key. */
type DataId = object;
type BackendValues = Parameters<tf.KernelBackend['write']>[0];

/** The content of a tensor: numbers that JavaScript made, or an array of the program. */
interface Stored {
  readonly made?: { readonly values: ArrayLike<number>; readonly dtype: tf.DataType };
  view?: View;
  references: number;
}

/** A tf backend whose tensors have a shape and a type, but numbers only if they are constants. */
class RecordingBackend extends tf.KernelBackend {
  /** The function that is being traced. */
  recording: { readonly writer: ProgramWriter; readonly refusals: Refusals } | undefined;
  private readonly stored = new WeakMap<DataId, Stored>();
  private count = 0;

  override write(values: BackendValues, _shape: number[], dtype: tf.DataType): DataId {
    const dataId = {};
    this.move(dataId, values, _shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: DataId,
    values: BackendValues,
    _shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    this.keep(dataId, { made: { values: values as ArrayLike<number>, dtype }, references });
  }

  /** The array of the program that a tensor is. */
  viewOf({ dataId, shape, dtype }: tf.TensorInfo): View {
    const stored = this.stored.get(dataId);
    if (stored?.view) return { id: stored.view.id, shape };
    const { writer, refusals } = this.now;
    const variable = stored ? undefined : variableOf(dataId);
    if (variable !== undefined) refuseVariable(refusals, variable);
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw refusals.refuse(
        'it uses a constant that is neither float32, int32 nor bool; use float32, int32 or bool',
      );
    }
    const values = stored?.made?.values ?? ownerOf(dataId).readSync(dataId);
    const numbers = Float32Array.from(values as ArrayLike<number>);
    // Whole numbers that float32 does not hold.
    if (dtype === 'int32' && numbers.some((number) => Math.abs(number) > 2 ** 24))
      throw new NotLowered('large int32');
    const view = writer.constant(numbers, shape);
    if (stored) stored.view = view;
    return view;
  }

  /**
   * tf's tensor for an array of the program.
   *
   * @param source A tensor of the same array. Both then live as long as one of them does, as on other backends.
   */
  tensorOf(view: View, dtype: tf.DataType, source?: tf.TensorInfo): tf.TensorInfo {
    const shape = [...view.shape];
    if (source && source.dtype === dtype) {
      this.incRef(source.dataId);
      return { dataId: source.dataId, shape, dtype };
    }
    const dataId = {};
    this.keep(dataId, { view, references: 1 });
    return { dataId, shape, dtype };
  }

  get now(): NonNullable<RecordingBackend['recording']> {
    if (!this.recording) throw new Error('nothing is being traced');
    return this.recording;
  }

  override readSync(dataId: DataId): Float32Array {
    const stored = this.stored.get(dataId);
    // A tensor from outside is read where it is.
    if (!stored) return ownerOf(dataId).readSync(dataId) as Float32Array;
    if (!stored.made) return refuseRead(this.now.refusals);
    return tf.util.toTypedArray([...Array.from(stored.made.values)], stored.made.dtype) as Float32Array;
  }

  override numDataIds(): number {
    return this.count;
  }

  override incRef(dataId: DataId): void {
    const stored = this.stored.get(dataId);
    if (stored) stored.references++;
    else ownerOf(dataId).incRef(dataId);
  }

  override refCount(dataId: DataId): number {
    return this.stored.get(dataId)?.references ?? 0;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const stored = this.stored.get(dataId);
    if (!stored) return true;
    stored.references--;
    if (!force && stored.references > 0) return false;
    this.stored.delete(dataId);
    this.count--;
    return true;
  }

  override dispose(): void {}

  override memory() {
    return { unreliable: false };
  }

  override timerAvailable(): boolean {
    return false;
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  private keep(dataId: DataId, stored: Stored): void {
    this.stored.set(dataId, stored);
    this.count++;
  }
}

/** The backend that holds a tensor. */
function ownerOf(dataId: DataId): tf.KernelBackend {
  const info = tf.engine().state.tensorInfo.get(dataId);
  if (!info) throw new Error('this tensor has been disposed');
  return info.backend;
}

/** The name of the variable that a tensor is. */
function variableOf(dataId: DataId): string | undefined {
  return Object.values(tf.engine().registeredVariables).find((variable) => variable.dataId === dataId)?.name;
}

let registered: RecordingBackend | undefined;

/** The backend; registered when it is needed first, or when another copy of this module has taken its place. */
function recordingBackend(): RecordingBackend {
  if (registered && tf.findBackend(NAME) === registered) return registered;
  const backend = new RecordingBackend();
  forgetOther();
  tf.registerBackend(NAME, () => backend, 0);
  const unknown = tf.getKernelsForBackend(tf.getBackend()).map(({ kernelName }) => kernelName);
  for (const kernelName of new Set([...unknown, ...Object.keys(lowerings)])) {
    tf.registerKernel({
      kernelName,
      backendName: NAME,
      kernelFunc: ({ inputs, attrs }) => {
        const lower = lowerings[kernelName];
        if (!lower) throw new NotLowered(kernelName);
        const tensors = Object.entries(inputs as Record<string, tf.TensorInfo>);
        const types = tensors.map(([, { dtype }]) => dtype);
        const views = mapNamed(Object.fromEntries(tensors), (tensor) => backend.viewOf(tensor));
        const results = lower(backend.now.writer, views, (attrs ?? {}) as Record<string, unknown>, types);
        const toTensor = ({ dtype = types[0] ?? 'float32', ...view }: View & { dtype?: tf.DataType }) => {
          const source = tensors.find(([name]) => views[name]?.id === view.id)?.[1];
          return backend.tensorOf(view, dtype, source);
        };
        return Array.isArray(results) ? results.map(toTensor) : toTensor(results as View);
      },
    });
  }
  registered = backend;
  return backend;
}

/** Removes what another copy of this module has registered: after an edit a notebook loads it again, and tf stays the same. */
function forgetOther(): void {
  if (!tf.findBackendFactory(NAME)) return;
  for (const { kernelName } of tf.getKernelsForBackend(NAME)) tf.unregisterKernel(kernelName, NAME);
  tf.removeBackend(NAME);
}

/**
 * Traces a function.
 *
 * @param types What its arguments are.
 * @param body A function of tensors; its tensors are freed.
 * @returns `undefined` if it uses an operation of tf that programs do not have.
 * @throws TraceError if the function does something that a program could not repeat.
 */
export function record(types: Named<ArgumentType>, body: Traceable): Program | undefined {
  const backend = recordingBackend();
  const refusals = new Refusals();
  const writer = new ProgramWriter();
  const before = tf.getBackend();
  // The promise is for backends that start asynchronously; ours is in place when the call returns.
  void tf.setBackend(NAME);
  tf.engine().startScope();
  backend.recording = { writer, refusals };
  try {
    const args = mapNamed(types, ({ shape, dtype }, name) => {
      const { dataId } = backend.tensorOf(writer.argument(name, shape), dtype);
      return tf.engine().makeTensorFromDataId(dataId, [...shape], dtype, backend);
    });
    const results = guarded(refusals, backend, () => body(args));
    refusals.throwIfAny();
    return masked(writer.finish(mapNamed(results, (tensor) => backend.viewOf(tensor))));
  } catch (error) {
    if (error instanceof NotLowered) return undefined;
    // An error of tf's own may only be what a refusal led to.
    refusals.throwIfAny();
    throw error;
  } finally {
    backend.recording = undefined;
    tf.engine().endScope();
    void tf.setBackend(before);
  }
}

/**
 * Checks that a function does the same every time it is called.
 *
 * @throws TraceError naming what differs.
 */
export function requireSame(before: Program, after: Program | undefined): void {
  const difference = after ? differenceOf(before, after) : 'it uses other operations';
  if (difference) throw new TraceError(unlike(difference));
}

function differenceOf(before: Program, after: Program): string | undefined {
  for (const [id, operation] of before.operations.entries()) {
    const now = after.operations[id];
    if (now && keyOf(now) === keyOf(operation)) continue;
    if (operation.kind === 'constant' && now?.kind === 'constant') return changed(operation, now);
    if (!now) return `operation ${nameOf(operation)} became nothing`;
    // Numbers that the program has already make no operation of their own.
    return (
      changedOperand(operation, before, now, after) ??
      `operation ${nameOf(operation)} became ${nameOf(now)} or got other operands`
    );
  }
  if (after.operations.length !== before.operations.length) {
    return `${before.operations.length} operations became ${after.operations.length}`;
  }
  const result = Object.keys(before.results).find((name) => before.results[name] !== after.results[name]);
  return result && `the result ${result} became another value`;
}

/** The first constant that one of two operations has in place of another, if they differ in that. */
function changedOperand(
  operation: Operation,
  before: Program,
  now: Operation,
  after: Program,
): string | undefined {
  if (nameOf(operation) !== nameOf(now)) return undefined;
  const inputs = inputsOf(now);
  for (const [i, id] of inputsOf(operation).entries()) {
    const [one, other] = [before.operations[id], after.operations[inputs[i] as number]];
    if (one?.kind === 'constant' && other?.kind === 'constant' && keyOf(one) !== keyOf(other))
      return changed(one, other);
  }
  return undefined;
}

type Constant = Extract<Operation, { kind: 'constant' }>;

const changed = (before: Constant, after: Constant) =>
  `a constant changed from ${shown(before)} to ${shown(after)}`;

function nameOf(operation: Operation): string {
  return 'apply' in operation ? operation.apply : operation.kind;
}

function shown({ size, values }: Constant): string {
  if (size === 1) return `${values[0]}`;
  return `[${values.slice(0, 3).join(', ')}${size > 3 ? ', …' : ''}] (${size} numbers)`;
}
