/**
 * The trial on a clean machine: the README's two commands, and the conditions that must hold after each. Runs in a fresh clone:
 *
 *     node src/setup/clean/trial.mjs native|WebAssembly [WORD…]
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, runInForeground } from '../processes.mjs';

/** Far longer than an orderly end takes. */
const STOP_MS = 60_000;

const [backend = '', ...words] = process.argv.slice(2);

await startIsGood();
await doctorIsContent();
const code = await runInForeground('npm', ['test', '--', ...words]);
assert.equal(code, 0, 'npm test must exit with 0');
// Tests that try hostile code leave the project as it was: its files, and the kernel that was compiled from them.
await nothingIsChanged();
await doctorIsContent();
console.log('This clean machine passed.');

/** `npm start` shows the lessons to a browser with the token, and Ctrl-C ends it in good order. */
async function startIsGood() {
  // A process group, as a terminal's Ctrl-C reaches it.
  const npm = spawn('npm', ['start'], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const ended = once(npm, 'exit');
  const printed = await textUpTo(npm.stdout, 'Ctrl-C');
  const [url = ''] = /http:\S+/.exec(printed) ?? [];
  assert.ok(url, '`npm start` must print the address of the lessons');
  assert.equal((await fetch(url)).status, 200);
  process.kill(-Number(npm.pid), 'SIGINT');
  const [code, signal] = await ended;
  // npm 9 ends with its script, later ones let the script end by itself.
  assert.ok(code === 0 || signal === 'SIGINT', `\`npm start\` ended with ${code ?? signal} after Ctrl-C`);
  const end = Date.now() + STOP_MS;
  while (await answers(url)) {
    assert.ok(Date.now() < end, 'JupyterLab must end after Ctrl-C');
    await sleep(200);
  }
}

/** Whether there is a server at an address. @param {string} url */
async function answers(url) {
  try {
    await (await fetch(url)).body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** All is installed, the kernel runs a cell, and the backend is the one that this machine can have. */
async function doctorIsContent() {
  const { code, stdout } = await run('npm', ['run', '--silent', 'doctor']);
  console.log(stdout);
  assert.equal(code, 0, 'the doctor must find everything');
  assert.match(stdout, new RegExp(`TensorFlow +.*${backend}`));
}

async function nothingIsChanged() {
  const { stdout } = await run('git', ['status', '--porcelain']);
  assert.equal(stdout, '', '`npm test` must change no file of the project');
}

/**
 * The output of a stream until `end` or its end; all of it is shown.
 * @param {import('node:stream').Readable} stream
 * @param {string} end
 * @returns {Promise<string>}
 */
function textUpTo(stream, end) {
  let text = '';
  return new Promise((resolve) => {
    stream.on('end', () => resolve(text));
    stream.setEncoding('utf8').on('data', (part) => {
      process.stdout.write(part);
      text += part;
      if (text.includes(end)) resolve(text);
    });
  });
}
