import assert from 'node:assert/strict';
import test from 'node:test';
import { publicExamples, runExamples } from '../../src/setup/docs/examples.mjs';

const { examples, without } = publicExamples();

test('each public function has an example', () => {
  assert.deepEqual(without, []);
});

test('examples compile, and give the values that they say', async () => {
  assert.deepEqual(await runExamples(examples), []);
});

test('a wrong value, and code that does not compile, are found', async () => {
  const wrong = { name: 'l0', code: 'l0(tf.tensor2d([[0, 2, 1], [0, 0, 3]])) // → 1.4; (2 + 1) / 2' };
  assert.deepEqual(await runExamples([wrong]), ['l0: 1.4 is 1.5']);
  const [found = ''] = await runExamples([{ name: 'l0', code: 'l0(tf.tensor2d([[1]]), 0, 0);' }]);
  assert.match(found, /Expected 1-2 arguments, but got 3/);
});
