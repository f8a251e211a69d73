/**
 * Set-up is a list of steps. Each brings one thing about, or finds that it is so already, and prints one line.
 */
import { SetupError } from './errors.mjs';

/**
 * @typedef {object} Outcome
 * @property {'done' | 'current' | 'warning'} status done now; nothing to do; or done with less than was hoped for
 * @property {string} detail
 * @property {string} [advice] for a warning: what to do about it
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<Outcome>} run idempotent, and safe to repeat after being killed half-way
 *
 * @typedef {Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean }} Output
 */

const MARKS = { done: '✓', current: '·', warning: '!', failed: '✗' };
const NAME_WIDTH = 18;

/** @param {string} detail @returns {Outcome} */
export const done = (detail) => ({ status: 'done', detail });

/** @param {string} detail @returns {Outcome} */
export const current = (detail) => ({ status: 'current', detail });

/** @param {string} detail @param {string} advice @returns {Outcome} */
export const warning = (detail, advice) => ({ status: 'warning', detail, advice });

/**
 * Runs the steps in order, a line each: what it did and how long it took.
 * @param {readonly Step[]} steps
 * @param {Output} [output]
 * @throws {SetupError} the first step's that fails; the steps after it do not run
 */
export async function runSteps(steps, output = process.stdout) {
  for (const step of steps) await runStep(step, output);
}

/**
 * @param {Step} step
 * @param {Output} output
 */
async function runStep({ name, run }, output) {
  const label = name.padEnd(NAME_WIDTH);
  // A step can take a minute: a terminal shows its name meanwhile, then the line is written over.
  if (output.isTTY) output.write(`  ${label} …`);
  const line = (/** @type {keyof typeof MARKS} */ status, /** @type {string} */ text) =>
    output.write(`${output.isTTY ? '\r\x1b[K' : ''}${MARKS[status]} ${label} ${text}\n`);
  const start = performance.now();
  try {
    const { status, detail, advice } = await run();
    line(status, `${detail} (${seconds(start)})`);
    if (advice) output.write(`  ${advice}\n`);
  } catch (error) {
    line('failed', `failed (${seconds(start)})`);
    throw error;
  }
}

/** Tells the user the failure and the remedy. @param {unknown} error @param {Output} [output] */
export function reportFailure(error, output = process.stderr) {
  if (!(error instanceof SetupError)) throw error;
  if (error.output) output.write(`\n${error.output.replace(/^/gm, '    ')}\n`);
  output.write(`\n${error.message}\nWhat to do: ${error.remedy}\n`);
}

/** @param {number} start */
function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
