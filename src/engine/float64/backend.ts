import * as tf from '@tensorflow/tfjs';
import { registerFloat64Kernels } from './kernels';

const NAME = 'float64';

/** tf's handle of a tensor's numbers: an empty object that only serves as a key. */
type DataId = object;

/** The types of values that tf passes to a backend; we only ever see numbers. */
type BackendValues = Parameters<tf.KernelBackend['write']>[0];

/** An array, its type in tf, and the number of tensors that show it. */
interface Stored {
  readonly values: Float64Array;
  readonly dtype: tf.DataType;
  references: number;
}

/**
 * A tf backend in plain JavaScript that computes in double precision.
 *
 * tf knows no float64, and central differences of a float32 loss agree with a gradient to three digits at best.
 * On this backend the very code that trains (the loss, tf's automatic differentiation) runs with sixteen digits,
 * so that a gradient check says something. It is slow, and has what losses of vectors are made of: no convolutions,
 * images or complex numbers.
 */
class Float64Backend extends tf.KernelBackend {
  private readonly arrays = new WeakMap<DataId, Stored>();
  private count = 0;

  override write(values: BackendValues, _shape: number[], dtype: tf.DataType): DataId {
    const dataId = {};
    this.store(dataId, values, dtype, 1);
    return dataId;
  }

  override move(
    dataId: DataId,
    values: BackendValues,
    _shape: number[],
    dtype: tf.DataType,
    references: number,
  ) {
    this.store(dataId, values, dtype, references);
  }

  override readSync(dataId: DataId): Float32Array {
    const own = this.arrays.get(dataId);
    // A tensor from outside is read where it is: moved here, it would not come back as it was.
    const values = own?.values ?? toDoubles(ownerOf(dataId).readSync(dataId) as BackendValues);
    // Another backend, which takes over a tensor that was kept, gets what it can use.
    if (own && tf.getBackend() !== NAME) {
      return tf.util.toTypedArray(Array.from(values), own.dtype) as Float32Array;
    }
    // tf's types name the arrays it knows; callers inside this folder get what it really is.
    return values as unknown as Float32Array;
  }

  override async read(dataId: DataId): Promise<Float32Array> {
    return this.readSync(dataId);
  }

  override numDataIds(): number {
    return this.count;
  }

  override incRef(dataId: DataId): void {
    const array = this.arrays.get(dataId);
    if (array) array.references++;
    else ownerOf(dataId).incRef(dataId);
  }

  override refCount(dataId: DataId): number {
    return this.arrays.get(dataId)?.references ?? 0;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const array = this.arrays.get(dataId);
    if (!array) return true;
    array.references--;
    if (!force && array.references > 0) return false;
    this.arrays.delete(dataId);
    this.count--;
    return true;
  }

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
    return 1e-15;
  }

  private store(dataId: DataId, values: BackendValues, dtype: tf.DataType, references: number): void {
    this.arrays.set(dataId, { values: toDoubles(values), dtype, references });
    this.count++;
  }
}

function toDoubles(values: BackendValues): Float64Array {
  return values instanceof Float64Array ? values : Float64Array.from(values as ArrayLike<number>);
}

/** The backend that holds a tensor. */
function ownerOf(dataId: DataId): tf.KernelBackend {
  const info = tf.engine().state.tensorInfo.get(dataId);
  if (!info) throw new Error('this tensor has been disposed');
  return info.backend;
}

let backend: Float64Backend | undefined;

/**
 * Runs tf operations in double precision and returns what `compute` returns; the tensors that it makes are freed.
 *
 * @param compute Synchronous. Numbers that it reads from tensors are float64.
 */
export function inFloat64<T>(compute: () => T): T {
  if (!backend) {
    const instance = new Float64Backend();
    registerFloat64Kernels(NAME, tf.getBackend());
    tf.registerBackend(NAME, () => instance, 0);
    backend = instance;
  }
  const before = tf.getBackend();
  // The promise is for backends that start asynchronously; ours is in place when the call returns.
  void tf.setBackend(NAME);
  const engine = tf.engine();
  engine.startScope();
  try {
    return compute();
  } finally {
    engine.endScope();
    void tf.setBackend(before);
  }
}

/**
 * A tensor over the given doubles, without a copy: changing `values` changes the tensor. Only inside
 * {@link inFloat64}.
 */
export function float64Tensor(values: Float64Array, shape: readonly number[]): tf.Tensor {
  // tf.tensor would round to float32 first. tf's types know no doubles; this backend keeps what it is given.
  return tf.engine().makeTensor(values as unknown as Float32Array, [...shape], 'float32', backend);
}

/** The doubles of a tensor. Only inside {@link inFloat64}. */
export function float64Values(tensor: tf.Tensor): Float64Array {
  // The result of this backend's readSync, under the type that tf has for it.
  return tensor.dataSync() as unknown as Float64Array;
}
