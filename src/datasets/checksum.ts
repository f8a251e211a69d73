import { canonicalJson } from '../provenance/canonicalJson';
import { sha256 } from '../provenance/sha256';
import type { Dataset } from './dataset';

/** What of a data set the checksum covers. */
type Checked = Pick<Dataset, 'values' | 'count' | 'dim' | 'scale' | 'labels'>;

/** The SHA-256 of all that training reads: the numbers as stored, their scale and form, and the labels. */
export function dataChecksum({ values, count, dim, scale, labels }: Checked): string {
  const form = {
    type: values instanceof Uint8Array ? 'uint8' : 'float32',
    count,
    dim,
    scale,
    labelled: !!labels,
  };
  return sha256([canonicalJson(form), sha256(values), labels ? sha256(labels) : ''].join('\n'));
}

const checksums = new WeakMap<Dataset, string>();

/**
 * The SHA-256 of the rows as training reads them, without labels. Remembered for each data set: 60 ms for MNIST's 60,000
 * images.
 */
export function rowsChecksum(data: Dataset): string {
  const { values, count, dim, scale } = data;
  const known = checksums.get(data) ?? dataChecksum({ values, count, dim, scale, labels: undefined });
  checksums.set(data, known);
  return known;
}
