import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type FunctionDesk, fromWire, toWire, type Wire } from 'sparselab/dist/assignments/remote/wire';

const nobody: FunctionDesk = {
  lend: () => assert.fail('no function is sent here'),
  borrow: () => assert.fail('no function comes here'),
  own: () => assert.fail('no function comes back here'),
};

const there = (value: unknown) => fromWire(JSON.parse(JSON.stringify(toWire(value, nobody))) as Wire, nobody);

describe('values on the way between two processes', () => {
  it('arrive as they were: every number, text, list, plain object and typed array', () => {
    const leaf = fc.oneof(
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.bigInt(),
      fc.constant(null),
      fc.constant(undefined),
      fc.float32Array(),
      fc.int32Array(),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value')),
        fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
      ),
    }));
    fc.assert(fc.property(value, (sent) => assert.deepStrictEqual(there(sent), sent)));
  });

  it('come as plain data if they were of a class', () => {
    class Model {
      readonly units = 8;
      get twice() {
        return 16;
      }
    }
    assert.deepStrictEqual(there(new Model()), { units: 8 });
  });

  it('never change what objects are', () => {
    const pair: readonly [string, Wire] = ['__proto__', { $: 'object', entries: [['status', 'right']] }];
    const got = fromWire({ $: 'object', entries: [pair] }, nobody) as Record<string, unknown>;
    assert.equal(got.status, undefined);
    assert.equal(Object.getPrototypeOf(got), Object.prototype);
  });

  it('are refused where nobody could have sent them', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    assert.throws(() => there(circle), /nested more than 60 deep, or contains itself/);
    assert.throws(() => fromWire({ $: 'odd' } as unknown as Wire, nobody), /unknown form/);
  });
});

const REMOTE = JSON.stringify(require.resolve('sparselab/dist/assignments/remote'));

/**
 * Two processes: one lends names, the other borrows `it` and `list`, and tells `report` what it finds.
 *
 * @param between Looks at each line from lender to borrower; what it returns is passed on.
 */
function meet(lender: string, borrower: string, between = (line: string) => line): Promise<unknown> {
  const start = (code: string) =>
    spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lending = start(`require(${REMOTE}).lend(1, { ${lender} })`);
  const borrowing = start(`
    const report = (found) => console.log('\\nREPORT ' + JSON.stringify(found));
    const { it, list } = require(${REMOTE}).borrow(1, ['it', 'list']);
    ${borrower}`);
  return new Promise((resolve, reject) => {
    createInterface(lending.stdout).on('line', (line) => borrowing.stdin.write(`${between(line)}\n`));
    createInterface(borrowing.stdout).on('line', (line) => {
      if (line.startsWith('REPORT ')) resolve(JSON.parse(line.slice('REPORT '.length)));
      else lending.stdin.write(`${line}\n`);
    });
    borrowing.on('exit', () => {
      lending.kill();
      // Has no effect where something was.
      reject(new Error('nothing was reported'));
    });
  });
}

describe('functions of another process', () => {
  it('are called there, with functions that are called here', async () => {
    const lender = 'it: () => (f, x) => [f(x), f(x + 1)]';
    assert.deepEqual(await meet(lender, 'report(it((x) => 10 * x, 2))'), [20, 30]);
  });

  it('throw here what they threw there, whatever it was', async () => {
    const lender =
      'it: () => (what) => { throw what === 1 ? new RangeError("far") : { toString() { throw 1; } }; }';
    const caught = 'const caught = (x) => { try { it(x); } catch (error) { return String(error); } };';
    assert.deepEqual(await meet(lender, `${caught} report([caught(1), caught(2)])`), [
      'RangeError: far',
      'Error: something that cannot be shown',
    ]);
  });

  it('change a list here that they have changed there', async () => {
    const lender = 'it: () => (list) => { list.push(3); list[0] = 9; }';
    assert.deepEqual(await meet(lender, 'const mine = [1, 2]; it(mine); report(mine)'), [9, 2, 3]);
  });

  it('give promises that have settled', async () => {
    const lender = 'it: () => async (x) => { if (x < 0) throw new Error("negative"); return x; }';
    const borrower =
      'it(4).then(async (four) => report([four, await it(-1).catch(({ message }) => message)]))';
    assert.deepEqual(await meet(lender, borrower), [4, 'negative']);
  });

  it('are undefined where nothing has the name; values are copies', async () => {
    assert.deepEqual(await meet('list: () => [1, 2]', 'report([typeof it, list])'), ['undefined', [1, 2]]);
  });

  it('are not disturbed by lines of anybody else', async () => {
    const noise = '{"session":2,"ended":"x"}\nnull\n[]\n7\n{"session":1}\nonce upon a time\n';
    assert.equal(await meet('it: () => () => 5', 'report(it())', (line) => noise + line), 5);
  });

  it('fail, every one, when the session has ended', async () => {
    const end = (line: string) => (line.includes('"reply":2') ? '{"session":1,"ended":"stopped"}' : line);
    const caught = 'const caught = () => { try { return it(); } catch ({ message }) { return message; } };';
    const found = await meet('it: () => () => 5', `${caught} report([caught(), caught()])`, end);
    assert.deepEqual(found, ['stopped', 'stopped']);
  });
});
