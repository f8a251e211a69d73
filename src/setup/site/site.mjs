/**
 * The whole site: the lessons as pages, from their published copies, the playground, the reference in `api/` and the live course
 * in `live/`.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API, writeApi } from '../docs/api.mjs';
import { jupyterEnvironment } from '../jupyter.mjs';
import { root, venvPython } from '../paths.mjs';
import { runOrFail } from '../processes.mjs';
import { buildLive } from './live.mjs';
import { writePlayground } from './playground.mjs';

/** Where the site is. */
export const siteDir = join(root, 'build', 'site');

/** Where the live course begins, from there. */
export const LIVE_START = 'live/lab/index.html?path=00-start-here.ipynb';

/** Builds the site, in place of an older one. */
export async function buildSite() {
  const live = join(root, 'build', 'live');
  const licences = await buildLive(live, join(root, 'build', 'live-parts'));
  await writePages();
  await writeApi(join(siteDir, API));
  rmSync(join(siteDir, 'live'), { recursive: true, force: true });
  renameSync(live, join(siteDir, 'live'));
  await writePlayground(siteDir);
  writeFileSync(join(siteDir, 'licences.txt'), licences);
  // GitHub's own builder of pages would leave files out.
  writeFileSync(join(siteDir, '.nojekyll'), '');
}

async function writePages() {
  const runner = join(root, 'src', 'notebook', 'runLessons.py');
  const copies = join(root, 'docs', 'lessons');
  await runOrFail(
    venvPython(),
    [runner, '--no-execute', '--live', 'live', '--notebooks', copies, '--site', siteDir],
    {
      env: { ...jupyterEnvironment(), SPARSELAB_NODE: process.execPath },
      problem: 'The lessons could not be written as pages.',
      remedy: 'Read the lines above.',
    },
  );
}
