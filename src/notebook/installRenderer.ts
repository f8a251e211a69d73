/**
 * Gives JupyterLab and Notebook 7 our renderer of figures and unit panels, as a prebuilt extension with plotly.js next to it.
 *
 *     node dist/notebook/installRenderer.js <prefix>
 *
 * `<prefix>` is that of the Python environment, such as `.venv`.
 *
 * @module
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const NAME = 'sparselab-plotly';

/** The browser's part is used as it is written, so it lies in `src/`, next to `dist/`; one file in the end. */
const entryFiles = ['unitPanel.js', 'remoteEntry.js'].map((name) =>
  join(__dirname, '..', '..', 'src', 'notebook', 'labextension', name),
);

const plotlyPackage = dirname(require.resolve('plotly.js-dist/package.json'));

/**
 * Installs the renderer under a Python environment's prefix, unless the same one is there already. A reader sees the
 * old one or the new one, never half of it.
 *
 * @param prefix An existing folder, such as `.venv`.
 * @returns The extension's folder, and whether it was rewritten.
 * @throws Error if the prefix does not exist or cannot be written.
 */
export function installRenderer(prefix: string): { folder: string; installed: boolean } {
  if (!existsSync(prefix)) throw new Error(`prefix must be an existing folder; got ${prefix}`);
  const folder = folderUnder(prefix);
  if (rendererProblem(prefix) === undefined) return { folder, installed: false };
  // Next to its destination, because a rename is atomic only within one file system.
  const fresh = join(dirname(folder), `.${NAME}-${randomUUID()}`);
  try {
    mkdirSync(join(fresh, 'static'), { recursive: true });
    for (const [name, content] of extensionFiles()) writeFileSync(join(fresh, name), content);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
  return { folder, installed: true };
}

/**
 * The problem of the renderer that is installed under a prefix; undefined if every file is there, byte for byte.
 *
 * @param prefix As of {@link installRenderer}.
 */
export function rendererProblem(prefix: string): string | undefined {
  const folder = folderUnder(prefix);
  if (!existsSync(folder)) return 'not installed';
  for (const [name, content] of extensionFiles()) {
    const file = join(folder, name);
    if (!existsSync(file)) return `its ${name} is missing`;
    if (!readFileSync(file).equals(content)) return `its ${name} is outdated or damaged`;
  }
  return undefined;
}

/** Where a prefix has the extension. */
function folderUnder(prefix: string): string {
  return join(prefix, 'share', 'jupyter', 'labextensions', NAME);
}

/** The files of the extension, by their names in its folder. */
function extensionFiles(): Map<string, Buffer> {
  const entry = Buffer.concat(entryFiles.map((file) => readFileSync(file)));
  // Its checksum in its name: no browser then shows an old one from its cache.
  const entryName = `static/remoteEntry.${createHash('sha256').update(entry).digest('hex').slice(0, 20)}.js`;
  return new Map([
    ['package.json', Buffer.from(`${JSON.stringify(packageJson(entryName), null, 2)}\n`)],
    [entryName, entry],
    ['static/plotly.js', readFileSync(join(plotlyPackage, 'plotly.js'))],
    ['static/plotly.LICENSE', readFileSync(join(plotlyPackage, 'LICENSE'))],
  ]);
}

/** The file in which JupyterLab's server finds the extension. */
function packageJson(entryName: string) {
  return {
    name: NAME,
    version: versionOf(join(__dirname, '..', '..')),
    description: 'Draws Plotly figures and unit panels, and redraws them in place when they are updated.',
    license: 'MIT',
    dependencies: { 'plotly.js-dist': versionOf(plotlyPackage) },
    jupyterlab: { mimeExtension: true, _build: { load: entryName, mimeExtension: './mimeExtension' } },
  };
}

function versionOf(packageFolder: string): string {
  return (JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string })
    .version;
}

if (require.main === module) {
  const [prefix] = process.argv.slice(2);
  try {
    if (prefix === undefined) throw new Error('usage: node dist/notebook/installRenderer.js <prefix>');
    const { folder, installed } = installRenderer(prefix);
    console.log(`${installed ? 'Installed' : 'Already installed'}: ${folder}`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
