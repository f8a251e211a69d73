/**
 * Python front ends, driven against this kernel.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { installKernelspec } from 'sparselab/dist/kernel/node/install';
import { NOTEBOOKS, ROOT } from './testKernel';

export const PYTHON =
  process.platform === 'win32'
    ? join(ROOT, '.venv', 'Scripts', 'python.exe')
    : join(ROOT, '.venv', 'bin', 'python');

/** A hundred times what the slowest takes. */
const DEADLINE_MS = 600_000;

/** The result of a Python program. */
export interface PythonRun {
  readonly code: number | null;
  /** All that it wrote. */
  readonly output: string;
}

/** A Jupyter environment with this kernel in it, and nothing else of the user's. */
export class PythonFrontEnds {
  readonly folder = mkdtempSync(join(tmpdir(), 'jupyter-'));

  constructor() {
    installKernelspec(this.folder);
  }

  /** Runs `python …` among the notebooks. */
  async run(...args: string[]): Promise<PythonRun> {
    const python: ChildProcess = spawn(PYTHON, args, {
      cwd: NOTEBOOKS,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE_MS,
      env: {
        ...process.env,
        JUPYTER_PATH: join(this.folder, 'share', 'jupyter'),
        JUPYTER_RUNTIME_DIR: join(this.folder, 'runtime'),
        JUPYTER_CONFIG_DIR: join(this.folder, 'config'),
        JUPYTER_PREFER_ENV_PATH: '0',
        JUPYTER_PLATFORM_DIRS: '1',
        IPYTHONDIR: join(this.folder, 'ipython'),
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONWARNINGS: 'ignore',
      },
    });
    assert.ok(python.stdout !== null && python.stderr !== null);
    const closed = new Promise<number | null>((resolve, reject) => {
      python.on('error', reject).on('close', resolve);
    });
    const [out, err, code] = await Promise.all([text(python.stdout), text(python.stderr), closed]);
    return { code, output: out + err };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A notebook of these cells, with the outputs that each is expected to have. */
export function notebook(...cells: readonly (readonly [source: string, ...outputs: object[]])[]): string {
  return JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'tslab', display_name: 'TypeScript', language: 'typescript' } },
    cells: cells.map(([source, ...outputs], index) => ({
      cell_type: 'code',
      id: `cell-${index}`,
      metadata: {},
      execution_count: index + 1,
      source,
      outputs,
    })),
  });
}
