/**
 * `npm run lessons`: runs every lesson in order and writes them as pages to build/site. Arguments go to the runner.
 */
import { join } from 'node:path';
import { jupyterEnvironment } from './jupyter.mjs';
import { root, venvPython } from './paths.mjs';
import { followNpm, runInForeground, stoppable } from './processes.mjs';
import { setUp } from './setUp.mjs';
import { reportFailure } from './steps.mjs';

const runner = join(root, 'src', 'notebook', 'runLessons.py');

followNpm();
try {
  await setUp();
  process.exitCode = await stoppable(() =>
    runInForeground(venvPython(), [runner, ...process.argv.slice(2)], {
      env: { ...jupyterEnvironment(), SPARSELAB_NODE: process.execPath },
    }),
  );
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
