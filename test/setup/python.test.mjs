import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SetupError } from '../../src/setup/errors.mjs';
import { findPython, pythonCandidates } from '../../src/setup/python.mjs';

/**
 * A machine with these interpreters, by name.
 * @param {Record<string, { version: number[], hasVenv?: boolean }>} installed
 * @returns {import('../../src/setup/python.mjs').Inspect}
 */
function machine(installed) {
  return async (command) => {
    const found = installed[command.join(' ')];
    return found && { command, version: found.version, hasVenv: found.hasVenv ?? true };
  };
}

const unix = pythonCandidates({}, 'linux');

test('SPARSELAB_PYTHON is the only candidate where it is set', () => {
  assert.deepEqual(pythonCandidates({ SPARSELAB_PYTHON: '/opt/python' }, 'linux'), [['/opt/python']]);
});

test('the launcher comes first on Windows, python3 elsewhere', () => {
  assert.deepEqual(pythonCandidates({}, 'win32')[0], ['py', '-3']);
  assert.deepEqual(unix[0], ['python3']);
});

test('the first interpreter that is new enough is taken', async () => {
  const inspect = machine({ python3: { version: [3, 9, 6] }, 'python3.12': { version: [3, 12, 1] } });
  assert.deepEqual((await findPython(unix, inspect)).command, ['python3.12']);
});

test('Python 3.10 is new enough, 3.9 is not, and the error says so', async () => {
  assert.deepEqual(
    (await findPython(unix, machine({ python: { version: [3, 10, 0] } }))).version,
    [3, 10, 0],
  );
  await assert.rejects(findPython(unix, machine({ python3: { version: [3, 9, 18] } })), (error) => {
    assert.ok(error instanceof SetupError);
    assert.equal(error.message, 'Python must be 3.10 or newer; found 3.9.18.');
    assert.match(error.remedy, /SPARSELAB_PYTHON/);
    return true;
  });
});

test('without any Python the error names what was tried', async () => {
  await assert.rejects(
    findPython([['python3'], ['py', '-3']], machine({})),
    /found none \(tried python3, py -3\)/,
  );
});

test('a Python without venv is refused with the package to install', async () => {
  const inspect = machine({ python3: { version: [3, 11, 2], hasVenv: false } });
  await assert.rejects(findPython(unix, inspect), (error) => {
    assert.ok(error instanceof SetupError);
    assert.match(error.message, /3\.11\.2 \(python3\) lacks the module venv/);
    assert.match(error.remedy, /apt install python3\.11-venv/);
    return true;
  });
});
