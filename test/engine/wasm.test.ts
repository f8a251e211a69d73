import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

/** The result of an expression of tf operations on an engine, in a separate process. */
function valuesOn(engine: string, expression: string): string[] {
  const script = `
    const { backendReady, tf } = require('sparselab');
    backendReady().then(() => console.log(JSON.stringify(Array.from((${expression}).dataSync(), String))));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    cwd: __dirname,
    env: { ...process.env, SPARSELAB_BACKEND: engine },
    encoding: 'utf8',
  });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout);
}

describe('WebAssembly', () => {
  it('takes the sign of the smallest numbers, and of NaN, as native TensorFlow does', () => {
    const signs = valuesOn('wasm', 'tf.sign(tf.tensor1d([1e-9, -1e-30, 0, 2, -1e6, NaN]))');
    assert.deepEqual(signs, ['1', '-1', '0', '1', '-1', 'NaN']);
    assert.deepEqual(valuesOn('wasm', "tf.sign(tf.tensor1d([3, -4, 0], 'int32'))"), ['1', '-1', '0']);
  });
});
