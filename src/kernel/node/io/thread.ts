/**
 * The I/O thread: starts the sockets, passes messages on, hears SIGINT, and ends the kernel when its front end
 * has died.
 *
 * @module
 */

import { join } from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { Channels } from './channels';
import { Interrupter } from './interrupter';
import { log } from './log';
import { watchParent } from './parent';
import { type IoThreadData, SharedState, type ToIo, type ToMain } from './shared';

const { connection, session, memory } = workerData as IoThreadData;
const state = new SharedState(memory);
const post = (message: ToMain): void => parentPort?.postMessage(message);
const interrupter = new Interrupter(post, state);
const channels = new Channels(connection, session, post, interrupter);

parentPort?.on('message', (message: ToIo) => {
  switch (message.kind) {
    case 'interrupt':
      interrupter.interrupt();
      break;
    case 'terminate':
      interrupter.terminate();
      break;
    case 'close':
      close();
      break;
    default:
      state.taken();
      channels.send(message);
  }
});

channels.open().catch((error: Error) => {
  log(`cannot listen: ${error.message}`);
  interrupter.shutdown();
});
if (process.platform !== 'win32') watchSigint();
endWithParent();

async function close(): Promise<void> {
  interrupter.close();
  await channels.close();
  state.closed();
  parentPort?.close();
}

function watchSigint(): void {
  const watcher = new Worker(join(__dirname, 'sigintWatcher.js'), { execArgv: [] });
  watcher.on('message', () => interrupter.interrupt());
  watcher.on('error', (error) => log(`SIGINT is heard only between cells: ${error.message}`));
  watcher.unref();
}

/** Jupyter names the process that the kernel belongs to. */
function endWithParent(): void {
  const pid = Number(process.env.JPY_PARENT_PID);
  // On Windows the variable holds a handle; and the first process of a system outlives everything.
  if (process.platform === 'win32' || !Number.isInteger(pid) || pid <= 1) return;
  watchParent({
    pid,
    isWanted: () => channels.isUsed,
    end: () => interrupter.shutdown(),
  });
}
