/**
 * The TypeScript compiler, as npm installed it.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { nodeModulesDir, root } from './paths.mjs';
import { runOrFail } from './processes.mjs';
import { done } from './steps.mjs';

// Not `bin/tsc`: Node before 20.10 loads no ES module whose file has no extension.
const tsc = join(nodeModulesDir, 'typescript', 'lib', 'tsc.js');

/** Builds src/ into dist/; incremental, so it runs every time. @type {import('./steps.mjs').Step} */
export const buildStep = {
  name: 'Build',
  async run() {
    await build();
    return done('src → dist');
  },
};

/**
 * The compiler takes the record of its last run for the truth, whatever has become of the files and the packages. Where that
 * could be wrong, everything is compiled again, also after a build that was killed, as its files are partly of the sources of then.
 * @param {string} [project] the folder
 */
export async function build(project = root) {
  const dist = join(project, 'dist');
  const record = join(dist, '.tsbuildinfo');
  const unfinished = join(dist, '.unfinished');
  if (existsSync(unfinished) || !isWhole(project) || packagesAreNewer(record))
    rmSync(record, { force: true });
  mkdirSync(dist, { recursive: true });
  writeFileSync(unfinished, '');
  try {
    await compile(relative(root, join(project, 'tsconfig.json')));
  } finally {
    // The compiler has come to its end, also where it found errors.
    rmSync(unfinished, { force: true });
  }
}

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

/** Whether each file of src/ has its compiled form. @param {string} project */
function isWhole(project) {
  return readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?<!\.d)\.ts$/.test(path) && !BUNDLED.test(path))
    .every((path) => existsSync(join(project, 'dist', path.replace(/ts$/, 'js'))));
}

/** Whether packages were installed since the compiler's last run: what it missed then may be there now. @param {string} record */
function packagesAreNewer(record) {
  const changed = (/** @type {string} */ path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return changed(record) < changed(join(nodeModulesDir, '.package-lock.json'));
}
