/**
 * Custom functions, named by a module of the project and an export: code is never sent, each machine
 * has its own copy, and the copies must be the same.
 *
 * @module
 */
import { platform } from '#platform';
import { requireText, show } from '../numbers/arguments';
import type { Json } from '../provenance/canonicalJson';
import { TrialRefusedError } from './refusal';
import type { Component, ModuleVersion } from './trial';

/** A function that a module of the project exports, and the parameters it is called with. */
export interface ModuleExport {
  /** The module's path from the project's folder, such as `notebooks/hoyer.js`. */
  readonly module: string;
  readonly export: string;
  readonly parameters: { readonly [name: string]: Json };
}

/**
 * Names a custom function: a penalty, a data set, a metric or a whole trainer. The module is CommonJS
 * (`exports.hoyer = …`) inside the project's folder, on every machine that will run the trials.
 *
 * @param module Its path from the project's folder, such as `notebooks/hoyer.js`.
 * @param name The name under which it exports the function.
 * @param parameters What the function is called with, besides the settings of the sweep.
 * @throws RangeError if there is no such file in the project, or it is not CommonJS.
 *
 * @example await sweep({ strength: [0.1, 0.2] }, { data: 'digits', penalty: fromModule('notebooks/hoyer.js', 'hoyer') })
 */
export function fromModule(
  module: string,
  name: string,
  parameters: { readonly [name: string]: Json } = {},
): ModuleExport {
  const path = platform.userModules.locate(requireText('module', module));
  requireText('name', name);
  return { module: path, export: name, parameters };
}

/** A module's export as part of a specification, with the module's present hash. */
export function modulePart({
  module,
  export: name,
  parameters,
}: ModuleExport): Component & { module: ModuleVersion } {
  return {
    name,
    parameters,
    module: { path: module, sha256: platform.userModules.version(module) },
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
}: Component & { module: ModuleVersion }): (...values: never[]) => unknown {
  const path = here(module.path);
  const version = platform.userModules.version(path);
  if (version !== module.sha256) throw new TrialRefusedError(`module ${module.path}`, module.sha256, version);
  const exported = platform.userModules.load(path)[name];
  if (typeof exported !== 'function') {
    throw new TypeError(`${module.path} must export a function '${name}'; got ${show(exported)}`);
  }
  return exported as (...values: never[]) => unknown;
}

/** @throws TrialRefusedError if this machine has no such module. */
function here(module: string): string {
  try {
    return platform.userModules.locate(module);
  } catch (error) {
    throw new TrialRefusedError((error as Error).message);
  }
}
