import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SetupError } from '../../src/setup/errors.mjs';
import { current, done, reportFailure, runSteps, warning } from '../../src/setup/steps.mjs';

/** An output that remembers; not a terminal. */
function memory() {
  const output = {
    text: '',
    write(/** @type {string | Uint8Array} */ text) {
      output.text += text;
      return true;
    },
  };
  return output;
}

test('a step prints one line: what it did and how long it took', async () => {
  const output = memory();
  await runSteps(
    [
      { name: 'First', run: async () => done('made') },
      { name: 'Second', run: async () => current('there already') },
      { name: 'Third', run: async () => warning('only half', 'Do the rest.') },
    ],
    output,
  );
  const lines = output.text.split('\n');
  assert.match(lines[0] ?? '', /^✓ First +made \(\d+\.\d s\)$/);
  assert.match(lines[1] ?? '', /^· Second +there already \(\d+\.\d s\)$/);
  assert.match(lines[2] ?? '', /^! Third +only half \(\d+\.\d s\)$/);
  assert.deepEqual(lines.slice(3), ['  Do the rest.', '']);
});

test('after a step that fails no other runs', async () => {
  let ran = false;
  const steps = [
    {
      name: 'Bad',
      run: async () => {
        throw new SetupError('It broke.', 'Mend it.', 'the last words');
      },
    },
    {
      name: 'Good',
      run: async () => {
        ran = true;
        return done('');
      },
    },
  ];
  const output = memory();
  await assert.rejects(runSteps(steps, output), /It broke/);
  assert.equal(ran, false);
  assert.match(output.text, /^✗ Bad +failed/);
});

test('a failure says what happened, what the program said, and what to do', () => {
  const output = memory();
  reportFailure(new SetupError('It broke.', 'Mend it.', 'the last words'), output);
  assert.equal(output.text, '\n    the last words\n\nIt broke.\nWhat to do: Mend it.\n');
});

test('a mistake of our own is not dressed up as advice', () => {
  assert.throws(() => reportFailure(new TypeError('a bug'), memory()), /^TypeError: a bug$/);
});
