/**
 * The whole of set-up, in order. `npm start`, `npm test` and `npm run lessons` begin with it.
 */
import { buildStep } from './build.mjs';
import { SetupError } from './errors.mjs';
import { kernelStep, rendererStep } from './jupyter.mjs';
import { withLock } from './lock.mjs';
import { nodeModulesStep } from './nodeModules.mjs';
import { lockFile, shown } from './paths.mjs';
import { stoppable } from './processes.mjs';
import { runSteps } from './steps.mjs';
import { nativeTensorflowStep } from './tensorflow/native.mjs';
import { venvStep } from './venv.mjs';

/** The oldest Node that the packages support. */
export const OLDEST_NODE = 20;

/**
 * Gets the project ready on this machine, one line of output per step.
 * @throws {SetupError} if a step fails
 */
export async function setUp() {
  requireNode();
  const steps = [nodeModulesStep, venvStep, nativeTensorflowStep, buildStep, kernelStep, rendererStep];
  await withLock(
    lockFile,
    (share) => stoppable(() => runSteps(steps), share),
    (holder) => {
      console.log(`Waiting until process ${holder} is done setting up this project.`);
      console.log(`(If process ${holder} is something else, remove ${shown(lockFile)}.)`);
    },
  );
}

/** @param {string} [version] such as 20.1.0 */
export function requireNode(version = process.versions.node) {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return;
  throw new SetupError(
    `Node must be ${OLDEST_NODE} or newer; got ${version}.`,
    'Install it from nodejs.org or with your package manager, then run the same command again.',
  );
}
