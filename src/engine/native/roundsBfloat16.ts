import { AttributeKind, DataType, nativeBackend } from './binding';

/**
 * Whether TensorFlow rounds a product of bfloat16 matrices to the nearest number, as oneDNN does. Without oneDNN it cuts the lower
 * bits off, and takes longer than for float32.
 */
export function roundsBfloat16(): boolean {
  const { binding } = nativeBackend();
  const made: number[] = [];
  const kept = (id: number) => {
    made.push(id);
    return id;
  };
  const run = (name: string, types: Readonly<Record<string, number>>, ...inputs: number[]) => {
    const attributes = Object.entries(types).map(([key, value]) => ({
      name: key,
      type: AttributeKind.type,
      value,
    }));
    return kept((binding.executeOp(name, attributes, inputs, 1)[0] as { id: number }).id);
  };
  const { float, bfloat16 } = DataType;
  try {
    // 3 · (1 + 2⁻⁷) lies halfway between 3 + 2⁻⁶ and the even 3 + 2·2⁻⁶.
    const [a, b] = [3, 1 + 2 ** -7].map((value) => {
      const wide = kept(binding.createTensor([1, 1], float, Float32Array.of(value)));
      return run('Cast', { SrcT: float, DstT: bfloat16 }, wide);
    }) as [number, number];
    const product = run('MatMul', { T: bfloat16 }, a, b);
    return binding.tensorDataSync(run('Cast', { SrcT: bfloat16, DstT: float }, product))[0] === 3 + 2 ** -5;
  } finally {
    for (const id of made) binding.deleteTensor(id);
  }
}
