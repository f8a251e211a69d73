import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { venvPython } from '../../src/setup/paths.mjs';
import { pythonEnvironment } from '../../src/setup/venv.mjs';

test('the classroom: hostile hand-ins, killed runs, mended tests, the course itself', () => {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const { status, stdout } = spawnSync(
    venvPython(),
    ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', folder],
    { env: { ...pythonEnvironment(), SPARSELAB_NODE: process.execPath }, encoding: 'utf8' },
  );
  assert.equal(status, 0, stdout);
});
