/**
 * The TypeScript compiler, as npm installed it.
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { nodeModulesDir, root } from './paths.mjs';
import { runOrFail } from './processes.mjs';
import { done } from './steps.mjs';

/** The compiler's record of its last run. */
const record = join(root, 'dist', '.tsbuildinfo');

// Not `bin/tsc`: Node before 20.10 loads no ES module whose file has no extension.
const tsc = join(nodeModulesDir, 'typescript', 'lib', 'tsc.js');

/** Builds src/ into dist/; incremental, so it runs every time. @type {import('./steps.mjs').Step} */
export const buildStep = {
  name: 'Build',
  async run() {
    // The compiler takes its own record for the truth, whatever has become of the files and the packages.
    if (!isWhole() || packagesAreNewer()) rmSync(record, { force: true });
    await compile('tsconfig.json');
    return done('src → dist');
  },
};

/**
 * @param {string} project a tsconfig.json, from the project's root
 * @throws {import('./errors.mjs').SetupError} with the compiler's diagnostics
 */
export async function compile(project) {
  await runOrFail(process.execPath, [tsc, '-p', project], {
    problem: `The TypeScript of ${project} does not compile.`,
    remedy: 'Fix the errors above, then run the same command again.',
  });
}

/** Files of src/ that only a bundler reads. */
const BUNDLED = /^playground[\\/]page[\\/]/;

/** Whether each file of src/ has its compiled form. */
function isWhole() {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?<!\.d)\.ts$/.test(path) && !BUNDLED.test(path))
    .every((path) => existsSync(join(root, 'dist', path.replace(/ts$/, 'js'))));
}

/** Whether packages were installed since the compiler's last run: what it missed then may be there now. */
function packagesAreNewer() {
  const changed = (/** @type {string} */ path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return changed(record) < changed(join(nodeModulesDir, '.package-lock.json'));
}
