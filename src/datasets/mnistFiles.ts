/**
 * The four files of MNIST, and of its replacements, in all common forms.
 *
 * @module
 */
import { platform } from '#platform';
import { type IdxArray, parseIdx } from './idx';
import { filesIn, readVerified } from './verifiedFile';

/** MNIST's two parts, by the names that its files have. */
export type Part = 'train' | 't10k';

/** The original names of the files. */
export type FileName = `${Part}-images-idx3-ubyte` | `${Part}-labels-idx1-ubyte`;

/** The SHA-256 of each file, unpacked. */
export type Checksums = Readonly<Record<FileName, string>>;

/** The whole editions, by name. `datasets/README.md` also has their older MD5. */
export const ORIGINALS = {
  MNIST: {
    'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
  'Fashion-MNIST': {
    'train-images-idx3-ubyte': 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    'train-labels-idx1-ubyte': 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    't10k-images-idx3-ubyte': '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    't10k-labels-idx1-ubyte': '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
  },
} as const satisfies Record<string, Checksums>;

/** The file of each checksum, for users who have swapped two files. */
const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(ORIGINALS).flatMap(([edition, checksums]) =>
    Object.entries(checksums).map(([name, sha256]) => [sha256, `${name} of ${edition}`] as const),
  ),
);

/** Four files in a folder. */
export interface Edition {
  readonly folder: string;
  readonly checksums: Checksums;
  /** Images in each part. */
  readonly counts: Readonly<Record<Part, number>>;
  /** How to restore the right files, as a sentence. */
  readonly remedy: string;
}

/** How many images the whole editions have. */
export const WHOLE = { train: 60_000, t10k: 10_000 } as const;

/** A folder of a user's own that holds a whole edition. */
export function ownFolder(folder: string, name: keyof typeof ORIGINALS): Edition {
  const checksums = ORIGINALS[name];
  const files = Object.keys(checksums).join(', ');
  const remedy = `The folder must hold the original files of ${name}, each with or without .gz: ${files}`;
  return { folder, checksums, counts: WHOLE, remedy };
}

/** Images and labels of one part. */
export function readPart(edition: Edition, part: Part): { images: IdxArray; labels: IdxArray } {
  const count = edition.counts[part];
  return {
    images: readIdx(edition, `${part}-images-idx3-ubyte`, 16 + count * 28 * 28),
    labels: readIdx(edition, `${part}-labels-idx1-ubyte`, 8 + count),
  };
}

function readIdx({ folder, checksums, remedy }: Edition, name: FileName, size: number): IdxArray {
  const path = placeOf(folder, name);
  if (path === undefined) {
    const wanted = platform.files.join(folder, name);
    throw new Error(
      `${wanted} must be there, with SHA-256 ${checksums[name]}; got: no such file, ${filesIn(folder)}. ${remedy}`,
    );
  }
  const expected = { path, sha256: checksums[name], size, gzipped: 'either', remedy, others: NAMES } as const;
  return parseIdx(readVerified(expected), path);
}

/**
 * Where a file lies: in the folder itself or in torchvision's `raw`; under its original name or with a dot before `idx`;
 * compressed or not; or, as some archives are unpacked, in a folder of its own name.
 */
function placeOf(folder: string, name: FileName): string | undefined {
  const { join, exists } = platform.files;
  const names = [name, name.replace('-idx', '.idx')].flatMap((form) => [form, `${form}.gz`]);
  const folders = ['', 'raw', join('MNIST', 'raw'), join('FashionMNIST', 'raw')];
  for (const inner of folders) {
    for (const form of names) {
      const place = inner === '' ? join(folder, form) : join(folder, inner, form);
      if (exists(place)) return exists(join(place, form)) ? join(place, form) : place;
    }
  }
  return undefined;
}
