import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type ImagesOptions, loadImages } from 'sparselab';
import { encodePng } from 'sparselab/dist/plots/png';
import { temporaryFolder } from '../support/temporary';

/** Written by Pillow 13.0.0, 3 × 2 pixels each, with the values that were given to it. */
const PNGS: Readonly<Record<string, readonly [file: string, grey: readonly number[]]>> = {
  'grey of 16 bits: 0, 65535, 32896, 257, 32896, 51400': [
    'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACEAAAAADoj+WFAAAAFklEQVR4nGNkYPj/v7GRgZGxoeHECQAjewWUHZX+8wAAAABJRU5ErkJggg==',
    [0, 255, 128, 1, 128, 200],
  ],
  'one bit: 0 1 1, 1 0 0': [
    'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACAQAAAAC1D1u3AAAADElEQVR4nGNIYFIAAAFIAIMySF1YAAAAAElFTkSuQmCC',
    [0, 255, 255, 255, 0, 0],
  ],
  // 0.299, 0.587 and 0.114 of 255; 0.299 · 10 + 0.587 · 20 + 0.114 · 30 = 18.15
  'red, green, blue; white, black, (10, 20, 30)': [
    'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAGElEQVR4nGP4z8DAAMH///9nYGDgEpEDAEUzBjdzMFouAAAAAElFTkSuQmCC',
    [76, 150, 29, 255, 0, 18],
  ],
  // White shines through: 255 · (1 − 51 / 255) = 204
  'grey and opacity: (0, 255), (0, 0), (255, 255), (100, 255), (0, 51), (200, 255)': [
    'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAQAAAA3fa6RAAAAFklEQVR4nGNg+M/A8P8/UwoDg/FJBgAhggRgQxvJTAAAAABJRU5ErkJggg==',
    [0, 255, 255, 100, 204, 200],
  ],
  'the colours of the third by a palette of 4 bits': [
    'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACBAMAAABvWnspAAAAElBMVEX///8A/wAKFB7/AAAAAP8AAAABIcwCAAAADklEQVR4nGM05GdklQYAAWUAYwSuGQ8AAAAASUVORK5CYII=',
    [76, 150, 29, 255, 0, 18],
  ],
};

/** By Pillow, too, at quality 95: the left half of 16 × 8 pixels is 200, the right one 40; `progressive` is in its other order. */
const JPEGS = {
  plain:
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAIABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD9IKAP5f6AP//Z',
  progressive:
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wgARCAAIABADASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAgJ/8QAFAEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEAMQAAABpDL8P//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAQUCP//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQMBAT8Bf//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQIBAT8Bf//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEABj8CP//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAT8hP//aAAwDAQACAAMAAAAQA//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQMBAT8Qf//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQIBAT8Qf//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAT8QP//Z',
};

const folder = temporaryFolder();
const place = (name: string) => join(folder, name);

function write(name: string, bytes: Uint8Array): string {
  mkdirSync(join(place(name), '..'), { recursive: true });
  writeFileSync(place(name), bytes);
  return place(name);
}

/** A picture of these grey values, by our own encoder. */
function grey(name: string, rows: readonly (readonly number[])[]): string {
  const values = rows.flat();
  const palette = values.map((value) => [value, value, value, 255] as const);
  const indices = Uint8Array.from(values, (_, index) => index);
  return write(name, encodePng(indices, rows[0]?.length ?? 0, rows.length, palette));
}

const load = async (paths: readonly string[], options?: ImagesOptions) => [
  ...(await loadImages(paths, options)).values,
];

describe('loadImages', () => {
  for (const [what, [file, expected]] of Object.entries(PNGS)) {
    it(`reads a PNG, ${what}`, async () => {
      assert.deepEqual(await load([write('one.png', Buffer.from(file, 'base64'))]), expected);
    });
  }

  for (const [what, file] of Object.entries(JPEGS)) {
    it(`reads a JPEG, ${what}`, async () => {
      const values = await load([write('one.jpg', Buffer.from(file, 'base64'))]);
      for (const [pixel, value] of values.entries())
        assert.ok(Math.abs(value - (pixel % 16 < 8 ? 200 : 40)) <= 1, `${value}`);
    });
  }

  it('makes 0 of black and 1 of white, or the other way round, and an image of each row', async () => {
    const path = grey('a.png', [[0, 255, 51]]);
    const pictures = await loadImages([path]);
    assert.deepEqual(pictures.imageShape, [1, 3]);
    assert.deepEqual([...pictures.gather([0])], [0, 1, Math.fround(51 * Math.fround(1 / 255))]);
    assert.deepEqual(await load([path], { invert: true }), [255, 0, 204]);
  });

  it('names classes by the folders in a folder, and leaves out what is not a picture', async () => {
    grey('animals/cat/2.png', [[2]]);
    grey('animals/cat/1.PNG', [[1]]);
    grey('animals/dog/1.png', [[3]]);
    write('animals/notes.txt', Buffer.from('about them'));
    const animals = await loadImages(place('animals'));
    assert.deepEqual([...animals.values], [1, 2, 3]);
    assert.deepEqual(animals.classNames, ['cat', 'dog']);
    assert.deepEqual([...(animals.labels ?? [])], [0, 0, 1]);
    const cats = await loadImages(place('animals/cat'));
    assert.deepEqual([cats.count, cats.labels], [2, undefined]);
  });

  it('leaves out what macOS packs beside pictures, and takes letters that look the same as the same', async () => {
    grey('mac/caf\u00e9/1.png', [[1]]);
    grey('mac/cafe\u0301/2.png', [[2]]);
    write('mac/caf\u00e9/._1.png', Buffer.from('Mac OS X'));
    write('mac/__MACOSX/caf\u00e9/._1.png', Buffer.from('Mac OS X'));
    const { classNames, labels } = await loadImages(place('mac'));
    assert.deepEqual([classNames, [...(labels ?? [])]], [['caf\u00e9'], [0, 0]]);
  });

  it('refuses pictures of different sizes, and makes them equal when it is asked to', async () => {
    const small = grey('small.png', [[10, 20]]);
    const large = grey('large.png', [
      [0, 40, 100, 100],
      [20, 60, 100, 200],
    ]);
    await assert.rejects(loadImages([small, large]), {
      name: 'RangeError',
      message: `pictures must all be 1 × 2, as ${small} is, unless size is given; ${large} is 2 × 4`,
    });
    // Each new pixel covers 2 × 2 old ones: (0 + 40 + 20 + 60) / 4 and (100 + 100 + 100 + 200) / 4.
    assert.deepEqual(await load([small, large], { size: [1, 2] }), [10, 20, 30, 125]);
    // A square is cut from the middle of its two columns in between.
    assert.deepEqual(await load([large], { size: [1, 1] }), [(40 + 100 + 60 + 100) / 4]);
    // One and a half old pixels are one new one: (2 · 0 + 30) / 3 and (30 + 2 · 90) / 3.
    assert.deepEqual(
      await load([grey('three.png', Array(3).fill([0, 30, 90]))], { size: [2, 2] }),
      [10, 70, 10, 70],
    );
    assert.deepEqual(await load([grey('one.png', [[7]])], { size: [2, 2] }), [7, 7, 7, 7]);
  });

  it('says which file is not a picture, is cut short or is not there', async () => {
    const text = write('text.png', Buffer.from('no picture'));
    await assert.rejects(loadImages([text]), {
      message: `${text} must be a PNG or a JPEG; its first bytes are of neither`,
    });
    const whole = Buffer.from(PNGS['one bit: 0 1 1, 1 0 0']?.[0] ?? '', 'base64');
    const cut = write('cut.png', whole.subarray(0, 40));
    await assert.rejects(loadImages([cut]), {
      message: `${cut} must be a whole picture; got: it was cut short`,
    });
    const page = write('page.png', Buffer.from('<html>404</html>'));
    await assert.rejects(loadImages([page]), /page.png must be a PNG or a JPEG; it is an HTML page, /);
    const none = place('none.jpg');
    await assert.rejects(
      loadImages([none]),
      /must be a file or a folder beside the notebook; got: there is none, but /,
    );
    await assert.rejects(loadImages(place('nowhere')), /got: there is none$/);
    write('empty/notes.txt', Buffer.from('x'));
    await assert.rejects(loadImages(place('empty')), /must hold pictures, .png or .jpg; got 1 other files/);
    await assert.rejects(loadImages([]), /^RangeError: source must hold at least one file; got none$/);
    await assert.rejects(
      loadImages([text], { size: [0, 1] }),
      /^RangeError: size\[0\] must be in \[1, 4096\]; got 0$/,
    );
  });
});
