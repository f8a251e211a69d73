import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../src/setup/paths.mjs';
import { findFreePort } from '../../src/setup/server.mjs';

/** Whether a process that has this text in its command line runs; where there is no /proc, none is found. @param {string} text */
function isRunning(text) {
  try {
    return readdirSync('/proc').some((id) => /^\d+$/.test(id) && commandLine(id).includes(text));
  } catch {
    return false;
  }
}

/** @param {string} id */
function commandLine(id) {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    return ''; // it has just ended
  }
}

/**
 * The output of a stream until `end` or its end.
 * @param {import('node:stream').Readable} stream
 * @param {string} end
 * @returns {Promise<string>}
 */
function textUpTo(stream, end) {
  let text = '';
  return new Promise((resolve) => {
    stream.on('end', () => resolve(text));
    stream.setEncoding('utf8').on('data', (part) => {
      text += part;
      if (text.includes(end)) resolve(text);
    });
  });
}

// A signal ends a process on Windows at once: there, server.test.mjs covers the stop itself.
const skip = process.platform === 'win32';

test('npm start: the lessons answer with the token only; after SIGINT nothing runs any more', {
  skip,
  timeout: 120_000,
}, async () => {
  const port = await findFreePort(18_900);
  const script = join(root, 'src', 'setup', 'start.mjs');
  const child = spawn(process.execPath, [script, '--no-browser', '--port', String(port)], {
    env: { ...process.env, npm_lifecycle_event: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const printed = await textUpTo(child.stdout, 'Ctrl-C');
    const [url = ''] = /http:\S+/.exec(printed) ?? [];
    assert.ok(url.startsWith(`http://127.0.0.1:${port}/lab/tree/00-start-here.ipynb?token=`), printed);
    const { origin, searchParams } = new URL(url);
    const headers = { Authorization: `token ${searchParams.get('token')}` };
    assert.equal((await fetch(`${origin}/api/contents`)).status, 403);
    assert.equal((await fetch(`${origin}/api/contents`, { headers })).status, 200);

    const made = await fetch(`${origin}/api/kernels`, { method: 'POST', headers, body: '{"name":"tslab"}' });
    const { id } = /** @type {{ id: string }} */ (await made.json());
    assert.equal(isRunning(id), process.platform === 'linux');

    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
    assert.equal(isRunning(id), false);
    await assert.rejects(fetch(url));
  } finally {
    child.kill('SIGTERM');
  }
});
