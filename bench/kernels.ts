/**
 * Compares Sparselab's Jupyter kernel with stock tslab, Deno and ipykernel: one run each in turn, all driven by
 * jupyter_client. Cells declare a number and show it; in the TypeScript kernels on Node the library is imported.
 *
 *     node build/bench/kernels.js <python with jupyter_client> <deno> [--runs 5]
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { lastLine } from './lastLine';
import { quiet } from './quiet';
import { save } from './results';
import { median } from './table';

const root = join(__dirname, '..', '..');
const run = promisify(execFile);

/** One life of a kernel. */
interface Life {
  /** Seconds until it says what it is. */
  readonly start: number;
  /** Seconds that the cell of imports takes. */
  readonly prelude: number;
  /** Milliseconds of a cell: the median of 200, and the 90th percentile. */
  readonly cell: number;
  readonly slow: number;
  /** Megabytes by which its memory grows in these 200. */
  readonly growth: number;
}

/** A life in which the kernel stopped answering, after so many cells. */
interface Hang {
  readonly hung: number;
}

interface KernelResult extends Life {
  readonly name: string;
  /** Lives in which the kernel stopped answering; the figures are medians of the others. */
  readonly hung: number;
}

/** The aims for Sparselab's kernel. */
const aims: Partial<Life> = { start: 1.5, cell: 60, growth: 20 };

const typescript = { prelude: "import * as s from 'sparselab'; import { tf } from 'sparselab';" };
const declaration = { cell: 'const x# = # + 1; x#' };

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { runs: { type: 'string', default: '5' } },
    allowPositionals: true,
  });
  const [python, deno] = positionals;
  if (!python || !deno) throw new Error('kernels.js must be given the paths of Python and of Deno');
  const node = (...args: string[]) => [process.execPath, ...args];
  const kernels = {
    sparselab: {
      argv: node(
        '--no-force-async-hooks-checks',
        join(root, 'dist', 'kernel', 'node', 'main.js'),
        '{connection_file}',
      ),
      ...typescript,
      ...declaration,
    },
    tslab: {
      argv: node(
        join(root, 'node_modules', 'tslab', 'bin', 'tslab'),
        'kernel',
        '--config-path={connection_file}',
      ),
      ...typescript,
      ...declaration,
    },
    deno: {
      argv: [deno, 'jupyter', '--kernel', '--conn', '{connection_file}'],
      env: { DENO_NO_UPDATE_CHECK: '1' },
      prelude: '',
      ...declaration,
    },
    ipykernel: {
      argv: [python, '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
      prelude: '',
      cell: 'x# = # + 1; x#',
    },
  };

  const lives = new Map<string, (Life | Hang)[]>(Object.keys(kernels).map((name) => [name, []]));
  for (let round = 0; round <= Number(values.runs); round++) {
    for (const [name, kernel] of Object.entries(kernels)) {
      await quiet();
      const work = JSON.stringify({ ...kernel, cwd: join(root, 'notebooks') });
      const { stdout } = await run(python, [join(root, 'bench', 'peers', 'kernel_peer.py'), work]);
      // The first round only brings all files into memory.
      if (round > 0) lives.get(name)?.push(lastLine<Life | Hang>(stdout));
    }
  }
  const results = [...lives].map(([name, each]): KernelResult => {
    const whole = each.filter((life): life is Life => !('hung' in life));
    const middle = (figure: keyof Life) => median(whole.map((life) => life[figure]));
    return {
      name,
      hung: each.length - whole.length,
      start: middle('start'),
      prelude: middle('prelude'),
      cell: middle('cell'),
      slow: middle('slow'),
      growth: middle('growth'),
    };
  });
  console.log(formatKernels(results));
  save({ kernels: results });
}

/** The results as lines of text. */
function formatKernels(results: readonly KernelResult[]): string {
  const rows = [
    ['', 'start s', 'imports s', 'cell ms', '9 of 10 below', 'growth MB', 'hung'],
    ...results.map(({ name, start, prelude, cell, slow, growth, hung }) => [
      name,
      start.toFixed(2),
      prelude ? prelude.toFixed(2) : '–',
      cell.toFixed(1),
      slow.toFixed(1),
      growth.toFixed(0),
      `${hung}`,
    ]),
    ['aim', `${aims.start}`, '', `${aims.cell}`, '', `${aims.growth}`],
  ];
  const lines = rows.map((row) =>
    row
      .map((text) => text.padEnd(14))
      .join('')
      .trimEnd(),
  );
  return ['\nKernels: a cell that declares a number and shows it; memory over 200 of them', ...lines].join(
    '\n  ',
  );
}

void main();
