import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { root } from '../../src/setup/paths.mjs';

/** The static imports of a module, which are loaded before the module runs. @param {string} file */
function importsOf(file) {
  const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  return Array.from(
    code.matchAll(/^(?:import|(?:import|export)\s[^'"`;=]*\sfrom)\s'([^']+)';$/gm),
    ([, name = '']) => name,
  );
}

/** The packages that are loaded with a module, each with the file that imports it. @param {string} file @param {Set<string>} seen */
function packagesWith(file, seen = new Set()) {
  if (seen.has(file)) return [];
  seen.add(file);
  /** @type {string[]} */
  const found = importsOf(file).flatMap((name) => {
    if (name.startsWith('.')) return packagesWith(join(dirname(file), name), seen);
    return name.startsWith('node:') ? [] : [`${relative(root, file)}: ${name}`];
  });
  return found;
}

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const commands = Object.values(scripts).flatMap((line) => /^node (\S+)/.exec(line)?.[1] ?? []);

test('no command needs a package before set-up has installed it', () => {
  assert.ok(commands.includes('src/setup/start.mjs'));
  assert.deepEqual(
    [...new Set(commands)].flatMap((file) => packagesWith(join(root, file))),
    [],
  );
});

test('a package is found however deep it is imported', () => {
  const file = join(root, 'src', 'setup', 'site', 'site.mjs');
  assert.ok(packagesWith(file).includes(join('src', 'setup', 'site', 'bundles.mjs: esbuild')));
});
