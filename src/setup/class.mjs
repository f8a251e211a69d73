/**
 * `npm run class:…`: the commands of the classroom, after set-up. Arguments go to the command.
 */
import { join } from 'node:path';
import { command } from './command.mjs';
import { jupyterEnvironment } from './jupyter.mjs';
import { root, venvPython } from './paths.mjs';
import { runInForeground, stoppable } from './processes.mjs';
import { setUp } from './setUp.mjs';

await command(async (args) => {
  await setUp();
  return stoppable(() =>
    runInForeground(venvPython(), ['-m', 'classroom', ...args], {
      // Folders are named as the user sees them, from where npm was called.
      cwd: process.env.INIT_CWD ?? root,
      env: {
        ...jupyterEnvironment(),
        PYTHONPATH: join(root, 'src'),
        // Names and files are UTF-8 in every locale, for nbgrader and its programs, too.
        PYTHONUTF8: '1',
        SPARSELAB_NODE: process.execPath,
      },
    }),
  );
});
