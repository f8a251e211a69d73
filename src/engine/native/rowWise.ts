/**
 * Which operations can be computed block by block: a row of the result needs the same row of the operands and no other.
 *
 * @module
 */
import type { Operation } from './trace';
import type { Value } from './value';

/** TensorFlow's operations on each element by itself, after broadcasting, out of those that tfjs-node calls. */
const ELEMENTWISE: ReadonlySet<string> = new Set([
  ...['Add', 'AddN', 'Sub', 'Mul', 'RealDiv', 'FloorDiv', 'FloorMod', 'Pow', 'SquaredDifference'],
  ...['Maximum', 'Minimum', 'Abs', 'Neg', 'Sign', 'Reciprocal', 'Square', 'Sqrt', 'Rsqrt', 'Atan2'],
  ...['Exp', 'Expm1', 'Log', 'Log1p', 'Floor', 'Ceil', 'Round', 'Erf', 'Sin', 'Cos', 'Tan'],
  ...['Sinh', 'Cosh', 'Tanh', 'Asin', 'Acos', 'Atan', 'Asinh', 'Acosh', 'Atanh'],
  ...['Relu', 'ReluGrad', 'Relu6', 'LeakyRelu', 'Elu', 'EluGrad', 'Selu', 'Sigmoid', 'Softplus'],
  ...['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'],
  ...['LogicalAnd', 'LogicalOr', 'LogicalNot', 'IsNan', 'IsInf', 'IsFinite'],
  ...['Cast', 'ZerosLike', 'OnesLike', 'Select'],
]);

/** Operations that take axes together. */
const REDUCTIONS: ReadonlySet<string> = new Set(['Sum', 'Mean', 'Prod', 'Max', 'Min', 'All', 'Any']);

/**
 * Which operands have to be cut into row blocks like the result; the others go whole into each block.
 *
 * @returns `undefined` if a row of the result needs more than its own row.
 */
export function operandsToCut(
  { name, shapes }: Operation,
  operands: readonly Value[],
): readonly boolean[] | undefined {
  const [shape = []] = shapes;
  if (REDUCTIONS.has(name)) {
    const axes = operands[1]?.constant?.values;
    return axes !== undefined && axes.length > 0 && axes.every((axis) => axis > 0)
      ? [true, false]
      : undefined;
  }
  // Along the last axis.
  if (name === 'TopKV2') return shape.length > 1 ? [true, false] : undefined;
  if (!ELEMENTWISE.has(name)) return undefined;
  const sameRank = operands.map((operand) => operand.shape.length === shape.length);
  // A condition of lower rank chooses whole rows instead of being broadcast.
  if (name === 'Select' && sameRank.includes(false)) return undefined;
  return operands.map((operand, k) => sameRank[k] === true && operand.shape[0] === shape[0]);
}
