import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Figure,
  imageGrid,
  loadDigits,
  loadMnist,
  Random,
  reconstructionPairs,
  SparseAutoencoder,
  tf,
  weightImages,
} from 'sparselab';
import { pictureOf, storedBytes, traces } from './support';

const BLACK = [0, 0, 0, 255];
const WHITE = [255, 255, 255, 255];
const RED = [0xb2, 0x18, 0x2b, 255];
const BLUE = [0x21, 0x66, 0xac, 255];

/** The text at the pointer over each image, in reading order. */
function hovers(figure: Figure): string[] {
  return (traces(figure, 'heatmap')[0]?.text ?? []).flat().filter((text) => text !== '');
}

/** 2 × 2 pixels each. */
const rows = [
  [0, 1, 0.5, 1],
  [1, 0, 0, 0],
  [0, 0, 0, 1],
];

describe('imageGrid', () => {
  it('draws each number as one pixel, 0 black and 1 white, line after line', () => {
    const picture = pictureOf(imageGrid(rows, { imageShape: [2, 2], columns: 2 }));
    // Two images of 2 pixels and a gap of 1, both ways.
    assert.deepEqual([picture.width, picture.height], [2 + 1 + 2, 2 + 1 + 2]);
    assert.deepEqual(picture.at(0, 0), BLACK);
    assert.deepEqual(picture.at(1, 0), WHITE);
    assert.deepEqual(
      picture.at(0, 1),
      [128, 128, 128, 255].map((value, channel) => (channel < 3 ? value : 255)),
    );
    assert.deepEqual(picture.at(3, 0), WHITE, 'the second image starts behind a gap');
    assert.deepEqual(picture.at(1, 4), WHITE, 'the third image is below the first');
    assert.equal(picture.at(2, 0)[3], 0, 'gaps are transparent');
    assert.equal(picture.at(4, 4)[3], 0, 'and so is the place of a fourth');
  });

  it('has one place to point at for each image, in one trace', () => {
    const figure = imageGrid(rows, { imageShape: [2, 2], columns: 2, captions: ['a', 'b', 'c'] });
    assert.deepEqual(hovers(figure), ['image 0<br>a', 'image 1<br>b', 'image 2<br>c']);
    assert.equal(figure.data.length, 2);
    const [heatmap] = traces(figure, 'heatmap');
    assert.deepEqual(heatmap?.z, [
      [0, 0],
      [0, null],
    ]);
  });

  it('takes shape, captions and title from a Dataset, and reads no more than it draws', () => {
    const { test } = loadMnist();
    const figure = imageGrid(test, { count: 20 });
    assert.equal(figure.toString(), 'Figure: MNIST test – the first 20 of 10,000 images; 0 black, 1 white');
    assert.deepEqual(
      figure.layout.annotations?.map(({ text }) => text),
      Array.from(test.labels?.subarray(0, 20) ?? [], String),
    );
  });

  it('stretches grey over values outside [0, 1]', () => {
    const picture = pictureOf(imageGrid([[-2, 0, 1, 2]], { imageShape: [2, 2] }));
    assert.deepEqual(picture.at(0, 0), BLACK);
    assert.deepEqual(picture.at(1, 1), WHITE);
  });

  it('draws a tensor, a matrix and arrays alike, and leaves no tensor behind', () => {
    const tensor = tf.tensor2d(rows);
    const before = tf.memory().numTensors;
    const figure = imageGrid(tensor, { imageShape: [2, 2] });
    assert.equal(tf.memory().numTensors, before);
    tensor.dispose();
    assert.deepEqual(figure, imageGrid(rows, { imageShape: [2, 2] }));
    const matrix = { values: Float32Array.from(rows.flat()), shape: [3, 4] as const };
    assert.deepEqual(figure, imageGrid(matrix), 'a square is the default');
    assert.deepEqual(figure, imageGrid(matrix, { imageShape: [2, 2] }));
  });

  it('refuses what is not an image', () => {
    assert.throws(
      () => imageGrid([[1, 2, 3]]),
      /imageShape must be \[height, width\] with 3 pixels, which do not make a square; got none$/,
    );
    assert.throws(() => imageGrid(rows, { imageShape: [2, 3] }), /with 4 pixels; got \[2, 3\]$/);
    assert.throws(
      () => imageGrid(rows, { imageShape: [0, 3] }),
      /imageShape\[0\] must be at least 1; got 0$/,
    );
    assert.throws(
      () => imageGrid([[0, Number.NaN]], { imageShape: [1, 2] }),
      /images must be finite; got NaN in row 0, column 1$/,
    );
    assert.throws(
      () => imageGrid([[1], [1, 2]], { imageShape: [1, 1] }),
      /images must have rows of one length, 1 as row 0; row 1 has 2$/,
    );
    assert.throws(
      () => imageGrid([], { imageShape: [1, 1] }),
      /images must hold at least one number; got shape \[0, 0\]$/,
    );
    assert.throws(
      () => imageGrid(rows, { imageShape: [2, 2], count: 0 }),
      /count must be at least 1; got 0$/,
    );
  });
});

describe('reconstructionPairs', () => {
  it('takes a model instead of what it makes of x, also several by name', () => {
    const digits = loadDigits().take(3);
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 4, seed: 1 });
    const { reconstruction } = model.forward(digits);
    assert.deepEqual(reconstructionPairs(digits, model), reconstructionPairs(digits, reconstruction));
    assert.deepEqual(
      reconstructionPairs(digits, { a: model, b: reconstruction }),
      reconstructionPairs(digits, { a: reconstruction, b: reconstruction }),
    );
  });

  it('puts each reconstruction below its input, with its mean squared error', () => {
    const figure = reconstructionPairs(
      [
        [0, 1],
        [1, 1],
      ],
      [
        [0, 0],
        [1, 0.5],
      ],
      { imageShape: [1, 2] },
    );
    const picture = pictureOf(figure);
    assert.deepEqual([picture.at(0, 0), picture.at(1, 0)], [BLACK, WHITE]);
    assert.deepEqual([picture.at(0, 2), picture.at(1, 2)], [BLACK, BLACK]);
    // (0² + 1²) / 2 and (0² + 0.5²) / 2
    const errors = ['example 0<br>MSE 0.5', 'example 1<br>MSE 0.125'];
    assert.deepEqual(hovers(figure), ['example 0', 'example 1', ...errors]);
    assert.deepEqual(figure.layout.yaxis?.ticktext, ['x', 'x̂']);
  });

  it('puts several reconstructions below each other, by name', () => {
    const figure = reconstructionPairs([[0, 1]], { good: [[0, 1]], bad: [[1, 0]] }, { imageShape: [1, 2] });
    assert.deepEqual(figure.layout.yaxis?.ticktext, ['x', 'good', 'bad']);
    assert.deepEqual(hovers(figure), ['example 0', 'example 0<br>MSE 0', 'example 0<br>MSE 1']);
    assert.throws(
      () => reconstructionPairs([[0, 1]], { good: [[0, 1]], bad: [[1]] }, { imageShape: [1, 2] }),
      /bad must have the shape of x, \[1, 2\]; got \[1, 1\]$/,
    );
  });

  it('draws values beyond the scale as its ends', () => {
    const picture = pictureOf(reconstructionPairs([[0, 1]], [[-3, 7]], { imageShape: [1, 2] }));
    assert.deepEqual([picture.at(0, 2), picture.at(1, 2)], [BLACK, WHITE]);
  });

  it('refuses reconstructions of another shape', () => {
    assert.throws(
      () =>
        reconstructionPairs(
          [[0, 1]],
          [
            [0, 1],
            [0, 1],
          ],
          { imageShape: [1, 2] },
        ),
      /reconstruction must have the shape of x, \[1, 2\]; got \[2, 2\]$/,
    );
  });
});

describe('weightImages', () => {
  // Unit 0 weighs its two pixels +4 and 0, unit 1 −4 and −1, unit 2 1 and 2.
  const decoder = [
    [4, 0],
    [-4, -1],
    [1, 2],
  ];
  const encoder = [
    [4, -4, 1],
    [0, -1, 2],
  ];

  it('takes a model, for what its units look for, and images as squares where nothing else is said', () => {
    // 64 inputs and 16 units: either could be a square image, a model tells which is.
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 16, seed: 1 });
    const given = weightImages(model.encoderWeights, { imageShape: [8, 8] });
    assert.deepEqual(weightImages(model), given);
    assert.throws(
      () => weightImages(model.encoderWeights),
      /imageShape must be given, or a model instead of weights: in shape \[64, 16\] either axis can be/,
    );
    const { encoderWeights } = new SparseAutoencoder({ inputDim: 64, hiddenDim: 15, seed: 1 });
    assert.deepEqual(weightImages(encoderWeights), weightImages(encoderWeights, { imageShape: [8, 8] }));
  });

  it('draws zero white and opposite weights in opposite colours', () => {
    const picture = pictureOf(weightImages(decoder, { imageShape: [1, 2], columns: 3 }));
    assert.deepEqual(picture.at(0, 0), RED);
    assert.deepEqual(picture.at(1, 0), WHITE);
    assert.deepEqual(picture.at(3, 0), BLUE);
  });

  it('reads a unit from the column of encoder weights and the row of decoder weights', () => {
    assert.deepEqual(
      weightImages(encoder, { imageShape: [1, 2] }),
      weightImages(decoder, { imageShape: [1, 2] }),
    );
  });

  it('has one symmetric scale for all units, or each unit its own', () => {
    const figure = weightImages(decoder, { imageShape: [1, 2] });
    assert.deepEqual([figure.layout.coloraxis?.cmin, figure.layout.coloraxis?.cmax], [-4, 4]);
    const own = pictureOf(weightImages(decoder, { imageShape: [1, 2], columns: 3, normalize: true }));
    assert.deepEqual(own.at(7, 0), RED, 'the largest weight of unit 2');
  });

  it('names its scale so briefly that the name fits along two rows of units', () => {
    const units = { values: new Float32Array(32 * 784), shape: [32, 784] as const };
    const figure = weightImages(units, { imageShape: [28, 28], columns: 16, normalize: true });
    const { height = 0, margin, coloraxis } = figure.layout;
    const below = (height - (margin?.t ?? 0) - (margin?.b ?? 0)) / 2 + (margin?.b ?? 0);
    const letters = coloraxis?.colorbar?.title?.text.length ?? 0;
    assert.ok(letters > 0 && 7 * letters < 2 * below, 'a letter is about 7 pixels wide');
  });

  it('draws the units asked for, in that order', () => {
    const figure = weightImages(decoder, { imageShape: [1, 2], units: [2, 0] });
    assert.deepEqual(hovers(figure), ['unit 2<br>largest |weight| 2', 'unit 0<br>largest |weight| 4']);
  });

  it('stays finite where all weights are 0', () => {
    assert.deepEqual(pictureOf(weightImages([[0, 0]], { imageShape: [1, 2] })).at(0, 0), WHITE);
  });

  it('refuses weights that fit no image, or could be either way round', () => {
    assert.throws(
      () => weightImages(decoder, { imageShape: [2, 2] }),
      /weights must have an axis of 2 × 2 = 4 numbers, one per pixel; got shape \[3, 2\]$/,
    );
    const square = [
      [1, 2],
      [3, 4],
    ];
    assert.throws(
      () => weightImages(square, { imageShape: [1, 2] }),
      /unitsAre must be 'rows' or 'columns' for square weights/,
    );
    assert.equal(
      hovers(weightImages(square, { imageShape: [1, 2], unitsAre: 'columns' }))[0],
      'unit 0<br>largest |weight| 3',
    );
    assert.throws(
      () => weightImages(decoder, { imageShape: [1, 2], units: [3] }),
      /units\[0\] must be in \[0, 2\]; got 3$/,
    );
  });
});

describe('pictures in a notebook', () => {
  it('take about 200 kB at most', () => {
    const random = new Random(0);
    const noise = Float32Array.from({ length: 784 * 200 }, () => random.normal());
    // 199,019 with the zlib that Node brings; Debian's Node takes the system's, which makes it 200,387.
    assert.ok(
      storedBytes(weightImages({ values: noise, shape: [200, 784] }, { imageShape: [28, 28] })) < 201_000,
    );
    assert.ok(storedBytes(imageGrid(loadMnist().train)) < 20_000);
    assert.ok(storedBytes(imageGrid(loadDigits(), { count: 100 })) < 20_000);
  });
});
