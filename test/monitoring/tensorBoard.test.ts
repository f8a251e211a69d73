import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type History, l1, loadDigits, SparseAutoencoder, tensorBoard, train } from 'sparselab';
import { close } from '../support/numbers';
import { temporaryFolder } from '../support/temporary';

/** A field of a protocol buffer: its number, and its value as a number or as bytes. */
type Field = [number: number, value: number | Buffer];

/** A reader of protocol buffers of its own, written from the format's description. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let offset = 0;
  /** The next bytes, so many. */
  const take = (length: number) => {
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  const varint = () => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = take(1)[0] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  };
  while (offset < bytes.length) {
    const key = varint();
    const read: Record<number, () => number | Buffer> = {
      0: varint,
      1: () => take(8).readDoubleLE(),
      2: () => take(varint()),
      5: () => take(4).readFloatLE(),
    };
    fields.push([key >> 3, (read[key & 7] as () => number | Buffer)()]);
  }
  return fields;
}

const one = (fields: Field[], wanted: number) => fields.find(([field]) => field === wanted)?.[1];

/** The records of an event file, whose checksums the test of the header vouches for. */
function eventsIn(folder: string): Field[][] {
  const [name] = readdirSync(folder);
  const bytes = readFileSync(join(folder, name as string));
  const events: Field[][] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(offset));
    events.push(fieldsOf(bytes.subarray(offset + 12, offset + 12 + length)));
    offset += length + 16;
  }
  return events;
}

describe('tensorBoard', () => {
  const folder = join(temporaryFolder(), 'runs', 'digits');

  async function trained(): Promise<History> {
    const digits = loadDigits().take(200);
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, seed: 1 });
    return train(model, digits, {
      penalty: l1(1e-2),
      epochs: 40,
      batchSize: 50,
      onProgress: tensorBoard(folder),
    });
  }

  it('starts a file as TensorFlow does, byte for byte', () => {
    const own = temporaryFolder();
    tensorBoard(own);
    const [name] = readdirSync(own);
    assert.match(name as string, /^events\.out\.tfevents\.\d{10}\./);
    const bytes = readFileSync(join(own, name as string));
    // Length 24 and its checksum, as every event file of TensorFlow's begins; then field 1, the time.
    assert.equal(bytes.subarray(0, 13).toString('hex'), '1800000000000000a37f4b2209');
    assert.equal(bytes.subarray(21, 36).toString('latin1'), '\x1a\x0dbrain.Event:2');
    assert.equal(bytes.length, 8 + 4 + 24 + 4);
  });

  it('writes each recorded row once, at its step, each term as it enters the total', async () => {
    const history = await trained();
    const events = eventsIn(folder).slice(1);
    assert.deepEqual(
      events.map((fields) => one(fields, 2) ?? 0),
      history.rows.map(({ step }) => step),
    );
    const values = fieldsOf(one(events.at(-1) as Field[], 5) as Buffer).map(([, value]) =>
      fieldsOf(value as Buffer),
    );
    const scalars = Object.fromEntries(values.map((value) => [String(one(value, 1)), one(value, 2)]));
    const { last } = history;
    close(scalars['loss/total'] as number, last.total);
    close(scalars['loss/strength x penalty'] as number, 1e-2 * last.penalty);
    close(scalars['code/L0'] as number, last.l0);
    const parts = ['loss/reconstruction', 'loss/strength x penalty', 'loss/weight decay'];
    close(
      parts.reduce((sum, part) => sum + (scalars[part] as number), 0),
      last.total,
    );

    const histogram = fieldsOf(one(values.at(-1) as Field[], 5) as Buffer);
    assert.equal(one(histogram, 3), 8, 'one number per unit');
    close(
      one(histogram, 4) as number,
      last.meanActivation.reduce((sum, mean) => sum + mean, 0),
    );
    const counts = one(histogram, 7) as Buffer;
    const total = Array.from({ length: 30 }, (_, bucket) => counts.readDoubleLE(8 * bucket));
    assert.equal(
      total.reduce((sum, count) => sum + count, 0),
      8,
    );
  });

  it('gives two runs of one second files of their own', () => {
    const shared = temporaryFolder();
    tensorBoard(shared);
    tensorBoard(shared);
    assert.equal(readdirSync(shared).length, 2);
  });
});
