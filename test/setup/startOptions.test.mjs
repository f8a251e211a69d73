import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStartOptions } from '../../src/setup/startOptions.mjs';

test('without options: port 8888 and a browser', () => {
  assert.deepEqual(parseStartOptions([]), {
    port: 8888,
    browser: true,
    teacher: false,
    site: false,
    help: false,
  });
});

test('--no-browser and --port are understood, in both forms', () => {
  assert.deepEqual(parseStartOptions(['--no-browser', '--port', '9000']), {
    port: 9000,
    browser: false,
    teacher: false,
    site: false,
    help: false,
  });
  assert.equal(parseStartOptions(['--port=65535']).port, 65535);
});

test('--teacher asks for the tools of the classroom', () => {
  assert.equal(parseStartOptions(['--teacher']).teacher, true);
});

test('--browser asks for the site, which has none of the tools of the classroom', () => {
  assert.equal(parseStartOptions(['--browser']).site, true);
  assert.throws(
    () => parseStartOptions(['--browser', '--teacher']),
    /--browser has none of the tools of --teacher/,
  );
});

for (const port of ['0', '65536', '-1', '80.5', 'abc', '']) {
  test(`the port '${port}' is refused with the permitted range`, () => {
    assert.throws(
      () => parseStartOptions([`--port=${port}`]),
      new RegExp(`--port must be a whole number in \\[1, 65535\\]; got ${port}\\.`),
    );
  });
}

test('an unknown option is refused by name', () => {
  assert.throws(() => parseStartOptions(['--prot', '9000']), /--prot/);
});
