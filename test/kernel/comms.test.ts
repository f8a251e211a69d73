import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { JsonObject, Message } from 'sparselab/dist/kernel/node/wire/message';
import { contents, errorOf, plain, streamText, TestKernel, within } from './testKernel';

const CELL = "globalThis[Symbol.for('sparselab.cell')]";

describe('a comm', () => {
  let kernel: TestKernel;
  /** How many messages had been published when the test began. */
  let from = 0;
  const published = (type: string): Message[] =>
    kernel.published.slice(from).filter(({ header }) => header.msg_type === type);
  const say = (type: string, content: JsonObject, buffers?: Uint8Array[]) =>
    kernel.request('shell', type, content, buffers);

  before(async () => {
    kernel = await TestKernel.start();
  });
  beforeEach(() => {
    from = kernel.published.length;
  });
  after(() => kernel.stop());

  /** Opens a comm from a cell that prints what it hears; its id. */
  const openFromCell = async (listener = 'console.log(JSON.stringify(m.data))') => {
    const outcome = await kernel.execute(
      `{ const comm = ${CELL}.openComm('a target', { a: 1 }); comm.onMessage((m) => { ${listener} }); }`,
    );
    assert.equal(outcome.reply.status, 'ok', String(outcome.reply.evalue));
    const [opened] = contents(outcome, 'comm_open');
    assert.equal(opened?.target_name, 'a target');
    assert.deepEqual(opened?.data, { a: 1 });
    return { id: String(opened?.comm_id), cell: outcome.published[0]?.parentHeader.msg_id };
  };

  it('opened by a cell is heard of, listed, and hears', async () => {
    const { id, cell } = await openFromCell();
    const { reply } = await kernel.request('shell', 'comm_info_request', { target_name: 'a target' });
    assert.deepEqual((reply.comms as JsonObject)[id], { target_name: 'a target' });
    const others = await kernel.request('shell', 'comm_info_request', { target_name: 'another' });
    assert.deepEqual(others.reply, { status: 'ok', comms: {} });
    await say('comm_msg', { comm_id: id, data: { b: 2 } });
    const [line] = published('stream');
    assert.equal(line?.content.text, '{"b":2}\n');
    assert.equal(line?.parentHeader.msg_id, cell, 'what its listener prints belongs to its cell');
  });

  it('opened by a front end is offered to the code that accepts its target', async () => {
    await kernel.run(`${CELL}.acceptComms('echo', (comm, opening) => {
      comm.send({ welcome: opening.data.name });
      comm.onMessage(({ data, buffers }) => comm.send(data, { buffers, metadata: { echoed: true } }));
      comm.onClose(({ data }) => console.log('closed', data.why));
    }); 0`);
    const opened = await say('comm_open', { comm_id: 'x', target_name: 'echo', data: { name: 'me' } });
    assert.deepEqual(contents(opened, 'comm_msg'), [{ comm_id: 'x', data: { welcome: 'me' } }]);
    const echoed = await say('comm_msg', { comm_id: 'x', data: { n: 1 } }, [Buffer.from([1, 2, 3])]);
    const answer = echoed.published.find(({ header }) => header.msg_type === 'comm_msg');
    assert.deepEqual(answer?.content, { comm_id: 'x', data: { n: 1 } });
    assert.deepEqual(answer?.metadata, { echoed: true });
    assert.deepEqual(answer?.buffers, [Buffer.from([1, 2, 3])]);
    await say('comm_close', { comm_id: 'x', data: { why: 'enough' } });
    assert.equal(streamText(kernel.published.slice(from), 'stdout'), 'closed enough\n');
    const { reply } = await kernel.request('shell', 'comm_info_request', { target_name: 'echo' });
    assert.deepEqual(reply.comms, {});
  });

  it('to a target that nobody has, or that fails to accept it, is closed', async () => {
    const unknown = await say('comm_open', { comm_id: 'u', target_name: 'nobody', data: {} });
    assert.deepEqual(contents(unknown, 'comm_close'), [{ comm_id: 'u', data: {} }]);
    await kernel.run(`${CELL}.acceptComms('bad', () => { throw new Error('not today'); }); 0`);
    const failed = await say('comm_open', { comm_id: 'f', target_name: 'bad', data: {} });
    assert.deepEqual(contents(failed, 'comm_close'), [{ comm_id: 'f', data: {} }]);
    assert.match(plain(streamText(kernel.published.slice(from), 'stderr')), /Uncaught Error: not today/);
  });

  it('closed by a cell is closed at the front end, and sends no more', async () => {
    const { id } = await openFromCell("comm.close({ why: 'done' }); comm.send({ late: true })");
    const outcome = await say('comm_msg', { comm_id: id, data: {} });
    assert.deepEqual(contents(outcome, 'comm_close'), [{ comm_id: id, data: { why: 'done' } }]);
    assert.deepEqual(contents(outcome, 'comm_msg'), []);
  });

  it('has its messages in order, each answered between busy and idle', async () => {
    const { id } = await openFromCell('comm.send({ was: m.data.n })');
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, n) => say('comm_msg', { comm_id: id, data: { n } })),
    );
    outcomes.forEach((outcome, n) => {
      assert.deepEqual(
        outcome.published.map(({ header, content }) => [
          header.msg_type,
          content.execution_state ?? content.data,
        ]),
        [
          ['status', 'busy'],
          ['comm_msg', { was: n }],
          ['status', 'idle'],
        ],
      );
    });
  });

  it('hears what is sent right behind its opening, also while a cell runs', async () => {
    await kernel.run(`${CELL}.acceptComms('prompt', (comm) => {
      const heard: unknown[] = [];
      comm.onMessage(({ data }) => { heard.push(data.n); comm.send({ heard: [...heard] }); });
    }); 0`);
    const cell = kernel.execute('await new Promise((resolve) => setTimeout(resolve, 100))');
    const outcomes = await Promise.all([
      say('comm_open', { comm_id: 'p', target_name: 'prompt', data: {} }),
      ...[0, 1, 2].map((n) => say('comm_msg', { comm_id: 'p', data: { n } })),
    ]);
    await cell;
    assert.deepEqual(contents(outcomes.at(-1) ?? assert.fail(), 'comm_msg'), [
      { comm_id: 'p', data: { heard: [0, 1, 2] } },
    ]);
  });

  it('is heard while a cell waits, and its listener is not waited for', async () => {
    await kernel.run('let release = () => {}; 0');
    const { id } = await openFromCell('release(); return new Promise(() => {})');
    const outcome = kernel.execute(
      "const released = new Promise<void>((resolve) => { release = resolve; }); console.log('waits'); await released;",
    );
    await within('the cell to wait', () => published('stream').length > 0);
    await say('comm_msg', { comm_id: id, data: {} });
    assert.equal((await outcome).reply.status, 'ok');
    assert.equal(await kernel.run('1 + 1'), '2');
    await kernel.interrupt();
  });

  it('whose listener throws, now or later, prints that below its cell and lives on', async () => {
    const { id, cell } = await openFromCell(
      "if (m.data.late) return Promise.reject(new Error('later')); else throw new Error('now')",
    );
    await say('comm_msg', { comm_id: id, data: {} });
    await say('comm_msg', { comm_id: id, data: { late: true } });
    const stderr = () =>
      plain(
        streamText(
          kernel.published.filter(({ parentHeader }) => parentHeader.msg_id === cell),
          'stderr',
        ),
      );
    await within(
      'both',
      () => /Uncaught Error: now/.test(stderr()) && /Uncaught Error: later/.test(stderr()),
    );
  });

  it('whose listener never ends is stopped like a cell; the next message calls it again', async () => {
    const { id } = await openFromCell(
      "console.log('in'); if (m.data.loop) { while (true) {} } return (async () => { try { await new Promise(() => {}); } finally { console.log('out'); } })()",
    );
    for (const loop of [true, false]) {
      from = kernel.published.length;
      const told = say('comm_msg', { comm_id: id, data: { loop } });
      await within('the listener to run', () => published('stream').length > 0);
      await kernel.interrupt();
      await told;
      if (!loop)
        await within('its end', () => streamText(kernel.published.slice(from), 'stdout') === 'in\nout\n');
      assert.equal(await kernel.run('1 + 1'), '2');
    }
    assert.equal(streamText(kernel.published.slice(from), 'stderr'), '');
  });

  it('of an earlier kernel, which a page still speaks to, is no news for the log', async () => {
    const before = kernel.log;
    await say('comm_open', { comm_id: 'c', target_name: 'jupyter.widget.control', data: {} });
    await say('comm_msg', { comm_id: 'never opened', data: {} });
    await say('comm_close', { comm_id: 'never opened' });
    assert.equal(await kernel.run('1 + 1'), '2');
    assert.equal(kernel.log, before);
  });

  it('whose listener throws what never ends to look at is stopped, and the kernel goes on', async () => {
    const { id } = await openFromCell(
      "throw { [Symbol.for('nodejs.util.inspect.custom')]() { console.log('looks'); while (true) {} } }",
    );
    // A comm that is still to be accepted waits in line, with all that follows it.
    await kernel.run(`${CELL}.acceptComms('endless', () => {
      throw { [Symbol.for('nodejs.util.inspect.custom')]() { console.log('looks'); while (true) {} } };
    }); 0`);
    for (const tell of [
      () => say('comm_msg', { comm_id: id, data: {} }),
      () => say('comm_open', { comm_id: 'e', target_name: 'endless', data: {} }),
    ]) {
      from = kernel.published.length;
      const told = tell();
      await within('the look at the error', () => published('stream').length > 0);
      await kernel.interrupt();
      await told;
      assert.equal(await kernel.run('1 + 1'), '2');
    }
  });

  it('is not troubled by messages that make no sense', async () => {
    const wrong: [string, JsonObject][] = [
      ['comm_msg', {}],
      ['comm_close', { comm_id: 7 }],
      ['comm_open', { comm_id: 'y' }],
      ['comm_open', { target_name: 'echo' }],
      ['comm_open', { comm_id: 'z', target_name: 'echo', data: [1] }],
      ['comm_msg', { comm_id: await openFromCell().then(({ id }) => id), data: 'text' }],
    ];
    for (const [type, content] of wrong) {
      const { published } = await say(type, content);
      assert.deepEqual(
        published.map(({ content: { execution_state } }) => execution_state),
        ['busy', 'idle'],
      );
    }
    for (const fault of ['comm_id must be a string; got 7', 'data must be an object; got "text"']) {
      await within(`${fault} in the log`, () => kernel.log.includes(fault));
    }
    assert.equal(await kernel.run('1 + 1'), '2');
  });
});

describe('input', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
    await kernel.run("import { input } from 'sparselab';");
  });
  after(() => kernel.stop());

  const ask = async (code: string) => {
    const asked = kernel.questions.length;
    const outcome = kernel.execute(code, { allow_stdin: true });
    await within('the question', () => kernel.questions.length > asked);
    return { outcome, question: kernel.questions[asked] as Message };
  };

  it('asks the front end that runs the cell, and gets what is typed', async () => {
    const { outcome, question } = await ask("const name = await input('Your name? '); name + '!'");
    assert.equal(question.header.msg_type, 'input_request');
    assert.deepEqual(question.content, { prompt: 'Your name? ', password: false });
    kernel.answer('Ada');
    const result = await outcome;
    assert.equal(question.parentHeader.msg_id, result.published[0]?.parentHeader.msg_id);
    assert.deepEqual(contents(result, 'execute_result')[0]?.data, { 'text/plain': "'Ada!'" });
  });

  it('can hide what is typed', async () => {
    const { outcome, question } = await ask("await input('Key: ', { password: true })");
    assert.deepEqual(question.content, { prompt: 'Key: ', password: true });
    kernel.answer('');
    assert.equal((await outcome).reply.status, 'ok');
  });

  it('is refused where nobody can be asked', async () => {
    const { ename, evalue } = await kernel.fail("await input('?')");
    assert.equal(ename, 'StdinNotImplementedError');
    assert.match(evalue, /allow_stdin/);
  });

  it('can be stopped, and asked again', async () => {
    const { outcome } = await ask("await input('stopped')");
    await kernel.interrupt();
    assert.equal(errorOf(await outcome).ename, 'KeyboardInterrupt');
    const again = await ask("await input('again')");
    kernel.answer('yes');
    assert.equal((await again.outcome).reply.status, 'ok');
  });

  it('that the cell does not wait for ends with it', async () => {
    const { outcome } = await ask(
      "let late = ''; input('lost').catch((error) => { late = String(error); }); await null; 0",
    );
    await outcome;
    assert.match((await kernel.run('late')) ?? '', /the cell ended before it was answered/);
  });

  it('nobody asked for, or of another kind, is dropped', async () => {
    kernel.answer('unasked');
    await within('the log', () => /dropped a message: .*stdin/.test(kernel.log));
    const { outcome } = await ask("await input('number')");
    kernel.answer(7);
    kernel.answer('seven');
    assert.deepEqual(contents(await outcome, 'execute_result')[0]?.data, { 'text/plain': "'seven'" });
  });
});
