/**
 * The JupyterLab server: started on loopback with a token, waited for, and stopped with everything it started.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from './errors.mjs';
import { labEnvironment } from './jupyter.mjs';
import { notebooksDir, venvPython } from './paths.mjs';
import { run } from './processes.mjs';

const windows = process.platform === 'win32';
const HOST = '127.0.0.1';

/** The page that the browser opens: the first lesson, next to the documents of the last time. */
const FIRST_PAGE = '/lab/tree/00-start-here.ipynb';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/**
 * @typedef {object} Server
 * @property {string} url with the token: a person who has it can run code
 * @property {Promise<number>} ended resolves with the exit code when the server has ended, for whatever reason
 * @property {() => Promise<void>} stop ends the kernels, then the server; returns when they are gone
 */

/**
 * Starts JupyterLab in notebooks/ and waits until it answers.
 * @param {{ port: number, browser: boolean, teacher?: boolean }} options
 * @returns {Promise<Server>}
 * @throws {SetupError} if it ends or stays silent
 */
export async function startServer({ port, browser, teacher = false }) {
  const token = randomBytes(24).toString('hex');
  const child = spawn(
    venvPython(),
    [
      ...['-m', 'jupyterlab', `--ServerApp.port=${port}`, `--ServerApp.root_dir=${notebooksDir}`],
      `--LabApp.default_url=${FIRST_PAGE}`,
      // By default Jupyter refuses to run as root, but in a container there is often no other user.
      ...(process.getuid?.() === 0 ? ['--allow-root'] : []),
      // Where it may, Jupyter opens the browser itself, without the token showing in the list of processes.
      ...(browser ? [] : ['--no-browser']),
    ],
    {
      cwd: notebooksDir,
      env: { ...labEnvironment({ teacher }), JUPYTER_TOKEN: token },
      // A process group of its own: a terminal's Ctrl-C reaches us alone, and we stop it in order. Windows has no
      // such groups; there Ctrl-C reaches it as well, and it stops in the same way.
      detached: !windows,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const ended = new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
  const address = `http://${HOST}:${port}`;
  const stop = () => stopServer(child, ended, address, token);
  const url = `${address}${FIRST_PAGE}?token=${token}`;
  try {
    await waitUntilReady(ended, address, token);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, ended, stop };
}

/**
 * The first free port from `first` on.
 * @param {number} first
 * @returns {Promise<number>}
 * @throws {SetupError} if the next 50 are all in use
 */
export async function findFreePort(first) {
  const last = Math.min(first + 50, 65535);
  for (let port = first; port <= last; port++) {
    if (await isFree(port)) return port;
  }
  throw new SetupError(
    `The ports ${first} to ${last} are all in use.`,
    'Choose another: npm start -- --port N',
  );
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, HOST, () => probe.close(() => resolve(true)));
  });
}

/**
 * @param {Promise<number>} ended
 * @param {string} address
 * @param {string} token
 */
async function waitUntilReady(ended, address, token) {
  let code = /** @type {number | undefined} */ (undefined);
  ended.then((exitCode) => {
    code = exitCode;
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (code === undefined && Date.now() < deadline) {
    if (await isReady(address, token)) return;
    await sleep(100);
  }
  throw new SetupError(
    code === undefined
      ? `JupyterLab does not answer after ${START_TIMEOUT_MS / 1000} s.`
      : `JupyterLab ended with exit code ${code}.`,
    'Read the lines above; `npm run doctor` says what is missing.',
  );
}

/** Whether the server at this address is ours and answers. @param {string} address @param {string} token */
async function isReady(address, token) {
  try {
    const response = await fetch(`${address}/api/status`, {
      headers: { Authorization: `token ${token}` },
      signal: AbortSignal.timeout(2000),
    });
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Asks the server to end, which ends its kernels first; kills it if it does not. Asking over HTTP works on every
 * platform, where a signal would end a process on Windows at once.
 * @param {import('node:child_process').ChildProcess} child
 * @param {Promise<number>} ended
 * @param {string} address
 * @param {string} token
 */
async function stopServer(child, ended, address, token) {
  const signal = AbortSignal.timeout(STOP_TIMEOUT_MS);
  fetch(`${address}/api/shutdown`, {
    method: 'POST',
    headers: { Authorization: `token ${token}` },
    signal,
  }).catch(() => {
    // It does not listen yet, or no longer: on Windows the terminal's Ctrl-C has reached it too.
    if (!windows) child.kill();
  });
  const late = sleep(STOP_TIMEOUT_MS, 'late', { ref: false });
  if ((await Promise.race([ended, late])) === 'late') await kill(child);
  await ended;
}

/** Ends a process and those it started. @param {import('node:child_process').ChildProcess} child */
async function kill({ pid, exitCode }) {
  if (pid === undefined || exitCode !== null) return;
  if (windows) await run('taskkill', ['/pid', String(pid), '/T', '/F']);
  else process.kill(-pid, 'SIGKILL');
}
