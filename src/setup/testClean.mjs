/**
 * `npm run test:clean`: both commands of the README on machines that have nothing. Each is a fresh Debian, made for the
 * purpose, with a clone of the last commit in it. On Linux, as root; it needs 8 GB of disk and leaves nothing behind.
 *
 *     npm run test:clean                               every variant, every test: hours
 *     npm run test:clean -- setup model                only tests whose path contains one of the words
 *     npm run test:clean -- --variant chroot setup     one variant: container, chroot or wasm
 *     npm run test:clean -- --minutes 30 setup         how long a variant may take; default: 180
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyRoot, makeRoot, removeCompilers, removeRoots, requirePrograms } from './clean/root.mjs';
import { cloneInto, enterByBubblewrap, enterByChroot } from './clean/variants.mjs';
import { command } from './command.mjs';
import { SetupError } from './errors.mjs';
import { root } from './paths.mjs';
import { stoppable } from './processes.mjs';
import { removeLeftovers } from './tensorflow/native.mjs';

/** The differences between the machines. */
const VARIANTS = {
  container: { enter: enterByBubblewrap, hasCompiler: true },
  // A plain chroot forbids user namespaces, as Docker does unless asked otherwise.
  chroot: { enter: enterByChroot, hasCompiler: true },
  // Without a C++ compiler there is no native TensorFlow.
  wasm: { enter: enterByBubblewrap, hasCompiler: false },
};

/** @typedef {keyof typeof VARIANTS} Variant */

const cache = join(root, '.cache');

await command(async (args) => {
  const { variants, minutes, words } = parse(args);
  await requirePrograms();
  mkdirSync(cache, { recursive: true });
  removeLeftovers(cache);
  const folder = join(cache, `clean.partial-${process.pid}`);
  process.on('exit', () => removeRoots(folder));
  return stoppable(async () => {
    mkdirSync(folder);
    const fresh = await makeRoot(join(folder, 'fresh'));
    const failed = [];
    for (const name of variants) {
      console.log(`\n── Clean machine: ${name}`);
      const { enter, hasCompiler } = VARIANTS[name];
      const machine = await copyRoot(fresh, join(folder, name));
      if (!hasCompiler) removeCompilers(machine);
      await cloneInto(machine);
      const backend = hasCompiler ? 'native' : 'WebAssembly';
      if ((await enter(machine, [backend, ...words], minutes)) !== 0) failed.push(name);
      removeRoots(machine);
    }
    console.log(failed.length === 0 ? '\nEvery clean machine passed.' : `\nFailed on: ${failed.join(', ')}.`);
    return failed.length === 0 ? 0 : 1;
  });
});

/**
 * @param {readonly string[]} args
 * @returns {{ variants: readonly Variant[], minutes: number, words: readonly string[] }}
 */
function parse(args) {
  const names = /** @type {Variant[]} */ (Object.keys(VARIANTS));
  const usage = 'usage: npm run test:clean -- [--variant NAME] [--minutes N] [WORD…]';
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        variant: { type: 'string', multiple: true, default: names },
        minutes: { type: 'string', default: '180' },
      },
    });
    const unknown = values.variant.find((name) => !names.includes(/** @type {Variant} */ (name)));
    if (unknown !== undefined)
      throw new Error(`--variant must be one of ${names.join(', ')}; got ${unknown}.`);
    const minutes = Number(values.minutes);
    if (!(minutes > 0)) throw new Error(`--minutes must be a number above 0; got ${values.minutes}.`);
    return { variants: /** @type {Variant[]} */ (values.variant), minutes, words: positionals };
  } catch (error) {
    throw new SetupError(/** @type {Error} */ (error).message, usage);
  }
}
