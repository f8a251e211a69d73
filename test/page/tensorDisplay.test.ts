import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tf } from 'sparselab';

describe('a tensor, as a cell shows it', () => {
  const shown = (tensor: tf.Tensor) => {
    const own = tensor as unknown as Record<symbol, () => Record<string, string>>;
    return own[Symbol.for('Jupyter.display')]?.()['text/plain'];
  };

  it('is its type, its shape and its numbers', () => {
    const rows = tf.tensor2d([
      [1, 2],
      [3, 4.5],
    ]);
    assert.equal(shown(rows), 'Tensor float32 [2, 2]\n    [[1, 2  ],\n     [3, 4.5]]');
    assert.equal(shown(tf.scalar(3, 'int32')), 'Tensor int32 []\n    3');
    assert.equal(
      shown(tf.variable(tf.tensor1d([true, false], 'bool'))),
      'Tensor bool [2]\n    [true, false]',
    );
  });

  it('is shortened where it is large, and its numbers are gone where it is disposed', () => {
    const large = tf.zeros([1000, 1000]);
    assert.ok((shown(large)?.length ?? 0) < 1000);
    large.dispose();
    assert.equal(shown(large), 'Tensor float32 [1000, 1000], disposed');
  });
});
