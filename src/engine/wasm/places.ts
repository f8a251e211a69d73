/**
 * The places of results in memory.
 *
 * @module
 */
import type { Id, Operation, Program } from './program';
import { type Loop, madeBy, readsOf, type Schedule, type Step } from './schedule';

/** A place in memory: at a number, or so far behind where a member's own arrays begin. */
export interface Place {
  readonly ofMember: boolean;
  readonly at: number;
}

/** Bytes that an array takes: whole vectors, and one more, which loops may read beyond the end. */
export function bytesFor(size: number): number {
  return 4 * (Math.ceil(size / 4) * 4) + 16;
}

/** When an array is touched: the step of the sequence, the phase, and the thread. */
interface Touch {
  readonly index: number;
  readonly phase: number;
  /** Each thread touches its share of this many rows; 0: the first thread touches it all. `undefined`: any thread any of it. */
  readonly by: number | undefined;
}

/** An array's place while it is taken. */
interface Taken {
  readonly at: number;
  readonly bytes: number;
  readonly id: Id;
}

/**
 * Finds a place for every stored result, in memory that is used again once nobody needs what was there.
 *
 * Threads are at different steps of a phase. So a place is free in the next phase, and before that only for who touches the same
 * numbers of it in the same thread.
 *
 * @param start Where the memory begins.
 * @returns The places, and how many bytes they take.
 */
export function placeResults(
  { operations, results }: Program,
  { phases, stored }: Schedule,
  start: number,
): { places: ReadonlyMap<Id, Place>; bytes: number } {
  const sequence = phases.flatMap((steps, phase) => steps.map((step) => ({ step, phase })));
  const touches = new Map<Id, Touch[]>();
  const touch = (id: Id, of: Touch) => touches.set(id, [...(touches.get(id) ?? []), of]);
  sequence.forEach(({ step, phase }, index) => {
    for (const id of madeBy(step)) touch(id, { index, phase, by: step.shared });
    for (const { id, byRows } of readsOf(step, operations)) {
      touch(id, { index, phase, by: byRows || step.shared === 0 ? step.shared : undefined });
    }
  });
  const kept = new Set(Object.values(results));
  const lastTouch = (id: Id) => touches.get(id)?.at(-1) as Touch;

  const places = new Map<Id, Place>();
  /** Taken places, in the order of addresses. */
  let taken: Taken[] = [];
  let bytes = 0;
  const place = (id: Id) => {
    const needed = bytesFor((operations[id] as Operation).size);
    let at = 0;
    let position = 0;
    for (; position < taken.length; position++) {
      const next = taken[position] as Taken;
      if (next.at - at >= needed) break;
      at = next.at + next.bytes;
    }
    taken.splice(position, 0, { at, bytes: needed, id });
    places.set(id, { ofMember: false, at: start + at });
    bytes = Math.max(bytes, at + needed);
  };

  sequence.forEach(({ step, phase }, index) => {
    /** Whether in this phase nobody but the thread that now makes the same rows touches an array. */
    const isOwn = (id: Id) =>
      touches.get(id)?.every((other) => other.phase !== phase || other.by === step.shared) ?? true;
    taken = taken.filter(({ id }) => {
      if (kept.has(id)) return true;
      const last = lastTouch(id);
      const isDone = last.phase < phase || (step.shared === 0 && last.index < index && isOwn(id));
      return !isDone;
    });
    for (const id of madeBy(step)) {
      if (!stored.has(id)) continue;
      const { size } = operations[id] as Operation;
      const free = taken.find(({ id: old }) => {
        if (kept.has(old) || operations[old]?.size !== size || !isOwn(old)) return false;
        const last = lastTouch(old).index;
        return last < index || (last === index && isReadByElement(old, id, step));
      });
      if (free) {
        places.set(id, places.get(free.id) as Place);
        taken = taken.map((entry) => (entry === free ? { ...entry, id } : entry));
      } else place(id);
    }
  });
  return { places, bytes };

  /** Whether a loop reads each number of `old` before it writes the same one of `id`, and no other. */
  function isReadByElement(old: Id, id: Id, step: Step): boolean {
    if (step.kind !== 'loop' || operations[id]?.kind !== 'map' || step.ids.includes(old)) return false;
    return spreadsOf(old, step).every((spread) => spread === 'each');
  }

  function spreadsOf(input: Id, { ids }: Loop): string[] {
    return ids.flatMap((reader) => {
      const of = operations[reader] as Operation;
      if (of.kind === 'map') return of.operands.flatMap(({ id, spread }) => (id === input ? [spread] : []));
      return of.kind === 'reduce' && of.input === input ? ['each'] : [];
    });
  }
}
