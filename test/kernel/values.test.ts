import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JsonObject } from 'sparselab/dist/kernel/node/wire/message';
import { contents, errorOf, type Outcome, plain, streamText, TestKernel } from './testKernel';

/** The text of a cell's result. */
function textOf(outcome: Outcome): unknown {
  const data = contents(outcome, 'execute_result')[0]?.data as JsonObject | undefined;
  return data?.['text/plain'];
}

describe('whatever a cell shows or throws,', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
    await kernel.run(`const DISPLAY = Symbol.for('Jupyter.display');
      const shows = (bundle: unknown) => ({ [DISPLAY]: () => bundle });
      const cell = () => (globalThis as any)[Symbol.for('sparselab.cell')];
      const endless: any = new Proxy(function () {}, { get: () => endless, apply: () => endless });
      const many = (count: number) => Array.from({ length: count }, (_, i) => new Error('n' + i));`);
  });
  after(() => kernel.stop());

  const dataOf = async (code: string) => {
    const outcome = await kernel.execute(code);
    assert.equal(outcome.reply.status, 'ok', `${outcome.reply.evalue}`);
    return {
      data: contents(outcome, 'execute_result')[0]?.data as JsonObject,
      stderr: streamText(outcome.published, 'stderr'),
    };
  };

  it('a proxy that answers to every name is shown as what it stands for', async () => {
    assert.match(String(await kernel.run('endless')), /Function/);
    const strict = `new Proxy({ a: 1 }, { get(target: any, name) {
      if (!(name in target)) throw new Error('no ' + String(name)); return target[name]; } })`;
    assert.equal(await kernel.run(strict), '{ a: 1 }');
    assert.equal(
      await kernel.run('const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); proxy'),
      '<Revoked Proxy>',
    );
  });

  it('a value whose own text fails is shown without it, and the cell fails', async () => {
    const outcome = await kernel.execute(
      `({ a: 1, [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no text'); } })`,
    );
    assert.equal(errorOf(outcome).evalue, 'no text');
    assert.match(String(textOf(outcome)), /^\{\s*a: 1/);
  });

  it('bytes become base64, or text under a type that is text', async () => {
    const png = 'new Uint8Array([137, 80, 78, 71])';
    const { data } = await dataOf(
      `shows({ 'image/png': ${png}, 'image/svg+xml': Buffer.from('<svg/>'), 'text/html': ['<b>', 'é</b>'], 'text/latex': 5 })`,
    );
    assert.equal(data['image/png'], Buffer.from([137, 80, 78, 71]).toString('base64'));
    assert.equal(data['image/svg+xml'], '<svg/>');
    assert.equal(data['text/html'], '<b>é</b>');
    assert.equal(data['text/latex'], '5');
  });

  it('typed arrays inside JSON become lists, of a display too', async () => {
    const figure = `{ 'application/vnd.plotly.v1+json': { data: [{ y: Float32Array.of(1, 4), z: [Buffer.of(7), NaN] }] } }`;
    const plotly = { data: [{ y: [1, 4], z: [[7], null] }] };
    const { data } = await dataOf(`shows(${figure})`);
    assert.deepEqual(data['application/vnd.plotly.v1+json'], plotly);
    const outcome = await kernel.execute(`cell().display(${figure})`);
    const [displayed] = contents(outcome, 'display_data');
    assert.deepEqual((displayed?.data as JsonObject | undefined)?.['application/vnd.plotly.v1+json'], plotly);
  });

  it('what fits no type is left out, and the reader is told', async () => {
    const { data, stderr } = await dataOf(
      `shows({ 'text/html': { not: 'text' }, 'image/png': () => 1, 'application/json': undefined, 'text/plain': 'plain' })`,
    );
    assert.deepEqual(data, { 'text/plain': 'plain' });
    assert.equal(
      stderr,
      'text/html is left out: it must be text; got [object Object]\n' +
        'image/png is left out: it must be bytes or their base64; got a function\n',
    );
  });

  it('a bundle that JSON has no form for is the error of its cell', async () => {
    for (const [bundle, message] of [
      [`{ 'application/json': { n: 1n } }`, /BigInt/],
      [`{ 'text/plain': 1n }`, /BigInt/],
      [
        `(() => { const round: any = {}; round.me = round; return { 'application/json': round }; })()`,
        /circular/,
      ],
    ] as const) {
      assert.match((await kernel.fail(`shows(${bundle})`)).evalue, message);
      assert.match((await kernel.fail(`cell().display(${bundle})`)).evalue, message);
    }
    assert.match(
      (await kernel.fail(`cell().display(5)`)).evalue,
      /display needs an object of MIME types; got 5/,
    );
    assert.match(
      (await kernel.fail(`cell().display({}, { displayId: 5 })`)).evalue,
      /displayId must be a string/,
    );
  });

  it('an error is described in bounded length', async () => {
    for (const thrown of [
      `new AggregateError(many(20_000), 'lots')`,
      `new Error('lots', { cause: new AggregateError(many(20_000), 'inner') })`,
      `new AggregateError([new TypeError('deep', { cause: { big: 'x'.repeat(2_000_000) } })], 'lots')`,
      `new AggregateError(Array.from({ length: 8 }, () => new AggregateError(many(8), 'nested')), 'lots')`,
      `(() => { const e = new AggregateError([], 'lots'); e.errors.push(e, e); return e; })()`,
    ]) {
      const { evalue, traceback } = await kernel.fail(`throw ${thrown}`);
      assert.equal(evalue, 'lots');
      assert.ok(traceback.length < 50_000, `${thrown}: ${traceback.length} characters`);
    }
    for (const thrown of [
      `new Error('x'.repeat(1e6))`,
      `'y'.repeat(1e6)`,
      `{ z: Array.from({ length: 1e5 }, String) }`,
    ]) {
      const { evalue, traceback } = await kernel.fail(`throw ${thrown}`);
      assert.ok(
        evalue.length < 5000 && traceback.length < 10_000,
        `${thrown}: ${traceback.length} characters`,
      );
    }
  });

  it('an error whose parts are anything is described by what can be read', async () => {
    for (const [thrown, message] of [
      [`Object.assign(new AggregateError([], 'both'), { errors: undefined })`, 'both'],
      [`Object.assign(new AggregateError([], 'both'), { errors: 'text' })`, 'both'],
      [`Object.defineProperty(new Error('y'), 'cause', { get() { throw 3; } })`, 'y'],
      [`Object.defineProperty(new AggregateError([], 'y'), 'errors', { get() { throw 3; } })`, 'y'],
      [`Object.assign(new Error('x'), { stack: 42 })`, 'x'],
      [`Object.assign(new Error('x'), { name: { toString() { throw 1; } } })`, 'x'],
      [`new Proxy(new Error('proxied'), {})`, 'proxied'],
      [`new Proxy(new Error('hidden'), { getPrototypeOf() { throw 1; }, get() { throw 2; } })`, undefined],
      [`endless`, undefined],
      [`null`, 'null'],
      [`{ toString() { throw 1; } }`, undefined],
    ] as const) {
      const { evalue } = await kernel.fail(`throw ${thrown}`);
      if (message !== undefined) assert.equal(evalue, message, thrown);
    }
    assert.equal(await kernel.run('1 + 1'), '2');
  });

  it('a place far out in a long line is shown with what stands around it', async () => {
    const { traceback } = await kernel.fail(
      `const filler = '${'f'.repeat(5000)}'; throw new Error('far out'); '${'g'.repeat(5000)}';`,
    );
    assert.match(traceback, /f'; throw new Error\('far out'\); 'ggg/);
    const [, line = '', mark = ''] = /> 1 \| (.*)\n {2} {2}\| (.*)/.exec(traceback) ?? [];
    assert.equal(line.slice(mark.indexOf('^')).slice(0, 9), 'new Error');
    assert.ok(line.length <= 300);
  });

  it('tracebacks are in lines of the cell, also when a library formats stacks in its own way', async () => {
    await kernel.run('Error.prepareStackTrace = (error, sites) => sites.length; 0');
    assert.match(
      (await kernel.fail(`\nthrow new Error('second line')`)).traceback,
      /> 2 \|[\s\S]*In\[\d+\]:2:7$/,
    );
    await kernel.run('Error.prepareStackTrace = undefined; 0');
    assert.match((await kernel.fail(`\n\nthrow new Error('third line')`)).traceback, /In\[\d+\]:3:7$/);
    assert.match(String(await kernel.run(`\nnew Error('own').stack`)), /In\[\d+\]:2:1/);
  });
});

describe('what a cell prints', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
  });
  after(() => kernel.stop());

  it('starts at the margin, whatever groups cells before have left open', async () => {
    await kernel.fail(`console.group('outer'); console.group('inner'); throw new Error('x');`);
    assert.equal(await kernel.print(`console.log('left')`), 'left\n');
  });

  it('is removed by console.clear()', async () => {
    const outcome = await kernel.execute(`console.log('a'); console.clear(); console.log('b');`);
    const types = outcome.published
      .map(({ header }) => header.msg_type)
      .filter((type) => /stream|clear/.test(type));
    assert.deepEqual(types, ['stream', 'clear_output', 'stream']);
  });

  it('goes on after a cell has ended stdout', async () => {
    assert.equal(
      await kernel.print("process.stdout.end('last\\n'); process.stdout.write(Buffer.from('more'))"),
      'last\nmore',
    );
    assert.equal(await kernel.print("console.log('again')"), 'again\n');
  });

  it('comes from children and threads that inherit its output, and from the descriptors', async () => {
    const cell =
      await kernel.execute(`import { execFileSync, execSync, spawn, spawnSync } from 'node:child_process';
      import { Worker } from 'node:worker_threads';
      import { appendFile, write, writeFileSync, writeSync } from 'node:fs';
      const say = (word: string) => ['-e', 'console.log("' + word + '"); console.error("to stderr")'];
      const node = process.execPath;
      const result = spawnSync(node, say('synchronous'), { stdio: 'inherit' });
      execFileSync(node, say('file'), { stdio: ['ignore', 'inherit', 'inherit'] });
      execSync('"' + node + '" -e "console.log(42 * 42)"', { stdio: [0, 1, 2] });
      writeSync(1, 'descriptor\\n');
      await new Promise((resolve) => write(1, Buffer.from('-late descriptor-'), 1, 15, resolve));
      writeFileSync(1, 'whole ');
      if (process.platform !== 'win32') writeFileSync('/dev/stdout', Buffer.from('device '), { flag: 'a' });
      await new Promise((resolve) => appendFile(1, '6170706f732e', 'hex', resolve));
      const child = spawn(node, say('child'), { stdio: 'inherit' });
      await new Promise((resolve) => child.on('close', resolve));
      await new Promise((resolve) => new Worker('console.log("thread")', { eval: true }).on('exit', resolve));
      [result.status, result.stdout, result.output, child.stdout]`);
    assert.equal(cell.reply.status, 'ok', String(cell.reply.evalue));
    const text = streamText(cell.published, 'stdout');
    for (const word of [
      'synchronous',
      'file',
      '1764',
      'descriptor',
      'late descriptor',
      'whole',
      'appos.',
      'child',
    ]) {
      assert.ok(text.includes(word), `${word} in ${text}`);
    }
    assert.equal(streamText(cell.published, 'stderr').split('to stderr').length, 4);
    assert.equal(textOf(cell), '[ 0, null, [ null, null, null ], null ]');
  });

  it('appears below the cell that started the thread or the child, also later', async () => {
    const first = await kernel.execute(`import { spawn as start } from 'node:child_process';
      import { Worker as Thread } from 'node:worker_threads';
      const thread = new Thread(
        'const { parentPort } = require("node:worker_threads"); parentPort.once("message", () => { console.log("of the thread"); parentPort.close(); })',
        { eval: true },
      );
      const kid = start(process.execPath, ['-e', 'process.stdin.on("data", () => { console.log("of the child"); process.exit(); })'], {
        stdio: ['pipe', 'inherit', 'inherit'],
      });
      const ended = Promise.all([thread, kid].map((each: any) => new Promise((resolve) => each.on(each === kid ? 'close' : 'exit', resolve))));
      0`);
    assert.equal(first.reply.status, 'ok', plain(String(first.reply.traceback)));
    const parent = first.published[0]?.parentHeader.msg_id;
    const second = await kernel.execute(
      `thread.postMessage(0); kid.stdin!.write('go'); await ended; console.log('second')`,
    );
    assert.equal(streamText(second.published, 'stdout'), 'second\n');
    const late = kernel.published.filter(({ parentHeader }) => parentHeader.msg_id === parent);
    assert.match(streamText(late, 'stdout'), /of the thread/);
    assert.match(streamText(late, 'stdout'), /of the child/);
  });
});

describe('timers and other globals that a cell has replaced', () => {
  it('are not those of the kernel', async (t) => {
    const kernel = await TestKernel.start();
    t.after(() => kernel.stop());
    // Node 20.0 to 20.3 have no such timers.
    await kernel.run(`import { mock } from 'node:test'; (mock as any).timers?.enable(); 0`);
    assert.equal(await kernel.run('1 + 1'), '2');
    await kernel.run(
      `globalThis.Date = undefined as any; process.nextTick = (() => {}) as any; performance.now = () => 0; 0`,
    );
    assert.equal(await kernel.print(`console.log('still here')`), 'still here\n');
    await kernel.run('globalThis.Promise = class {} as any; JSON.stringify = () => undefined as any; 0');
    assert.equal(await kernel.print(`console.log('and here')`), 'and here\n');
    await kernel.run(`JSON.stringify = JSON.parse = () => { throw new Error('replaced'); }; 0`);
    const { evalue, traceback } = await kernel.fail(`JSON.parse('1')`);
    assert.equal(evalue, 'replaced');
    assert.match(traceback, /at In\[\d+\]:1:6$/m);
  });
});
