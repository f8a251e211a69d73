import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { loadFashionMnist } from 'sparselab';
import { temporaryFolder } from '../support/temporary';

describe('loadFashionMnist', () => {
  it('ships a sample of 5,000 + 1,000 labelled images of 28 × 28', () => {
    const { train, test } = loadFashionMnist({ sample: true });
    assert.deepEqual(
      [train.name, train.count, test.name, test.count],
      ['Fashion-MNIST sample train', 5000, 'Fashion-MNIST sample test', 1000],
    );
    assert.deepEqual([train.dim, train.imageShape, train.classNames?.length], [784, [28, 28], 10]);
    // The first training image is the ankle boot of every tutorial.
    assert.equal(train.classNames?.[train.labels?.[0] as number], 'ankle boot');
    assert.equal(new Set(train.labels).size, 10);
  });

  it('returns the same arrays the second time', () => {
    assert.equal(loadFashionMnist().training, loadFashionMnist().training);
  });

  it('starts, whole or not, with the same images', () => {
    const { train } = loadFashionMnist();
    const sample = loadFashionMnist({ sample: true }).training;
    assert.deepEqual(train.take(100).values, sample.take(100).values);
  });

  it('names a missing file and its checksum; for a custom folder it names no command', () => {
    const folder = temporaryFolder();
    assert.throws(
      () => loadFashionMnist({ folder }),
      /train-images-idx3-ubyte must be there, with SHA-256 c59f468a.*no such file.*The folder must hold the original/,
    );
  });

  it('refuses a file that is not the original, or no gzip at all', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'train-images-idx3-ubyte.gz');
    writeFileSync(path, gzipSync('another'));
    assert.throws(
      () => loadFashionMnist({ folder }),
      /must have SHA-256 c59f468a.*got [0-9a-f]{64} \(7 bytes\)/,
    );
    writeFileSync(path, 'not compressed');
    assert.throws(
      () => loadFashionMnist({ folder }),
      /SHA-256 c59f468a.*\(14 bytes\): the original has 47040016, it was cut short or is another file/,
    );
  });
});
