import { platform } from '#platform';
import { boolean, type OptionsOf, optional, readOptions, text } from '../numbers/options';
import { Dataset } from './dataset';
import { type Edition as Files, ORIGINALS, ownFolder, type Part, readPart, WHOLE } from './mnistFiles';
import { byCommand } from './verifiedFile';

/** One of the two editions. */
interface Edition extends Files {
  readonly name: string;
}

/** Everything, as Debian's package `dataset-fashion-mnist` installs it. */
const whole: Edition = {
  name: 'Fashion-MNIST',
  folder: '/usr/share/datasets/fashion-mnist',
  checksums: ORIGINALS['Fashion-MNIST'],
  counts: WHOLE,
  remedy: byCommand('apt-get install --reinstall dataset-fashion-mnist'),
};

/** The first 5,000 and 1,000 images of everything. */
const sample: Edition = {
  name: 'Fashion-MNIST sample',
  folder: platform.projectFile('datasets/fashion-mnist'),
  checksums: {
    'train-images-idx3-ubyte': '626b8bf8433327de7912bae1d0e4c70fdcca53de33970297bf9a2205500c574a',
    'train-labels-idx1-ubyte': '86cccad95ab36653e416733235fc8fbb50b9429417f4eb2feb35e0b9a294e83c',
    't10k-images-idx3-ubyte': '7a6d8e07ea021ec5bc73135ebd0a5770799557ec6f8242d8749c4f32a3cf4643',
    't10k-labels-idx1-ubyte': 'b40abac7ec8228f434940f579deb7cf7b6e3103b5274cb91d1545771f5ef1c8b',
  },
  counts: { train: 5000, t10k: 1000 },
  remedy: byCommand('git checkout -- datasets/fashion-mnist'),
};

/** Fashion-MNIST's two parts. */
export interface FashionMnist {
  /** Images to learn from: 60,000, or 5,000 in the sample. */
  readonly training: Dataset;
  /** @deprecated The same as `training`, which does not clash with the function `train`. */
  readonly train: Dataset;
  /** Images to judge with: 10,000, or 1,000 in the sample. */
  readonly test: Dataset;
}

const fashionMnistOptions = {
  /** Where the four whole files are, instead of Debian's folder; in any form that {@link loadMnist} reads. */
  folder: optional(text),
  /** `true` reads the sample, `false` insists on everything. Default: everything where it is installed. */
  sample: optional(boolean),
};

/** Options of {@link loadFashionMnist}. @interface */
export type FashionMnistOptions = OptionsOf<typeof fashionMnistOptions>;

let loaded: FashionMnist | undefined;

/**
 * Fashion-MNIST: articles of clothing in 28 × 28 pixels, 0 (ground) to 1, in ten classes; made to replace MNIST,
 * and harder.
 *
 * Reads all 70,000 images where Debian's package `dataset-fashion-mnist` is installed, else the sample of 5,000 + 1,000
 * that we ship; the datasets' names say which. A second call in the same process returns the same arrays at once.
 *
 * Reference: Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
 * algorithms", 2017.
 *
 * @throws Error if a file is missing or is not the original, with the command that restores it
 * @throws TypeError if there is no such option
 *
 * @example loadFashionMnist({ sample: true }).test.count // → 1000
 */
export function loadFashionMnist(options: FashionMnistOptions = {}): FashionMnist {
  const { folder, sample: wanted } = readOptions('loadFashionMnist', options, fashionMnistOptions);
  if (folder !== undefined)
    return readFashionMnist({ name: whole.name, ...ownFolder(folder, 'Fashion-MNIST') });
  if (wanted !== undefined) return readFashionMnist(wanted ? sample : whole);
  loaded ??= readFashionMnist(platform.files.exists(whole.folder) ? whole : sample);
  return loaded;
}

function readFashionMnist(edition: Edition): FashionMnist {
  const training = datasetOf(edition, 'train');
  return { training, train: training, test: datasetOf(edition, 't10k') };
}

function datasetOf(edition: Edition, part: Part): Dataset {
  const { images, labels } = readPart(edition, part);
  // The checksums vouch for the shapes.
  const [count, height, width] = images.shape as [number, number, number];
  return new Dataset({
    name: `${edition.name} ${part === 'train' ? 'train' : 'test'}`,
    values: images.values,
    count,
    dim: height * width,
    scale: 1 / 255,
    labels: labels.values,
    classNames: [
      'T-shirt/top',
      'trouser',
      'pullover',
      'dress',
      'coat',
      'sandal',
      'shirt',
      'sneaker',
      'bag',
      'ankle boot',
    ],
    imageShape: [height, width],
    source: 'Zalando SE: Fashion-MNIST',
    licence: 'MIT',
  });
}
