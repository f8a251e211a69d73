/**
 * Checks of the code, and how several of them are run and summed up.
 */
import { join } from 'node:path';
import { compile } from './build.mjs';
import { nodeModulesDir, root } from './paths.mjs';
import { runInForeground } from './processes.mjs';
import { importComplaints } from './rooms.mjs';
import { ruff } from './ruff.mjs';
import { reportFailure } from './steps.mjs';
import { checkWording } from './wording.mjs';

const biome = join(nodeModulesDir, '@biomejs', 'biome', 'bin', 'biome');

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {() => Promise<boolean>} passes prints what it finds
 */

/** Format, lint and types of everything but the tests. @type {readonly Check[]} */
export const codeChecks = [
  {
    name: 'Format and lint',
    passes: async () => (await runInForeground(process.execPath, [biome, 'check', '.'])) === 0,
  },
  { name: 'Format and lint of Python', passes: () => ruff() },
  { name: 'Rooms and what they import', passes: async () => nothingIn(importComplaints(root)) },
  { name: 'Wording', passes: checkWording },
  { name: 'Types of set-up', passes: () => compiles('src/setup/tsconfig.json') },
  { name: 'Types of the bench', passes: () => compiles('bench/tsconfig.json') },
  { name: "Types of the browser's part", passes: () => compiles('src/notebook/tsconfig.json') },
  { name: 'Types of the playground’s page', passes: () => compiles('src/playground/page/tsconfig.json') },
];

/** @type {Check} */
export const testTypes = { name: 'Types of the tests', passes: () => compiles('test/tsconfig.json') };

/**
 * Runs every check, whatever the others found, and ends with the result of each.
 * @param {readonly Check[]} checks
 * @returns {Promise<number>} the exit code
 */
export async function runChecks(checks) {
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

/** Prints complaints. @param {readonly string[]} complaints */
function nothingIn(complaints) {
  for (const complaint of complaints) console.log(complaint);
  return complaints.length === 0;
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
