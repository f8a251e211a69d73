import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockIsMet } from '../../src/setup/nodeModules.mjs';

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
