/**
 * Finding a Python interpreter that can make the project's environment.
 */
import { SetupError } from './errors.mjs';
import { run } from './processes.mjs';

/** The oldest Python that requirements.txt is resolved for. */
const OLDEST = /** @type {const} */ ([3, 10]);

/**
 * @typedef {readonly [command: string, ...args: string[]]} Command
 *
 * @typedef {object} Interpreter
 * @property {Command} command
 * @property {readonly number[]} version major, minor, patch
 * @property {boolean} hasVenv whether it can make a virtual environment with pip
 *
 * @typedef {(command: Command) => Promise<Interpreter | undefined>} Inspect
 */

const INSPECTION = `
import json, sys
from importlib.util import find_spec
has_venv = bool(find_spec("venv") and find_spec("ensurepip"))
print(json.dumps({"version": sys.version_info[:3], "hasVenv": has_venv}))`;

/**
 * Where to look, in order. `$SPARSELAB_PYTHON` is the only candidate where it is set. The names with a version help
 * where `python3` is an older one, as on macOS.
 * @param {NodeJS.ProcessEnv} [env]
 * @param {NodeJS.Platform} [platform]
 * @returns {Command[]}
 */
export function pythonCandidates(env = process.env, platform = process.platform) {
  if (env.SPARSELAB_PYTHON) return [[env.SPARSELAB_PYTHON]];
  if (platform === 'win32') return [['py', '-3'], ['python'], ['python3']];
  return ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'].map(
    (name) => [name],
  );
}

/**
 * The first interpreter that will do.
 * @param {readonly Command[]} [candidates]
 * @param {Inspect} [inspect]
 * @returns {Promise<Interpreter>}
 * @throws {SetupError} naming the version that was found, and what to install
 */
export async function findPython(candidates = pythonCandidates(), inspect = inspectPython) {
  /** @type {Interpreter[]} */
  const unsuitable = [];
  for (const candidate of candidates) {
    const interpreter = await inspect(candidate);
    if (!interpreter) continue;
    if (isNewEnough(interpreter) && interpreter.hasVenv) return interpreter;
    unsuitable.push(interpreter);
  }
  throw explain(candidates, unsuitable);
}

/** @param {Interpreter} interpreter */
export function versionOf({ version }) {
  return version.join('.');
}

/** Asks an interpreter about itself; undefined if there is none by that name. @type {Inspect} */
async function inspectPython(command) {
  const [program, ...args] = command;
  const { code, stdout } = await run(program, [...args, '-c', INSPECTION], { timeoutMs: 20_000 });
  // On Windows `python` may be a stub that offers the store and prints nothing.
  return code === 0 && stdout ? { command, ...JSON.parse(stdout) } : undefined;
}

/** @param {Interpreter} interpreter */
function isNewEnough({ version: [major = 0, minor = 0] }) {
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/**
 * @param {readonly Command[]} candidates
 * @param {readonly Interpreter[]} unsuitable
 */
function explain(candidates, unsuitable) {
  const withoutVenv = unsuitable.find(isNewEnough);
  if (withoutVenv) {
    const [major, minor] = withoutVenv.version;
    return new SetupError(
      `Python ${versionOf(withoutVenv)} (${withoutVenv.command.join(' ')}) lacks the module venv or ensurepip.`,
      `Install it (Debian, Ubuntu: sudo apt install python${major}.${minor}-venv), then run the same command again.`,
    );
  }
  const needed = `Python must be ${OLDEST.join('.')} or newer`;
  const tried = candidates.map((command) => command.join(' ')).join(', ');
  const found = unsuitable.map(versionOf).join(', ');
  return new SetupError(
    found ? `${needed}; found ${found}.` : `${needed}; found none (tried ${tried}).`,
    `${INSTALL[process.platform] ?? INSTALL.linux}, or set SPARSELAB_PYTHON to one, then run the same command again.`,
  );
}

/** @type {Partial<Record<NodeJS.Platform, string>> & { linux: string }} */
const INSTALL = {
  linux:
    'Install it (Debian, Ubuntu: sudo apt install python3 python3-venv; Fedora: sudo dnf install python3)',
  darwin: 'Install it (brew install python, or from python.org)',
  win32: 'Install it (winget install Python.Python.3.13, or from python.org)',
};
