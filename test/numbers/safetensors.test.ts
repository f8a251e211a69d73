import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { SparseAutoencoder, TrainingState, train } from 'sparselab';
import { writeSafetensors } from 'sparselab/dist/numbers/safetensors';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder();
const path = join(folder, 'model.safetensors');
const model = new SparseAutoencoder({ inputDim: 3, hiddenDim: 2, hiddenActivation: 'sigmoid', seed: 5 });

describe('a saved training state', () => {
  it('is refused, naming file and array, when one is missing, of another shape or not finite', async () => {
    const { state } = await train(model, { values: Float32Array.of(1, 2, 3), shape: [1, 3] }, { epochs: 1 });
    const whole = (state as TrainingState).toSafetensors();
    const one = (value: number, size: number) => ({
      values: new Float32Array(size).fill(value),
      shape: [size],
    });
    const { 'firstMoments/encoderBias': _, ...without } = whole.arrays;
    for (const [arrays, message] of [
      [without, /state\.st .*firstMoments: encoderBias must have shape \[2\]; got none/],
      [
        { ...whole.arrays, 'parameters/encoderBias': one(0, 3) },
        /parameters: encoderBias must have shape \[2\]; got \[3\]/,
      ],
      [
        { ...whole.arrays, 'parameters/encoderBias': one(Number.NaN, 2) },
        /encoderBias must be finite; got NaN at position 0/,
      ],
    ] as const) {
      assert.throws(() => TrainingState.fromSafetensors({ ...whole, arrays }, 'state.st'), message);
    }
    const metadata = { ...whole.metadata, training: '{bad' };
    assert.throws(
      () => TrainingState.fromSafetensors({ ...whole, metadata }, 'state.st'),
      /state\.st is not a file/,
    );
  });
});

describe('a saved model', () => {
  it('is the same model when it is loaded', () => {
    model.save(path);
    const loaded = SparseAutoencoder.load(path);
    assert.deepEqual(loaded.architecture, model.architecture);
    assert.deepEqual(loaded.parameters, model.parameters);
  });

  it('is a safetensors file: header length, JSON header, little-endian float32 at the byte ranges it names', () => {
    model.save(path);
    const file = readFileSync(path);
    const bodyStart = 8 + Number(file.readBigUInt64LE(0));
    const header = JSON.parse(file.toString('utf8', 8, bodyStart));
    assert.equal(bodyStart % 8, 0);
    const { dtype, shape, data_offsets } = header.encoderWeights;
    assert.deepEqual({ dtype, shape }, { dtype: 'F32', shape: [3, 2] });
    assert.equal(file.readFloatLE(bodyStart + data_offsets[0] + 4), model.encoderWeights.values[1]);
    assert.equal(header.__metadata__.format, 'sparselab autoencoder 1');
  });

  it('is refused when any byte was changed or the end is missing, naming the file', () => {
    model.save(path);
    const whole = readFileSync(path);
    const damaged = join(folder, 'damaged.safetensors');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] as number) ^ change;
        writeFileSync(damaged, bytes);
        assertRefusedOrSame(damaged);
      }),
      { numRuns: 300 },
    );
    for (const length of [0, 7, 8, 100, whole.length - 1]) {
      writeFileSync(damaged, whole.subarray(0, length));
      assert.throws(() => SparseAutoencoder.load(damaged), /damaged\.safetensors/);
    }
  });

  it('is refused when its header was changed, be it to a form that exists', () => {
    model.save(path);
    const text = readFileSync(path, 'latin1');
    writeFileSync(path, text.replace('sigmoid', 'linear '), 'latin1');
    assert.throws(() => SparseAutoencoder.load(path), /its content has SHA-256 .* it was damaged/);
  });

  it('is refused, naming the file, when it is a folder or missing', () => {
    assert.throws(
      () => SparseAutoencoder.load(folder),
      (error: Error) => error.message.startsWith(`${folder} is not a file`),
    );
    assert.throws(
      () => SparseAutoencoder.load(join(folder, 'none')),
      /none is not a file that Sparselab can read: ENOENT/,
    );
  });

  it('is refused as a training state, and the other way round', () => {
    model.save(path);
    assert.throws(
      () => TrainingState.load(path),
      /must hold a 'sparselab training state 1'; got 'sparselab autoencoder 1'/,
    );
  });

  it('replaces what a link points to, and nothing that is not a file', () => {
    const [file, link] = [join(folder, 'linked'), join(folder, 'link')];
    model.save(file);
    const older = readFileSync(file);
    if (process.platform !== 'win32') {
      symlinkSync(file, link);
      new SparseAutoencoder({ inputDim: 2, hiddenDim: 1, seed: 2 }).save(link);
      assert.ok(lstatSync(link).isSymbolicLink());
      assert.notDeepEqual(readFileSync(file), older);
    }
    assert.throws(() => model.save(folder), /path must be a file or a new one/);
  });

  it('appears whole or not at all: a failed save leaves the older file and nothing next to it', () => {
    const place = join(folder, 'atomic');
    mkdirSync(join(place, 'taken.safetensors'), { recursive: true });
    assert.throws(() => model.save(join(place, 'taken.safetensors')));
    assert.throws(() => model.save(join(place, 'no such folder', 'model.safetensors')), /ENOENT/);
    assert.deepEqual(readdirSync(place), ['taken.safetensors']);
  });
});

/** A changed byte is noticed, or it was in a part of the header that says nothing (a space, a key's spelling). */
function assertRefusedOrSame(damaged: string): void {
  let loaded: SparseAutoencoder;
  try {
    loaded = SparseAutoencoder.load(damaged);
  } catch (error) {
    assert.ok((error as Error).message.length > 0);
    return;
  }
  assert.deepEqual(loaded.parameters, model.parameters);
}

describe('a file that promises what it does not hold, or is not ours', () => {
  const format = 'sparselab autoencoder 1';
  const small = {
    inputDim: 4,
    hiddenDim: 3,
    hiddenActivation: 'relu',
    outputActivation: 'linear',
    tied: false,
  };
  const entry = (shape: readonly number[], start: number, end: number) => ({
    dtype: 'F32',
    shape,
    data_offsets: [start, end],
  });
  const whole = {
    decoderBias: entry([4], 0, 16),
    decoderWeights: entry([3, 4], 16, 64),
    encoderBias: entry([3], 64, 76),
    encoderWeights: entry([4, 3], 76, 124),
  };
  const metadata = (architecture: object) => ({
    format,
    architecture: JSON.stringify(architecture),
    sha256: 'none',
  });
  const place = join(folder, 'made.st');
  /** Writes header and as many bytes of zeros. */
  const write = (header: object | string, bytes: number) => {
    const text = typeof header === 'string' ? header : JSON.stringify(header);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
    writeFileSync(place, Buffer.concat([length, Buffer.from(text), Buffer.alloc(bytes)]));
  };
  const refusal = () => {
    try {
      SparseAutoencoder.load(place);
    } catch (error) {
      return (error as Error).message;
    }
    return 'loaded';
  };

  it('is refused before a model of the promised size is made', () => {
    const none = writeEmpty({ inputDim: 1e6, hiddenDim: 1e6 });
    const before = process.memoryUsage().rss;
    assert.match(none, /encoderWeights must have shape \[1000000,1000000\]; got none/);
    assert.ok(process.memoryUsage().rss - before < 50e6);
  });

  /** The refusal of a file of ours, rightly signed, without any array. */
  function writeEmpty(architecture: object): string {
    const { sha256: _, ...texts } = metadata(architecture);
    writeSafetensors(place, { arrays: {}, metadata: texts });
    return refusal();
  }

  it('is read in time that grows with its length, and is refused in a few words', () => {
    const quotes = '\\"'.repeat(1e5);
    for (const [header, message] of [
      [`{"${quotes}`, /its header is not JSON$/],
      [`{"${quotes}":1}`, /'"{200}…' lacks a dtype, a shape or a byte range$/],
      [{ [quotes]: entry([1], 0, 4) }, /it holds '(\\"){100}…' F32 \[1\]$/],
      [
        { w: { ...entry(Array(1e5).fill(1), 0, 4), dtype: quotes } },
        /'w' (\\"){100}… \[1, 1, 1, 1, 1, 1, 1, 1, …\]$/,
      ],
    ] as const) {
      write(header, 4);
      assert.match(refusal(), message);
    }
  });

  it('is refused by name: a name twice, bytes shared or of no array, deep nesting, too little', () => {
    const ours = metadata(small);
    const text = JSON.stringify({ ...whole, __metadata__: ours });
    for (const [header, bytes, message] of [
      [
        text.replace('{', '{"encoderBias":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},'),
        124,
        /has 'encoderBias' twice/,
      ],
      [text.replace('{', '{"__metadata__":{},'), 124, /has '__metadata__' twice/],
      [
        text.replace('{', '{"encoder\\u0042ias":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},'),
        124,
        /'encoderBias' twice/,
      ],
      [
        { ...whole, encoderBias: entry([3], 0, 12), __metadata__: ours },
        124,
        /'encoderBias' and 'decoderBias' share bytes/,
      ],
      [
        { ...whole, encoderBias: entry([2], 64, 72), __metadata__: ours },
        124,
        /bytes 72 to 76 belong to no array/,
      ],
      [{ ...whole, __metadata__: ours }, 4124, /bytes 124 to 4124 belong to no array/],
      [
        { ...whole, __metadata__: ours },
        120,
        /'encoderWeights' cannot lie at bytes 76 to 124 of 120: it was cut short/,
      ],
      [
        { ...whole, encoderWeights: entry([4, 3], 124, 76), __metadata__: ours },
        124,
        /'encoderWeights' cannot lie at bytes 124 to 76$/,
      ],
      [`{"x":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, 0, /nested more deeply/],
      // A mark of byte order is no JSON.
      [`\ufeff${text}`, 124, /its header is not JSON$/],
      [
        { ...whole, encoderBias: entry([2], 64, 76), __metadata__: ours },
        124,
        /'encoderBias' of shape \[2\] cannot have 12/,
      ],
      ['[]', 0, /its header is not a JSON object/],
    ] as const) {
      write(header, bytes);
      assert.match(refusal(), message);
    }
  });

  it('is said to be none of ours, with what it holds', () => {
    write({ w: { dtype: 'F16', shape: [2, 2], data_offsets: [0, 8] }, __metadata__: { format: 'pt' } }, 8);
    assert.match(refusal(), /not one of ours \(its metadata's format is 'pt'\); it holds 'w' F16 \[2, 2\]$/);
    for (const none of [{}, { __metadata__: {} }, { __metadata__: null }]) {
      write({ ...whole, ...none }, 124);
      assert.match(
        refusal(),
        /not one of ours \(it has no metadata of .*; it holds 'decoderBias' F32 \[4\], /,
      );
    }
  });

  it('is named if it is of another kind', () => {
    for (const [content, kind] of [
      ['<!DOCTYPE html><html>404, not found</html>', /can read: it is an HTML page/],
      ['version https://git-lfs.github.com/spec/v1\noid', /can read: it is a pointer of Git LFS/],
      [gzipSync('x'.repeat(1000)), /can read: it is compressed by gzip/],
      ['PK\x03\x04 and so on', /can read: it is a ZIP archive, as are .* files of torch\.save$/],
      ['{"encoderWeights": [1, 2]}', /its header would be \d+ bytes long, the file has 26$/],
    ] as const) {
      writeFileSync(place, content);
      assert.match(refusal(), kind);
    }
  });

  it('is not read to its end if it holds more arrays than any of ours', () => {
    const many = Array.from({ length: 2000 }, (_, i) => [`w${i}`, entry([1], 4 * i, 4 * i + 4)]);
    // The values after them would be refused otherwise.
    write(`${JSON.stringify(Object.fromEntries(many)).slice(0, -1)},"x":[[[[[]]]]]}`, 8000);
    assert.match(refusal(), /not one of ours; it holds more than 1000 arrays: 'w0', 'w1', .*'w7' …$/);
  });

  it('loads where another program has written the same content in another layout', () => {
    model.save(path);
    const file = readFileSync(path);
    const start = 8 + Number(file.readBigUInt64LE(0));
    const { __metadata__: texts, ...header } = JSON.parse(file.toString('utf8', 8, start));
    // As the safetensors package of Python: its own order of the arrays and of the metadata's texts.
    let offset = 0;
    const parts: Buffer[] = [];
    const reversed = Object.entries(header)
      .reverse()
      .map(([name, entry]) => {
        const { shape, data_offsets } = entry as { shape: number[]; data_offsets: [number, number] };
        const part = file.subarray(start + data_offsets[0], start + data_offsets[1]);
        parts.push(part);
        offset += part.length;
        return [name, { data_offsets: [offset - part.length, offset], dtype: 'F32', shape }];
      });
    const text = JSON.stringify(
      { __metadata__: Object.fromEntries(Object.entries(texts).reverse()), ...Object.fromEntries(reversed) },
      undefined,
      1,
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
    writeFileSync(place, Buffer.concat([length, Buffer.from(text), ...parts]));
    assert.deepEqual(SparseAutoencoder.load(place).parameters, model.parameters);
  });
});

describe('a model file', () => {
  it('is whole, the older one or the newer, if its writer is killed at any moment', async () => {
    const place = join(temporaryFolder(), 'model.st');
    const form = { inputDim: 200, hiddenDim: 500 };
    const script = `
      const { SparseAutoencoder } = require('sparselab');
      const models = [1, 2].map((seed) => new SparseAutoencoder({ ...${JSON.stringify(form)}, seed }));
      for (;;) for (const model of models) model.save(${JSON.stringify(place)});`;
    const models = [1, 2].map((seed) => new SparseAutoencoder({ ...form, seed }));
    for (let kill = 0; kill < 3; kill++) {
      const written = existsSync(place) ? lstatSync(place).ino : undefined;
      const writer = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
      while (!existsSync(place) || lstatSync(place).ino === written) await sleep(1);
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      const { parameters } = SparseAutoencoder.load(place);
      assert.ok(models.some((saved) => isDeepStrictEqual(saved.parameters, parameters)));
    }
  });
});
