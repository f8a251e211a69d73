/**
 * A web page, as the library asks for it; in a worker, where a file can be read without waiting for it.
 *
 * @module
 */
import { zlibSync } from 'fflate';
import { inspect } from 'node-inspect-extracted';
import type { Platform } from '../platform';
import { files } from './files';
import { gunzip } from './gunzip';
import { ownFiles } from './ownFiles';
import { hex, sha256 } from './sha256';
import { threads } from './threads';

/** Set when the library is bundled: a hash of its code. */
declare const SPARSELAB_CODE: string | undefined;

/** The page's or worker's own address: the site's files are next to it. */
declare const location: { readonly href: string };

const waiting: (() => void)[] = [];
const { port1: asks, port2: answers } = new MessageChannel();
// Node's type of a port knows no `onmessage`.
Object.assign(answers, { onmessage: () => waiting.shift()?.() });

const noModules = (): never => {
  throw new RangeError('module must be a file in the project; a web page has none');
};

export const platform: Platform = {
  env: () => undefined,
  process: { host: 'browser', id: 1 },
  inspect: (value) => inspect(value),
  randomId() {
    // crypto.randomUUID is there in secure contexts only, this everywhere.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
    return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  },
  sha256,
  gunzip,
  deflate: (bytes) => zlibSync(bytes),
  inNextTurn(work) {
    // Not a timer: nested ones wait for 4 ms.
    waiting.push(work);
    asks.postMessage(undefined);
  },
  threads,
  files,
  ownFiles,
  // The site has no hidden folders: what the library keeps there is written here.
  projectFile: (path) => (path.startsWith('.') ? path : new URL(path, location.href).href),
  packageFile: (name, path) => new URL(`packages/${name}/${path}`, location.href).href,
  codeVersion: () => (typeof SPARSELAB_CODE === 'string' ? SPARSELAB_CODE : 'unknown'),
  userModules: { locate: noModules, version: noModules, load: noModules },
  loadedModule: () => undefined,
};
