/**
 * In which order a program's operations run, which of them run in one loop, and where their results lie.
 *
 * @module
 */
import { type Id, inputsOf, type Operation, type Program } from './program';

type MapOrReduce = Extract<Operation, { kind: 'map' | 'reduce' }>;

/** Operations on the elements of one matrix, computed in one walk over it; most results never reach memory. */
export interface Loop {
  readonly kind: 'loop';
  readonly rows: number;
  readonly columns: number;
  readonly ids: readonly Id[];
}

/** An operation with a kernel of its own. */
export interface Single {
  readonly kind: 'single';
  readonly id: Id;
}

export type Step = Loop | Single;

/** A program in order. */
export interface Schedule {
  readonly steps: readonly Step[];
  /** The results that must be in memory: those that another step reads, and the program's. */
  readonly stored: ReadonlySet<Id>;
}

/** A loop to which operations may still be added. */
interface OpenLoop {
  readonly kind: 'loop';
  readonly size: number;
  columns: number | undefined;
  readonly ids: Id[];
}

/** Puts each operation into the earliest loop that it fits into. */
export function schedule({ operations, results }: Program): Schedule {
  const steps: (OpenLoop | Single)[] = [];
  /** The step that makes an array; none makes arguments and constants. */
  const madeIn = new Map<Id, number>();

  operations.forEach((operation, id) => {
    if (operation.kind === 'argument' || operation.kind === 'constant') return;
    if (operation.kind !== 'map' && operation.kind !== 'reduce') {
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

  const stored = new Set(Object.values(results));
  operations.forEach((operation, id) => {
    for (const input of inputsOf(operation)) {
      const maker = madeIn.get(input);
      if (maker !== undefined && maker !== madeIn.get(id)) stored.add(input);
    }
  });
  return {
    steps: steps.map((step): Step => {
      if (step.kind === 'single') return step;
      const columns = step.columns ?? columnsFor(step.size);
      return { kind: 'loop', rows: step.size / columns, columns, ids: step.ids };
    }),
    stored,
  };
}

/** How many elements an operation walks over, and in rows of how many, if that matters. */
function spaceOf(operation: MapOrReduce): [size: number, columns: number | undefined] {
  if (operation.kind === 'map') return [operation.size, operation.columns];
  const { rows, columns, of } = operation;
  return [rows * columns, of === 'rows' && rows === 1 ? undefined : columns];
}

/** Whether what an operation reads of a loop's own results is elements, which the loop has at hand. */
function readsElements(
  operation: MapOrReduce,
  isMadeThere: (id: Id) => boolean,
  operations: readonly Operation[],
): boolean {
  const reads = operation.kind === 'reduce' ? [{ id: operation.input, spread: 'each' }] : operation.operands;
  return reads.every(
    ({ id, spread }) =>
      !isMadeThere(id) ||
      (operations[id]?.kind === 'map' && (spread === 'each' || spaceOf(operation)[0] === 1)),
  );
}

/** The longest rows that a matrix may be cut into so that float32 adds up a row without losing digits. */
const LONGEST_ROW = 2048;

/** How long the rows are where nothing says so. */
function columnsFor(size: number): number {
  if (size <= LONGEST_ROW) return size;
  for (let columns = LONGEST_ROW; columns >= 64; columns -= 4) if (size % columns === 0) return columns;
  return size;
}

/** A place in memory: at a number, or so far behind where a member's own arrays begin. */
export interface Place {
  readonly ofMember: boolean;
  readonly at: number;
}

/** Bytes that an array takes: whole vectors, and one more, which loops may write over beyond the end. */
export function bytesFor(size: number): number {
  return 4 * (Math.ceil(size / 4) * 4) + 16;
}

/**
 * Finds a place for every stored result, in memory that is used again once nobody needs what was there.
 *
 * @param start Where the memory begins.
 * @param isKept Results that stay until the end.
 * @returns The places, and how many bytes they take.
 */
export function placeResults(
  { operations, results }: Program,
  { steps, stored }: Schedule,
  start: number,
): { places: ReadonlyMap<Id, Place>; bytes: number } {
  const lastUse = new Map<Id, number>();
  steps.forEach((step, index) => {
    const ids = step.kind === 'loop' ? step.ids : [step.id];
    for (const id of ids) {
      for (const input of inputsOf(operations[id] as Operation)) lastUse.set(input, index);
    }
  });
  for (const id of Object.values(results)) lastUse.set(id, steps.length);

  const places = new Map<Id, Place>();
  /** The chosen operations, in order. */
  let taken: { readonly at: number; readonly bytes: number; readonly id: Id }[] = [];
  let bytes = 0;
  const place = (id: Id, size: number) => {
    const needed = bytesFor(size);
    let at = 0;
    let position = 0;
    for (; position < taken.length; position++) {
      const next = taken[position] as (typeof taken)[number];
      if (next.at - at >= needed) break;
      at = next.at + next.bytes;
    }
    taken.splice(position, 0, { at, bytes: needed, id });
    places.set(id, { ofMember: false, at: start + at });
    bytes = Math.max(bytes, at + needed);
  };

  steps.forEach((step, index) => {
    const made = (step.kind === 'loop' ? step.ids : [step.id]).filter((id) => stored.has(id));
    for (const id of made) {
      const { size } = operations[id] as Operation;
      const inPlaceOf = step.kind === 'loop' ? whatItMayReplace(id, step, index) : undefined;
      if (inPlaceOf === undefined) {
        place(id, size);
        continue;
      }
      places.set(id, places.get(inPlaceOf) as Place);
      taken = taken.map((entry) => (entry.id === inPlaceOf ? { ...entry, id } : entry));
    }
    taken = taken.filter(({ id }) => (lastUse.get(id) ?? -1) > index);
  });
  return { places, bytes };

  /** An array that a loop reads for the last time, element by element, when it writes the result's elements. */
  function whatItMayReplace(id: Id, { rows, columns, ids }: Loop, index: number): Id | undefined {
    const operation = operations[id] as Operation;
    // The last vector of a row reaches into the next one, which must not have been read already.
    if (operation.kind !== 'map' || (rows > 1 && columns % 4 !== 0)) return undefined;
    const read = new Map<Id, boolean>();
    for (const reader of ids) {
      const of = operations[reader] as Operation;
      const operands = of.kind === 'map' ? of.operands : inputsOf(of).map((id) => ({ id, spread: 'each' }));
      for (const { id: input, spread } of operands) {
        read.set(input, (read.get(input) ?? true) && spread === 'each');
      }
    }
    for (const [input, byElement] of read) {
      const isFree = byElement && lastUse.get(input) === index && !ids.includes(input);
      const there = taken.some((entry) => entry.id === input);
      if (isFree && there && operations[input]?.size === operation.size) return input;
    }
    return undefined;
  }
}
