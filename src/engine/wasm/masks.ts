/**
 * Products of which only a part is needed: the gradient of a code counts only for units that are active.
 *
 * tf would compute the rest too and multiply it by 0, which gives 0, unless the rest is not finite.
 *
 * @module
 */
import type { MapFunction } from './mapFunctions';
import { type Id, inputsOf, type Operation } from './program';

/** The functions that make masks: arrays in which many numbers are exactly 0. */
const MASKS: readonly MapFunction[] = [
  'select',
  'greater',
  'greaterOrEqual',
  'less',
  'lessOrEqual',
  'notEqual',
];

/** The functions of which a mask's zeros, as operands instead of other numbers, make no infinity or NaN. */
const SAFE: readonly MapFunction[] = ['identity', 'add', 'subtract', 'multiply', 'negate'];

/**
 * The operations, with `where` at each product whose numbers are all multiplied by the same mask in the end, element by element.
 *
 * @param needed The operations that count.
 * @param results The operations whose numbers are needed everywhere.
 */
export function masked(
  operations: readonly Operation[],
  needed: ReadonlySet<Id>,
  results: ReadonlySet<Id>,
): Operation[] {
  const readers = new Map<Id, Id[]>();
  for (const id of needed) {
    for (const input of inputsOf(operations[id] as Operation)) {
      readers.set(input, [...(readers.get(input) ?? []), id]);
    }
  }
  /** The mask outside of which an array is not needed; `undefined` if it is needed everywhere. */
  const maskOf = new Map<Id, Id | undefined>();
  for (const id of [...needed].sort((a, b) => b - a)) {
    const masks = new Set(
      results.has(id) ? [undefined] : readers.get(id)?.map((reader) => maskFor(id, reader)),
    );
    maskOf.set(id, masks.size === 1 ? [...masks][0] : undefined);
  }
  const result = [...operations];
  operations.forEach((operation, id) => {
    const where = maskOf.get(id);
    if (operation.kind !== 'product' || operation.offsets.length !== 1 || where === undefined) return;
    if (!usedFor(result, where).has(id)) result[id] = { ...operation, where };
  });
  return result;

  /** The mask that `reader` puts on `id`. */
  function maskFor(id: Id, reader: Id): Id | undefined {
    const operation = operations[reader] as Operation;
    if (operation.kind !== 'map' || !SAFE.includes(operation.apply)) return undefined;
    if (operation.operands.some((of) => of.id === id && of.spread !== 'each')) return undefined;
    const inherited = maskOf.get(reader);
    if (inherited !== undefined || operation.apply !== 'multiply') return inherited;
    const other = operation.operands.find((of) => of.id !== id);
    const factor = other?.spread === 'each' ? operations[other.id] : undefined;
    return factor?.kind === 'map' && MASKS.includes(factor.apply) ? other?.id : undefined;
  }
}

/** An operation and all that it uses, directly or not. */
function usedFor(operations: readonly Operation[], id: Id): ReadonlySet<Id> {
  return new Set(inOrder(operations, [id]));
}

/** These operations, each after those that it uses. */
export function inOrder(operations: readonly Operation[], ids: readonly Id[]): Id[] {
  const order = new Set<Id>();
  const add = (id: Id) => {
    if (order.has(id)) return;
    for (const input of inputsOf(operations[id] as Operation)) add(input);
    order.add(id);
  };
  for (const id of ids) add(id);
  return [...order];
}
