/**
 * The playground: a page of its own, and the script of the site's front page. Both train with the library of the live course.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { playgroundPageBundle, playgroundWorkerBundle } from './bundles.mjs';
import { LIBRARY } from './library.mjs';

const page = join(root, 'src', 'playground', 'page');

/**
 * Writes the playground, next to what else the site has.
 *
 * @param {string} site where the library is already, in {@link LIBRARY}
 * @returns {Promise<readonly string[]>} the files that went into its scripts
 */
export async function writePlayground(site) {
  const assets = join(site, 'assets');
  mkdirSync(assets, { recursive: true });
  const scripts = {
    [join(site, LIBRARY, 'playground.js')]: await playgroundWorkerBundle(),
    [join(assets, 'playground.js')]: await playgroundPageBundle('main'),
    [join(assets, 'front.js')]: await playgroundPageBundle('front'),
  };
  for (const [path, { code }] of Object.entries(scripts)) writeFileSync(path, code);
  for (const style of ['base.css', 'live.css']) {
    cpSync(join(root, 'src', 'notebook', 'site-template', 'assets', style), join(assets, style));
  }
  cpSync(join(page, 'playground.html'), join(site, 'playground.html'));
  return Object.values(scripts).flatMap(({ files }) => files);
}
