/**
 * The parts of tfjs-node that tracing reaches below tf's public interface: its backend, and the native binding under
 * it, through which every operation passes. tfjs-node 4.22, whose version package.json fixes.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';

/** The numbers of an array of one of the element types below. */
export type Elements = Float32Array | Int32Array | Uint8Array;

/** TensorFlow's numbers for element types (types.proto). */
export const DataType = {
  float: 1,
  int32: 3,
  uint8: 4,
  int64: 9,
  bool: 10,
  quint8: 12,
  bfloat16: 14,
  resource: 20,
} as const;

/** TensorFlow's numbers for kinds of attributes (TF_AttrType in c_api.h). */
export const AttributeKind = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

/** An attribute of an operation as tfjs-node's kernels write it; a list if `value` is an array, save for a shape. */
export interface NativeAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** A tensor that an operation made: its handle and its content. */
export interface NativeTensor {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** The native functions. A tensor is known by a number that is never given twice. */
export interface Binding {
  readonly TF_Version: string;
  createTensor(shape: readonly number[], dtype: number, values: unknown): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Elements;
  executeOp(
    operation: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): NativeTensor[];
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(model: number): void;
  /** Feeds the tensors named in `feeds` and returns those named in `fetches`; names are separated by commas. */
  runSavedModel(model: number, inputs: readonly number[], feeds: string, fetches: string): NativeTensor[];
  getNumOfTensors(): number;
  getNumOfSavedModels(): number;
}

/** tfjs-node's backend. */
export interface NativeBackend extends tf.KernelBackend {
  binding: Binding;
  /** The handles of tensors; uploads those whose numbers are still JavaScript's. */
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  /** tf's tensor for a native one. */
  createOutputTensor(native: NativeTensor): tf.Tensor;
  /** Executes any of TensorFlow's operations that has one result. */
  executeSingleOutput(
    operation: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly tf.TensorInfo[],
  ): tf.Tensor;
}

/** The native backend, which must be registered. */
export function nativeBackend(): NativeBackend {
  return tf.findBackend('tensorflow') as NativeBackend; // getInputTensorIds is private there, but all there is.
}

/** tf's tensor for a native one, which the scope that is open frees. */
export function tensorOf(native: NativeTensor): tf.Tensor {
  return nativeBackend().createOutputTensor(native);
}

/** The native handle of a tensor. */
export function handleOf(tensor: tf.TensorInfo): number {
  return nativeBackend().getInputTensorIds([tensor])[0] as number;
}
