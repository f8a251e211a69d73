/**
 * Type-checks the cells of notebooks, strictly and without running them.
 *
 *     node dist/notebook/checkNotebooks.js [notebook.ipynb …]
 *
 * Without arguments it takes all notebooks below `notebooks/`.
 *
 * A notebook becomes one module, its code cells in order: what a cell declares the later ones see, as in the kernel. Stricter
 * than the kernel, it does not let a later cell declare a name again: after that, running an earlier cell again would
 * no longer mean what it says. Importing the same name from the same module again is harmless, and permitted.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

const root = join(__dirname, '..', '..');

/** Below the project's root, so that `sparselab` resolves as it does in a lesson. */
const defaultWorkFolder = join(root, 'build', 'notebook-check');

/** The compiler's options for cells: strict, but a learner's cell may leave a variable unused. */
const tsconfig = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023'],
    types: ['node'],
    // A cell may await at its top; ES modules can, CommonJS cannot.
    module: 'esnext',
    moduleResolution: 'bundler',
    strict: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['*.ts'],
};

interface Notebook {
  readonly cells: readonly { readonly cell_type: string; readonly source: string | readonly string[] }[];
}

/** Where the code cells of a notebook lie in the module made of them. */
interface CellModule {
  readonly notebook: string;
  readonly text: string;
  /** The module's line, from 0, on which each cell begins. */
  readonly starts: readonly number[];
}

/**
 * Type-checks notebooks.
 *
 * @param notebooks Paths of `.ipynb` files.
 * @param workFolder Where the modules are written, for the compiler and for you to look at. It is emptied first.
 * @returns A text for each problem, such as `01-lesson.ipynb cell 5:12:7 error TS2304: Cannot find name 'x'.`: the fifth code
 *   cell, its line 12, column 7. Empty if all is well.
 * @throws Error if a file is not a notebook.
 */
export function checkNotebooks(notebooks: readonly string[], workFolder = defaultWorkFolder): string[] {
  rmSync(workFolder, { recursive: true, force: true });
  mkdirSync(workFolder, { recursive: true });
  writeFileSync(join(workFolder, 'tsconfig.json'), JSON.stringify(tsconfig, null, 2));
  const modules = new Map<string, CellModule>();
  for (const [index, path] of notebooks.entries()) {
    // Numbered, since notebooks in different folders may have one name.
    const file = `${index}-${basename(path, '.ipynb')}.ts`;
    const module = toModule(path);
    modules.set(file, module);
    writeFileSync(join(workFolder, file), module.text);
  }
  if (modules.size === 0) return [];
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'lib', 'tsc.js');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [tsc, '-p', workFolder, '--pretty', 'false'],
    {
      cwd: workFolder,
      encoding: 'utf8',
    },
  );
  // A message goes on in the indented lines below it.
  const problems = stdout
    .split(/\r?\n(?! )/)
    .filter((message) => message !== '')
    .map((message) => inCell(message, modules));
  if (status !== 0 && problems.length === 0) throw new Error(`tsc failed: ${stderr}`);
  return problems;
}

function toModule(path: string): CellModule {
  const starts: number[] = [];
  const lines: string[] = [];
  const imported = new Set<string>();
  for (const source of codeCells(path)) {
    starts.push(lines.length + 1);
    lines.push(`// cell ${starts.length}`, ...withoutRepeatedImports(source, imported).split('\n'));
  }
  return { notebook: relative(process.cwd(), path), text: [...lines, 'export {};', ''].join('\n'), starts };
}

const NAMED_IMPORT = /^import \{([^}]*)\} from ('[^']+');/gm;

/**
 * The source without the names that it imports again; its lines stay where they are.
 *
 * @param imported What earlier cells import, which is added to.
 */
function withoutRepeatedImports(source: string, imported: Set<string>): string {
  return source.replace(NAMED_IMPORT, (_, names: string, module: string) => {
    const kept = names.split(',').filter((name) => {
      const key = `${name.trim()} from ${module}`;
      return !imported.has(key) && imported.add(key);
    });
    const text = `import {${kept.join(',')}} from ${module};`;
    const lost = names.split('\n').length - kept.join(',').split('\n').length;
    return text + '\n'.repeat(lost);
  });
}

function codeCells(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  try {
    return (JSON.parse(text) as Notebook).cells
      .filter(({ cell_type }) => cell_type === 'code')
      .map(({ source }) => (typeof source === 'string' ? source : source.join('')));
  } catch (cause) {
    throw new Error(`${path} must be a Jupyter notebook; got: ${(cause as Error).message}`, { cause });
  }
}

/** A message of the compiler's with its place in the module changed into that in the notebook. */
function inCell(message: string, modules: ReadonlyMap<string, CellModule>): string {
  const [, file, line, column, rest] = /^(.+?)\((\d+),(\d+)\): (.*)$/s.exec(message) ?? [];
  const module = modules.get(basename(file ?? ''));
  if (!module) return message;
  const lineInModule = Number(line) - 1;
  const cell = module.starts.findLastIndex((start) => start <= lineInModule);
  return `${module.notebook} cell ${cell + 1}:${lineInModule - (module.starts[cell] ?? 0) + 1}:${column} ${rest}`;
}

/** The notebooks of the course, in order, without the copies that Jupyter keeps of them. */
function courseNotebooks(): string[] {
  const folder = join(root, 'notebooks');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ipynb') && !path.includes('.ipynb_checkpoints'))
    .sort()
    .map((path) => join(folder, path));
}

if (require.main === module) {
  try {
    const chosen = process.argv.slice(2);
    const notebooks = chosen.length > 0 ? chosen : courseNotebooks();
    const problems = checkNotebooks(notebooks);
    for (const problem of problems) console.error(problem);
    console.log(`Notebooks: ${notebooks.length} checked; problems: ${problems.length}`);
    if (problems.length > 0) process.exitCode = 1;
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
