/**
 * An archive of TensorFlow: fetched, verified, unpacked.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { messageOf, SetupError } from '../errors.mjs';
import { venvPython } from '../paths.mjs';
import { downloadRemedy, runOrFail } from '../processes.mjs';
import { pythonEnvironment } from '../venv.mjs';

/** A host that does not answer, or stops sending, for this long is given up: there are other ways. */
const SILENCE_MS = 5000;

const unpacker = fileURLToPath(new URL('unpack.py', import.meta.url));

/**
 * Fetches a source's archive and verifies it.
 * @param {import('./sources.mjs').Source} source
 * @param {string} folder an existing folder to put it in
 * @returns {Promise<string>} the archive's path
 * @throws {SetupError} if it cannot be had or is not the one that is known
 */
export async function fetchArchive({ from, sha256 }, folder) {
  const archive =
    'url' in from
      ? await download(from.url, join(folder, 'archive'))
      : await downloadWheel(from, sha256, folder);
  await verify(archive, sha256);
  return archive;
}

/**
 * Checks a file's SHA-256.
 * @param {string} file
 * @param {string} sha256 expected, in hex
 * @throws {SetupError} naming both checksums
 */
export async function verify(file, sha256) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found === sha256) return;
  throw new SetupError(
    `${file} must have the SHA-256 ${sha256}; got ${found}. It was altered or damaged on its way and is not used.`,
    'Run the same command again; if it happens again, ask who runs your network or package mirror.',
  );
}

/**
 * Unpacks the libraries and headers that the binding needs into `folder`/lib and `folder`/include.
 * @param {string} archive
 * @param {string} folder
 * @param {readonly string[]} libraries
 */
export async function unpack(archive, folder, libraries) {
  await runOrFail(venvPython(), [unpacker, archive, folder, ...libraries], {
    env: pythonEnvironment(),
    problem: 'The TensorFlow archive could not be unpacked.',
    remedy: 'It needs about 900 MB of disk; make room, then run the same command again.',
  });
}

/**
 * @param {string} url
 * @param {string} file
 * @returns {Promise<string>} `file`
 */
export async function download(url, file) {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Error(`no answer for ${SILENCE_MS / 1000} s`)),
    SILENCE_MS,
  );
  try {
    const response = await fetch(url, { signal: controller.signal });
    if (!response.ok || !response.body) throw new Error(`HTTP status ${response.status}`);
    const body = Readable.fromWeb(/** @type {import('node:stream/web').ReadableStream} */ (response.body));
    body.on('data', () => timer.refresh());
    await pipeline(body, createWriteStream(file));
    return file;
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error;
    throw new SetupError(
      `${url} cannot be downloaded: ${messageOf(cause)}.`,
      downloadRemedy(messageOf(cause)),
    );
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Lets pip fetch a wheel, as it knows the user's mirror and proxy. It verifies the checksum too, and with it picks
 * one file where an index offers several.
 * @param {{ wheel: string, platform: string }} from
 * @param {string} sha256
 * @param {string} folder
 */
async function downloadWheel({ wheel, platform }, sha256, folder) {
  const requirements = join(folder, 'requirements.txt');
  const target = join(folder, 'wheel');
  mkdirSync(target);
  writeFileSync(requirements, `${wheel} --hash=sha256:${sha256}\n`);
  const python = [
    '--python-version',
    '3.11',
    '--implementation',
    'cp',
    '--abi',
    'cp311',
    '--platform',
    platform,
  ];
  const options = ['--quiet', '--no-cache-dir', '--no-deps', '--only-binary=:all:', '--require-hashes'];
  await runOrFail(
    venvPython(),
    ['-m', 'pip', 'download', ...options, ...python, '--dest', target, '--requirement', requirements],
    {
      env: pythonEnvironment(),
      problem: `pip cannot download ${wheel} for ${platform}.`,
      remedy: downloadRemedy,
    },
  );
  const [file = ''] = readdirSync(target);
  return join(target, file);
}
