import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decode, encode, MalformedMessage, newHeader, Signer } from 'sparselab/dist/kernel/node/wire/message';

const signer = new Signer('hmac-sha256', 'secret');
const json = fc.dictionary(fc.string(), fc.jsonValue());
const anyMessage = fc.record({
  // A routing prefix that equals the delimiter would end the prefix: ZeroMQ never makes such a one.
  identities: fc.array(
    fc.uint8Array({ maxLength: 9 }).filter((id) => Buffer.from(id).toString() !== '<IDS|MSG>'),
  ),
  type: fc.string(),
  metadata: json,
  content: json,
  buffers: fc.array(fc.uint8Array()),
});

function framesOf(message: {
  identities: Uint8Array[];
  type: string;
  metadata: object;
  content: object;
  buffers: Uint8Array[];
}) {
  const frames = encode(
    {
      identities: message.identities,
      header: newHeader(message.type, 'session', 'user'),
      parentHeader: {},
      metadata: message.metadata as Record<string, unknown>,
      json: JSON.stringify(message.content),
      buffers: message.buffers,
    },
    signer,
  );
  return frames.map((frame) => Buffer.from(frame as string));
}

describe('a message', () => {
  it('is read as it was written, whatever it holds', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const read = decode(framesOf(message), signer);
        assert.equal(read.header.msg_type, message.type);
        assert.equal(JSON.stringify(read.content), JSON.stringify(message.content));
        assert.equal(JSON.stringify(read.metadata), JSON.stringify(message.metadata));
        assert.deepEqual(
          read.buffers.map((b) => [...b]),
          message.buffers.map((b) => [...b]),
        );
        assert.deepEqual(
          read.identities.map((i) => [...i]),
          message.identities.map((i) => [...i]),
        );
      }),
    );
  });

  it('is refused if any byte of its signed parts is changed', () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, at, change) => {
        const frames = framesOf(message);
        const signed = frames.slice(message.identities.length + 1, message.identities.length + 6);
        const bytes = signed.reduce((sum, part) => sum + part.length, 0);
        let offset = at % bytes;
        for (const part of signed) {
          if (offset < part.length) {
            part[offset] = (part[offset] ?? 0) ^ change;
            break;
          }
          offset -= part.length;
        }
        assert.throws(() => decode(frames, signer), MalformedMessage);
      }),
    );
  });

  it('is refused, never fatal, if it is any other heap of bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), fc.boolean(), (frames, delimited) => {
        const buffers = frames.map((frame) => Buffer.from(frame));
        if (delimited) buffers.splice(frames.length >> 1, 0, Buffer.from('<IDS|MSG>'));
        assert.throws(() => decode(buffers, signer), MalformedMessage);
      }),
    );
  });

  it('needs no signature if the connection has no key', () => {
    const open = new Signer('hmac-sha256', '');
    assert.equal(open.sign(['x']), '');
    const parts = [{ msg_id: '1', msg_type: 't' }, {}, {}, {}].map((part) =>
      Buffer.from(JSON.stringify(part)),
    );
    assert.equal(decode([Buffer.from('<IDS|MSG>'), Buffer.from(''), ...parts], open).header.msg_type, 't');
  });
});

describe('a signature', () => {
  it('is the HMAC of the parts, one after the other', () => {
    // RFC 4231, test case 2.
    const rfc = new Signer('hmac-sha256', 'Jefe');
    const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
    assert.equal(rfc.sign(['what do ya want ', 'for nothing?']), expected);
    assert.ok(rfc.verify([Buffer.from('what do ya want for nothing?')], Buffer.from(expected)));
    assert.ok(!rfc.verify([Buffer.from('what do ya want for nothing!')], Buffer.from(expected)));
  });

  it('with an unknown scheme is refused by name', () => {
    assert.throws(() => new Signer('plain', 'k'), {
      message: 'signature_scheme must be hmac-<hash>; got plain',
    });
    assert.throws(() => new Signer('hmac-nothing', 'k'));
  });
});
