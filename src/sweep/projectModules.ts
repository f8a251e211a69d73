/**
 * Functions of the user's own, named by a module of the project and what it exports: code is never sent, each machine
 * has its own copy, and the copies must be the same.
 *
 * @module
 */
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import { requireText, show } from '../numbers/arguments';
import type { Json } from '../provenance/canonicalJson';
import { fingerprint, projectRoot } from '../provenance/fingerprint';
import { TrialRefusedError } from './refusal';
import type { ModuleVersion, Part } from './trial';

/** A function that a module of the project exports, and the parameters it is called with. */
export interface ModuleExport {
  /** The module's path from the project's folder, such as `notebooks/hoyer.js`. */
  readonly module: string;
  readonly export: string;
  readonly parameters: { readonly [name: string]: Json };
}

/**
 * Names a function of one's own: a penalty, a data set, a metric or a whole trainer. The module is CommonJS
 * (`exports.hoyer = …`) inside the project's folder, on every machine that shall run the trials.
 *
 * @param module Its path from the project's folder, such as `notebooks/hoyer.js`.
 * @param name The name under which it exports the function.
 * @param parameters What the function is called with, besides the settings of the sweep.
 * @throws RangeError if there is no such file in the project, or it is not CommonJS.
 *
 * @example sweep({ strength: [0.1, 0.2] }, { penalty: fromModule('notebooks/hoyer.js', 'hoyer'), … })
 */
export function fromModule(
  module: string,
  name: string,
  parameters: { readonly [name: string]: Json } = {},
): ModuleExport {
  const path = projectPath(requireText('module', module));
  requireText('name', name);
  return { module: path, export: name, parameters };
}

/** The part that a module's export is in a specification: with the hash that the module has now. */
export function modulePart({
  module,
  export: name,
  parameters,
}: ModuleExport): Part & { module: ModuleVersion } {
  return {
    name,
    parameters,
    module: { path: module, sha256: fingerprint(join(projectRoot, module)).sha256 },
  };
}

/**
 * The function that a part names, from this machine's copy of the module.
 *
 * @throws TrialRefusedError if the module is missing here or is another version.
 * @throws TypeError if it does not export such a function.
 */
export function loadFunction({
  name,
  module,
}: Part & { module: ModuleVersion }): (...values: never[]) => unknown {
  const file = join(projectRoot, ...projectPath(module.path, TrialRefusedError).split('/'));
  const here = fingerprint(file);
  if (here.sha256 !== module.sha256)
    throw new TrialRefusedError(`module ${module.path}`, module.sha256, here.sha256);
  const require = createRequire(file);
  if (loadedVersions.get(file) !== here.sha256) {
    // The notebook's process may have loaded it before it was edited.
    for (const old of here.files) delete require.cache[old];
    loadedVersions.set(file, here.sha256);
  }
  const exported: unknown = (require(file) as Record<string, unknown>)[name];
  if (typeof exported !== 'function') {
    throw new TypeError(`${module.path} must export a function '${name}'; got ${show(exported)}`);
  }
  return exported as (...values: never[]) => unknown;
}

const loadedVersions = new Map<string, string>();

/** @throws if the path leads out of the project, there is no such file, or it is not CommonJS. */
function projectPath(module: string, Refusal: new (message: string) => Error = RangeError): string {
  const file = isAbsolute(module) ? module : join(projectRoot, module);
  const path = relative(projectRoot, file).split(sep).join('/');
  const inside = path !== '' && path !== '..' && !path.startsWith('../') && !isAbsolute(path);
  if (!inside || !['.js', '.cjs'].includes(extname(path))) {
    throw new Refusal(`module must be the path of a .js or .cjs file in the project; got ${show(module)}`);
  }
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new Refusal(`module must be a file in ${projectRoot}; there is no ${path}`);
  }
  return path;
}
