import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { isAlive } from '../../src/setup/lock.mjs';
import { venvPython } from '../../src/setup/paths.mjs';
import { download, fetchArchive, unpack, verify } from '../../src/setup/tensorflow/archive.mjs';
import { removeLeftovers } from '../../src/setup/tensorflow/native.mjs';
import { sourcesFor } from '../../src/setup/tensorflow/sources.mjs';

let folder = '';

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'sparselab-archive-'));
});

after(() => rmSync(folder, { recursive: true }));

/** SHA-256 of the three letters abc: FIPS 180-2, appendix B.1. */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

/** An archive's files, as in TensorFlow's own: libraries, headers, and much that is not needed. */
const FILES = {
  'tensorflow/libtensorflow_cc.so.2': 'a library',
  'tensorflow/include/tensorflow/c/c_api.h': 'a header',
  'tensorflow/include/tensorflow/compiler/other.h': 'not needed',
  'tensorflow/python/big.so': 'not needed',
};

/**
 * Packs FILES with Python's standard library.
 * @param {string} name ending .whl or .tar.gz
 */
function pack(name) {
  const tree = join(folder, `${name}-tree`);
  for (const [path, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
  const format = name.endsWith('.whl') ? 'zip' : 'gztar';
  const script = 'import shutil, sys; print(shutil.make_archive(sys.argv[1], sys.argv[2], sys.argv[3]))';
  const { stdout, status } = spawnSync(venvPython(), ['-c', script, join(folder, name), format, tree], {
    encoding: 'utf8',
  });
  assert.equal(status, 0);
  return stdout.trim();
}

for (const name of ['tensorflow.whl', 'libtensorflow.tar.gz']) {
  test(`from ${name} only the libraries and the headers that the binding includes are unpacked`, async () => {
    const target = join(folder, `${name}-unpacked`);
    await unpack(pack(name), target, ['libtensorflow_cc.so.2']);
    assert.equal(readFileSync(join(target, 'lib', 'libtensorflow_cc.so.2'), 'utf8'), 'a library');
    assert.equal(readFileSync(join(target, 'include', 'tensorflow', 'c', 'c_api.h'), 'utf8'), 'a header');
    assert.equal(existsSync(join(target, 'include', 'tensorflow', 'compiler')), false);
    assert.equal(existsSync(join(target, 'lib', 'big.so')), false);
  });
}

test('an archive without the library is refused', async () => {
  await assert.rejects(
    unpack(pack('empty.whl'), join(folder, 'empty'), ['libother.so']),
    /could not be unpacked/,
  );
});

test('a file with the expected SHA-256 passes, an altered one is refused with both checksums', async () => {
  const file = join(folder, 'abc');
  writeFileSync(file, 'abc');
  await verify(file, ABC);
  appendFileSync(file, '!');
  const altered = createHash('sha256').update('abc!').digest('hex');
  await assert.rejects(verify(file, ABC), new RegExp(`must have the SHA-256 ${ABC}; got ${altered}`));
});

test('a download whose content is not the known one is refused', async () => {
  const server = createServer((_request, response) => response.end('not TensorFlow'));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const from = { url: `http://127.0.0.1:${port}/` };
  const source = { name: 'altered', from, sha256: ABC, libraries: [] };
  try {
    await assert.rejects(fetchArchive(source, folder), /must have the SHA-256/);
  } finally {
    server.close();
  }
});

test('a host that cannot be reached is named', async () => {
  // Port 9 of the loopback, "discard": nobody listens there.
  await assert.rejects(
    download('http://127.0.0.1:9/x', join(folder, 'x')),
    /http:\/\/127\.0\.0\.1:9\/x cannot be/,
  );
});

test('what a killed set-up has left is removed, what a living one is making is not', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  assert.equal(isAlive(pid), false);
  const left = join(folder, `tensorflow.partial-${pid}`);
  const inTheMaking = join(folder, `tensorflow.partial-${process.pid}`);
  mkdirSync(left);
  mkdirSync(inTheMaking);
  removeLeftovers(folder);
  assert.equal(existsSync(left), false);
  assert.equal(existsSync(inTheMaking), true);
});

test('every source has a SHA-256', () => {
  for (const platform of ['linux', 'darwin']) {
    for (const arch of ['x64', 'arm64']) {
      const sources = sourcesFor(platform, arch);
      assert.ok(sources.length > 0);
      for (const { sha256 } of sources) assert.match(sha256, /^[0-9a-f]{64}$/);
    }
  }
  assert.deepEqual(sourcesFor('win32', 'x64'), []);
});
