import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PythonFrontEnds } from '../kernel/python';
import { ROOT } from '../kernel/testKernel';

interface Cell {
  readonly id: string;
  readonly cell_type: string;
  readonly outputs?: readonly {
    readonly output_type: string;
    readonly name?: string;
    readonly text?: unknown;
  }[];
}

const LESSON = '00-start-here.ipynb';

describe('a lesson under stock tslab', () => {
  let jupyter: PythonFrontEnds;
  before(() => {
    jupyter = new PythonFrontEnds();
  });
  after(() => jupyter.remove());

  it('runs, with outputs of its cells and nothing on stderr', async () => {
    const spec = join(jupyter.folder, 'share', 'jupyter', 'kernels', 'tslab');
    mkdirSync(spec, { recursive: true });
    const tslab = join(ROOT, 'node_modules', 'tslab', 'bin', 'tslab');
    const argv = [process.execPath, tslab, 'kernel', '--config-path={connection_file}'];
    writeFileSync(
      join(spec, 'kernel.json'),
      JSON.stringify({ argv, display_name: 'stock', language: 'typescript' }),
    );
    const output = join(jupyter.folder, LESSON);
    const nbconvert = ['-m', 'jupyter', 'nbconvert', '--to', 'notebook', '--execute', '--output', output];
    const run = await jupyter.run(...nbconvert, join(ROOT, 'notebooks', LESSON));
    assert.equal(run.code, 0, run.output);

    const { cells } = JSON.parse(readFileSync(output, 'utf8')) as { cells: Cell[] };
    const code = cells.filter(({ cell_type }) => cell_type === 'code');
    const outputs = code.flatMap((cell) => cell.outputs ?? []);
    assert.deepEqual(
      outputs.filter(({ output_type, name }) => output_type === 'error' || name === 'stderr'),
      [],
    );
    assert.ok(code.length > 0 && outputs.length >= code.length, 'each cell has shown something');
  });
});
