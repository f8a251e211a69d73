/**
 * The pictures in words, for those who do not see them, and as readouts.
 *
 * @module
 */
import type { Row, Snapshot } from '../messages';
import type { Settings } from '../settings';

/** A fraction as one reads it. */
export const percent = (fraction: number): string => {
  if (!Number.isFinite(fraction)) return '–';
  const value = 100 * fraction;
  if (value > 1000) return `${value.toExponential(1)} %`;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} %`;
};

/** An error as one reads it: three digits. */
export const short = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '–';

/** Where a training is, as a sentence. */
export function stateInWords(
  { epoch, unexplained, l0, dead }: Row,
  { units }: Settings,
  mcc?: number,
): string {
  const truth = mcc === undefined ? '' : `, an MCC of ${mcc.toFixed(2)} with the true features`;
  return (
    `After ${Math.round(epoch)} epochs ${percent(unexplained)} of the variance is unexplained, ` +
    `with ${l0.toFixed(1)} of ${units} units active per example; ${dead} never are${truth}.`
  );
}

/** The dictionary, as a sentence. */
export function dictionaryInWords({ active }: Snapshot, [height, width]: readonly [number, number]): string {
  const all = Array.from(active);
  const dead = all.filter((share) => share === 0).length;
  const rare = all.filter((share) => share > 0 && share < 0.1).length;
  const always = all.filter((share) => share > 0.99).length;
  return (
    `The dictionary: ${all.length} units, each a picture of ${height} × ${width} weights. ` +
    `${rare} are active for less than a tenth of the examples, ${always} for nearly all, ${dead} for none.`
  );
}

/** The other pictures, each as a sentence, by the place where it is. */
export function picturesInWords(row: Row, { zero, most, found }: Snapshot): Readonly<Record<string, string>> {
  const epochs = `over ${Math.round(row.epoch)} epochs, at the end`;
  const near = Array.from(found ?? []).filter((cosine) => Math.abs(cosine) > 0.9).length;
  return {
    '#error-curve svg': `The unexplained variance ${epochs} ${percent(row.unexplained)}.`,
    '#l0-curve svg': `The active units per example ${epochs} ${row.l0.toFixed(1)}.`,
    '#histogram svg': `How strong activations are: ${percent(zero)} are exactly zero, the largest is ${short(most)}.`,
    '#pairs': `8 examples and their reconstructions, with a mean squared error of ${short(row.mse)}.`,
    '#features': `${found?.length ?? 0} true features, of which ${near} have a unit with a cosine above 0.9.`,
  };
}
