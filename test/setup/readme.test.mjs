import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript-js';
import { root } from '../../src/setup/paths.mjs';

const text = readFileSync(join(root, 'README.md'), 'utf8');
const [code = ''] = Array.from(text.matchAll(/^```ts\n([\s\S]*?)^```$/gm), ([, block]) => block);

/** Below the project, so that `sparselab` resolves as in a program of this project. */
const folder = join(root, 'build', 'readme');

test("README's program compiles, strictly", () => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'readme.mts');
  writeFileSync(file, code);
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
  });
  const messages = ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  assert.deepEqual(messages, []);
});

test("README's program runs, and trains a sparse model", async () => {
  assert.match(code, /epochs: 5\b/);
  // One epoch instead of five: less to wait for, the same lines.
  const { outputText } = ts.transpileModule(code.replace('epochs: 5', 'epochs: 1'), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'readme.cjs');
  writeFileSync(
    file,
    `module.exports = (async () => {\n${outputText}\nreturn { history, mse, l0 };\n})();\n`,
  );
  const { history, mse, l0 } = await createRequire(import.meta.url)(file);
  assert.equal(history.status, 'finished');
  assert.ok(l0 < 64 / 2, `L1 leaves fewer than half of 64 units active; got ${l0}`);
  assert.ok(mse < 0.06, `the mean image alone would have an error of 0.067; got ${mse}`);
});
