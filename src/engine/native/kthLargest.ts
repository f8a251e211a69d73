/**
 * The k-th largest of very many numbers, exactly. tf only has `topk`, which sorts k numbers to know the last of them: half a second
 * for 32,768 of four million. Where a step takes nothing but that last one, the graph finds it by counting:
 *
 * 1. The numbers are taken in groups, and the largest of each group is looked at. At least k numbers are as large as the k-th
 *    largest of these, so it is at most the one that is looked for. Its first 16 bits are found by a histogram.
 * 2. Smaller numbers are left out. Two histograms of the few that remain find the first and the last 16 bits.
 *
 * The bits of a float32, those of negative ones turned round, are in the order of the numbers: so nothing is rounded.
 *
 * @module
 */
import { attribute } from './attributes';
import { DataType } from './binding';
import type { Edge, Graph } from './graph';
import { isConstant, type Trace, type ValueName } from './trace';
import type { Value } from './value';

/** The operation of a trace that {@link addKthLargest} writes: of x, and k as a constant. */
export const KTH_LARGEST = 'KthLargest';

/** For this many numbers or more, counting is quicker than sorting. */
const LEAST_NUMBERS = 2 ** 16;

/** Numbers per group, at most. */
const LARGEST_GROUP = 16;

/** So many times k there are groups, so that the k-th largest of them says enough. */
const GROUPS_PER_CHOSEN = 4;

const HALF_BITS = 16;
const HALVES = 2 ** HALF_BITS;

const float = attribute.type(DataType.float);
const int32 = attribute.type(DataType.int32);
const int64 = attribute.type(DataType.int64);
const bool = attribute.type(DataType.bool);

/** The trace with {@link KTH_LARGEST} in place of each `topk` of one long row of which only the last value is taken. */
export function withKthLargest(trace: Trace): Trace {
  const { operations } = trace;
  const entryOf = (name: ValueName | undefined) => {
    const [, position, output] = /^%(\d+):(\d+)$/.exec(name ?? '') ?? [];
    const entry = operations[Number(position)];
    return entry && { entry, output: Number(output) };
  };
  const numbersOf = (name: ValueName | undefined) => {
    const entry = entryOf(name)?.entry;
    return entry && isConstant(entry) ? entry.values : undefined;
  };
  return {
    ...trace,
    operations: operations.map((slice) => {
      if (isConstant(slice) || slice.name !== 'Slice') return slice;
      const { entry: sorted, output } = entryOf(slice.inputs[0]) ?? {};
      if (!sorted || isConstant(sorted) || sorted.name !== 'TopKV2' || output !== 0) return slice;
      const [x, k] = sorted.inputs as [ValueName, ValueName];
      const [count] = numbersOf(k) ?? [];
      const begin = numbersOf(slice.inputs[1]);
      const isLast = slice.shapes[0]?.join() === '1,1' && begin?.[1] === (count as number) - 1;
      const row = entryOf(x)?.entry;
      if (!isLast || !row || isConstant(row) || row.name !== 'Reshape') return slice;
      const size = row.shapes[0]?.[1] ?? 0;
      if (row.shapes[0]?.[0] !== 1 || size < LEAST_NUMBERS) return slice;
      // In whatever shape the numbers were before: so they may stay in row blocks.
      return { ...slice, name: KTH_LARGEST, attributes: {}, inputs: [row.inputs[0] as ValueName, k] };
    }),
  };
}

/** Adds {@link KTH_LARGEST}: a scalar. */
export function addKthLargest(graph: Graph, started: Edge, { rowBlocks, shape }: Value, k: number): Edge {
  const write = new Writer(graph, started);
  const inBlock = shape.reduce((size, axis) => size * axis, 1) / rowBlocks.length;
  const blocks = rowBlocks.map((block) => write.reshape(block, [-1]));
  const group = groupSize(inBlock, (GROUPS_PER_CHOSEN * k) / rowBlocks.length);
  const candidates = group > 1 ? write.atLeast(blocks, write.lowerBound(blocks, group, k)) : blocks;
  return write.select(write.concat(candidates), k);
}

/** The largest power of two that divides the numbers into at least so many groups. */
function groupSize(numbers: number, groups: number): number {
  let size = 1;
  while (size < LARGEST_GROUP && numbers % (2 * size) === 0 && numbers / (2 * size) >= groups) size *= 2;
  return size;
}

/** TensorFlow's operations of which the selection is made. */
class Writer {
  constructor(
    readonly graph: Graph,
    readonly started: Edge,
  ) {}

  reshape(x: Edge, shape: readonly number[]): Edge {
    return this.graph.add('Reshape', [x, this.#integers(shape)], { T: float, Tshape: int32 });
  }

  concat(vectors: readonly Edge[]): Edge {
    const [only, ...others] = vectors;
    if (only !== undefined && others.length === 0) return only;
    return this.graph.add('ConcatV2', [...vectors, this.#integers(0)], {
      T: float,
      N: attribute.int(vectors.length),
      Tidx: int32,
    });
  }

  /** A number to which at least k come up: the k-th largest among the largest of all groups, its last bits set to zero. */
  lowerBound(blocks: readonly Edge[], group: number, k: number): Edge {
    const largest = blocks.map((block) =>
      this.graph.add('Max', [this.reshape(block, [-1, group]), this.#integers([1])], {
        T: float,
        Tidx: int32,
        keep_dims: attribute.bool(false),
      }),
    );
    const first = this.#firstHalf(this.#keys(this.concat(largest)));
    const { half } = this.#digit(first, this.#integers(k));
    return this.#number(half, this.#integers(0));
  }

  /** Those of each block that are as large as a number. */
  atLeast(blocks: readonly Edge[], least: Edge): Edge[] {
    return blocks.map((block) =>
      this.#where(block, this.graph.add('GreaterEqual', [block, least], { T: float }), float),
    );
  }

  /** The k-th largest of a vector. */
  select(vector: Edge, k: number): Edge {
    const keys = this.#keys(vector);
    const first = this.#firstHalf(keys);
    const { half, rank } = this.#digit(first, this.#integers(k));
    const same = this.#where(keys, this.graph.add('Equal', [first, half], { T: int32 }), int32);
    const last = this.#binary('BitwiseAnd', same, HALVES - 1);
    return this.#number(half, this.#digit(last, rank).half);
  }

  /** The bits of numbers as integers that have the same order as the numbers; {@link #number} is the inverse. */
  #keys(x: Edge): Edge {
    return this.#inOrder(this.graph.add('Bitcast', [x], { T: float, type: int32 }));
  }

  /** For negative numbers all bits except the sign are inverted; doing it twice restores them. */
  #inOrder(bits: Edge): Edge {
    const turned = this.#binary('BitwiseAnd', this.#binary('RightShift', bits, 31), 0x7fffffff);
    return this.#binary('BitwiseXor', bits, turned);
  }

  /** The first 16 bits of keys, from 0. */
  #firstHalf(keys: Edge): Edge {
    return this.#binary('AddV2', this.#binary('RightShift', keys, HALF_BITS), HALVES / 2);
  }

  #number(first: Edge, last: Edge): Edge {
    const high = this.#binary('LeftShift', this.#binary('Sub', first, HALVES / 2), HALF_BITS);
    const bits = this.#inOrder(this.#binary('BitwiseOr', high, last));
    return this.graph.add('Bitcast', [bits], { T: int32, type: float });
  }

  /** The digit, one of 65536, of the number with this rank from above, and the number's rank among those with the same digit. */
  #digit(digits: Edge, rank: Edge): { half: Edge; rank: Edge } {
    const none = this.graph.constant(
      { dtype: DataType.int32, shape: [0], values: new Int32Array(0) },
      this.started,
    );
    const counts = this.graph.add('DenseBincount', [digits, this.#integers(HALVES), none], {
      Tidx: int32,
      T: int32,
      binary_output: attribute.bool(false),
    });
    const upFrom = this.graph.add('Cumsum', [counts, this.#integers(0)], {
      T: int32,
      Tidx: int32,
      reverse: attribute.bool(true),
      exclusive: attribute.bool(false),
    });
    const reached = this.graph.add('Cast', [this.graph.add('GreaterEqual', [upFrom, rank], { T: int32 })], {
      SrcT: bool,
      DstT: int32,
    });
    const sum = this.graph.add('Sum', [reached, this.#integers(0)], {
      T: int32,
      Tidx: int32,
      keep_dims: attribute.bool(false),
    });
    const half = this.#binary('Sub', sum, 1);
    const at = (vector: Edge) =>
      this.graph.add('GatherV2', [vector, half, this.#integers(0)], {
        Tparams: int32,
        Tindices: int32,
        Taxis: int32,
      });
    const larger = this.#binary('Sub', at(upFrom), at(counts));
    return { half, rank: this.#binary('Sub', rank, larger) };
  }

  #where(vector: Edge, mask: Edge, type: typeof float): Edge {
    const positions = this.graph.add('Where', [mask], { T: bool });
    return this.graph.add('GatherNd', [vector, positions], { Tparams: type, Tindices: int64 });
  }

  /** An operation of int32. */
  #binary(operation: string, a: Edge, b: Edge | number): Edge {
    return this.graph.add(operation, [a, typeof b === 'number' ? this.#integers(b) : b], { T: int32 });
  }

  #integers(value: number | readonly number[]): Edge {
    return this.graph.integers(value, this.started);
  }
}
