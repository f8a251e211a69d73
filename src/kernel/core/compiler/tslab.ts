/**
 * The seam to tslab: everything of tslab that this kernel uses, and the only place that reaches into it.
 *
 * tslab's converter is used as it is: `createConverter()` compiles a cell against the declarations of earlier
 * cells. Two things it keeps to itself, though, and there is no option or class to get at them: the source
 * maps, and the places that await. Both pass through functions of the TypeScript module that tslab loads, so
 * tslab is given a view of that module in which two functions are wrapped:
 *
 * - `createWatchCompilerHost`: one compiler option more, `inlineSourceMap`, and a lighter program,
 *   {@link cellProgram}, through the parameter that TypeScript has for it; {@link withoutTypes} where nobody asks for types;
 * - `transpileModule`, with which tslab turns the ES module into CommonJS: keeps its source map too, lets
 *   {@link guardAwaits} make each `await` of a cell stoppable, {@link plainExports} its variables quick, and
 *   {@link namelessResult} show functions as they are.
 *
 * Nothing in tslab's folder is changed, and other processes do not see it. Watching files goes through
 * TypeScript's own `ts.sys`; see `watchedFiles.ts`.
 *
 * @module
 */

import { createRequire } from 'node:module';
import type * as Ts from '@tslab/typescript-for-tslab';
import type * as Converter from 'tslab/dist/converter';
import type * as Jupyter from 'tslab/dist/jupyter';
import type * as Metadata from 'tslab/dist/metadata';
import { CELL_FILE, cellProgram, EARLIER_CELLS_FILE } from './cellProgram';
import { guardAwaits } from './guardAwaits';
import { loopChecks } from './loopChecks';
import { namelessResult } from './namelessResult';
import { plainExports } from './plainExports';
import type { SourceMapTexts } from './sourceMap';

/** The parts of tslab that the kernel is built on. */
export interface Tslab {
  readonly ts: typeof Ts;
  readonly converter: typeof Converter;
  readonly metadata: typeof Metadata;
  /** Holds the function that `tslab.display` calls. */
  readonly jupyter: { lastWriteDisplayData: typeof Jupyter.lastWriteDisplayData };
  /** What a cell gets from `import 'tslab'`. */
  readonly publicApi: unknown;
  /** What was learned of the cell compiled last, beyond what tslab says of it. */
  readonly observed: Observed;
}

/** What passes through TypeScript while tslab compiles a cell. */
export interface Observed {
  /** The source maps of the cell and of the local files compiled with it, each by its CommonJS. */
  readonly sourceMaps: Map<string, SourceMapTexts>;
  /** Whether the cell awaits outside of every function. */
  awaits: boolean;
}

const INLINE_MAP = /\n\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/;
const MAP_COMMENT = /\n?\/\/# sourceMappingURL=\S*\s*$/;

/** How a kernel compiles. */
export interface CompilerSettings {
  /** Compiles cells without a look at their types: what is known to be right need not be checked again. False unless told. */
  readonly untyped?: boolean;
}

/** Loads tslab, compiler and all; takes about 0.4 s. Call it once. */
export function loadTslab({ untyped = false }: CompilerSettings = {}): Tslab {
  // tslab brings its own TypeScript: resolve it the way tslab does.
  const fromTslab = createRequire(require.resolve('tslab/dist/converter'));
  const ts = fromTslab('@tslab/typescript-for-tslab') as typeof Ts;
  const module = require.cache[fromTslab.resolve('@tslab/typescript-for-tslab')];
  if (module === undefined) throw new Error('the TypeScript of tslab is not in the module cache');

  const observed: Observed = { sourceMaps: new Map(), awaits: false };
  // Its exports are read-only getters: a copy takes their place in the cache before tslab asks for it.
  module.exports = { ...ts, ...wrappedFunctions(ts, observed, untyped) };
  return {
    ts,
    observed,
    converter: fromTslab('tslab/dist/converter'),
    metadata: fromTslab('tslab/dist/metadata'),
    jupyter: fromTslab('tslab/dist/jupyter'),
    publicApi: fromTslab('tslab'),
  };
}

function wrappedFunctions(ts: typeof Ts, observed: Observed, untyped: boolean): Partial<typeof Ts> {
  // An overloaded function: which overload tslab calls is known, and the others are passed through unchanged.
  const createHost = ts.createWatchCompilerHost as (...args: unknown[]) => unknown;
  const createWatchCompilerHost = (
    roots: unknown,
    options: object,
    sys: Ts.System,
    _: unknown,
    ...rest: unknown[]
  ) =>
    createHost(
      roots,
      { ...options, inlineSourceMap: true },
      untyped ? withoutTypes(withOneTimer(sys)) : withOneTimer(sys),
      cellProgram(ts, untyped),
      ...rest,
    );

  const transpileModule: typeof ts.transpileModule = (esModule, options) => {
    const inlineMap = INLINE_MAP.exec(esModule);
    const toEsModule = inlineMap?.[1] && Buffer.from(inlineMap[1], 'base64').toString('utf8');
    if (!toEsModule) return ts.transpileModule(esModule, options);
    const isCell = (JSON.parse(toEsModule) as { sources: string[] }).sources[0]?.endsWith(CELL_FILE) ?? false;
    const onTopLevel = () => {
      observed.awaits = true;
    };
    const checks = loopChecks.transformer(ts, (name) => name);
    const output = ts.transpileModule(esModule.slice(0, inlineMap.index), {
      ...options,
      compilerOptions: { ...options.compilerOptions, sourceMap: true },
      transformers: {
        before: [...(isCell ? [guardAwaits(ts, onTopLevel), namelessResult(ts)] : []), checks],
        after: isCell ? [plainExports(ts)] : [],
      },
    });
    const outputText = output.outputText.replace(MAP_COMMENT, '\n');
    const { sourceMapText: toCommonJs } = output;
    if (toCommonJs !== undefined) observed.sourceMaps.set(outputText, { toEsModule, toCommonJs });
    return { ...output, outputText };
  };
  return {
    createWatchCompilerHost: createWatchCompilerHost as typeof ts.createWatchCompilerHost,
    transpileModule,
  };
}

/**
 * The system with one timer, which is all that tslab's converter knows: the one that updates the program. A new file that an
 * import has looked for in vain sets a second one, and every cell from then on would fail; it is not needed, because
 * files are looked at just before a cell.
 */
function withOneTimer(sys: Ts.System): Ts.System {
  return Object.assign(Object.create(sys) as Ts.System, {
    setTimeout: (callback: () => void, milliseconds: number) =>
      callback.name === 'invalidateResolutionsOfFailedLookup'
        ? callback()
        : sys.setTimeout?.(callback, milliseconds),
  });
}

/**
 * The system with every declaration file of a library empty: reading those of Node and TensorFlow.js takes longer than
 * most cells. Names that they declare are then unknown, which the compiler takes for `any`.
 */
function withoutTypes(sys: Ts.System): Ts.System {
  const isOfLibrary = (path: string) => path.endsWith('.d.ts') && !path.endsWith(EARLIER_CELLS_FILE);
  return Object.assign(Object.create(sys) as Ts.System, {
    readFile: (path: string, encoding?: string) => (isOfLibrary(path) ? '' : sys.readFile(path, encoding)),
  });
}
