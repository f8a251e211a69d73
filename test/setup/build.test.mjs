import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from '../../src/setup/build.mjs';

const project = mkdtempSync(join(tmpdir(), 'sparselab-build-'));
after(() => rmSync(project, { recursive: true }));

mkdirSync(join(project, 'src'));
writeFileSync(join(project, 'src', 'one.ts'), 'export const one: number = 1;\n');
const compilerOptions = {
  rootDir: 'src',
  outDir: 'dist',
  incremental: true,
  tsBuildInfoFile: 'dist/.tsbuildinfo',
};
writeFileSync(
  join(project, 'tsconfig.json'),
  JSON.stringify({
    compilerOptions: { ...compilerOptions, types: [], module: 'commonjs' },
    include: ['src'],
  }),
);
const compiled = join(project, 'dist', 'one.js');

test('what a killed build has left, perhaps of sources that are no more, the next build compiles again', {
  skip: process.platform === 'win32' && 'Windows has no groups of processes',
}, async () => {
  await build(project);
  const whole = readFileSync(compiled, 'utf8');
  assert.match(whole, /exports\.one = 1;/);

  const script = `import { build } from ${JSON.stringify(new URL('../../src/setup/build.mjs', import.meta.url))};
    await build(${JSON.stringify(project)});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: 'ignore',
    detached: true,
  });
  while (!existsSync(join(project, 'dist', '.unfinished'))) await sleep(1);
  // With its compiler.
  process.kill(-Number(child.pid), 'SIGKILL');
  await once(child, 'exit');
  writeFileSync(compiled, '');

  await build(project);
  assert.equal(readFileSync(compiled, 'utf8'), whole);
});
