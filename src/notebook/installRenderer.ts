/**
 * Gives JupyterLab and Notebook 7 our renderer of figures and unit panels, as a prebuilt extension with plotly.js beside it.
 *
 *     node dist/notebook/installRenderer.js <prefix>
 *
 * `<prefix>` is that of the Python environment, such as `.venv`.
 *
 * @module
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const NAME = 'sparselab-plotly';

/** The browser's part is used as it is written, so it lies in `src/`, beside `dist/`; one file in the end. */
const entryFiles = ['unitPanel.js', 'remoteEntry.js'].map((name) =>
  join(__dirname, '..', '..', 'src', 'notebook', 'labextension', name),
);

const plotlyPackage = dirname(require.resolve('plotly.js-dist/package.json'));

/**
 * Installs the renderer under a Python environment's prefix, unless the same one is there already. Whoever looks sees the
 * old one or the new one, never half of it.
 *
 * @param prefix An existing folder, such as `.venv`.
 * @returns The extension's folder, and whether it was written anew.
 * @throws Error if the prefix does not exist or cannot be written.
 */
export function installRenderer(prefix: string): { folder: string; installed: boolean } {
  if (!existsSync(prefix)) throw new Error(`prefix must be an existing folder; got ${prefix}`);
  const parent = join(prefix, 'share', 'jupyter', 'labextensions');
  const folder = join(parent, NAME);
  const entry = Buffer.concat(entryFiles.map((file) => readFileSync(file)));
  // Its checksum in its name: no browser then shows an old one from its cache.
  const entryName = `static/remoteEntry.${createHash('sha256').update(entry).digest('hex').slice(0, 20)}.js`;
  const description = `${JSON.stringify(packageJson(entryName), null, 2)}\n`;
  const plotly = join(plotlyPackage, 'plotly.js');
  const whole =
    readIfThere(join(folder, 'package.json')) === description &&
    existsSync(join(folder, entryName)) &&
    sizeIfThere(join(folder, 'static', 'plotly.js')) === statSync(plotly).size;
  if (whole) return { folder, installed: false };

  // Beside its destination, since only within one file system a rename is atomic.
  const fresh = join(parent, `.${NAME}-${randomUUID()}`);
  try {
    mkdirSync(join(fresh, 'static'), { recursive: true });
    writeFileSync(join(fresh, 'package.json'), description);
    writeFileSync(join(fresh, entryName), entry);
    copyFileSync(plotly, join(fresh, 'static', 'plotly.js'));
    copyFileSync(join(plotlyPackage, 'LICENSE'), join(fresh, 'static', 'plotly.LICENSE'));
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
  return { folder, installed: true };
}

/** What JupyterLab's server reads to find the extension; also the mark by which an installed one is known. */
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

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function sizeIfThere(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
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
