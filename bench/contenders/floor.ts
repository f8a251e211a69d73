/**
 * No contender: the five matrix products of each step alone, on the same backend and nothing else of the step, as if
 * they were spread over the processors without any loss. One processor computes its share of them.
 *
 *     z = x Wₑ,  x̂ = h W_d,  ∂h = ∂x̂ W_dᵀ,  ∂W_d = hᵀ ∂x̂,  ∂Wₑ = xᵀ ∂z
 *
 * @module
 */
import { backendReady, tf } from 'sparselab';
import {
  AttributeKind,
  DataType,
  handleOf,
  type NativeTensor,
  nativeBackend,
} from 'sparselab/dist/engine/native/binding';
import { EXAMPLES, INPUT, serve, work } from './common';

async function main(): Promise<void> {
  await backendReady();
  const { binding } = nativeBackend();
  const dtype = work.precision === 'bfloat16' ? DataType.bfloat16 : DataType.float;
  const random = (rows: number, columns: number) => {
    const numbers = handleOf(tf.randomUniform([rows, columns]));
    const types = [
      { name: 'SrcT', type: AttributeKind.type, value: DataType.float },
      { name: 'DstT', type: AttributeKind.type, value: dtype },
    ];
    return dtype === DataType.float
      ? numbers
      : (binding.executeOp('Cast', types, [numbers], 1)[0] as NativeTensor).id;
  };
  const { batchSize, hiddenDim } = work;
  const [x, h] = [random(batchSize, INPUT), random(batchSize, hiddenDim)];
  const [encoder, decoder] = [random(INPUT, hiddenDim), random(hiddenDim, INPUT)];
  const products = [
    [x, encoder, false, false],
    [h, decoder, false, false],
    [x, decoder, false, true],
    [h, x, true, false],
    [x, h, true, false],
  ] as const;

  await serve(() => {
    const steps = (Math.floor(EXAMPLES / batchSize) * work.strengths.length) / work.threads;
    for (let step = 0; step < steps; step++) {
      for (const [a, b, transposeA, transposeB] of products) {
        const attributes = [
          { name: 'T', type: AttributeKind.type, value: dtype },
          { name: 'transpose_a', type: AttributeKind.bool, value: transposeA },
          { name: 'transpose_b', type: AttributeKind.bool, value: transposeB },
        ];
        for (const { id } of binding.executeOp('MatMul', attributes, [a, b], 1)) binding.deleteTensor(id);
      }
    }
    return { loss: Number.NaN };
  });
}

void main();
