import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Dataset, type DatasetInit, imageGrid, reconstructionPairs, tf } from 'sparselab';

const images: DatasetInit = {
  name: 'four images',
  values: Uint8Array.of(0, 51, 102, 153, 204, 255, 10, 20),
  count: 4,
  dim: 2,
  scale: 1 / 255,
  labels: Uint8Array.of(0, 1, 0, 2),
  columnNames: ['left', 'right'],
  classNames: ['a', 'b', 'c'],
  imageShape: [1, 2],
  source: 'this test',
  licence: 'none',
};

/** The scale as float32 has it. */
const scale = Math.fround(1 / 255);

describe('Dataset', () => {
  it('gathers rows in the order asked, scaled, as float32', () => {
    const rows = new Dataset(images).gather([2, 0, 2]);
    const expected = [204 * scale, 255 * scale, 0 * scale, 51 * scale, 204 * scale, 255 * scale];
    assert.deepEqual(rows, Float32Array.from(expected));
  });

  it('gathers into the array it is given', () => {
    const out = new Float32Array(2);
    assert.equal(new Dataset(images).gather([1], out), out);
    assert.deepEqual(out, Float32Array.of(102 * scale, 153 * scale));
  });

  it('scales bit for bit as float32 arithmetic does, for every byte', () => {
    const data = new Dataset({
      name: 'bytes',
      values: Uint8Array.from({ length: 256 }, (_, byte) => byte),
      count: 256,
      dim: 1,
      scale: 1 / 255,
    });
    const inTensors = tf.tidy(() =>
      tf
        .range(0, 256)
        .mul(1 / 255)
        .dataSync(),
    );
    assert.deepEqual(data.gather(Array.from({ length: 256 }, (_, byte) => byte)), inTensors);
  });

  it('makes one tensor of all rows and leaves no other behind', () => {
    const before = tf.memory().numTensors;
    const tensor = new Dataset(images).toTensor();
    assert.deepEqual(tensor.shape, [4, 2]);
    assert.equal(tensor.dtype, 'float32');
    assert.equal(tf.memory().numTensors, before + 1);
    tensor.dispose();
  });

  it('takes and slices as views: no number is copied', () => {
    const data = new Dataset(images);
    assert.equal(data.take(2).values.buffer, data.values.buffer);
    const middle = data.slice(1, 3);
    assert.deepEqual([...middle.values], [102, 153, 204, 255]);
    assert.deepEqual([...(middle.labels ?? [])], [1, 0]);
    assert.equal(middle.values.buffer, data.values.buffer);
  });

  it('selects rows by index and by label, with everything known about them', () => {
    const data = new Dataset(images);
    const { values, labels, count, ...rest } = data.withLabels(2, 1);
    assert.deepEqual([...values], [102, 153, 10, 20]);
    assert.deepEqual([...(labels ?? [])], [1, 2]);
    assert.equal(count, 2);
    const { values: _, labels: __, count: ___, ...expected } = images;
    assert.deepEqual(rest, expected);
  });

  it('gathers the same from a selection as from the whole', () => {
    const data = new Dataset(images);
    const index = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(fc.array(index), (indices) => {
        const selected = data.select(indices);
        assert.deepEqual(selected.gather(indices.map((_, position) => position)), data.gather(indices));
      }),
    );
  });

  it('is made of rows of plain numbers', () => {
    const data = Dataset.fromRows(
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
      { name: 'mine' },
    );
    assert.deepEqual([data.name, data.count, data.dim, data.scale], ['mine', 3, 2, 1]);
    assert.deepEqual(data.gather([2]), Float32Array.of(4, 5));
  });

  it('takes typed arrays as rows as well', () => {
    const data = Dataset.fromRows([Float64Array.of(0.5, 1), Uint8Array.of(2, 3)]);
    assert.deepEqual(data.values, Float32Array.of(0.5, 1, 2, 3));
  });

  const ring: unknown[] = [];
  ring.push(ring);

  const refusals: [string, () => unknown, RegExp][] = [
    [
      'NaN',
      () =>
        Dataset.fromRows([
          [1, 2],
          [3, Number.NaN],
        ]),
      /rows must be finite, within ±3.4e38; got NaN in row 1, column 1$/,
    ],
    [
      'infinity',
      () => Dataset.fromRows([[Infinity]]),
      /rows must be finite, within ±3.4e38; got Infinity in row 0, column 0$/,
    ],
    ...(
      [
        [null, 'null'],
        [undefined, 'undefined'],
        ['1', "'1'"],
        [true, 'true'],
        [1n, '1n'],
        [ring, '\\[\\[\\[an array\\]\\]\\]'],
        [new Date(0), 'an object \\(Date\\)'],
      ] as const
    ).map(([value, shown]): [string, () => unknown, RegExp] => [
      `${typeof value} ${shown} for a number`,
      () =>
        Dataset.fromRows([
          [0, 1],
          [2, value as never],
        ]),
      new RegExp(`rows must hold numbers; got ${shown} in row 1, column 1$`),
    ]),
    // biome-ignore lint/suspicious/noSparseArray: a missing value is what it is about.
    ['a hole', () => Dataset.fromRows([[1, , 3] as number[]]), /got undefined in row 0, column 1$/],
    [
      'what float32 cannot hold',
      () => Dataset.fromRows([[1e39]]),
      /within ±3.4e38; got 1e\+39 in row 0, column 0$/,
    ],
    [
      'a missing row',
      () => Dataset.fromRows([[1], null as never]),
      /rows\[1\] must be an array of numbers; got null$/,
    ],
    ['rows without numbers', () => Dataset.fromRows([[], []]), /at least one number each; got 0 in row 0$/],
    ...([[-1, -1], [0.5, 2], ['1', 1], [1], '11'] as const).map((shape): [string, () => unknown, RegExp] => [
      `an image shape of ${JSON.stringify(shape)}`,
      () => Dataset.fromRows([[1]], { imageShape: shape as never }),
      /imageShape(\[0\])? must be (an integer |at least 1|\[height, width\])/,
    ]),
    [
      'a class name that is not a text',
      () => new Dataset({ ...images, classNames: ['a', 'b', 3 as never] }),
      /classNames\[2\] must be a string; got 3$/,
    ],
    ['no row', () => Dataset.fromRows([]), /rows must hold at least one row; got 0$/],
    [
      'uneven rows',
      () => Dataset.fromRows([[1], [1, 2]]),
      /rows must all have 1 numbers, as row 0 has; row 1 has 2$/,
    ],
    [
      'values of another length',
      () => new Dataset({ ...images, count: 5 }),
      /count × dim = 5 × 2 = 10 numbers; got 8$/,
    ],
    [
      'a scale of 0',
      () => new Dataset({ ...images, scale: 0 }),
      /scale must be in \[1e-30, 1e\+30\]; got 0$/,
    ],
    ['a dim of 0', () => new Dataset({ ...images, dim: 0 }), /dim must be at least 1; got 0$/],
    [
      'an image of another size',
      () => new Dataset({ ...images, imageShape: [2, 2] }),
      /dim = 2 pixels; got 2 × 2 = 4$/,
    ],
    [
      'labels of another length',
      () => new Dataset({ ...images, labels: Uint8Array.of(0) }),
      /labels must have one label per row, 4 in all; got 1$/,
    ],
    [
      'a label without a name',
      () => new Dataset({ ...images, classNames: ['a', 'b'] }),
      /labels must be in \[0, 2\).*got 2 in row 3$/,
    ],
    [
      'an index beyond the end',
      () => new Dataset(images).gather([0, 4]),
      /indices\[1\] must be an integer in \[0, 4\); got 4$/,
    ],
    [
      'an index between rows',
      () => new Dataset(images).select([0.5]),
      /indices\[0\] must be an integer in \[0, 4\); got 0.5$/,
    ],
    [
      'an output of another length',
      () => new Dataset(images).gather([0], new Float32Array(3)),
      /out must hold .* 2 numbers; got 3$/,
    ],
    ['to take more than there is', () => new Dataset(images).take(5), /count must be in \[0, 4\]; got 5$/],
    [
      'a slice that ends before it starts',
      () => new Dataset(images).slice(3, 2),
      /end must be in \[3, 4\]; got 2$/,
    ],
    [
      'labels that nothing has',
      () => new Dataset(images).withLabels(7),
      /labels must be some of four images's, 0, 1, 2; got 7$/,
    ],
    [
      'to choose by labels without labels',
      () => Dataset.fromRows([[1]]).withLabels(0),
      /rows has no labels to choose by$/,
    ],
  ];
  for (const [what, attempt, message] of refusals) {
    it(`refuses ${what}`, () => assert.throws(attempt, message));
  }

  it('is known also to code that was reloaded since it was made', () => {
    const path = require.resolve('sparselab/dist/datasets/dataset');
    const loaded = require.cache[path];
    delete require.cache[path];
    const Older: typeof Dataset = require(path).Dataset;
    require.cache[path] = loaded;
    const older = new Older(images);
    assert.equal(older instanceof Dataset, false);
    // Without `imageShape` both would refuse it.
    assert.match(String(imageGrid(older)), /^Figure: four images/);
    assert.match(String(reconstructionPairs(older, older)), /^Figure: Inputs and reconstructions/);
  });
});
