/**
 * Products of which only a part is needed: the gradient of a code counts only for units that are active.
 *
 * tf would compute the rest too and multiply it by 0, which gives 0, unless the rest is not finite.
 *
 * @module
 */
import type { MapFunction } from './mapFunctions';
import { type Id, inputsOf, type Operation, type Program, renamed } from './program';

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

/** The program with `where` at each product whose numbers are all multiplied by the same mask in the end, element by element. */
export function masked({ operations: given, results }: Program): Program {
  const operations = [...given];
  const readers = new Map<Id, Id[]>();
  given.forEach((operation, id) => {
    for (const input of inputsOf(operation)) readers.set(input, [...(readers.get(input) ?? []), id]);
  });
  /** For each array the mask without which it is not needed; `undefined` if all of it is. */
  const maskOf = new Map<Id, Id | undefined>(Object.values(results).map((id) => [id, undefined]));
  for (let id = given.length - 1; id >= 0; id--) {
    if (maskOf.has(id)) continue;
    const masks = new Set(readers.get(id)?.map((reader) => maskFor(id, reader)));
    maskOf.set(id, masks.size === 1 ? [...masks][0] : undefined);
  }
  given.forEach((operation, id) => {
    const where = maskOf.get(id);
    if (operation.kind !== 'product' || operation.offsets.length !== 1 || where === undefined) return;
    if (!inOrder(operations, [where]).includes(id)) operations[id] = { ...operation, where };
  });
  // A mask may have come later than its product.
  const order = inOrder(operations, [...operations.keys()]);
  const moved = new Map(order.map((before, after) => [before, after]));
  const rename = (id: Id) => moved.get(id) as Id;
  return {
    operations: order.map((id) => renamed(operations[id] as Operation, rename)),
    results: Object.fromEntries(Object.entries(results).map(([name, id]) => [name, rename(id)])),
  };

  /** The mask that `reader` puts on `id`. */
  function maskFor(id: Id, reader: Id): Id | undefined {
    const operation = given[reader] as Operation;
    if (operation.kind !== 'map' || !SAFE.includes(operation.apply)) return undefined;
    if (operation.operands.some((of) => of.id === id && of.spread !== 'each')) return undefined;
    const inherited = maskOf.get(reader);
    if (inherited !== undefined || operation.apply !== 'multiply') return inherited;
    const other = operation.operands.find((of) => of.id !== id);
    const factor = other?.spread === 'each' ? given[other.id] : undefined;
    return factor?.kind === 'map' && MASKS.includes(factor.apply) ? other?.id : undefined;
  }
}

/** These operations and all that they use, each after those that it uses itself. */
function inOrder(operations: readonly Operation[], ids: readonly Id[]): Id[] {
  const order = new Set<Id>();
  const add = (id: Id) => {
    if (order.has(id)) return;
    for (const input of inputsOf(operations[id] as Operation)) add(input);
    order.add(id);
  };
  for (const id of ids) add(id);
  return [...order];
}
