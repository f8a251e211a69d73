import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROOT, TestKernel } from './testKernel';

describe('editing src/ and importing again', () => {
  let project: string;
  let kernel: TestKernel;

  const write = (name: string, text: string) => writeFileSync(join(project, 'src', name), text);
  const importAll = 'import { describe as tell, engine, loads } from "sparselab";';

  before(async () => {
    project = makeProject();
    write('engine.ts', 'export const engine = { started: 0 };');
    write('value.ts', 'export const value: number = 1;');
    write(
      'describe.ts',
      "import { value } from './value'; export function describe(): string { return 'value ' + value; }",
    );
    write(
      'index.ts',
      "export { describe } from './describe';\nexport { engine } from './engine';\nexport const loads = Symbol();",
    );
    execFileSync(process.execPath, [
      join(project, 'node_modules', 'typescript', 'lib', 'tsc.js'),
      '-p',
      project,
    ]);
    kernel = await TestKernel.start({ root: project, cwd: join(project, 'notebooks') });
    await kernel.run(importAll);
    await kernel.run('engine.started = 42;');
  });
  after(async () => {
    await kernel.stop();
    rmSync(project, { recursive: true, force: true });
  });

  it('shows the new code, through every module that depends on it', async () => {
    assert.equal(await kernel.run('tell()'), "'value 1'");
    write('value.ts', 'export const value: number = 2; // edited');
    assert.equal(await kernel.run('tell()'), "'value 1'", 'only an import brings it');
    assert.equal(await kernel.run(`${importAll} tell()`), "'value 2'");
  });

  it('keeps the state of modules that have not changed', async () => {
    assert.equal(await kernel.run('engine.started'), '42');
  });

  it('loads nothing again if nothing has changed', async () => {
    await kernel.run('const before = loads;');
    assert.equal(await kernel.run(`${importAll} loads === before`), 'true');
  });

  it('shows the new types', async () => {
    write(
      'describe.ts',
      "import { value } from './value'; export function describe(prefix: string): string { return prefix + value; }",
    );
    const { ename, evalue } = await kernel.fail(`${importAll} tell()`);
    assert.equal(ename, 'TypeScriptError');
    assert.match(evalue, /Expected 1 arguments, but got 0\. .*TS2554/);
    assert.equal(await kernel.run(`${importAll} tell('is ')`), "'is 2'");
  });

  it('reports what does not compile, until it does', async () => {
    write('value.ts', "export const value: number = 'three';");
    for (let attempt = 0; attempt < 2; attempt++) {
      const { ename, evalue } = await kernel.fail(importAll);
      assert.equal(ename, 'TypeScriptError');
      assert.match(
        evalue,
        /Type 'string' is not assignable to type 'number'\. \(src\/value\.ts, line 1, TS2322\)/,
      );
    }
    assert.equal(await kernel.run('1 + 1'), '2', 'cells that do not import it run');
    write('value.ts', 'export const value: number = 3;');
    assert.equal(await kernel.run(`${importAll} tell('is ')`), "'is 3'");
  });

  it('says so when the compiler itself fails', async () => {
    const typescript = join(project, 'node_modules', 'typescript');
    unlinkSync(typescript);
    mkdirSync(join(typescript, 'lib'), { recursive: true });
    writeFileSync(
      join(typescript, 'lib', 'tsc.js'),
      "console.error('out of memory'); process.exitCode = 134;",
    );
    write('value.ts', 'export const value: number = 4;');
    const { evalue } = await kernel.fail(importAll);
    assert.equal(
      evalue,
      'the project does not compile; the compiler ended with exit code 134: out of memory',
    );
    rmSync(typescript, { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', 'typescript'), typescript, 'junction');
    assert.equal(await kernel.run(`${importAll} tell('is ')`), "'is 4'");
  });

  it('finds new files, and an error in them has their lines', async () => {
    write(
      'fail.ts',
      "export type Nothing = never;\nexport function fail(): Nothing {\n  throw new Error('in a new file');\n}",
    );
    write(
      'index.ts',
      "export { describe } from './describe';\nexport { engine } from './engine';\nexport { fail } from './fail';\nexport const loads = Symbol();",
    );
    const { traceback } = await kernel.fail("import { fail } from 'sparselab';\nfail();");
    assert.match(traceback, /at fail \(src\/fail\.ts:3:9\)/);
  });

  it('finds a file next to the notebook that an import has looked for in vain, while another changes', async () => {
    const beside = (name: string, text: string) => writeFileSync(join(project, 'notebooks', name), text);
    beside('other.ts', 'export const other = 1;');
    assert.equal(await kernel.run("import { other } from './other'; other"), '1');
    await kernel.fail("import { later } from './later'; later");
    beside('later.ts', 'export const later = 2;');
    beside('other.ts', 'export const other = 11;');
    assert.equal(await kernel.run("import { later } from './later'; later"), '2');
    assert.equal(await kernel.run("import { other as changed } from './other'; changed"), '11');
  });
});

/** A project like this one, with a package of its own and this kernel. */
function makeProject(): string {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'project-')));
  for (const folder of ['src', 'notebooks', 'node_modules']) mkdirSync(join(project, folder));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== 'sparselab' && !name.startsWith('.')) {
      symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name), 'junction');
    }
  }
  symlinkSync(project, join(project, 'node_modules', 'sparselab'), 'junction');
  cpSync(join(ROOT, 'dist', 'kernel'), join(project, 'dist', 'kernel'), { recursive: true });
  const manifest = { name: 'sparselab', version: '0.0.0', main: 'dist/index.js', types: 'dist/index.d.ts' };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  const compilerOptions = {
    rootDir: 'src',
    outDir: 'dist',
    target: 'es2022',
    module: 'node20',
    types: [],
    declaration: true,
    sourceMap: true,
    incremental: true,
    tsBuildInfoFile: 'dist/.tsbuildinfo',
    strict: true,
  };
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['src/**/*.ts'] }),
  );
  return project;
}
