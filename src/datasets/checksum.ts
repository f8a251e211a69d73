import { canonicalJson } from '../provenance/canonicalJson';
import { sha256 } from '../provenance/sha256';
import type { Dataset } from './dataset';
import { type ExampleStream, isExampleStream } from './exampleStream';

/** The part of a data set that the checksum covers. */
type Checked = Pick<Dataset, 'values' | 'count' | 'dim' | 'scale' | 'labels'>;

/** The SHA-256 of a data set: the numbers as stored, their scale and form, and the labels. */
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

/** The same without the labels, which no training reads: what states before version 0.2 hold. */
export function storedChecksum({ values, count, dim, scale }: Dataset): string {
  return dataChecksum({ values, count, dim, scale, labels: undefined });
}

/** Numbers that are made and hashed at a time: 4 MB. */
const NUMBERS_AT_ONCE = 1 << 20;

const checksums = new WeakMap<Dataset, string>();

/**
 * The SHA-256 of the rows as a model sees them: float32, scaled; not how they are stored, and no labels. −0 counts as 0.
 * Remembered for each data set, so what is not a data set should be made one once.
 */
export function rowsChecksum(data: Dataset | ExampleStream): string {
  if (isExampleStream(data)) return streamChecksum(data);
  const known = checksums.get(data);
  if (known !== undefined) return known;
  const { count, dim } = data;
  const rowsAtOnce = Math.max(1, Math.floor(NUMBERS_AT_ONCE / dim));
  const parts = [canonicalJson({ count, dim })];
  for (let start = 0; start < count; start += rowsAtOnce) {
    const length = Math.min(rowsAtOnce, count - start);
    const rows = data.gather(Uint32Array.from({ length }, (_, index) => start + index));
    // Adding 0 leaves every number but −0 as it is.
    for (let index = 0; index < rows.length; index++) rows[index] = (rows[index] as number) + 0;
    parts.push(sha256(rows));
  }
  const checksum = sha256(parts.join('\n'));
  checksums.set(data, checksum);
  return checksum;
}

/** Rows of a stream that its checksum covers, so that it is another one when the code that makes them is. */
const CHECKED_ROWS = 100;

/** The SHA-256 of a stream's settings and first rows. */
export function streamChecksum(stream: ExampleStream): string {
  const { identity, dim, count } = stream;
  const first = stream.take(Math.min(CHECKED_ROWS, count));
  return sha256([canonicalJson({ identity, dim, count }), sha256(first.values)].join('\n'));
}
