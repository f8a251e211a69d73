/**
 * `npm test`: gets everything ready, then checks all there is to check.
 *
 *     npm test              every check and every test
 *     npm test -- kernel    only the tests whose path contains "kernel"; several words choose more
 */
import { join } from 'node:path';
import { codeChecks, runChecks, testTypes } from './checks.mjs';
import { command } from './command.mjs';
import { SetupError } from './errors.mjs';
import { jupyterEnvironment } from './jupyter.mjs';
import { root } from './paths.mjs';
import { runInForeground, stoppable } from './processes.mjs';
import { setUp } from './setUp.mjs';
import { runSteps } from './steps.mjs';
import { testFiles } from './testFiles.mjs';
import { testProgramSteps } from './testPrograms.mjs';

const runTests = join(root, 'src', 'setup', 'runTests.mjs');

await command(async (words) => {
  const files = testFiles(words);
  if (files.length === 0) {
    throw new SetupError(
      `No test's path contains ${words.join(' or ')}.`,
      'Choose a word of a path under test/.',
    );
  }
  await setUp();
  const tests = { name: 'Tests', passes: () => pass(files) };
  const others = words.length === 0 ? codeChecks : [];
  return stoppable(async () => {
    await runSteps(testProgramSteps);
    return runChecks([...others, testTypes, tests]);
  });
});

/** @param {readonly string[]} files */
async function pass(files) {
  // How far their trainings are is nothing that tests should print.
  const env = { ...jupyterEnvironment(), SPARSELAB_PROGRESS: 'off' };
  return (await runInForeground(process.execPath, [runTests, ...files], { env })) === 0;
}
