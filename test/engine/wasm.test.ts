import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

/** The result of an expression of tf operations on an engine, in a separate process. */
function valuesOn(engine: string, expression: string): string[] {
  const script = `
    const { backendReady, tf } = require('sparselab');
    backendReady().then(() => console.log(JSON.stringify(Array.from((${expression}).dataSync(), String))));
  `;
  return JSON.parse(outputOn(engine, script));
}

/** The output of a script in a process with an engine. */
function outputOn(engine: string, script: string): string {
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    cwd: __dirname,
    env: { ...process.env, SPARSELAB_BACKEND: engine },
    encoding: 'utf8',
  });
  assert.notEqual(stdout, '', stderr);
  return stdout;
}

describe('WebAssembly', () => {
  it('takes the sign of the smallest numbers, and of NaN, as native TensorFlow does', () => {
    const signs = valuesOn('wasm', 'tf.sign(tf.tensor1d([1e-9, -1e-30, 0, 2, -1e6, NaN]))');
    assert.deepEqual(signs, ['1', '-1', '0', '1', '-1', 'NaN']);
    assert.deepEqual(valuesOn('wasm', "tf.sign(tf.tensor1d([3, -4, 0], 'int32'))"), ['1', '-1', '0']);
  });

  it('adds as many numbers as there are to the last digit of float32', () => {
    // 2²⁴ + 1 is not a float32, so one after another would stay at 2²⁴.
    assert.deepEqual(valuesOn('wasm', 'tf.ones([2 ** 13, 2 ** 12]).sum()'), [`${2 ** 25}`]);
    assert.deepEqual(valuesOn('wasm', 'tf.ones([2 ** 13, 2 ** 12]).mean()'), ['1']);
    // Column j of [2048, 3] holds j + 1 in all rows.
    const columns = 'tf.tensor1d([1, 2, 3]).mul(tf.ones([2048, 1]))';
    assert.deepEqual(valuesOn('wasm', `${columns}.sum(0)`), ['2048', '4096', '6144']);
    assert.deepEqual(valuesOn('wasm', `${columns}.mean(0, true)`), ['1', '2', '3']);
  });

  it('refuses a tensor for which its memory has no room, and computes on', () => {
    const script = `
      const { backendReady, tf } = require('sparselab');
      backendReady().then(() => {
        const { wasm } = tf.backend();
        const taken = [];
        for (const bytes of [2 ** 28, 2 ** 20]) {
          try { for (;;) taken.push(wasm._malloc(bytes)); } catch {}
        }
        const held = tf.ones([1000]);
        try { tf.ones([2 ** 19]); } catch (error) { console.log(String(error)); }
        console.log(held.sum().dataSync()[0]);
        taken.forEach((address) => wasm._free(address));
        console.log(tf.ones([2 ** 19]).sum().dataSync()[0]);
      });
    `;
    const [refusal, held, again] = outputOn('wasm', script).split('\n');
    assert.match(
      refusal ?? '',
      /^RangeError: the memory of tf's WebAssembly must hold all tensors, 4,295 MB at most; it is full, with 1 tensor of 0 MB: free/,
    );
    assert.deepEqual([held, again], ['1000', `${2 ** 19}`]);
  });

  it('adds the rows of a segment, and has the gradient of a gather', () => {
    const rows = 'tf.tensor2d([[1, 2], [3, 4], [5, 6]])';
    // Segment 1 is row 0 and row 2, segment 0 is row 1, no row is in segment 2.
    const sums = valuesOn('wasm', `tf.unsortedSegmentSum(${rows}, tf.tensor1d([1, 0, 1], 'int32'), 3)`);
    assert.deepEqual(sums, ['3', '4', String(1 + 5), String(2 + 6), '0', '0']);
    // Row 2 is gathered twice, row 1 never: as many times is its derivative.
    const gathered = "(x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32')).sum()";
    assert.deepEqual(valuesOn('wasm', `tf.grad(${gathered})(${rows})`), ['1', '1', '0', '0', '2', '2']);
  });
});
