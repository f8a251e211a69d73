/**
 * The network settings that a machine needs: which registries, certificates and proxies this machine has
 * been told to use. All of it is read at run time, so that no name of a host is written here.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { npmCommand } from '../nodeModules.mjs';
import { run } from '../processes.mjs';

/** The folder of the user in the machine: the same as here, as the files of the configuration lie in it. */
export const HOME = homedir();

/** npm sets these for the programs that it runs. */
const NPMS_OWN =
  /^npm_config_(cache|prefix|(local|global)_prefix|node_gyp|npm_version|init_module|user_agent)$/i;

/** The variables that programs of the network read. */
const NETWORK = /^(npm_config_.*|pip_.*|.*_proxy|.*(_CERTS?|_CERT_(FILE|DIR)|CA_BUNDLE|CAINFO))$/i;

/**
 * The environment of the machine: what this one's says about the network, and CI.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Record<string, string>}
 */
export function machineEnvironment(env = process.env) {
  const network = Object.entries(env).filter(([name]) => NETWORK.test(name) && !NPMS_OWN.test(name));
  return {
    .../** @type {Record<string, string>} */ (Object.fromEntries(network)),
    HOME,
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    CI: 'true',
  };
}

/** Copies this machine's files of configuration, and the files that they name, to the same places. @param {string} machine */
export async function giveConfiguration(machine) {
  const files = await configurationFiles();
  const certificates = '/usr/local/share/ca-certificates';
  const named = namedPaths(files).filter((path) => statSync(path).isFile());
  for (const path of ['/etc/resolv.conf', '/etc/hosts', certificates, ...files, ...named]) {
    if (!existsSync(path)) continue;
    mkdirSync(dirname(join(machine, path)), { recursive: true });
    cpSync(path, join(machine, path), { recursive: true, dereference: true, force: true });
  }
}

/**
 * The folders that the configuration names, such as an index on this disk; each with the files next to it, as an index refers
 * to its neighbours. They are to be seen in the machine, read only.
 * @param {string} machine
 * @returns {Promise<string[]>}
 */
export async function sharedFolders(machine) {
  const folders = namedPaths(await configurationFiles()).filter((path) => statSync(path).isDirectory());
  const wide = folders.map((path) => (dirname(path) === '/' ? path : dirname(path)));
  const isFree = (/** @type {string} */ path) =>
    !existsSync(join(machine, path)) || readdirSync(join(machine, path)).length === 0;
  return [...new Set(wide)]
    .filter(isFree)
    .filter((path, _index, all) => !all.some((other) => path.startsWith(`${other}/`)));
}

/** npm's and pip's files, as far as there are any. */
async function configurationFiles() {
  const { command, args } = npmCommand();
  const npm = ['userconfig', 'globalconfig'].map(async (name) => {
    const { stdout } = await run(command, [...args, 'config', 'get', name]);
    return stdout.trim();
  });
  const pip = ['/etc/pip.conf', '/etc/xdg/pip/pip.conf', join(HOME, '.pip', 'pip.conf')];
  const pipOfUser = [process.env.PIP_CONFIG_FILE ?? '', join(HOME, '.config', 'pip', 'pip.conf')];
  return [...(await Promise.all(npm)), ...pip, ...pipOfUser].filter((path) => path && existsSync(path));
}

/** The paths that files, and the environment, name and that are there. @param {readonly string[]} files */
function namedPaths(files) {
  const { HOME: _home, PATH: _path, ...variables } = machineEnvironment();
  const texts = [...files.map((file) => readFileSync(file, 'utf8')), ...Object.values(variables)];
  return [...new Set(texts.flatMap(pathsIn))].filter((path) => existsSync(path));
}

/** The absolute paths in a string, as such or as a `file:` address; an address of a host holds none. @param {string} text */
export function pathsIn(text) {
  const found = text.match(/(?<![\w.:/-])(?:file:\/\/)?\/[\w.+/-]+/g) ?? [];
  return found.map((path) => path.replace(/^file:\/\//, ''));
}
