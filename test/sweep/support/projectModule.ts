import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';

/** Compiled, this file is in build/test/sweep/support. */
const root = join(__dirname, '..', '..', '..', '..');

/** A module of the project that a test may alter; it is removed after the tests of the file. */
export function projectModule(text: string): { path: string; write(text: string): void } {
  const path = `build/test/module-${randomUUID()}.cjs`;
  const file = join(root, path);
  const write = (content: string) => writeFileSync(file, content);
  write(text);
  after(() => rmSync(file, { force: true }));
  return { path, write };
}
