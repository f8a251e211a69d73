/**
 * The notebooks of the live course, lessons and assignments, and the page's part that looks after them.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jupyterEnvironment } from '../jupyter.mjs';
import { notebooksDir, root, venvPython } from '../paths.mjs';
import { runOrFail } from '../processes.mjs';

export const COURSE_EXTENSION = 'sparselab-course';

/** The assignments that the teacher has released. */
const releaseDir = join(root, 'class', 'release');

/**
 * Writes the lessons, and the assignments in `assignments/`: those that `npm run class:release` has released, else all that the
 * course brings. Each notebook's metadata say which version it is, so a copy that a student has changed knows where it comes from.
 *
 * @param {string} folder
 * @param {string} work a scratch folder
 * @returns {Promise<Record<string, string>>} the versions by path
 */
export async function writeNotebooks(folder, work) {
  const lessons = notebooksIn(notebooksDir).map((name) => ({ path: name, source: join(notebooksDir, name) }));
  const released = existsSync(releaseDir) ? releaseDir : await releaseAll(work);
  const assignments = readdirSync(released).flatMap((name) =>
    notebooksIn(join(released, name)).map((file) => ({
      path: `assignments/${file}`,
      source: join(released, name, file),
    })),
  );
  /** @type {Record<string, string>} */
  const versions = {};
  for (const { path, source } of [...lessons, ...assignments]) {
    const notebook = JSON.parse(readFileSync(source, 'utf8'));
    const version = createHash('sha256').update(JSON.stringify(notebook)).digest('hex').slice(0, 16);
    notebook.metadata.sparselab = { version };
    versions[path] = version;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${JSON.stringify(notebook, undefined, 1)}\n`);
  }
  return versions;
}

/** Writes the extension of JupyterLite. @param {string} folder @param {Record<string, string>} versions of the notebooks */
export function writeCourseExtension(folder, versions) {
  mkdirSync(join(folder, 'static'), { recursive: true });
  const script = readFileSync(join(root, 'src', 'notebook', 'liveextension', 'remoteEntry.js'), 'utf8');
  writeFileSync(
    join(folder, 'static', 'remoteEntry.js'),
    `window.SPARSELAB_NOTEBOOKS = ${JSON.stringify(versions)};\n${script}`,
  );
  const description = {
    name: COURSE_EXTENSION,
    version: '0.1.0',
    license: 'MIT',
    description: 'Looks after the notebooks of the live course.',
    jupyterlab: { extension: true, _build: { load: 'static/remoteEntry.js', extension: './extension' } },
    jupyterlite: { liteExtension: true },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(description));
}

/** @param {string} folder */
const notebooksIn = (folder) => readdirSync(folder).filter((name) => name.endsWith('.ipynb'));

/** Releases the course's assignments into a scratch folder. @param {string} work @returns {Promise<string>} the folder */
async function releaseAll(work) {
  const folder = join(work, 'class');
  rmSync(folder, { recursive: true, force: true });
  await runOrFail(venvPython(), ['-m', 'classroom', 'release', '--class', folder], {
    env: { ...jupyterEnvironment(), PYTHONPATH: join(root, 'src'), PYTHONUTF8: '1' },
    problem: 'The assignments could not be released.',
    remedy: 'Read the lines above.',
  });
  return join(folder, 'release');
}
