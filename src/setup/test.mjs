/**
 * `npm test`: gets everything ready, then checks all there is to check.
 *
 *     npm test              every check and every test; lessons with quick values only, and a sample where one law is
 *                           checked of many things
 *     CI=true npm test      lessons with their own values, too, one whole in each browser, and no samples: nearly twice as long
 *     npm test -- kernel    only the tests whose path contains "kernel", whole; several words choose more
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

/** The name of a run without words. */
const SHORT =
  'Tests, the short run (whole: CI=true npm test, or by name, as npm test -- notebooks/run setup/site)';

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
  const short = words.length === 0 && !process.env.CI;
  const tests = { name: short ? SHORT : 'Tests', passes: () => pass(files, short) };
  const others = words.length === 0 ? codeChecks : [];
  return stoppable(async () => {
    await runSteps(testProgramSteps);
    return runChecks([...others, testTypes, tests]);
  });
});

/** @param {readonly string[]} files @param {boolean} short */
async function pass(files, short) {
  // How far their trainings are is nothing that tests should print.
  const env = {
    ...jupyterEnvironment(),
    SPARSELAB_PROGRESS: 'off',
    SPARSELAB_TESTS: short ? 'short' : 'whole',
  };
  return (await runInForeground(process.execPath, [runTests, ...files], { env })) === 0;
}
