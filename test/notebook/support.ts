import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';

export const root = join(__dirname, '..', '..', '..');

/** The Python that set-up made. */
export const python =
  process.platform === 'win32'
    ? join(root, '.venv', 'Scripts', 'python.exe')
    : join(root, '.venv', 'bin', 'python');

/** A new empty folder inside the project, so that `sparselab` resolves there; removed after the tests of the file. */
export function projectFolder(): string {
  const parent = join(root, 'build', 'test-notebooks');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'run-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A cell: text that starts with `#` is markdown, the rest code. */
export type CellSource = string;

/** Writes a notebook for our kernel. */
export function writeNotebook(folder: string, name: string, cells: readonly CellSource[]): string {
  const path = join(folder, `${name}.ipynb`);
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: 'tslab', display_name: 'TypeScript (Sparselab)', language: 'typescript' },
    },
    cells: cells.map((source, index) => ({
      id: `cell-${index}`,
      metadata: {},
      source,
      ...(source.startsWith('#')
        ? { cell_type: 'markdown' }
        : { cell_type: 'code', execution_count: null, outputs: [] }),
    })),
  };
  writeFileSync(path, JSON.stringify(notebook));
  return path;
}
