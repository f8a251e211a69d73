import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isHealthy } from '../../src/setup/checkup.mjs';
import { root } from '../../src/setup/paths.mjs';

/** @param {string} project */
function doctor(project) {
  const script = join(project, 'src', 'setup', 'doctor.mjs');
  return spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: 300_000 });
}

test('here, where the tests run, the doctor finds everything and exits 0', () => {
  const { status, stdout } = doctor(root);
  assert.equal(status, 0, stdout);
  for (const name of [
    'Node',
    'npm',
    "Lessons' import",
    'Python',
    'JupyterLab',
    'Kernel',
    'Figure renderer',
    'TensorFlow',
    'MNIST',
  ]) {
    assert.match(stdout, new RegExp(`^[✓!] ${name}`, 'm'));
  }
});

test('in a fresh clone the doctor says what is missing and how to fix it, and exits 1', () => {
  const clone = mkdtempSync(join(tmpdir(), 'sparselab-doctor-'));
  try {
    for (const path of ['package.json', 'package-lock.json', 'requirements.txt', join('src', 'setup')]) {
      cpSync(join(root, path), join(clone, path), { recursive: true });
    }
    // As npm 9 leaves it where it copies instead of linking.
    mkdirSync(join(clone, 'node_modules', 'sparselab'), { recursive: true });
    const { status, stdout } = doctor(clone);
    assert.equal(status, 1, stdout);
    assert.match(stdout, /✗ npm packages +missing or outdated\n +To fix it: npm start/);
    assert.match(
      stdout,
      /✗ Lessons' import +'sparselab' is .*node_modules.sparselab, not this project\n +To fix it: npm start/,
    );
    assert.match(stdout, /✗ Kernel +not registered\n +To fix it: npm start/);
    assert.match(stdout, /✗ Library +it cannot be loaded: src\/ is not built\n +To fix it: npm start/);
  } finally {
    rmSync(clone, { recursive: true });
  }
});

test('something missing is ill, something that could be better is not', () => {
  const fine = /** @type {const} */ ({ name: 'a', state: 'good', detail: '' });
  assert.equal(isHealthy([fine, { name: 'b', state: 'could be better', detail: '' }]), true);
  assert.equal(isHealthy([fine, { name: 'b', state: 'missing', detail: '' }]), false);
});
