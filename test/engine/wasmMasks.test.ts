import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { backendReady, type tf } from 'sparselab';
import { record } from 'sparselab/dist/engine/wasm/record';

type Matrix = tf.Tensor2D;
type Arguments = Readonly<Record<'a' | 'b' | 'z', Matrix>>;

/** For each product of a function of a [4, 3], b [3, 5] and z [4, 5] whether only a part of it is computed. */
function partial(body: (of: Arguments) => tf.Tensor): boolean[] {
  const matrix = (...shape: number[]) => ({ shape, dtype: 'float32' as const });
  const program = record({ a: matrix(4, 3), b: matrix(3, 5), z: matrix(4, 5) }, (of) => ({
    result: body(of as Arguments),
  }));
  assert.ok(program);
  program.operations.forEach((operation, id) => {
    if (operation.kind === 'product') {
      const { left, right, where = -1 } = operation;
      for (const input of [left.id, right.id, where])
        assert.ok(input < id, 'an operation comes after its inputs');
    }
  });
  return program.operations.flatMap((operation) =>
    operation.kind === 'product' ? [operation.where !== undefined] : [],
  );
}

before(() => backendReady());

describe('a product is computed in part', () => {
  it('if a mask multiplies it, element by element', () => {
    assert.deepEqual(
      partial(({ a, b, z }) => a.matMul(b).mul(z.step())),
      [true],
    );
    assert.deepEqual(
      partial(({ a, b, z }) => a.matMul(b).add(z).mul(2).mul(z.greater(1).toFloat())),
      [true],
    );
  });

  it('not if something else reads it, too', () => {
    const body = ({ a, b, z }: Arguments) => a.matMul(b).mul(z.step()).add(a.matMul(b).sum());
    assert.deepEqual(partial(body), [false]);
  });

  it('not if 0 in its place would give an infinity on the way', () => {
    assert.deepEqual(
      partial(({ a, b, z }) => a.matMul(b).abs().log().mul(z.step())),
      [false],
    );
    assert.deepEqual(
      partial(({ a, b, z }) => z.div(a.matMul(b)).mul(z.step())),
      [false],
    );
  });

  it('not if the other factor is rarely 0, or made from the product itself', () => {
    assert.deepEqual(
      partial(({ a, b, z }) => a.matMul(b).mul(z)),
      [false],
    );
    assert.deepEqual(
      partial(({ a, b }) => a.matMul(b).mul(a.matMul(b).step())),
      [false],
    );
  });
});
