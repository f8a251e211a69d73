import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import type { UserModules } from '../platform';
import { fingerprint, projectRoot } from './fingerprint';

/** Which version of a module this process has loaded, by file. */
const loadedVersions = new Map<string, string>();

/** CommonJS modules in the project's folder. */
export const userModules: UserModules = {
  locate(module) {
    const file = isAbsolute(module) ? module : join(projectRoot, module);
    const path = relative(projectRoot, file).split(sep).join('/');
    const inside = path !== '' && path !== '..' && !path.startsWith('../') && !isAbsolute(path);
    if (!inside || !['.js', '.cjs'].includes(extname(path))) {
      throw new RangeError(`module must be the path of a .js or .cjs file in the project; got '${module}'`);
    }
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      throw new RangeError(`module must be a file in ${projectRoot}; there is no ${path}`);
    }
    return path;
  },
  version: (path) => fingerprint(join(projectRoot, path)).sha256,
  load(path) {
    const file = join(projectRoot, ...path.split('/'));
    const now = fingerprint(file);
    const require = createRequire(file);
    if (loadedVersions.get(file) !== now.sha256) {
      // The notebook's process may have loaded it before it was edited.
      for (const old of now.files) delete require.cache[old];
      loadedVersions.set(file, now.sha256);
    }
    return require(file);
  },
};
