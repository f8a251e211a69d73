import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importedProject, lessonsImportThisProject, lockIsMet } from '../../src/setup/nodeModules.mjs';

const project = realpathSync(mkdtempSync(join(tmpdir(), 'sparselab-import-')));
after(() => rmSync(project, { recursive: true }));

const lock = {
  '': { version: '0.1.0' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/b': { version: '2.0.0', integrity: 'sha512-b', optional: true },
  'node_modules/sparselab': { link: true },
};
const { '': _root, ...everything } = lock;
const { 'node_modules/b': _optional, ...withoutOptional } = everything;
const { 'node_modules/a': _needed, ...withoutNeeded } = everything;

test('what the lock file names meets it', () => {
  assert.equal(lockIsMet(lock, everything), true);
});

test('an optional package may be missing, another may not', () => {
  assert.equal(lockIsMet(lock, withoutOptional), true);
  assert.equal(lockIsMet(lock, withoutNeeded), false);
});

test('another version, other content or a package too many does not meet it', () => {
  const a = lock['node_modules/a'];
  assert.equal(lockIsMet(lock, { ...everything, 'node_modules/a': { ...a, version: '1.0.1' } }), false);
  assert.equal(lockIsMet(lock, { ...everything, 'node_modules/a': { ...a, integrity: 'sha512-x' } }), false);
  assert.equal(lockIsMet(lock, { ...everything, 'node_modules/c': { version: '1.0.0' } }), false);
});

test('a lesson imports what the link in node_modules leads to, a copy in its place, or a nearer one', () => {
  const lessons = join(project, 'notebooks');
  const [modules, nearer] = [join(project, 'node_modules'), join(lessons, 'node_modules')];
  for (const folder of [modules, nearer]) mkdirSync(folder, { recursive: true });
  assert.equal(importedProject(lessons)?.startsWith(project), undefined);

  symlinkSync(project, join(modules, 'sparselab'), 'junction');
  assert.equal(importedProject(lessons), project);

  rmSync(join(modules, 'sparselab'));
  mkdirSync(join(modules, 'sparselab'));
  assert.equal(importedProject(lessons), join(modules, 'sparselab'));

  mkdirSync(join(nearer, 'sparselab'));
  assert.equal(importedProject(lessons), join(nearer, 'sparselab'));
});

test('here, where the tests run, the lessons import this project', () => {
  assert.equal(lessonsImportThisProject(), true);
});
