import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { SharedState } from 'sparselab/dist/kernel/node/io/shared';
import { decode, encode, type JsonObject, newHeader, Signer } from 'sparselab/dist/kernel/node/wire/message';
import { Dealer } from 'zeromq';
import { TestKernel, within } from './testKernel';

describe('the sockets', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
  });
  const connections: Dealer[] = [];
  after(() => {
    for (const connection of connections) connection.close();
    return kernel.stop();
  });

  const request = (signer: Signer, content: object, type = 'execute_request') =>
    encode(
      {
        identities: [],
        header: newHeader(type, 'session', 'nobody'),
        parentHeader: {},
        metadata: {},
        json: JSON.stringify(content),
        buffers: [],
      },
      signer,
    );
  const dropped = (reason: RegExp) => within(`the log to say ${reason}`, () => reason.test(kernel.log));

  it('drop what is not signed with the key, and say so', async () => {
    kernel.send(
      'shell',
      request(new Signer('hmac-sha256', 'another key'), { code: 'globalThis.broken = true' }),
    );
    await dropped(/dropped a message: wrong signature/);
    assert.equal(await kernel.run("'broken' in globalThis"), 'false');
  });

  it('drop a message that is sent a second time', async () => {
    const frames = request(kernel.signer, {
      code: 'globalThis.runs = (globalThis.runs ?? 0) + 1',
      silent: true,
    });
    kernel.send('shell', frames);
    kernel.send('shell', frames);
    await dropped(/dropped a message: it was received before/);
    assert.equal(await kernel.run('globalThis.runs'), '1');
  });

  it('drop what is nested deeper than can be handed on, and say so; brackets in a text do not count', async () => {
    const nested = (depth: number) => `{"code":"6 * 7","extra":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const frames = (json: string) =>
      encode(
        {
          identities: [],
          header: newHeader('execute_request', 'session', 'nobody'),
          parentHeader: {},
          metadata: {},
          json,
          buffers: [],
        },
        kernel.signer,
      );
    for (const depth of [2000, 10_000, 100_000]) kernel.send('shell', frames(nested(depth)));
    await within('the log to say so', () => kernel.log.split('a part is nested too deep').length > 3);
    const text = JSON.stringify(`"\\${'['.repeat(5000)}`);
    kernel.send('shell', frames(`{"code":${JSON.stringify(`globalThis.text = ${text}`)}}`));
    assert.equal(await kernel.run('globalThis.text.length'), '5002');
    const { reply } = await kernel.request('shell', 'history_request', {
      hist_access_type: 'tail',
      extra: JSON.parse(`${'['.repeat(900)}${']'.repeat(900)}`),
    });
    assert.equal(reply.status, 'ok');
  });

  it('survive rubbish, on every channel', async () => {
    for (let i = 0; i < 200; i++) {
      const frames = Array.from({ length: i % 9 }, () => randomBytes(i));
      if (i % 3 === 0) frames.splice(i % 4, 0, Buffer.from('<IDS|MSG>'));
      if (frames.length > 0) kernel.send(i % 2 === 0 ? 'shell' : 'control', frames);
    }
    assert.equal(await kernel.run('1 + 1'), '2');
  });

  it('survive bytes that are not even ZeroMQ', async () => {
    await Promise.all(
      kernel.ports.map(
        (port) =>
          new Promise<void>((resolve) => {
            const socket = connect(port, '127.0.0.1', () => socket.end(randomBytes(500)));
            socket.on('error', () => {}).on('close', () => resolve());
            socket.resume();
          }),
      ),
    );
    assert.equal(await kernel.run('1 + 1'), '2');
  });

  it('hear a front end that reconnects before its old connection has ended', async () => {
    for (let connection = 0; connection < 2; connection++) {
      const shell = new Dealer({ linger: 0, routingId: 'the same one', receiveTimeout: 10_000 });
      connections.push(shell);
      shell.connect(`tcp://127.0.0.1:${kernel.ports[0]}`);
      await shell.send(request(kernel.signer, {}, 'kernel_info_request'));
      const reply = decode(await shell.receive(), kernel.signer);
      assert.equal(reply.header.msg_type, 'kernel_info_reply');
    }
  });

  it('ignore requests that nobody knows, and say so', async () => {
    kernel.send('shell', request(kernel.signer, {}, 'dance_request'));
    await within('the log to name it', () => kernel.log.includes('does not know "dance_request"'));
    assert.equal(await kernel.run('1'), '1');
  });

  it('refuse what the kernel does not offer, as the specification says', async () => {
    for (const operation of ['create', 'delete', 'list']) {
      const { reply } = await kernel.request('control', `${operation}_subshell_request`, {});
      assert.deepEqual([reply.status, reply.evalue], ['error', 'this kernel has no subshells']);
    }
    const { reply } = await kernel.request('control', 'debug_request', { seq: 3, command: 'attach' });
    assert.deepEqual([reply.type, reply.request_seq, reply.success], ['response', 3, false]);
  });

  it('tell their ports', async () => {
    const { reply } = await kernel.request('control', 'connect_request', {});
    const { shell_port, control_port, stdin_port, iopub_port, hb_port } = reply;
    assert.deepEqual([shell_port, control_port, stdin_port, iopub_port, hb_port], kernel.ports);
  });

  it('answer the heartbeat, also while a cell computes', async () => {
    const running = kernel.execute('while (true) {}');
    for (let beat = 0; beat < 3; beat++) {
      await kernel.heartbeat.send(`beat ${beat}`);
      const [echo] = await kernel.heartbeat.receive();
      assert.equal(String(echo), `beat ${beat}`);
    }
    await kernel.interrupt();
    assert.equal((await running).reply.ename, 'KeyboardInterrupt');
  });

  const answer = async (i: number) => {
    const channel = i % 2 === 0 ? 'shell' : 'control';
    const [type, content] = VALID[i % VALID.length] ?? assert.fail();
    const { reply } = await kernel.request(channel, type, content);
    assert.equal(reply.status, 'ok', type);
  };

  // The last: the log is full afterwards.
  it('answer every request among malformed messages, be they signed or not', async () => {
    await Promise.all(
      Array.from({ length: 1000 }, (_, i) => {
        kernel.send(i % 3 === 0 ? 'control' : 'shell', malformed(i, kernel.signer));
        return i % 100 === 0 ? answer(i / 100) : undefined;
      }),
    );
    await answer(0);
    assert.equal(await kernel.run('6 * 7'), '42');
  });
});

describe('the way from the main thread to the I/O thread', () => {
  it('is not blocked by messages that could not be handed over, however many', (t) => {
    const state = new SharedState();
    const refuse = () => {
      throw new Error('a message of this kind cannot be copied');
    };
    for (let i = 0; i < 10_000; i++) assert.throws(() => state.handOver(refuse), /cannot be copied/);
    const wait = t.mock.method(Atomics, 'wait', () => 'timed-out');
    state.handOver(() => {});
    assert.equal(wait.mock.callCount(), 0);
  });

  it('waits when thousands of messages have not been taken yet, and no longer when they are', (t) => {
    const state = new SharedState();
    const wait = t.mock.method(Atomics, 'wait', () => 'timed-out');
    for (let i = 0; i < 5000; i++) state.handOver(() => {});
    assert.equal(wait.mock.callCount(), 0);
    state.handOver(() => {});
    assert.equal(wait.mock.callCount(), 1);
    state.taken();
    state.taken();
    state.handOver(() => {});
    assert.equal(wait.mock.callCount(), 1);
  });
});

/** Requests whose replies tell that they were understood, whatever else is in the queue. */
const VALID: readonly (readonly [type: string, content: JsonObject])[] = [
  ['kernel_info_request', {}],
  ['history_request', { hist_access_type: 'tail', n: 1 }],
  ['inspect_request', { code: 'Math', cursor_pos: 4 }],
  ['comm_info_request', {}],
];

const TYPES = [
  'execute_request',
  'complete_request',
  'inspect_request',
  'is_complete_request',
  'history_request',
  'comm_open',
  'comm_msg',
  'comm_close',
  'input_reply',
  'debug_request',
];
/** Invalid parts of a message, as text: most are JSON. */
const WRONG_PARTS = [
  '',
  '{',
  'null',
  '[]',
  '7',
  '"x"',
  '{"msg_id":1}',
  '{"a":}',
  '\xff\xfe',
  '{"msg_type":{}}',
  'NaN',
];
const WRONG_VALUES = [null, 1e300, -1, [], {}, '\ud800', true, [[]], { length: 3 }];
const FIELDS = [
  'code',
  'cursor_pos',
  'hist_access_type',
  'comm_id',
  'target_name',
  'data',
  'value',
  'seq',
  'n',
];

/** The `i`-th of many messages that are wrong somewhere: a part, a field of the content, the frames, the signature. */
function malformed(i: number, signer: Signer): (Uint8Array | string)[] {
  const pick = <T>(list: readonly T[], by: number): T => list[by % list.length] ?? (list[0] as T);
  const content = Object.fromEntries(
    FIELDS.map((field, index) => [field, pick(WRONG_VALUES, i + index * (1 + (i % 7)))]),
  );
  const header = newHeader(pick(TYPES, Math.floor(i / 5)), 'session', 'nobody');
  const parts = [JSON.stringify(header), '{}', '{}', JSON.stringify(content)];
  const frames = (signature: string): (Uint8Array | string)[] => ['<IDS|MSG>', signature, ...parts];
  switch (i % 5) {
    case 0:
      return frames(signer.sign(parts));
    case 1:
      parts[Math.floor(i / 5) % 4] = pick(WRONG_PARTS, Math.floor(i / 20));
      return frames(signer.sign(parts));
    case 2:
      return frames(signer.sign(parts)).slice(0, 1 + (Math.floor(i / 5) % 5));
    case 3:
      return frames(signer.sign(parts)).slice(Math.floor(i / 5) % 3);
    default:
      return frames(pick(['', '0'.repeat(64), 'é', signer.sign([])], Math.floor(i / 5)));
  }
}
