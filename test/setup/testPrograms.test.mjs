import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programStep } from '../../src/setup/testPrograms.mjs';

/**
 * A program that is found once `installed` holds its package.
 * @param {Set<string>} installed
 * @returns {import('../../src/setup/testPrograms.mjs').TestProgram}
 */
function program(installed) {
  return {
    name: 'Lynx',
    aptPackage: 'lynx',
    install: 'Debian: sudo apt install lynx',
    tests: 'the tests of text pages fail',
    version: async () => (installed.has('lynx') ? '2.9' : undefined),
  };
}

const ADVICE =
  'Install it (Debian: sudo apt install lynx), then run the same command again; until then the tests of text pages fail.';

test('a program that runs here is left alone', async () => {
  const apt = () => assert.fail('nothing is to be installed');
  assert.deepEqual(await programStep(program(new Set(['lynx'])), apt).run(), {
    status: 'current',
    detail: '2.9',
  });
});

test('where apt may be used, a missing program is installed', async () => {
  const installed = new Set();
  const apt = async (/** @type {string} */ name) => {
    installed.add(name);
    return '';
  };
  assert.deepEqual(await programStep(program(installed), apt).run(), {
    status: 'done',
    detail: '2.9, installed by apt',
  });
});

test('elsewhere one line says what to install and which tests wait', async () => {
  assert.deepEqual(await programStep(program(new Set()), undefined).run(), {
    status: 'warning',
    detail: 'not found',
    advice: ADVICE,
  });
});

test('where apt fails, its words come before the advice', async () => {
  const apt = async () => 'E: Unable to locate package lynx\n';
  assert.deepEqual(await programStep(program(new Set()), apt).run(), {
    status: 'warning',
    detail: 'apt could not install it',
    advice: `E: Unable to locate package lynx\n  ${ADVICE}`,
  });
});
