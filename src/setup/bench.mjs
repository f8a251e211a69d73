/**
 * `npm run bench`: gets everything ready, Sparselab's peers in an environment of their own, and measures all of them.
 *
 *     npm run bench                       everything; about half an hour
 *     npm run bench -- train sweep        only these kinds of work: train, kl, sweep, wasm, synthetic, start
 *     npm run bench -- train --runs 9     more runs than five
 */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from './build.mjs';
import { cacheDir, root, venvPython } from './paths.mjs';
import { downloadRemedy, followNpm, runInForeground, runOrFail, stoppable } from './processes.mjs';
import { findPython } from './python.mjs';
import { setUp } from './setUp.mjs';
import { current, done, reportFailure, runSteps } from './steps.mjs';
import { pythonEnvironment } from './venv.mjs';

const environment = join(cacheDir, 'bench-venv');
const requirements = join(root, 'bench', 'requirements.txt');

/** Written last, so that an environment without it is unfinished. */
const stamp = join(environment, 'sparselab.json');

/** @type {import('./steps.mjs').Step} */
const peersStep = {
  name: 'Peers',
  async run() {
    const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
    if (readStamp() === wanted) return current('as in bench/requirements.txt');
    rmSync(environment, { recursive: true, force: true });
    const [python, ...args] = (await findPython()).command;
    const options = { env: pythonEnvironment(), remedy: downloadRemedy };
    await runOrFail(python, [...args, '-m', 'venv', environment], {
      ...options,
      problem: 'Python could not make the environment of the peers.',
    });
    // PyTorch first and alone: what needs it would otherwise choose a build of its own.
    const [torch, rest] = [[TORCH], ['-r', requirements]];
    for (const what of [torch, rest]) {
      await runOrFail(venvPython(environment), ['-m', 'pip', 'install', '--quiet', ...what], {
        ...options,
        problem: 'pip could not install the peers.',
      });
    }
    writeFileSync(stamp, wanted);
    return done('installed into .cache/bench-venv');
  },
};

const TORCH = 'torch==2.13.0';

function readStamp() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return undefined;
  }
}

followNpm();
try {
  await setUp();
  process.exitCode = await stoppable(async () => {
    await runSteps([peersStep]);
    await compile('bench/tsconfig.json');
    const main = join(root, 'build', 'bench', 'main.js');
    return runInForeground(process.execPath, [main, venvPython(environment), ...process.argv.slice(2)]);
  });
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
