import { canonicalJson } from '../provenance/canonicalJson';
import { sha256 } from '../provenance/sha256';
import type { Dataset } from './dataset';

/** The SHA-256 of all that training reads: the numbers as stored, their scale and form, and the labels. */
export function dataChecksum({ values, count, dim, scale, labels }: Dataset): string {
  const form = {
    type: values instanceof Uint8Array ? 'uint8' : 'float32',
    count,
    dim,
    scale,
    labelled: !!labels,
  };
  return sha256([canonicalJson(form), sha256(values), labels ? sha256(labels) : ''].join('\n'));
}
