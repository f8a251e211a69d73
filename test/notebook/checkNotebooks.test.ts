import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { type CellSource, projectFolder, root, writeNotebook } from './support';

/** The checker's output for a notebook of these cells, and its exit code. */
function check(...cells: CellSource[]) {
  const folder = projectFolder();
  const notebook = writeNotebook(folder, 'lesson', cells);
  return { ...run(notebook), name: relative(root, notebook) };
}

function run(...notebooks: string[]) {
  const script = join(root, 'dist', 'notebook', 'checkNotebooks.js');
  return spawnSync(process.execPath, [script, ...notebooks], { cwd: root, encoding: 'utf8' });
}

describe('checkNotebooks', () => {
  it('accepts what the kernel accepts: values as last expressions, awaits, names of earlier cells', () => {
    const { status, stdout, stderr } = check(
      "import { Random, type Matrix } from 'sparselab';\nconst random = new Random(0);",
      '# text is not code: const x: string = 1;',
      'const first: number = await Promise.resolve(random.uniform());\nfirst',
      'const m: Matrix = { values: Float32Array.of(first), shape: [1, 1] };\nm.values[0]',
      'function unused(): void {}',
    );
    assert.equal(stderr, '');
    assert.match(stdout, /^Notebooks: 1 checked; problems: 0$/m);
    assert.equal(status, 0);
  });

  it('says which cell, line and column is wrong, counting code cells', () => {
    const { status, stderr, name } = check('const a = 1;', '# text', '\nconst b: string = a;');
    assert.equal(
      stderr,
      `${name} cell 2:2:7 error TS2322: Type 'number' is not assignable to type 'string'.\n`,
    );
    assert.equal(status, 1);
  });

  it('knows the types of sparselab', () => {
    const { stderr } = check("import { Random } from 'sparselab';\nnew Random('seed');");
    assert.match(
      stderr,
      /cell 1:2:12 error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'/,
    );
  });

  it('is strict: no implicit any, no value that may be missing', () => {
    assert.match(check('function f(x) { return x; }').stderr, /cell 1:1:12 error TS7006/);
    assert.match(
      check("const found = ['a'].find(() => true);\nfound.length").stderr,
      /cell 1:2:1 error TS18048/,
    );
  });

  it('counts a message of several lines once', () => {
    const { stdout, stderr, name } = check('const a = 1 as number | string[];', 'a.toFixed();');
    assert.ok(
      stderr.startsWith(`${name} cell 2:1:3 error TS2339: Property 'toFixed' does not exist on type`),
    );
    assert.match(stderr, /\n {2}Property 'toFixed' does not exist on type 'string\[\]'\.\n$/);
    assert.match(stdout, /problems: 1$/m);
  });

  it('refuses a name that two cells declare', () => {
    const { stderr, name } = check('const a = 1;', 'const a = 2;');
    assert.match(stderr, /cell 1:1:7 error TS2451/);
    assert.ok(
      stderr.includes(`${name} cell 2:1:7 error TS2451: Cannot redeclare block-scoped variable 'a'.`),
    );
  });

  it('permits importing the same name again, from the same module', () => {
    const first = "import { l1, tf } from 'sparselab';\nl1(1).term(tf.zeros([1, 1]));";
    assert.equal(check(first, "import {\n  kl,\n  l1,\n} from 'sparselab';\n[kl, l1];", first).status, 0);
    const { stderr, name } = check(first, "import {\n  l1,\n} from 'sparselab';\nl1('1');");
    assert.match(stderr, new RegExp(`${name} cell 2:4:4 error TS2345`));
    assert.match(
      check(first, "import { l1 } from './elsewhere';").stderr,
      /TS2300: Duplicate identifier 'l1'/,
    );
  });

  it('keeps notebooks apart', () => {
    const folder = projectFolder();
    const paths = ['a', 'b'].map((name) => writeNotebook(folder, name, ['const same = 1;']));
    assert.equal(run(...paths).status, 0);
  });

  it('refuses what is not a notebook', () => {
    const path = join(projectFolder(), 'broken.ipynb');
    writeFileSync(path, '{ "cells": ');
    const { status, stderr } = run(path);
    assert.equal(status, 1);
    assert.ok(stderr.startsWith(`${path} must be a Jupyter notebook; got: `));
  });

  it('finds nothing wrong with the course', () => {
    const { status, stderr } = run();
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });
});
