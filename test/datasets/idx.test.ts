import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseIdx } from 'sparselab';

function idx(shape: readonly number[], values: readonly number[]): Uint8Array {
  const extents = shape.flatMap((extent) => [
    extent >>> 24,
    (extent >>> 16) & 255,
    (extent >>> 8) & 255,
    extent & 255,
  ]);
  return Uint8Array.of(0, 0, 8, shape.length, ...extents, ...values);
}

describe('parseIdx', () => {
  it('reads what was written, for any shape', () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shapes, (shape) => {
        const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => index % 256);
        const array = parseIdx(idx(shape, values));
        assert.deepEqual(array.shape, shape);
        assert.deepEqual([...array.values], values);
      }),
    );
  });

  it('reads extents as big-endian, and a file that lies within a larger buffer', () => {
    const file = idx([258], new Array(258).fill(1));
    assert.deepEqual([...file.subarray(4, 8)], [0, 0, 1, 2]);
    const within = new Uint8Array([9, 9, 9, ...file]).subarray(3);
    assert.deepEqual(parseIdx(within).shape, [258]);
  });

  const refusals: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(), /^Error: f must start with two zero bytes.*got nothing$/],
    ['another format', Uint8Array.of(31, 139, 8, 0), /got 31 139 8 0$/],
    [
      'other elements',
      Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0),
      /f must hold unsigned bytes \(type 8\); got type 13$/,
    ],
    ['no axis', Uint8Array.of(0, 0, 8, 0), /f must have at least one axis; got 0$/],
    ['a header cut short', Uint8Array.of(0, 0, 8, 3, 0, 0), /a header of 16 bytes for 3 axes; got 6$/],
    ['too few elements', idx([2, 2], [1, 2, 3]), /f must hold 2 × 2 = 4 bytes after its header; got 3$/],
    ['too many elements', idx([2], [1, 2, 3]), /f must hold 2 = 2 bytes after its header; got 3$/],
  ];
  for (const [what, bytes, message] of refusals) {
    it(`refuses ${what}`, () => assert.throws(() => parseIdx(bytes, 'f'), message));
  }
});
