/**
 * `npm run lessons`: runs every lesson in order and writes them as pages to build/site. Arguments go to the runner.
 */
import { join } from 'node:path';
import { command } from './command.mjs';
import { jupyterEnvironment } from './jupyter.mjs';
import { root, venvPython } from './paths.mjs';
import { runInForeground, stoppable } from './processes.mjs';
import { setUp } from './setUp.mjs';

const runner = join(root, 'src', 'notebook', 'runLessons.py');

await command(async (args) => {
  await setUp();
  return stoppable(() =>
    runInForeground(venvPython(), [runner, ...args], {
      env: { ...jupyterEnvironment(), SPARSELAB_NODE: process.execPath },
    }),
  );
});
