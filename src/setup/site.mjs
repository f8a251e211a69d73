/**
 * `npm run site`: one folder, `build/site/`, with the lessons as pages and the live course, to be put on any web server.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.mjs';
import { jupyterEnvironment } from './jupyter.mjs';
import { root, venvPython } from './paths.mjs';
import { runOrFail, stoppable } from './processes.mjs';
import { setUp } from './setUp.mjs';
import { buildLive } from './site/live.mjs';

const site = join(root, 'build', 'site');
const live = join(root, 'build', 'live');

await command(async () => {
  await setUp();
  return stoppable(async () => {
    const begun = performance.now();
    const licences = await buildLive(live, join(root, 'build', 'live-parts'));
    await writePages();
    rmSync(join(site, 'live'), { recursive: true, force: true });
    renameSync(live, join(site, 'live'));
    writeFileSync(join(site, 'licences.txt'), licences);
    // GitHub's own builder of pages would leave files out.
    writeFileSync(join(site, '.nojekyll'), '');
    console.log(`The site is in ${site}, after ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
    return 0;
  });
});

/** The lessons as pages, from their published copies. */
async function writePages() {
  const runner = join(root, 'src', 'notebook', 'runLessons.py');
  const copies = join(root, 'docs', 'lessons');
  await runOrFail(venvPython(), [runner, '--no-execute', '--notebooks', copies, '--site', site], {
    env: { ...jupyterEnvironment(), SPARSELAB_NODE: process.execPath },
    problem: 'The lessons could not be written as pages.',
    remedy: 'Read the lines above.',
  });
}
