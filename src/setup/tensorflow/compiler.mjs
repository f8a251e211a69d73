/**
 * Compiling tfjs-node's binding, whose C++ comes with the npm package, against a TensorFlow library.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeModulesDir, tfjsNodeDir } from '../paths.mjs';
import { run, runOrFail } from '../processes.mjs';

const macos = process.platform === 'darwin';

/** How to get a compiler here. */
export const compilerAdvice = macos
  ? 'xcode-select --install'
  : 'Debian, Ubuntu: sudo apt install g++; Fedora: sudo dnf install gcc-c++';

/**
 * A C++17 compiler that works, found by letting it compile something; `$CXX` where it is set.
 * @param {string} folder an existing folder for the trial
 * @returns {Promise<string | undefined>}
 */
export async function findCompiler(folder) {
  const trial = join(folder, 'trial.cc');
  writeFileSync(trial, '#include <string_view>\nint main() { return std::string_view("").size(); }\n');
  for (const compiler of process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++']) {
    const { code } = await run(compiler, ['-std=c++17', trial, '-o', join(folder, 'trial')], {
      timeoutMs: 60_000,
    });
    if (code === 0) return compiler;
  }
  return undefined;
}

/**
 * Compiles the binding. It finds the libraries relative to itself, so the folders can be moved together.
 * @param {object} input
 * @param {string} input.compiler
 * @param {string} input.depsDir holds include/ and lib/
 * @param {readonly string[]} input.libraries file names in lib/
 * @param {string} input.binding the file to write, two folders below the one that holds deps/
 * @throws {SetupError} with the compiler's message
 */
export async function compileBinding({ compiler, depsDir, libraries, binding }) {
  const sourceDir = join(tfjsNodeDir, 'binding');
  const sources = readdirSync(sourceDir).filter((name) => name.endsWith('.cc'));
  const includes = [
    join(depsDir, 'include'),
    join(nodeModulesDir, 'node-api-headers', 'include'),
    tfjsNodeDir,
  ];
  mkdirSync(dirname(binding), { recursive: true });
  await runOrFail(
    compiler,
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
      ...includes.map((folder) => `-I${folder}`),
      ...sources.map((name) => join(sourceDir, name)),
      ...libraries.map((name) => join(depsDir, 'lib', name)),
      // Node's own functions are found when Node loads the binding.
      ...(macos ? ['-undefined', 'dynamic_lookup'] : []),
      `-Wl,-rpath,${macos ? '@loader_path' : '$ORIGIN'}/../../deps/lib`,
      ...['-o', binding],
    ],
    {
      problem: `${compiler} could not compile the TensorFlow binding.`,
      remedy: `A newer compiler may help (${compilerAdvice}).`,
    },
  );
}
