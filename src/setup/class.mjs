/**
 * `npm run class:…`: the commands of the classroom, after set-up. Arguments go to the command.
 */
import { join } from 'node:path';
import { jupyterEnvironment } from './jupyter.mjs';
import { root, venvPython } from './paths.mjs';
import { followNpm, runInForeground, stoppable } from './processes.mjs';
import { setUp } from './setUp.mjs';
import { reportFailure } from './steps.mjs';

followNpm();
try {
  await setUp();
  process.exitCode = await stoppable(() =>
    runInForeground(venvPython(), ['-m', 'classroom', ...process.argv.slice(2)], {
      // Folders are named as the user sees them, from where npm was called.
      cwd: process.env.INIT_CWD ?? root,
      env: {
        ...jupyterEnvironment(),
        PYTHONPATH: join(root, 'src'),
        SPARSELAB_NODE: process.execPath,
      },
    }),
  );
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
