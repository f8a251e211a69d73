import { canonicalJson } from '../provenance/canonicalJson';
import { sha256 } from '../provenance/sha256';
import type { Dataset } from './dataset';
import { type ExampleStream, isExampleStream } from './exampleStream';

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
export function rowsChecksum(data: Dataset | ExampleStream): string {
  if (isExampleStream(data)) return streamChecksum(data);
  const { values, count, dim, scale } = data;
  const known = checksums.get(data) ?? dataChecksum({ values, count, dim, scale, labels: undefined });
  checksums.set(data, known);
  return known;
}

/** Rows of a stream that its checksum covers, so that it is another one when the code that makes them is. */
const CHECKED_ROWS = 100;

/** The SHA-256 of what determines a stream's rows, and of the first of them. */
export function streamChecksum(stream: ExampleStream): string {
  const { identity, dim, count } = stream;
  const first = stream.take(Math.min(CHECKED_ROWS, count));
  return sha256([canonicalJson({ identity, dim, count }), sha256(first.values)].join('\n'));
}
