/**
 * The live course: JupyterLite with our kernel, our renderer of figures and the notebooks, as a folder of static files.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jupyterEnvironment } from '../jupyter.mjs';
import { root, venvDir, venvPython } from '../paths.mjs';
import { runOrFail } from '../processes.mjs';
import { kernelBundle, minified } from './bundles.mjs';
import { COURSE_EXTENSION, writeCourseExtension, writeNotebooks } from './course.mjs';
import { packedDeclarations } from './declarations.mjs';
import { writeLibrary } from './library.mjs';
import { licencesOf } from './licences.mjs';

const EXTENSION = 'sparselab-kernel';

/** Extensions of JupyterLab that the environment has and the live course needs. */
const EXTENSIONS = ['sparselab-plotly', join('@jupyter-widgets', 'jupyterlab-manager')];

/** Where JupyterLite stores files and settings: the first that works. */
const DRIVERS = ['asyncStorage', 'memoryStorageDriver'];

/** The pages of JupyterLite that the course has. */
const APPS = ['lab', 'notebooks'];

/** JupyterLite's configuration. */
const CONFIGURATION = {
  'jupyter-lite-schema-version': 0,
  'jupyter-config-data': {
    appName: 'Sparselab',
    defaultKernelName: 'tslab',
    // As `window.jupyterapp`: tests and curious readers reach the page's parts by it.
    exposeAppInBrowser: true,
    disabledExtensions: [
      // Notebooks are the site's own; a link to one would bring another origin in.
      '@jupyterlite/application-extension:share-file',
      // It gives other kernels files; ours is the site's (offline.mjs).
      '@jupyterlite/application-extension:service-worker-manager',
    ],
    // Where the browser stores nothing, files live as long as the page.
    enableMemoryStorage: true,
    ...Object.fromEntries(
      ['contents', 'settings', 'workspaces'].map((of) => [`${of}StorageDrivers`, DRIVERS]),
    ),
  },
};

/** Settings of JupyterLab's extensions: nothing is asked of the network. */
const SETTINGS = {
  '@jupyterlab/apputils-extension:notification': { fetchNews: 'false', checkForUpdates: false },
  // Saving asks no server: little is lost when a tab is closed. In seconds.
  '@jupyterlab/docmanager-extension:plugin': { autosaveInterval: 15 },
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
  const versions = await writeNotebooks(join(project, 'files'), work);
  writeCourseExtension(join(work, 'extensions', COURSE_EXTENSION), versions);
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
      ...APPS.flatMap((app) => ['--apps', app]),
      '--no-sourcemaps',
    ],
    {
      cwd: project,
      env: jupyterEnvironment(),
      problem: 'JupyterLite could not be built.',
      remedy: 'Read the lines above.',
    },
  );
  rmSync(work, { recursive: true, force: true });
  writePolicyCheck(folder);
  return licencesOf(files);
}

/** Has each page load policy.js before all else. @param {string} folder of the live course */
function writePolicyCheck(folder) {
  cpSync(join(root, 'src', 'notebook', 'liveextension', 'policy.js'), join(folder, 'policy.js'));
  for (const app of APPS) {
    const path = join(folder, app, 'index.html');
    const page = readFileSync(path, 'utf8');
    writeFileSync(path, page.replace('<head>', '<head>\n    <script src="../policy.js"></script>'));
  }
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
