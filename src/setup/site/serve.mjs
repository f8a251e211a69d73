/**
 * A server of files for this machine alone, to try the site before it is published.
 */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

/** The types without which browsers refuse to run a file. @type {Readonly<Record<string, string>>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/**
 * Serves the files of a folder on 127.0.0.1, without any header beyond their type.
 *
 * @param {string} folder
 * @param {number} port 0 for any
 * @returns {Promise<import('node:http').Server>} that listens
 */
export function serveFolder(folder, port) {
  const server = createServer(({ url = '/' }, response) => {
    const path = pathIn(folder, url);
    if (path === undefined) response.writeHead(404).end();
    else {
      response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' });
      createReadStream(path).pipe(response);
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** The file that an address means; undefined if there is none. @param {string} folder @param {string} url */
function pathIn(folder, url) {
  try {
    // As a URL, so that no `..` leads out of the folder.
    const { pathname } = new URL(url, 'http://localhost');
    const path = join(folder, decodeURIComponent(pathname));
    if (!path.startsWith(folder)) return undefined;
    const file = pathname.endsWith('/') ? join(path, 'index.html') : path;
    return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}
