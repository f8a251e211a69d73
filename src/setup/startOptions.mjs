/**
 * The options of `npm start`.
 */
import { parseArgs } from 'node:util';
import { SetupError } from './errors.mjs';

export const START_USAGE = `npm start -- [--no-browser] [--port N] [--teacher | --browser]
  --no-browser   only print the address
  --port N       listen on this port, or the next free one (default 8888)
  --teacher      with nbgrader's tools, for writing assignments
  --browser      the site of npm run site instead: the lessons run in the browser`;

/** Jupyter's own. */
const DEFAULT_PORT = 8888;

/**
 * @param {readonly string[]} args
 * @returns {{ port: number, browser: boolean, teacher: boolean, site: boolean, help: boolean }}
 *   `browser`: whether to open one; `site`: whether to serve the site instead of JupyterLab
 * @throws {SetupError} naming the option, the permitted values and the value
 */
export function parseStartOptions(args) {
  const {
    'no-browser': noBrowser = false,
    browser: site = false,
    port,
    teacher = false,
    help = false,
  } = parse(args);
  if (site && teacher) {
    throw new SetupError('--browser has none of the tools of --teacher.', `usage: ${START_USAGE}`);
  }
  return {
    port: port === undefined ? DEFAULT_PORT : parsePort(port),
    browser: !noBrowser,
    teacher,
    site,
    help,
  };
}

/** @param {readonly string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'no-browser': { type: 'boolean' },
        browser: { type: 'boolean' },
        port: { type: 'string' },
        teacher: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new SetupError(/** @type {Error} */ (error).message, `usage: ${START_USAGE}`);
  }
}

/** @param {string} text */
function parsePort(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new SetupError(`--port must be a whole number in [1, 65535]; got ${text}.`, `usage: ${START_USAGE}`);
}
