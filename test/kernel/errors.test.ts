import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { contents, NOTEBOOKS, plain, streamText, TestKernel, within } from './testKernel';

describe('an error', () => {
  let kernel: TestKernel;
  /** The label of the next cell. */
  const next = async () => `In\\[${Number((await kernel.execute('1')).reply.execution_count) + 1}\\]`;
  before(async () => {
    kernel = await TestKernel.start();
  });
  after(() => kernel.stop());

  it('names its class, its message, and the line of the cell, marked', async () => {
    const label = await next();
    const { ename, evalue, traceback } = await kernel.fail(
      `type Ignored = { a: string };
interface AlsoIgnored { b: number }
const items: number[] = [1, 2];

/* a comment
   of two lines */
function check(value: number): void {
  if (value > 1) {
    throw new RangeError(\`\${value} is too much\`);
  }
}
items.forEach((item) => check(item));`,
    );
    assert.deepEqual([ename, evalue], ['RangeError', '2 is too much']);
    assert.match(traceback, /> {2}9 \| {5}throw new RangeError\(`\$\{value\} is too much`\);\n {5}\| {11}\^/);
    assert.match(traceback, new RegExp(`at check \\(${label}:9:11\\)\n`));
    assert.match(traceback, new RegExp(`at ${label}:12:25\n`));
    assert.match(traceback, new RegExp(`at ${label}:12:7$`));
    assert.doesNotMatch(traceback, /node:|dist|tslab/, 'what is not the user’s is left out');
  });

  it('has the right line after imports, awaits and types of any kind', async () => {
    const label = await next();
    const { traceback } = await kernel.fail(
      `import { join } from 'node:path';
import type { Stats } from 'node:fs';
enum E { A, B }
declare const nothing: Stats;
async function f<T extends object>(value: T): Promise<T> {
  await null;
  const { missing } = value as unknown as { missing: { deep: string } };
  return missing.deep as unknown as T;
}
for await (const x of [1]) join(String(x), E[0]);
await f({});`,
    );
    assert.match(traceback, /TypeError: Cannot read properties of undefined \(reading 'deep'\)/);
    assert.match(traceback, new RegExp(`at f \\(${label}:8:18\\)`));
  });

  it('of code that is nested too deep for the compiler leaves the compiler to the cells that follow', async () => {
    await kernel.run('const before = 42;');
    await kernel.execute('/** @module inMemory */ export const there = 7;');
    for (const nested of [
      '['.repeat(5000) + ']'.repeat(5000),
      '!'.repeat(20_000),
      `0${' + 1'.repeat(20_000)}`,
    ]) {
      assert.equal((await kernel.fail(nested)).ename, 'RangeError');
      assert.equal(await kernel.run('before'), '42');
      const { reply } = await kernel.request('shell', 'complete_request', { code: nested, cursor_pos: 5 });
      assert.equal(reply.status, 'error');
      const { reply: completed } = await kernel.request('shell', 'complete_request', {
        code: 'Math.hyp',
        cursor_pos: 8,
      });
      assert.deepEqual(completed.matches, ['hypot']);
    }
    assert.equal(await kernel.run("import { there } from './inMemory'; there"), '7');
  });

  it('shows the functions of other cells that it came through', async () => {
    const first = await next();
    await kernel.run(
      '// one line more\nfunction divide(a: number, b: number) { if (b === 0) throw new Error("by zero"); return a / b; }',
    );
    const second = await next();
    const { traceback } = await kernel.fail('const c = 1;\ndivide(c, 0);');
    assert.match(traceback, new RegExp(`^Error: by zero\n${first}:\n`));
    assert.match(traceback, new RegExp(`at divide \\(${first}:2:60\\)\n`));
    assert.match(traceback, new RegExp(`at ${second}:2:1$`));
  });

  it('shows the calls that await, up to the line of the cell', async () => {
    const label = await next();
    const { traceback } = await kernel.fail(
      `async function inner() { await null; throw new Error('late'); }
async function outer() {
  await inner();
}
for await (const x of [1]) {
  await outer();
}`,
    );
    assert.match(traceback, new RegExp(`at inner \\(${label}:1:44\\)\n`));
    assert.match(traceback, new RegExp(`at async outer \\(${label}:3:3\\)\n`));
    assert.match(traceback, new RegExp(`at async ${label}:6:3$`));
  });

  it('shows the lines of local files and of modules in memory as they were written', async () => {
    const folder = mkdtempSync(join(NOTEBOOKS, 'local-'));
    try {
      writeFileSync(
        join(folder, 'fails.ts'),
        "export type T = 1;\n\nexport async function fails(): Promise<T> {\n  await null;\n  throw new Error('x');\n}\n",
      );
      const file = `${basename(folder)}/fails`;
      const { traceback } = await kernel.fail(`import { fails } from './${file}';\nawait fails();`);
      assert.match(traceback, new RegExp(`at fails \\(notebooks/${file}\\.ts:5:9\\)\n`));
      assert.match(traceback, /at async In\[\d+\]:2:1$/);
      await kernel.run('/** @module failing */\nexport function fails(): never {\n  throw new Error();\n}');
      assert.match(
        (await kernel.fail("import { fails } from './failing'; fails()")).traceback,
        /at fails \(notebooks\/failing\.ts:3:9\)\n/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('names what another cell declared as its author does', async () => {
    await kernel.run('const five: any = 5; const empty: any = {};');
    assert.equal((await kernel.fail('five()')).evalue, 'five is not a function');
    assert.equal((await kernel.fail('empty.f()')).evalue, 'empty.f is not a function');
    assert.equal((await kernel.fail('[...five]')).evalue.includes('exports'), false);
    const own = await kernel.fail("throw new TypeError('module.exports.x is odd')");
    assert.equal(own.evalue, 'module.exports.x is odd');
  });

  it('in code given to eval shows the line that called it', async () => {
    const { traceback } = await kernel.fail(`1;\neval("throw new Error('inside')")`);
    assert.match(traceback, /> 2 \| eval\("throw/);
  });

  it('thrown inside the package shows the lines of src/, briefly', async () => {
    await kernel.run("import { l1 } from 'sparselab';");
    const label = await next();
    const { ename, traceback } = await kernel.fail('l1(-1)');
    assert.equal(ename, 'RangeError');
    assert.match(traceback, /at l1 \(src\/model\/penalties\.ts:\d+:\d+\)/);
    assert.match(traceback, new RegExp(`at ${label}:1:1$`));
  });

  it('of a class without a name of its own is called by its class', async () => {
    const { ename, evalue } = await kernel.fail(
      "class DataError extends Error {}\nthrow new DataError('bad');",
    );
    assert.deepEqual([ename, evalue], ['DataError', 'bad']);
  });

  it('shows its causes and the errors that it gathers', async () => {
    const caused = await kernel.fail(
      "throw new Error('outer', { cause: new TypeError('inner', { cause: 'a text' }) })",
    );
    assert.match(
      caused.traceback,
      /^Error: outer[\s\S]*\[cause\]\nTypeError: inner[\s\S]*\[cause\]\n'a text'$/,
    );
    const gathered = await kernel.fail(
      "await Promise.any([Promise.reject(new Error('a')), Promise.reject(new RangeError('b'))])",
    );
    assert.equal(gathered.ename, 'AggregateError');
    assert.match(gathered.traceback, /\[errors 0\]\nError: a[\s\S]*\[errors 1\]\nRangeError: b/);
    const endless = await kernel.fail("const e: Error = new Error('loop'); e.cause = e; throw e;");
    assert.equal(endless.evalue, 'loop');
  });

  it('may be any value', async () => {
    for (const [code, evalue] of [
      ["throw 'text'", "'text'"],
      ['throw { a: 1 }', '{ a: 1 }'],
      ['throw undefined', 'undefined'],
      ['await Promise.reject(null)', 'null'],
    ] as const) {
      const error = await kernel.fail(code);
      assert.deepEqual([error.ename, error.evalue], ['Thrown', evalue]);
    }
  });

  it('that misbehaves does no harm', async () => {
    const code = `throw Object.defineProperties(new Error('x'), {
      message: { get() { throw 1; } }, name: { get() { throw 2; } }, stack: { get() { throw 3; } } });`;
    assert.equal((await kernel.fail(code)).ename, 'Error');
    assert.equal(await kernel.run('1'), '1');
  });

  it('of the compiler shows all complaints with their lines, and why', async () => {
    const { ename, evalue, traceback } = await kernel.fail(
      `const good = 1;
const text: string = 5;
const deep: { a: { b: string } } = { a: { b: 1 as number } };
unknownName;`,
    );
    assert.equal(ename, 'TypeScriptError');
    assert.equal(evalue, "Type 'number' is not assignable to type 'string'. (line 2, TS2322) (and 2 more)");
    assert.match(traceback, /Type 'number' is not assignable to type 'string'\. \(line 2:7, TS2322\)/);
    assert.match(traceback, /> 2 \| const text: string = 5;\n {4}\| {7}\^\^\^\^\n/);
    assert.match(traceback, /> 3 \| const deep/);
    assert.match(
      traceback,
      /Cannot find name 'unknownName'\. Has the cell .* been run\? \(line 4:1, TS2304\)/,
    );
  });

  it('of the compiler recommends no npm packages for a name of another cell', async () => {
    for (const name of ['test', 'undeclared', 'describe', '$']) {
      const { evalue } = await kernel.fail(`${name}.length`);
      assert.match(
        evalue,
        /^Cannot find name '.*'\. Has the cell that declares it been run\? \(line 1, TS\d+\)$/,
      );
    }
  });

  it('of the compiler says what a name or call of another library is here', async () => {
    await kernel.run(
      "import { kl, l1, SparseAutoencoder, tf, topK, train } from 'sparselab';\n" +
        'const sae = new SparseAutoencoder({ inputDim: 2, hiddenDim: 2 });\n' +
        'const rows = tf.tensor2d([[1, 2]]);',
    );
    for (const [code, hint] of [
      ['document.title', 'Cells run without a web page'],
      ["prompt('Name?')", 'It is called input'],
      ['sae.fit(rows, { epochs: 1 })', 'train(model, data, { epochs: 10 })'],
      ['sae.compile({ loss: "mse" })', 'train(model, data, { penalty, learningRate, epochs })'],
      ['sae.predict(rows)', 'model.forward(x).reconstruction'],
      ['sae.summary()', "A model as a cell's last expression"],
      ['new SAE({ d_in: 2, d_sae: 4 })', 'new SparseAutoencoder({ inputDim, hiddenDim })'],
      ['SparseAutoencoder.fromPretrained("x")', 'loadSaeLens(folder)'],
      ['await train(sae, rows, { epochs: 1, lr: 0.1 })', 'learningRate'],
      ['await train(sae, rows, { epochs: 1, batch_size: 1 })', "Did you mean to write 'batchSize'?"],
      ['await train(sae, rows, { epochs: 1, l1Coefficient: 1 })', 'penalty: l1(0.001)'],
      ["await train(sae, rows, { epochs: 1, penalty: 'l1' })", 'l1(0.001), kl({ beta: 3, rho: 0.05 })'],
      ['await train(sae, rows, { epochs: 1, validation_split: 0.1 })', 'monitor'],
      ['await train(sae, rows)', 'The third argument has the options, at least epochs'],
      ['train(sae, rows, epochs=10)', 'Named arguments are an object here, as in { epochs: 10 }'],
      ["new SparseAutoencoder({ inputDim: 2, hiddenDim: 2, activation: 'relu' })", 'hiddenActivation'],
      ["new SparseAutoencoder({ inputDim: 2, hiddenDim: 2, hiddenActivation: 'topk' })", 'topK(8)'],
      ['new SparseAutoencoder({ inputDim: 2, latent_dim: 2 })', 'hiddenDim'],
      ['new SparseAutoencoder(2, 2)', 'Its options are one object'],
      ["import { TrainingSAE } from 'sparselab';", 'new SparseAutoencoder({ inputDim, hiddenDim })'],
      ['sae.W_enc', 'encoderWeights'],
      ['sae.get_weights()', 'model.parameters'],
      ['sae.history!.loss', 'history.rows'],
      ['sae.history!.end', 'It is called status.'],
      ["(null! as import('sparselab').Goal).goal", 'It is called direction.'],
      ["(null! as import('sparselab').SweepTable).end", 'It is called status.'],
      ["(null! as import('sparselab').SweepRow).served", 'It is called cached.'],
      ["import { klCurve } from 'sparselab'; klCurve(0.1, { points: 50 })", 'It is called samples.'],
      [
        "import { klCurve } from 'sparselab'; klCurve(0.1, { log: true })",
        "Write xScale: 'log' or yScale: 'log'.",
      ],
      ["import type { TrainingEnd } from 'sparselab';", 'It is called TrainingStatus.'],
      ["(null! as import('sparselab').UnitRecovery).activeShare", 'It is called activationFrequency.'],
      [
        "await train(sae, rows, { epochs: 1, reconstruction: 'mse' })",
        "Did you mean to write 'reconstructionLoss'?",
      ],
      ['tf.keras', 'tf.layers'],
      ['model.encode(rows)', "Cannot find name 'model'. Has the cell that declares it been run? (line 1"],
      [
        'autoencoder.encode(rows)',
        'been run? A model is new SparseAutoencoder({ inputDim: 64, hiddenDim: 16 }).',
      ],
      ['sae.parameters()', 'model.parameters has all weights'],
      ['sae(rows)', 'model.encode(x) is the code'],
      ['sae.cfg.d_sae', 'model.architecture has its form.'],
      ["sae.to('cuda')", 'train uses the fastest engine'],
      ["sae.load_weights('x')", 'SparseAutoencoder.load(path)'],
      ['sae.encoder', 'model.encoderWeights and model.encoderBias.'],
      ['kl(0.05, 3)', '{ beta: 3, rho: 0.05 }'],
      ['l1({ strength: 1 })', 'It is called lambda.'],
      ['l1(lambda=1)', 'Named arguments are an object here'],
      ['l1(lambda: 1)', 'Named arguments are an object here'],
      ['await train(sae, rows, { epochs: 1, penalty: 0.1 })', 'l1(0.001), kl({ beta: 3, rho: 0.05 })'],
      ['topK({ k: 8 })', 'topK(8)'],
      [
        "import { loadDigits } from 'sparselab'; loadDigits()[0]",
        "Type 'Dataset' has no element [0]. data.select([0])",
      ],
      ['for (const i of [0]) rows[i];', 'has no element [i]. x.gather([0])'],
      ["const [x, y] = (null! as import('sparselab').Dataset);", 'data.labels has the labels.'],
      ['for (const row of sae.history!) print(row);', 'Its rows are an array: rows.'],
      ['sae.encoderWeights[0]', "Type 'Matrix' has no element [0]. x.values has the numbers, row by row"],
      ['const [w] = sae.encoderWeights;', 'x.values has the numbers, row by row'],
      ['sae.encoderBias.mean()', 'tf.tensor(x.values, [...x.shape])'],
      ['tf.mean(sae.encoderWeights)', 'tf.tensor(x.values, [...x.shape])'],
      [
        'sae.encode([[1, 2]])',
        "Argument of type 'number[][]' is not assignable to parameter of type 'Matrix | Dataset'. tf.tensor2d(rows)",
      ],
      [
        "sae.encode('x')",
        "Argument of type 'string' is not assignable to parameter of type 'Matrix | Dataset'.",
      ],
      ['sae.history!.plot()', 'lossCurves(history) draws it.'],
      ["(null! as import('sparselab').Dataset).map((x) => x)", 'data.select([0, 2])'],
      ['train(sae, rows, { epochs: 1 })[0]', "Type 'Promise<History>' has no element [0]."],
      ['sae.evaluate(rows)', 'evaluate(model, data)'],
      ['np.logspace(-3, 0, 4)', 'geomspace(0.001, 1, 4) is [0.001, 0.01, 0.1, 1].'],
      ['plt.imshow(rows)', 'imageGrid(data) draws images'],
      ['loadMNIST()', 'const { training, test } = loadMnist();'],
      ['train_test_split(rows)', 'data.slice('],
      ['print(rows)', 'console.log(x)'],
      ['const count = len * 2;', "Cannot find name 'len'. Has the cell that declares it been run? (line 1"],
      ["import { PCA } from 'sklearn';", 'not those of Python'],
    ] as const) {
      const { evalue } = await kernel.fail(code);
      assert.ok(evalue.includes(hint), evalue);
    }
  });

  it('of the compiler about a missing element spares objects that have elements', async () => {
    const value = await kernel.run(
      `class Pair { 0 = 'first'; 1 = 'second'; }
class Numbers extends Array<number> {}
class Row { [column: number]: string }
class Plain {}
interface Named { readonly 0: string; }
const named: Named = ['by its interface'];
const nothing = new Plain();
const counts = {}; counts[3] = 'an object as a map';
const row = new Row(); row[0] = 'a row';
// @ts-ignore
nothing[0];
[new Pair()[1], Numbers.of(7)[0], counts[3], row[0], new Float32Array(2)[1], 'text'[0], (nothing as any)[0], named[0]].join()`,
    );
    assert.equal(value, "'second,7,an object as a map,a row,0,t,,by its interface'");
  });

  it("of the compiler says how Python's syntax is written here", async () => {
    for (const [code, hint] of [
      ['import numpy as np', "Write import { train } from 'sparselab'."],
      ['from sparselab import train', "Write import { train } from 'sparselab'."],
      ['for i in range(3): train(i)', 'Write for (let i = 0; i < 10; i++)'],
      ['if epochs > 3: train()', 'Write if (x > 0) { … }'],
      ['def f(x):\n    return 2 * x', 'Write function f(x: number) { return 2 * x; }'],
      ['lambda x: 2 * x', 'Write (x) => 2 * x.'],
      ['3 # a comment', 'A comment begins with //.'],
      ['[1, 2, 3][0:2]', 'Write x.slice(0, 5).'],
      ['%matplotlib inline', 'Cells have no magics'],
    ] as const) {
      const { traceback } = await kernel.fail(code);
      assert.ok(traceback.includes(hint), traceback);
    }
  });

  it('of the compiler, and what is known of a name, call types of other cells by their names alone', async () => {
    await kernel.run(
      'interface Point { x: number } const points: Point[] = []; class Grid<T> { of!: T } const grid = new Grid<Point>(); 0',
    );
    const known = async (code: string) =>
      (await kernel.request('shell', 'inspect_request', { code, cursor_pos: 1 })).reply.data as Record<
        string,
        string
      >;
    assert.equal((await known('points'))['text/plain'], 'const points: Point[]');
    assert.equal((await known('grid'))['text/plain'], 'const grid: Grid<Point>');
    const { evalue } = await kernel.fail('{ interface Point { y: number } const mine: Point = points[0]; }');
    assert.match(
      evalue,
      /^Property 'y' is missing in type 'Point' but required in type 'Point'|^Type 'Point'/,
    );
    assert.doesNotMatch(evalue, /__|import\(/);
  });

  it('of the compiler says once that a type is missing', async () => {
    const { evalue, traceback } = await kernel.fail(
      'function measured(model: NotImported) { return model; }',
    );
    assert.equal(
      evalue,
      "Cannot find name 'NotImported'. Has the cell that declares it been run? (line 1, TS2304)",
    );
    assert.doesNotMatch(traceback, /private name/);
  });

  it('of syntax shows its place, whether TypeScript finds it or V8', async () => {
    assert.match((await kernel.fail('const = 3')).traceback, /TS1134[\s\S]*> 1 \| const = 3\n {4}\| {7}\^/);
    const regexp = await kernel.fail('// @ts-nocheck\nconst wrong = /(/;');
    assert.equal(regexp.ename, 'SyntaxError');
    assert.match(regexp.traceback, /> 2 \| const wrong = \/\(\/;\n {4}\| {15}\^/);
  });

  it('that nobody handles is written to stderr of its own cell, and the kernel lives on', async () => {
    const from = kernel.published.length;
    const { published } = await kernel.execute(
      "setTimeout(() => { throw new TypeError('in a timer'); }, 50);\n(async () => { throw new Error('in a promise'); })(); 0",
    );
    const own = published[0]?.parentHeader.msg_id;
    const stderr = () =>
      plain(
        streamText(
          kernel.published.slice(from).filter(({ parentHeader }) => parentHeader.msg_id === own),
          'stderr',
        ),
      );
    await kernel.run('1');
    await within(
      'both errors',
      () => /Error: in a promise/.test(stderr()) && /TypeError: in a timer/.test(stderr()),
    );
    assert.match(stderr(), /Uncaught Error: in a promise\nIn\[\d+\]:\n[\s\S]*> 2 \|/);
    assert.match(stderr(), /Uncaught TypeError: in a timer/);
  });

  it('that a cell prints itself has the same lines', async () => {
    const label = await next();
    const text = await kernel.print(
      "type T = 1;\ntry {\n  throw new Error('caught');\n} catch (error) { console.log((error as Error).stack); }",
    );
    assert.match(text, new RegExp(`^Error: caught\n    at ${label}:3:9\n$`));
  });

  it('is coloured for those who show it', async () => {
    const [error] = contents(await kernel.execute("throw new Error('x')"), 'error');
    const red = '\u001b[31m';
    assert.ok(JSON.stringify(error?.traceback).includes(JSON.stringify(red).slice(1, -1)));
  });
});
