/**
 * The live course: JupyterLite with our kernel, our renderer of figures and the notebooks, as a folder of static files.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jupyterEnvironment } from '../jupyter.mjs';
import { notebooksDir, root, venvDir, venvPython } from '../paths.mjs';
import { runOrFail } from '../processes.mjs';
import { kernelBundle, minified } from './bundles.mjs';
import { packedDeclarations } from './declarations.mjs';
import { writeLibrary } from './library.mjs';
import { licencesOf } from './licences.mjs';

const EXTENSION = 'sparselab-kernel';

/** Extensions of JupyterLab that the environment has and the live course needs. */
const EXTENSIONS = ['sparselab-plotly', join('@jupyter-widgets', 'jupyterlab-manager')];

/** JupyterLite's configuration. */
const CONFIGURATION = {
  'jupyter-lite-schema-version': 0,
  'jupyter-config-data': {
    appName: 'Sparselab',
    defaultKernelName: 'tslab',
    // As `window.jupyterapp`: tests and curious readers reach the page's parts by it.
    exposeAppInBrowser: true,
    // Notebooks are the site's own; a link to one would bring another origin in.
    disabledExtensions: ['@jupyterlite/application-extension:share-file'],
  },
};

/** Settings of JupyterLab's extensions: nothing is asked of the network. */
const SETTINGS = {
  '@jupyterlab/apputils-extension:notification': { fetchNews: 'false', checkForUpdates: false },
};

/**
 * Builds the live course.
 *
 * @param {string} folder for it; an existing one is replaced
 * @param {string} work a scratch folder
 * @returns {Promise<string>} the licences of its content
 */
export async function buildLive(folder, work) {
  const project = join(work, 'lite');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(project, 'files'), { recursive: true });
  const files = await writeExtension(join(work, 'extensions', EXTENSION));
  for (const name of EXTENSIONS) {
    cpSync(join(venvDir, 'share', 'jupyter', 'labextensions', name), join(work, 'extensions', name), {
      recursive: true,
    });
  }
  const plotly = join(work, 'extensions', 'sparselab-plotly', 'static', 'plotly.js');
  writeFileSync(plotly, minified(readFileSync(plotly, 'utf8')));
  for (const name of readdirSync(notebooksDir).filter((name) => name.endsWith('.ipynb'))) {
    cpSync(join(notebooksDir, name), join(project, 'files', name));
  }
  const building = {
    // The environment has nbgrader's extensions, too.
    LiteBuildConfig: { ignore_sys_prefix: ['federated_extensions'] },
    FederatedExtensionAddon: { extra_labextensions_path: [join(work, 'extensions')] },
  };
  writeFileSync(join(project, 'jupyter_lite_config.json'), JSON.stringify(building));
  writeFileSync(join(project, 'jupyter-lite.json'), JSON.stringify(CONFIGURATION));
  writeFileSync(join(project, 'overrides.json'), JSON.stringify(SETTINGS));
  await runOrFail(
    venvPython(),
    [
      ...['-m', 'jupyterlite_core', 'build', '--contents', 'files', '--output-dir', folder],
      ...['--apps', 'lab', '--apps', 'notebooks', '--no-sourcemaps'],
    ],
    {
      cwd: project,
      env: jupyterEnvironment(),
      problem: 'JupyterLite could not be built.',
      remedy: 'Read the lines above.',
    },
  );
  rmSync(work, { recursive: true, force: true });
  return licencesOf(files);
}

/** Writes the extension with our kernel. @param {string} folder @returns {Promise<string[]>} the files that went into its bundles */
async function writeExtension(folder) {
  const content = join(folder, 'static');
  mkdirSync(content, { recursive: true });
  const kernel = await kernelBundle();
  writeFileSync(join(content, 'kernel.js'), kernel.code);
  const libraryFiles = await writeLibrary(content);
  writeFileSync(join(content, 'declarations.json.gzip'), packedDeclarations());
  cpSync(join(root, 'src', 'kernel', 'web', 'page.js'), join(content, 'remoteEntry.js'));
  const description = {
    name: EXTENSION,
    version: '0.1.0',
    license: 'MIT',
    description: 'Sparselab’s kernel in a Web Worker.',
    jupyterlab: { extension: true, _build: { load: 'static/remoteEntry.js', extension: './extension' } },
    jupyterlite: { liteExtension: true },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(description));
  return [...kernel.files, ...libraryFiles];
}
