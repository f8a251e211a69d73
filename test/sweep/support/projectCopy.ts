import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../../support/temporary';

/** Compiled, this file is in build/test/sweep/support. */
const root = join(__dirname, '..', '..', '..', '..');

const copied = ['dist', 'package.json', 'datasets/digits', 'test/sweep/support'];

/** The built project as another machine has it: a copy, whose files a test may alter. */
export class ProjectCopy {
  readonly folder = join(temporaryFolder(), 'project');

  constructor() {
    for (const path of copied) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      cpSync(join(root, path), join(this.folder, path), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'), 'junction');
  }

  /** Appends a string to a file. */
  append(path: string, text: string): void {
    this.write(path, `${readFileSync(join(this.folder, path), 'utf8')}${text}`);
  }

  write(path: string, text: string | Uint8Array): void {
    writeFileSync(join(this.folder, path), text);
  }
}
