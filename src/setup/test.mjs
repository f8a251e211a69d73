/**
 * `npm test`: gets everything ready, then checks all there is to check.
 *
 *     npm test              every check and every test
 *     npm test -- kernel    only the tests whose path contains "kernel"; several words choose more
 */
import { join } from 'node:path';
import { compile } from './build.mjs';
import { SetupError } from './errors.mjs';
import { jupyterEnvironment } from './jupyter.mjs';
import { nodeModulesDir, root } from './paths.mjs';
import { followNpm, runInForeground, stoppable } from './processes.mjs';
import { redisStep } from './redis.mjs';
import { ruff } from './ruff.mjs';
import { setUp } from './setUp.mjs';
import { reportFailure, runSteps } from './steps.mjs';
import { testFiles } from './testFiles.mjs';

const biome = join(nodeModulesDir, '@biomejs', 'biome', 'bin', 'biome');
const runTests = join(root, 'src', 'setup', 'runTests.mjs');

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {() => Promise<boolean>} passes prints what it finds
 */

followNpm();
try {
  const words = process.argv.slice(2);
  const files = testFiles(words);
  if (files.length === 0) {
    throw new SetupError(
      `No test's path contains ${words.join(' or ')}.`,
      'Choose a word of a path under test/.',
    );
  }
  await setUp();
  await runSteps([redisStep]);
  process.exitCode = await stoppable(() =>
    runChecks(words.length === 0 ? allChecks(files) : testChecks(files)),
  );
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}

/** @param {readonly string[]} files @returns {Check[]} */
function allChecks(files) {
  return [
    { name: 'Format and lint', passes: () => runsWell(biome, 'check', '.') },
    { name: 'Format and lint of Python', passes: () => ruff() },
    { name: 'Types of set-up', passes: () => compiles('src/setup/tsconfig.json') },
    { name: 'Types of the bench', passes: () => compiles('bench/tsconfig.json') },
    { name: "Types of the browser's part", passes: () => compiles('src/notebook/tsconfig.json') },
    ...testChecks(files),
  ];
}

/** @param {readonly string[]} files @returns {Check[]} */
function testChecks(files) {
  return [
    { name: 'Types of the tests', passes: () => compiles('test/tsconfig.json') },
    { name: 'Tests', passes: () => runsWell(runTests, ...files) },
  ];
}

/**
 * Runs every check, whatever the others found, and closes with what each came to.
 * @param {readonly Check[]} checks
 * @returns {Promise<number>} the exit code
 */
async function runChecks(checks) {
  const results = [];
  for (const { name, passes } of checks) {
    console.log(`\n── ${name}`);
    results.push({ name, passed: await passes() });
  }
  const failed = results.filter(({ passed }) => !passed);
  console.log('\n── Summary');
  for (const { name, passed } of results) console.log(`${passed ? '✓' : '✗'} ${name}`);
  console.log(
    failed.length === 0 ? 'Everything passed.' : `Failed: ${failed.map(({ name }) => name).join(', ')}.`,
  );
  return failed.length === 0 ? 0 : 1;
}

/** Runs Node on a script in the foreground. @param {...string} args */
async function runsWell(...args) {
  // How far their trainings are is nothing that tests should print.
  const env = { ...jupyterEnvironment(), SPARSELAB_PROGRESS: 'off' };
  return (await runInForeground(process.execPath, args, { env })) === 0;
}

/** @param {string} project a tsconfig.json */
async function compiles(project) {
  try {
    await compile(project);
    return true;
  } catch (error) {
    reportFailure(error);
    return false;
  }
}
