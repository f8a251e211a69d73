/**
 * Node, as the library asks for it.
 *
 * @module
 */
import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { deflateSync, gunzipSync } from 'node:zlib';
import type { Platform } from '../platform';
import { files, plain } from './files';
import { fingerprint, libraryRoot, projectRoot } from './fingerprint';
import { ownFiles } from './ownFiles';
import { threads } from './threads';
import { userModules } from './userModules';

export const platform: Platform = {
  env: (name) => process.env[name],
  process: { host: hostname(), id: process.pid },
  inspect: (value) => inspect(value),
  randomId: randomUUID,
  sha256(...parts) {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part as string | NodeJS.ArrayBufferView);
    return hash.digest('hex');
  },
  gunzip: (bytes, most) => plain(gunzipSync(bytes, most === undefined ? {} : { maxOutputLength: most })),
  deflate: (bytes) => plain(deflateSync(bytes)),
  inNextTurn: (work) => void setImmediate(work),
  threads,
  files,
  ownFiles,
  projectFile: (path) => join(projectRoot, path),
  packageFile: (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path),
  codeVersion: (...modules) => fingerprint(...modules.map((path) => join(libraryRoot, `${path}.js`))).sha256,
  userModules,
  loadedModule: (name) => require.cache[require.resolve(name)]?.exports,
};
