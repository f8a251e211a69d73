import type { ConstantValue } from './attributes';
import type { Edge } from './graph';

/** A value in the graph: in one piece, or cut along its first axis into blocks of equally many rows. */
export interface Value {
  readonly shape: readonly number[];
  readonly dtype: number;
  /** The row blocks from top to bottom; one alone is the whole value. */
  readonly rowBlocks: readonly Edge[];
  /** Its numbers, if they are known. */
  readonly constant?: ConstantValue;
}

/** A value in one piece. */
export function wholeValue(edge: Edge, shape: readonly number[], dtype: number): Value {
  return { shape, dtype, rowBlocks: [edge] };
}
