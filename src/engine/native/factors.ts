/**
 * Numbers that multiply a matrix, moved to where they multiply fewer numbers:
 *
 *     (c·e) Wᵀ  →  c·(e Wᵀ)        hᵀ (c·e)  →  (c·h)ᵀ e        Σ c·e  →  c·Σ e
 *
 * The gradient of a mean square is c·e with c = 2/n, as large as a batch, and only products and a sum use it.
 *
 * @module
 */
import { sizeOf } from '../float64/doubles';
import { isConstant, type Operation, type Trace, type ValueName, valueName } from './trace';
import { asMultiple, type Multiple, type Shape, TraceWriter } from './traceWriter';

/**
 * The same results up to rounding, from fewer multiplications; some that nothing needs any more are left.
 *
 * @param shapes Those of the arguments.
 */
export function withFactorsMoved(trace: Trace, shapes: ReadonlyMap<ValueName, Shape>): Trace {
  const shapeOf = shapesOf(trace, shapes);
  const movable = movableFactors(trace, shapeOf);
  const writer = new TraceWriter(shapes);
  const times = (number: ValueName, value: ValueName) =>
    writer.operation('Mul', [number, value], writer.shapeOf(value) as Shape);

  return writer.rewrite(trace, (entry, before, rename) => {
    if (isConstant(entry) || isConstant(before)) return undefined;
    const place = before.inputs.findIndex((input) => movable.has(input));
    const scaled = movable.get(before.inputs[place] ?? '');
    if (!scaled) return undefined;
    const [number, matrix] = [rename(scaled.number), rename(scaled.of)];
    const factor = otherFactor(before, place, shapeOf);
    const inputs = entry.inputs.map((input, k) => {
      if (k === place) return matrix;
      return factor === undefined ? input : times(number, input);
    });
    const result = writer.add({ ...entry, inputs });
    return factor === undefined ? times(number, result) : result;
  });
}

/** The numbers times a matrix that multiply less elsewhere, whatever uses them. */
function movableFactors(
  trace: Trace,
  shapeOf: ReadonlyMap<ValueName, Shape>,
): ReadonlyMap<ValueName, Multiple> {
  const users = new Map<ValueName, Operation[]>();
  for (const entry of trace.operations) {
    if (isConstant(entry)) continue;
    for (const input of new Set(entry.inputs)) users.set(input, [...(users.get(input) ?? []), entry]);
  }
  const results = new Set(Object.values(trace.results));
  const movable = new Map<ValueName, Multiple>();
  trace.operations.forEach((entry, position) => {
    const name = valueName(position, 0);
    if (isConstant(entry) || entry.shapes[0]?.length !== 2) return;
    const scaled = asMultiple(entry, (factor) => shapeOf.get(factor)?.length === 0);
    if (!scaled || results.has(name)) return;
    // A user of two such matrices, or of one twice, stays as it is.
    const sizes = (users.get(name) ?? []).map((user) => {
      const place = user.inputs.indexOf(name);
      const isAlone = user.inputs.every((input, k) => k === place || (input !== name && !movable.has(input)));
      if (!isAlone || !isLinear(user, place)) return Number.POSITIVE_INFINITY;
      const instead = otherFactor(user, place, shapeOf);
      return sizeOf(instead === undefined ? (user.shapes[0] as Shape) : (shapeOf.get(instead) as Shape));
    });
    const size = sizes.reduce((sum, each) => sum + each, 0);
    if (size < sizeOf(shapeOf.get(name) as Shape)) movable.set(name, scaled);
  });
  return movable;
}

/** Whether c times an operand gives c times the result. */
const isLinear = ({ name, shapes }: Operation, place: number) =>
  (name === 'BatchMatMulV2' && shapes[0]?.length === 2) || (name === 'Sum' && place === 0);

/** The other factor of a product, if it has fewer numbers than the result. */
function otherFactor(
  { name, inputs, shapes: [shape = []] }: Operation,
  place: number,
  shapeOf: ReadonlyMap<ValueName, Shape>,
): ValueName | undefined {
  const other = name === 'BatchMatMulV2' ? inputs[1 - place] : undefined;
  const size = other === undefined ? undefined : shapeOf.get(other);
  return size && sizeOf(size) < sizeOf(shape) ? other : undefined;
}

function shapesOf(
  { operations }: Trace,
  shapes: ReadonlyMap<ValueName, Shape>,
): ReadonlyMap<ValueName, Shape> {
  const all = operations.flatMap((entry, position) =>
    (isConstant(entry) ? [entry.shape] : entry.shapes).map(
      (shape, k) => [valueName(position, k), shape] as const,
    ),
  );
  return new Map([...shapes, ...all]);
}
