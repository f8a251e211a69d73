import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { testFiles, testScripts } from '../../src/setup/testFiles.mjs';

let project = '';

before(() => {
  project = mkdtempSync(join(tmpdir(), 'sparselab-tests-'));
  for (const path of [
    'loss.test.ts',
    'kernel/stop.test.ts',
    'kernel/helper.ts',
    'notebooks/run/05.test.ts',
    'setup/lock.test.mjs',
    'setup/site.test.mjs',
    'classroom/classroom.test.mjs',
  ]) {
    mkdirSync(dirname(join(project, 'test', path)), { recursive: true });
    writeFileSync(join(project, 'test', path), '');
  }
});

after(() => rmSync(project, { recursive: true }));

test('TypeScript tests run as compiled, plain ones as they are; helpers are not tests', () => {
  assert.deepEqual(testFiles(['kernel', 'loss', 'lock'], project), [
    'build/test/kernel/stop.test.js',
    'build/test/loss.test.js',
    'test/setup/lock.test.mjs',
  ]);
});

test('whole classes and the live course come first, then the lessons: they take longest', () => {
  assert.deepEqual(testFiles(['run', 'kernel', 'classroom', 'site'], project), [
    'test/classroom/classroom.test.mjs',
    'test/setup/site.test.mjs',
    'build/test/notebooks/run/05.test.js',
    'build/test/kernel/stop.test.js',
  ]);
});

test('words choose the files whose path contains one of them', () => {
  assert.deepEqual(testFiles(['kernel'], project), ['build/test/kernel/stop.test.js']);
  assert.deepEqual(testFiles(['lock', 'loss'], project), [
    'build/test/loss.test.js',
    'test/setup/lock.test.mjs',
  ]);
  assert.deepEqual(testFiles(['nothing'], project), []);
});

test('files that only compute share a process with those of their room, all others have their own', () => {
  const plots = ['build/test/plots/charts.test.js', 'build/test/plots/images.test.js'];
  const others = ['test/setup/lock.test.mjs', 'build/test/features/words.test.js'];
  const onWasm = 'build/test/features/recoveryOnWasm.test.js';
  assert.deepEqual(testScripts([...plots, ...others, onWasm], project), [
    'build/test/together/plots.js',
    ...others,
    onWasm,
  ]);
  assert.equal(
    readFileSync(join(project, 'build', 'test', 'together', 'plots.js'), 'utf8'),
    plots.map((file) => `require('../../../${file}');\n`).join(''),
  );
});
