/**
 * Which files hold tests, and where their runnable form is.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from './paths.mjs';

/**
 * The runnable test files, from the project's root, in order of their names: `*.test.ts` as compiled into
 * build/test, `*.test.mjs` (the tests of set-up, which is plain JavaScript) as they are. Node 20 takes no patterns.
 * Those that take minutes come first, so that none of them runs on alone when all others have ended.
 * @param {readonly string[]} words only files whose path contains one of them; none means all
 * @param {string} [project]
 * @returns {string[]} with forward slashes
 */
export function testFiles(words, project = root) {
  return readdirSync(join(project, 'test'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.test\.(ts|mjs)$/.test(path))
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .map((path) => (path.endsWith('.ts') ? `build/test/${path.replace(/ts$/, 'js')}` : `test/${path}`))
    .sort()
    .sort((a, b) => length(b) - length(a));
}

/** Two for whole classes and the live course, one for a lesson or the playground, none for all others. @param {string} path */
function length(path) {
  if (path.includes('/classroom/') || path.includes('/setup/site.')) return 2;
  return path.includes('/notebooks/run/') || path.includes('/setup/playground.') ? 1 : 0;
}

/** Rooms whose tests only compute. */
const ROOMS_OF_ONE_PROCESS = new Set([
  'datasets',
  'exercises',
  'features',
  'model',
  'monitoring',
  'numbers',
  'page',
  'plots',
]);

/**
 * The scripts that run test files, each in a process of its own. Rooms whose tests only compute have one script each,
 * written into build/test/together: to load TensorFlow takes longer than most of their files. Files that set another
 * engine for their process stay alone.
 * @param {readonly string[]} files as `testFiles` gives them
 * @param {string} [project]
 * @returns {string[]} from the project's root, in the order of their first files
 */
export function testScripts(files, project = root) {
  /** @type {Map<string, string[]>} */
  const scripts = new Map();
  for (const file of files) {
    const room = basename(dirname(file));
    const together = ROOMS_OF_ONE_PROCESS.has(room) && !file.endsWith('OnWasm.test.js');
    const script = together ? `build/test/together/${room}.js` : file;
    scripts.set(script, [...(scripts.get(script) ?? []), file]);
  }
  mkdirSync(join(project, 'build', 'test', 'together'), { recursive: true });
  return [...scripts].map(([script, members]) => {
    if (members.length === 1) return members.join();
    const lines = members.map((file) => `require('../../../${file}');\n`);
    writeFileSync(join(project, script), lines.join(''));
    return script;
  });
}
