import { platform } from '#platform';
import { Dataset } from './dataset';
import { byCommand, readVerified } from './verifiedFile';

const pixels = 64;

const file = {
  path: platform.projectFile('datasets/digits/digits.csv.gz'),
  sha256: '09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22',
  size: 57_523,
  remedy: byCommand('git checkout -- datasets/digits'),
};

let loaded: Dataset | undefined;

/**
 * 1797 handwritten digits of 8 × 8 pixels, 0 (paper) to 1 (ink), labelled 0–9: small enough to see every number.
 *
 * A pixel counts the ink in a block of 4 × 4 (0 … 16). A second call in the same process returns the same arrays.
 *
 * Reference: Alpaydin and Kaynak, "Cascading classifiers", 1998; this is the test part of UCI's "Optical Recognition
 * of Handwritten Digits", as scikit-learn ships it.
 *
 * @throws Error if the file is missing or was altered, with the command that restores it
 *
 * @example [loadDigits().count, loadDigits().dim] // → [1797, 64]
 */
export function loadDigits(): Dataset {
  loaded ??= readDigits();
  return loaded;
}

function readDigits(): Dataset {
  const rows = new TextDecoder()
    .decode(platform.gunzip(readVerified(file)))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(',').map(Number));
  return new Dataset({
    name: 'digits',
    values: Uint8Array.from(rows.flatMap((row) => row.slice(0, pixels))),
    count: rows.length,
    dim: pixels,
    scale: 1 / 16,
    labels: Uint8Array.from(rows, (row) => row[pixels] as number),
    classNames: Array.from('0123456789'),
    imageShape: [8, 8],
    source:
      'E. Alpaydin and C. Kaynak: Optical Recognition of Handwritten Digits (UCI); from scikit-learn 1.9.1',
    licence: 'CC BY 4.0; BSD 3-Clause',
  });
}
