/**
 * Running other programs: quietly, with their output kept for when they fail.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { SetupError } from './errors.mjs';
import { isAlive } from './lock.mjs';
import { root } from './paths.mjs';

/** Ctrl-C, a polite kill, a closed terminal. @type {readonly NodeJS.Signals[]} */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] default: the project's root
 * @property {NodeJS.ProcessEnv} [env] default: this process's environment
 * @property {number} [timeoutMs] the program is killed after this time; default: never
 * @property {boolean} [shell] run through the shell; on Windows, scripts such as npm.cmd need it
 *
 * @typedef {object} Finished
 * @property {number | null} code exit code; null if a signal ended the program or it could not be started
 * @property {boolean} found whether there is such a program
 * @property {string} stdout
 * @property {string} output standard output and standard error, as they came
 */

/** The programs that run now. @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** Told whenever `running` changes. @type {(children: readonly number[]) => void} */
let onChange = () => {};

/** @param {import('node:child_process').ChildProcess} child */
function keepTrackOf(child) {
  const tell = () => onChange([...running].flatMap(({ pid }) => pid ?? []));
  const forget = () => {
    running.delete(child);
    tell();
  };
  running.add(child);
  child.on('error', forget).on('close', forget);
  tell();
}

/**
 * Does `work`; if this process is told to stop meanwhile, the programs that it runs stop with it.
 * @template T
 * @param {() => Promise<T>} work
 * @param {(children: readonly number[]) => void} [share] told the ids of the programs that run, at every change
 * @returns {Promise<T>}
 */
export async function stoppable(work, share = () => {}) {
  const stop = () => {
    for (const child of running) child.kill();
    process.exit(1);
  };
  onChange = share;
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  try {
    return await work();
  } finally {
    onChange = () => {};
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  }
}

/**
 * Stops with npm. npm passes Ctrl-C on, but when it is killed it leaves what it started running; so once a second this
 * checks that it is still there, and if not, acts as if this process were told to stop.
 */
export function followNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const { ppid } = process;
  const shellsParent = process.platform === 'linux' ? parentOf(ppid) : ppid;
  const look = () => {
    // On Windows the parent's id stays the same when it ends.
    if (process.ppid !== ppid || !isAlive(ppid) || !isAlive(shellsParent)) process.emit('SIGTERM');
  };
  setInterval(look, 1000).unref();
}

/** On Linux there can be a shell between npm and this process; elsewhere the shell becomes it. @param {number} pid */
function parentOf(pid) {
  // The command's name, in parentheses, may hold anything; the state and the parent's id follow it.
  const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(parent);
}

/**
 * Runs a program to its end. Never throws: how it ended is in the result.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Finished>}
 */
export function run(command, args, { cwd = root, env = process.env, timeoutMs, shell = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      shell,
      ...killedAfter(timeoutMs),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    keepTrackOf(child);
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', (error) => {
      resolve({ code: null, found: false, stdout, output: output + error.message });
    });
    child.on('close', (code) => {
      resolve({ code, found: true, stdout, output });
    });
  });
}

/** @param {number | undefined} timeoutMs */
function killedAfter(timeoutMs) {
  return timeoutMs === undefined ? {} : { timeout: timeoutMs, killSignal: /** @type {const} */ ('SIGKILL') };
}

/**
 * Runs a program that has to succeed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions & { problem: string, remedy: string | ((output: string) => string) }} options
 * @returns {Promise<string>} its standard output
 * @throws {SetupError} with `problem` and `remedy` if it cannot be started or exits non-zero
 */
export async function runOrFail(command, args, { problem, remedy, ...options }) {
  const { code, stdout, output } = await run(command, args, options);
  if (code === 0) return stdout;
  throw new SetupError(problem, typeof remedy === 'function' ? remedy(output) : remedy, excerpt(output));
}

/**
 * Runs a program in the foreground: what it prints is seen as it comes.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Pick<RunOptions, 'cwd' | 'env' | 'timeoutMs'>} [options]
 * @returns {Promise<number>} its exit code; 1 if a signal ended it or it could not be started
 */
export function runInForeground(command, args, { cwd = root, env = process.env, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      ...killedAfter(timeoutMs),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    keepTrackOf(child);
    child.on('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** How npm, pip and Node say that a host, or the index behind it, cannot be reached. */
const UNREACHABLE =
  /getaddrinfo|ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|name resolution|NewConnectionError|ProxyError|timed out|no answer|unreachable|from versions: none/i;

/** Advice for a download that failed. @param {string} output what the failed program printed */
export function downloadRemedy(output) {
  return UNREACHABLE.test(output)
    ? 'Check the network connection (behind a proxy, set HTTPS_PROXY), then run the same command again.'
    : 'Run the same command again; finished parts are kept.';
}

/**
 * The useful part of a failed program's output: the start for npm, the end for pip and compilers.
 * @param {string} output
 */
export function excerpt(output) {
  const lines = output.trim().split(/\r?\n/);
  return lines.length <= 30 ? lines.join('\n') : [...lines.slice(0, 12), '…', ...lines.slice(-15)].join('\n');
}
