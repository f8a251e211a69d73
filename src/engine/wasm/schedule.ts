/**
 * In which order a program's operations run, which of them run in one loop, and how threads share them.
 *
 * Threads run in *phases*. In a phase each thread computes its rows of everything that the phase makes, one step after another,
 * without waiting; between phases all wait for each other. So a step is put into a later phase only if it reads what another
 * thread makes.
 *
 * @module
 */
import { columnsFor, type Id, inputsOf, type Operation, type Program } from './program';

type MapOrReduce = Extract<Operation, { kind: 'map' | 'reduce' }>;

/** A step of the schedule. */
export type Step = Loop | Single | End;

interface Shared {
  /**
   * How many rows of the result threads share; 0 if the first thread does it all. A thread's share of as many rows is the same in
   * every step, whatever the rows are.
   */
  readonly shared: number;
}

/** Operations on the elements of one matrix, computed in one walk over it; most results never reach memory. */
export interface Loop extends Shared {
  readonly kind: 'loop';
  readonly rows: number;
  readonly columns: number;
  readonly ids: readonly Id[];
}

/** An operation with a kernel of its own. */
export interface Single extends Shared {
  readonly kind: 'single';
  readonly id: Id;
}

/** The use of a result at the end of a step: a gradient moves its parameter, a loss is noted. */
export interface End extends Shared {
  readonly kind: 'end';
  readonly name: string;
  readonly result: Id;
  /** The argument whose numbers it changes, after all reads of them. */
  readonly changes?: string;
}

/** An end that is asked for; `rows` are the argument's own. */
export type WantedEnd = Omit<End, 'kind' | 'shared'> & { readonly rows: number };

/** A program in order. */
export interface Schedule {
  /** In each phase the steps that threads share come first, those of the first thread last. */
  readonly phases: readonly (readonly Step[])[];
  /** The results that must be in memory: those that another step reads, and the program's. */
  readonly stored: ReadonlySet<Id>;
}

/** An array that a step reads or makes; `byRows` if each thread touches only its share. */
export interface Access {
  readonly id: Id;
  readonly byRows: boolean;
}

/** Below this many numbers one thread does it all: waiting for the others takes as long. */
const WORTH_SHARING = { loop: 2 ** 12, product: 2 ** 16, columnSums: 2 ** 17 };

/** Shares are multiples of four rows. */
const FEWEST_ROWS = 8;

/**
 * Puts each operation into the earliest loop that it fits into, and each step into the earliest phase.
 *
 * @param given How many rows of an argument threads have shared when they made it, in the first phase.
 */
export function schedule(
  program: Program,
  ends: readonly WantedEnd[],
  given: ReadonlyMap<string, number>,
): Schedule {
  const { operations, results } = program;
  /** The phase in which each array is made, and the thread. */
  const makers = new Map<Id, { readonly shared: number; readonly phase: number }>();
  operations.forEach((operation, id) => {
    const rows = operation.kind === 'argument' ? given.get(operation.name) : undefined;
    if (rows !== undefined) makers.set(id, { shared: rows, phase: 0 });
  });
  const readers = new Map<string, { readonly access: Access; readonly shared: number; phase: number }[]>();
  const stored = new Set(Object.values(results));
  const phases: Step[][] = [];

  const add = (open: OpenStep, sharedRows: (rowsOf: (id: Id) => number | undefined) => number) => {
    const shared = sharedRows((id) => makers.get(id)?.shared);
    const step = { ...open, shared } as Step;
    let phase = 0;
    const wait = (there: { readonly shared: number; readonly phase: number }, byRows: boolean) => {
      const sameThread = there.shared === shared && (byRows || shared === 0);
      phase = Math.max(phase, there.phase + (sameThread ? 0 : 1));
    };
    const reads = readsOf(step, operations);
    for (const { id, byRows } of reads) {
      const maker = makers.get(id);
      if (maker) wait(maker, byRows);
      if (operations[id]?.kind !== 'argument' && operations[id]?.kind !== 'constant') stored.add(id);
    }
    if (step.kind === 'end' && step.changes !== undefined) {
      for (const { access, ...there } of readers.get(step.changes) ?? []) wait(there, access.byRows);
    }
    for (const access of reads) {
      const operation = operations[access.id] as Operation;
      if (operation.kind !== 'argument') continue;
      const known = readers.get(operation.name) ?? [];
      readers.set(operation.name, [...known, { access, shared, phase }]);
    }
    for (const id of madeBy(step)) makers.set(id, { shared, phase });
    while (phases.length <= phase) phases.push([]);
    phases[phase]?.push(step);
  };

  for (const open of fused(program)) {
    if (open.kind === 'single') {
      add(open, (rowsOf) => rowsToShare(operations[open.id] as Operation, rowsOf));
      continue;
    }
    const inputs = open.ids.flatMap((id) => elementInputs(operations[id] as MapOrReduce));
    const rowsOf = (id: Id) => makers.get(id)?.shared;
    const columns = open.columns ?? columnsLike(open.size, inputs, rowsOf, operations);
    const rows = open.size / columns;
    add({ kind: 'loop', rows, columns, ids: open.ids }, () => {
      const follows = inputs.some((id) => rowsOf(id) === rows);
      const isWorthIt = follows || open.size * open.ids.length >= WORTH_SHARING.loop;
      return rows >= FEWEST_ROWS && isWorthIt ? rows : 0;
    });
  }
  for (const { rows, ...end } of ends) {
    const { size } = operations[end.result] as Operation;
    add({ kind: 'end', ...end }, (rowsOf) => {
      const isWorthIt = size >= WORTH_SHARING.loop && rows >= FEWEST_ROWS;
      return rowsOf(end.result) || (isWorthIt ? rows : 0);
    });
  }
  const inOrder = (steps: readonly Step[]) => [
    ...steps.filter(({ shared }) => shared > 0),
    ...steps.filter(({ shared }) => shared === 0),
  ];
  return { phases: phases.map(inOrder), stored };
}

/** The arrays that a step makes. */
export function madeBy(step: Step): readonly Id[] {
  if (step.kind === 'loop') return step.ids;
  return step.kind === 'single' ? [step.id] : [];
}

/** The arrays that a step reads, its own not among them. */
export function readsOf(step: Step, operations: readonly Operation[]): readonly Access[] {
  if (step.kind === 'end') return [{ id: step.result, byRows: true }];
  if (step.kind === 'loop') {
    const own = new Set(step.ids);
    return step.ids
      .flatMap((id) => elementReads(operations[id] as MapOrReduce))
      .filter(({ id }) => !own.has(id))
      .map(({ id, spread }) => ({ id, byRows: spread === 'each' || spread === 'byRow' }));
  }
  const operation = operations[step.id] as Operation;
  const inputs = inputsOf(operation);
  if (operation.kind === 'product') {
    const { left, right, where } = operation;
    return [
      { id: left.id, byRows: !left.transposed },
      { id: right.id, byRows: false },
      ...(where === undefined ? [] : [{ id: where, byRows: true }]),
    ];
  }
  return inputs.map((id) => ({ id, byRows: isRowWise(operation) }));
}

/** How many rows of what a kernel makes are worth sharing. */
function rowsToShare(operation: Operation, rowsOf: (id: Id) => number | undefined): number {
  const shareable = (rows: number, isWorthIt: boolean) => (rows >= FEWEST_ROWS && isWorthIt ? rows : 0);
  if (operation.kind === 'product') {
    const [m, k, n] = operation.sizes;
    return shareable(m, operation.offsets.length === 1 && m * k * n >= WORTH_SHARING.product);
  }
  if (operation.kind === 'reduce') {
    const { rows, columns } = operation;
    return shareable(columns, rows * columns >= WORTH_SHARING.columnSums);
  }
  if (operation.kind === 'call' && isRowWise(operation)) {
    const [rows = 0, columns = 0] = operation.numbers;
    const follows = operation.inputs.some((id) => rowsOf(id) === rows);
    return shareable(rows, follows || rows * columns >= WORTH_SHARING.loop);
  }
  return 0;
}

/** Whether a kernel computes each row from one row. */
function isRowWise(operation: Operation): boolean {
  return (
    operation.kind === 'call' && ['running_sum', 'top_k_values', 'top_k_indices'].includes(operation.kernel)
  );
}

/** A step before it is known which threads share it. */
type OpenStep = Omit<Loop, 'shared'> | Omit<Single, 'shared'> | Omit<End, 'shared'>;

/** A loop to which operations may still be added. */
interface OpenLoop {
  readonly kind: 'loop';
  readonly size: number;
  columns: number | undefined;
  readonly ids: Id[];
}

/** Puts each operation into the earliest loop that it fits into. */
function fused({ operations }: Program): (OpenLoop | Omit<Single, 'shared'>)[] {
  const steps: (OpenLoop | Omit<Single, 'shared'>)[] = [];
  /** The step that makes an array; none makes arguments and constants. */
  const madeIn = new Map<Id, number>();

  operations.forEach((operation, id) => {
    if (operation.kind === 'argument' || operation.kind === 'constant') return;
    if (!runsInLoops(operation)) {
      madeIn.set(id, steps.push({ kind: 'single', id }) - 1);
      return;
    }
    const [size, columns] = spaceOf(operation);
    const after = Math.max(-1, ...inputsOf(operation).map((input) => madeIn.get(input) ?? -1));
    const fits = (index: number) => {
      const step = steps[index];
      if (step?.kind !== 'loop' || step.size !== size) return false;
      if (columns !== undefined && step.columns !== undefined && columns !== step.columns) return false;
      return index > after || readsElements(operation, (input) => madeIn.get(input) === index, operations);
    };
    let index = Math.max(0, after);
    while (index < steps.length && !fits(index)) index++;
    const step = steps[index];
    if (step?.kind === 'loop') {
      step.columns ??= columns;
      step.ids.push(id);
    } else steps.push({ kind: 'loop', size, columns, ids: [id] });
    madeIn.set(id, index);
  });
  return steps;
}

function runsInLoops(operation: Operation): operation is MapOrReduce {
  return operation.kind === 'map' || (operation.kind === 'reduce' && operation.of === 'rows');
}

/** How many elements an operation walks over, and in rows of how many, if that matters. */
function spaceOf(operation: MapOrReduce): [size: number, columns: number | undefined] {
  if (operation.kind === 'map') return [operation.size, operation.columns];
  return [operation.rows * operation.columns, operation.columns];
}

function elementReads(operation: MapOrReduce) {
  return operation.kind === 'map' ? operation.operands : [{ id: operation.input, spread: 'each' as const }];
}

function elementInputs(operation: MapOrReduce): Id[] {
  return elementReads(operation).flatMap(({ id, spread }) => (spread === 'each' ? [id] : []));
}

/** Whether what an operation reads of a loop's own results is elements, which the loop has at hand. */
function readsElements(
  operation: MapOrReduce,
  isMadeThere: (id: Id) => boolean,
  operations: readonly Operation[],
): boolean {
  return elementReads(operation).every(
    ({ id, spread }) =>
      !isMadeThere(id) ||
      (operations[id]?.kind === 'map' && (spread === 'each' || spaceOf(operation)[0] === 1)),
  );
}

/** How long a loop's rows are where nothing says so: as those of what it reads, so that threads share both in the same way. */
function columnsLike(
  size: number,
  inputs: readonly Id[],
  rowsOf: (id: Id) => number | undefined,
  operations: readonly Operation[],
): number {
  for (const id of inputs) {
    const rows = rowsOf(id);
    if (rows && operations[id]?.size === size && size % rows === 0) return size / rows;
  }
  return columnsFor(size);
}
