/**
 * The modules of cells in a page: those that the site brings. There are no files of the user's own, and no npm.
 *
 * @module
 */

import type { CellModules } from '../core/runtime/interpreter';
import { namespaceOf } from '../core/runtime/namespace';
import { FOLDER } from './declarations';

/** Modules as cells see them. */
export class WebModules implements CellModules {
  readonly folder = FOLDER;
  readonly cellFile = `${FOLDER}/cell.ts`;
  readonly require: NodeJS.Require;

  /** @param provided the modules by name; each is loaded when a cell first asks for it */
  constructor(readonly provided: Readonly<Record<string, () => unknown>>) {
    const require = (name: string): unknown => {
      const load = Object.hasOwn(provided, name) ? provided[name] : provided[`node:${name}`];
      if (load !== undefined) return load();
      const names = Object.keys(provided).join(', ');
      throw Object.assign(new Error(`in a browser, cells can import ${names}; got '${name}'`), {
        code: 'MODULE_NOT_FOUND',
      });
    };
    // The rest of Node's function is about files.
    this.require = require as NodeJS.Require;
  }

  refresh(): void {}

  /** Modules load when they are asked for, so that there is nothing to wait for. */
  prepare(): undefined {}

  forgetUnfinished(): void {}

  async import(specifier: unknown): Promise<unknown> {
    return namespaceOf(this.require(String(specifier)));
  }

  namespace(module: unknown): unknown {
    return namespaceOf(module);
  }

  meta(): object {
    return { url: `file://${this.cellFile}`, filename: this.cellFile, dirname: this.folder };
  }
}
