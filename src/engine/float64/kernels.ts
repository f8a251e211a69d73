import * as tf from '@tensorflow/tfjs';
import { alongAxes } from './alongAxes';
import { arrangement } from './arrangement';
import { type Attributes, broadcast, type Doubles, given, type Kernel } from './doubles';
import { binary, comparisons, named, predicates, unary } from './elementwise';
import { matMul } from './matMul';

/** tf's operations in double precision, by tf's names: all that losses of vectors are made of. */
export const kernels: Readonly<Record<string, Kernel>> = {
  ...mapped(
    unary,
    (compute) =>
      ({ x }, attributes) =>
        applied(given(x), (value) => compute(value, attributes)),
  ),
  ...mapped(predicates, (holds) => ({ x }) => ({
    ...applied(given(x), (value) => Number(holds(value))),
    dtype: 'bool',
  })),
  ...mapped(
    binary,
    (compute) =>
      ({ a, b }) =>
        broadcast(given(a), given(b), compute),
  ),
  ...mapped(comparisons, (holds) => ({ a, b }) => ({
    ...broadcast(given(a), given(b), (left, right) => Number(holds(left, right))),
    dtype: 'bool',
  })),
  ...mapped(
    named,
    ({ inputs: [first, second], compute }) =>
      (inputs) =>
        broadcast(given(inputs[first]), given(inputs[second]), compute),
  ),
  ...alongAxes,
  ...arrangement,
  AddN: (inputs) => Object.values(inputs).reduce((sum, x) => broadcast(sum, x, (a, b) => a + b)),
  BatchMatMul: ({ a, b }, { transposeA, transposeB }) =>
    matMul(a, b, Boolean(transposeA), Boolean(transposeB)),
};

/** Registers every kernel under the backend's name, and for operations of other backends that lack one a refusal. */
export function registerFloat64Kernels(backendName: string, otherBackend: string): void {
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    tf.registerKernel({ kernelName, backendName, kernelFunc: onTensors(kernel) });
  }
  for (const { kernelName } of tf.getKernelsForBackend(otherBackend)) {
    if (kernelName in kernels) continue;
    const kernelFunc = () => {
      throw new Error(
        `gradientCheck has no float64 version of tf's operation ${kernelName}; write the loss in other tf operations`,
      );
    };
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
}

function mapped<T>(
  table: Readonly<Record<string, T>>,
  toKernel: (entry: T) => Kernel,
): Record<string, Kernel> {
  return Object.fromEntries(Object.entries(table).map(([name, entry]) => [name, toKernel(entry)]));
}

const applied = ({ values, shape }: Doubles, compute: (x: number) => number): Doubles => ({
  values: values.map((value) => compute(value)),
  shape,
});

/** Wraps a function of arrays as tf expects a kernel. */
function onTensors(kernel: Kernel): tf.KernelConfig['kernelFunc'] {
  return ({ inputs, attrs, backend }) => {
    const { readSync, write } = backend as tf.KernelBackend;
    const tensors = Object.entries(inputs as Record<string, tf.TensorInfo>);
    // The backend reads and writes doubles, for which tf's types have no name.
    const doubles = Object.fromEntries(
      tensors.map(([name, { dataId, shape, dtype }]) => [
        name,
        { values: readSync.call(backend, dataId) as unknown as Float64Array, shape, dtype },
      ]),
    );
    const attributes = (attrs ?? {}) as Attributes;
    const defaultType = (attributes.dtype ?? tensors[0]?.[1].dtype ?? 'float32') as tf.DataType;
    const toTensor = ({ values, shape, dtype = defaultType }: Doubles): tf.TensorInfo => {
      const dataId = write.call(backend, values as unknown as Float32Array, [...shape], dtype);
      return { dataId, shape: [...shape], dtype };
    };
    const results = kernel(doubles, attributes);
    return Array.isArray(results) ? results.map(toTensor) : toTensor(results as Doubles);
  };
}
