/**
 * `npm run bench`: gets everything ready, Sparselab's peers in an environment of their own, and measures all of them.
 *
 *     npm run bench                       trainings, kernels and sweeps; about half an hour
 *     npm run bench -- train sweep        only these kinds of training: train, bfloat16, kl, sweep, wasm, synthetic, dictionaries, start
 *     npm run bench -- train --runs 9     more runs than five
 *     npm run bench -- wasm --only H=256  only the works whose names contain this
 *     npm run bench -- kernels            only the Jupyter kernels
 *     npm run bench -- browser            only the live course in a Chromium; some five minutes
 *     npm run bench -- browser lessons    every lesson whole in a Chromium; a quarter of an hour
 *     npm run bench -- profile            no figures: where a step on native TensorFlow goes, small ones and bfloat16
 *     npm run bench -- store              only sweeps: on disk, and on a queue whose workers are killed
 *     npm run bench -- interchange        no figures: whether SAELens and Sparselab compute the same with each other's folders
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from './build.mjs';
import { command } from './command.mjs';
import { npmCommand } from './nodeModules.mjs';
import { cacheDir, root, venvPython } from './paths.mjs';
import { downloadRemedy, runInForeground, runOrFail, stoppable } from './processes.mjs';
import { setUp } from './setUp.mjs';
import { current, done, runSteps } from './steps.mjs';
import { environmentVersion, makeEnvironment } from './venv.mjs';

/** @type {import('./venv.mjs').Environment} */
const peers = {
  folder: join(cacheDir, 'bench-venv'),
  requirements: join(root, 'bench', 'requirements.txt'),
  // PyTorch first and alone: what needs it would otherwise choose a build of its own.
  installs: [['torch==2.13.0'], ['-r', join(root, 'bench', 'requirements.txt')]],
};

/** @type {import('./steps.mjs').Step} */
const peersStep = {
  name: 'Peers',
  async run() {
    if (await environmentVersion(peers)) return current('as in bench/requirements.txt');
    await makeEnvironment(peers);
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

/** The programs that a word of their own asks for. @type {Readonly<Record<string, string>>} */
const named = {
  kernels: 'kernels',
  browser: 'browser',
  store: 'sweeps',
  interchange: 'interchange',
  profile: 'profile',
};

/** The bench's programs that the words ask for, and the remaining words for them. @param {readonly string[]} words */
function chosen(words) {
  const programs = ['main', 'kernels', 'sweeps'];
  const asked = Object.entries(named).find(([word]) => words.includes(word));
  if (asked) return { programs: [asked[1]], options: words.filter((word) => word !== asked[0]) };
  return { programs: words.some((word) => /^[a-z]/.test(word)) ? ['main'] : programs, options: [...words] };
}

await command(async (args) => {
  await setUp();
  return stoppable(async () => {
    const { programs, options } = chosen(args);
    const needsPeers = !programs.includes('browser');
    await runSteps([...(needsPeers ? [peersStep] : []), ...(programs.includes('kernels') ? [denoStep] : [])]);
    await compile('bench/tsconfig.json');
    const python = venvPython(peers.folder);
    const flags = options.filter((word) => !/^[a-z]/.test(word));
    /** @type {Record<string, string[]>} */
    const inputs = {
      main: [python, ...options],
      kernels: [venvPython(), denoProgram() ?? '', ...flags],
      sweeps: [python, ...flags],
      interchange: [python],
      profile: [python],
    };
    if (programs.includes('browser')) return benchLive(options);
    for (const program of programs) {
      const file = join(root, 'build', 'bench', `${program}.js`);
      const code = await runInForeground(process.execPath, [file, ...(inputs[program] ?? [])]);
      if (code !== 0) return code;
    }
    return 0;
  });
});

/** Builds the live course, serves it from a subfolder, and measures it. @param {readonly string[]} words */
async function benchLive(words) {
  // They need packages, which are here only after set-up.
  const { buildLive } = await import('./site/live.mjs');
  const { serveFolder } = await import('./site/serve.mjs');
  const served = join(root, 'build', 'bench', 'site');
  const live = join(served, 'sparselab', 'live');
  mkdirSync(served, { recursive: true });
  await buildLive(live, join(root, 'build', 'bench', 'site-parts'));
  const server = await serveFolder(served, 0);
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  try {
    const file = join(root, 'build', 'bench', 'browser.js');
    const address = `http://127.0.0.1:${port}/sparselab/live/`;
    return await runInForeground(process.execPath, [file, address, live, ...words]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
