import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { IN_WHOLE_RUN } from '../support/run';
import { notebook, PythonFrontEnds } from './python';
import { ROOT } from './testKernel';

const result = (count: number, text: string) => ({
  output_type: 'execute_result',
  execution_count: count,
  metadata: {},
  data: { 'text/plain': text },
});
const stdout = (text: string) => ({ output_type: 'stream', name: 'stdout', text });

const FAILING = "const x: number = 6;\nif (x > 5) throw new RangeError('x is ' + x);";

describe('front ends', () => {
  let jupyter: PythonFrontEnds;
  const file = (name: string) => join(jupyter.folder, name);
  before(() => {
    jupyter = new PythonFrontEnds();
    writeFileSync(
      file('good.ipynb'),
      notebook(['1 + 2', result(1, '3')], ["console.log('hello')", stdout('hello\n')]),
    );
    writeFileSync(
      file('failing.ipynb'),
      notebook(['1 + 2', result(1, '3')], [FAILING], ["'never'", result(3, "'never'")]),
    );
    writeFileSync(file('wrong.ipynb'), notebook(['1 + 2', result(1, '4')]));
  });
  after(() => jupyter.remove());

  it('jupyter_kernel_test: the kernel conforms, and no check is skipped', async () => {
    const { code, output } = await jupyter.run(join(ROOT, 'test', 'kernel', 'conformance.py'), '--verbose');
    assert.equal(code, 0, output);
    assert.match(output, /Ran 13 tests/);
    assert.doesNotMatch(output, /skipped/);
  });

  it('nbclient runs a notebook, and stops at a cell that fails with its error', async () => {
    const execute = (name: string) =>
      jupyter.run(
        '-m',
        'jupyter',
        'nbconvert',
        '--to',
        'notebook',
        '--execute',
        '--output',
        `done-${name}`,
        file(name),
      );
    const good = await execute('good.ipynb');
    assert.equal(good.code, 0, good.output);
    const done = JSON.parse(readFileSync(file('done-good.ipynb'), 'utf8'));
    assert.deepEqual(done.cells[0].outputs, [{ ...result(1, '3'), data: { 'text/plain': ['3'] } }]);

    const failing = await execute('failing.ipynb');
    assert.notEqual(failing.code, 0);
    const output = stripVTControlCharacters(failing.output);
    assert.match(output, /CellExecutionError/);
    assert.match(output, /RangeError: x is 6/);
    assert.match(output, /> 2 \| if \(x > 5\) throw new RangeError/);
  });

  it('nbval passes a notebook whose outputs are right, and no other', async () => {
    const validate = (name: string) =>
      jupyter.run('-m', 'pytest', '-p', 'no:cacheprovider', '--nbval', file(name));
    const good = await validate('good.ipynb');
    assert.equal(good.code, 0, good.output);
    assert.match(good.output, /2 passed/);
    assert.match((await validate('wrong.ipynb')).output, /1 failed/);
    const failing = await validate('failing.ipynb');
    assert.equal(failing.code, 1, failing.output);
    assert.match(failing.output, /x is 6/);
  });

  it('papermill runs a notebook, and stops at a cell that fails with its error', IN_WHOLE_RUN, async () => {
    const papermill = (name: string) =>
      jupyter.run('-m', 'papermill', '--no-progress-bar', file(name), file(`papermill-${name}`));
    const good = await papermill('good.ipynb');
    assert.equal(good.code, 0, good.output);
    const failing = await papermill('failing.ipynb');
    assert.notEqual(failing.code, 0);
    assert.match(failing.output, /PapermillExecutionError/);
    const written = readFileSync(file('papermill-failing.ipynb'), 'utf8');
    assert.match(written, /"ename": "RangeError"/);
    assert.doesNotMatch(
      written.slice(written.indexOf('"ename"')),
      /"execution_count": 3/,
      'the rest is not run',
    );
  });
});
