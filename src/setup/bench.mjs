/**
 * `npm run bench`: gets everything ready, Sparselab's peers in an environment of their own, and measures all of them.
 *
 *     npm run bench                       trainings, kernels and sweeps; about half an hour
 *     npm run bench -- train sweep        only these kinds of training: train, kl, sweep, wasm, synthetic, start
 *     npm run bench -- train --runs 9     more runs than five
 *     npm run bench -- kernels            only the Jupyter kernels
 *     npm run bench -- store              only sweeps: on disk, and on a queue whose workers are killed
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { compile } from './build.mjs';
import { npmCommand } from './nodeModules.mjs';
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

/** Deno's kernel, from its npm package: the program itself lies in one package for each platform. */
const denoDir = join(cacheDir, 'bench-deno');

/** @type {import('./steps.mjs').Step} */
const denoStep = {
  name: 'Deno',
  async run() {
    const lock = 'package-lock.json';
    const from = join(root, 'bench', 'deno');
    const wanted = readFileSync(join(from, lock), 'utf8');
    if (denoProgram() && readFileSync(join(denoDir, lock), 'utf8') === wanted) {
      return current('as in bench/deno/package-lock.json');
    }
    mkdirSync(denoDir, { recursive: true });
    for (const file of ['package.json', lock]) copyFileSync(join(from, file), join(denoDir, file));
    const npm = npmCommand();
    await runOrFail(npm.command, [...npm.args, 'ci', '--ignore-scripts'], {
      cwd: denoDir,
      shell: npm.shell,
      remedy: downloadRemedy,
      problem: 'npm could not install Deno.',
    });
    return done('installed into .cache/bench-deno');
  },
};

/** Where Deno's program lies, if it is installed. */
function denoProgram() {
  const scope = join(denoDir, 'node_modules', '@deno');
  if (!existsSync(scope)) return undefined;
  const name = process.platform === 'win32' ? 'deno.exe' : 'deno';
  return readdirSync(scope)
    .map((platform) => join(scope, platform, name))
    .find((path) => existsSync(path));
}

const TORCH = 'torch==2.13.0';

function readStamp() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return undefined;
  }
}

/** Which of bench's programs the words ask for, and what is left for them. @param {readonly string[]} words */
function chosen(words) {
  const programs = ['main', 'kernels', 'sweeps'];
  const asked = words.includes('kernels') ? 'kernels' : words.includes('store') ? 'sweeps' : undefined;
  if (asked)
    return { programs: [asked], options: words.filter((word) => word !== 'kernels' && word !== 'store') };
  return { programs: words.some((word) => /^[a-z]/.test(word)) ? ['main'] : programs, options: [...words] };
}

followNpm();
try {
  await setUp();
  process.exitCode = await stoppable(async () => {
    const { programs, options } = chosen(process.argv.slice(2));
    await runSteps([peersStep, ...(programs.includes('kernels') ? [denoStep] : [])]);
    await compile('bench/tsconfig.json');
    const python = venvPython(environment);
    const flags = options.filter((word) => !/^[a-z]/.test(word));
    /** @type {Record<string, string[]>} */
    const args = {
      main: [python, ...options],
      kernels: [venvPython(), denoProgram() ?? '', ...flags],
      sweeps: [python, ...flags],
    };
    for (const program of programs) {
      const file = join(root, 'build', 'bench', `${program}.js`);
      const code = await runInForeground(process.execPath, [file, ...(args[program] ?? [])]);
      if (code !== 0) return code;
    }
    return 0;
  });
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
