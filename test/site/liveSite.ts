/**
 * The live course for tests: built once per version of what it is made of, for all test files, and served from a subfolder.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../notebook/support';

/** What is served: a server that has other things, too. */
export const SERVED = join(root, 'build', 'test-site');

/** Where the live course lies there. */
export const PATH = '/courses/sparse/';

/** What it is made of. */
const PARTS = [
  'dist',
  'notebooks',
  'datasets',
  'src/kernel/web',
  'src/setup/site',
  'package-lock.json',
  'requirements.txt',
];

/** What is used here of set-up's modules, which are no CommonJS and have no declarations. */
interface SetUp {
  'lock.mjs': { withLock(file: string, work: () => Promise<void>): Promise<void> };
  'site/live.mjs': { buildLive(folder: string, work: string): Promise<string> };
  'site/serve.mjs': { serveFolder(folder: string, port: number): Promise<Server> };
}

/** Builds the live course, unless it is there. */
async function buildSite(): Promise<void> {
  const { withLock } = await setUp('lock.mjs');
  const { buildLive } = await setUp('site/live.mjs');
  await withLock(`${SERVED}.lock`, async () => {
    const version = versionOf(PARTS);
    const note = join(SERVED, 'version');
    if (existsSync(note) && readFileSync(note, 'utf8') === version) return;
    rmSync(SERVED, { recursive: true, force: true });
    mkdirSync(SERVED, { recursive: true });
    const licences = await buildLive(join(SERVED, PATH), `${SERVED}-parts`);
    writeFileSync(join(SERVED, 'licences.txt'), licences);
    writeFileSync(note, version);
  });
}

/**
 * Serves it without a header, as the barest of servers does.
 *
 * @param host what the browser is told to call this machine
 */
export async function serveSite(host = '127.0.0.1'): Promise<{ server: Server; live: string }> {
  await buildSite();
  const { serveFolder } = await setUp('site/serve.mjs');
  const server = await serveFolder(SERVED, 0);
  const { port } = server.address() as AddressInfo;
  return { server, live: `http://${host}:${port}${PATH}` };
}

async function setUp<Name extends keyof SetUp>(name: Name): Promise<SetUp[Name]> {
  return import(pathToFileURL(join(root, 'src', 'setup', name)).href) as Promise<SetUp[Name]>;
}

function versionOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of parts.flatMap((part) => filesOf(join(root, part))).sort()) {
    if (!/\.(map|tsbuildinfo)$/.test(file)) hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** The file itself, or those in a folder. */
function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
