/**
 * `npm run worker`: joins a queue of trials and works until told to leave.
 *
 *     npm run worker -- --queue redis://host:6379       with the URL in the command
 *     npm run worker                                    with the URL in the environment variable SPARSELAB_QUEUE
 *     npm run worker -- --queue … --processes 2         two trials at a time
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildStep } from './build.mjs';
import { withLock } from './lock.mjs';
import { nodeModulesStep } from './nodeModules.mjs';
import { lockFile, root } from './paths.mjs';
import { followNpm, stoppable } from './processes.mjs';
import { requireNode } from './setUp.mjs';
import { reportFailure, runSteps } from './steps.mjs';
import { nativeTensorflowStep } from './tensorflow/native.mjs';
import { venvStep } from './venv.mjs';

/** What a worker needs; Jupyter is not among it. The Python environment fetches native TensorFlow. */
const steps = [nodeModulesStep, venvStep, nativeTensorflowStep, buildStep];

followNpm();
try {
  requireNode();
  await withLock(lockFile, () => stoppable(() => runSteps(steps)));
  // In this very process, so that a request to stop reaches the worker, whoever sends it.
  await import(pathToFileURL(join(root, 'dist', 'sweep', 'queue', 'main.js')).href);
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
