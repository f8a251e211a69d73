import { type Constant, isConstant, type Operation } from './trace';

/**
 * An entry of a trace in the operation that is fastest in a graph: tfjs-node multiplies all matrices with
 * BatchMatMulV2, but for single ones MatMul takes half the time where one side is narrow ([128, 784] × [784, 64]).
 */
export function lowered(entry: Operation | Constant): Operation | Constant {
  if (isConstant(entry) || entry.name !== 'BatchMatMulV2' || entry.shapes[0]?.length !== 2) return entry;
  const { T, adj_x, adj_y } = entry.attributes;
  if (!T || !adj_x || !adj_y) return entry;
  return { ...entry, name: 'MatMul', attributes: { T, transpose_a: adj_x, transpose_b: adj_y } };
}
