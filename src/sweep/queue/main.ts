/**
 * The program of `npm run worker`: one worker of a queue, until it is stopped.
 *
 *     npm run worker -- --queue redis://host:6379 --processes 2 --finish 60
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { requireInteger, requireNumber } from '../../numbers/arguments';
import { codeVersion } from '../runTrials';
import { QUEUE_VARIABLE, queueAddress } from './connection';
import { serveQueue } from './worker';

/** How long a worker that was told to leave goes on with its trials: supervisors often wait 10 s. */
const FINISH_SECONDS = '8';
/** Three weeks: a timer that should wait longer than 24 days ends at once. */
const LONGEST_FINISH_SECONDS = 3 * 7 * 24 * 3600;

const say = (line: string) => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      queue: { type: 'string' },
      processes: { type: 'string', default: '1' },
      finish: { type: 'string', default: FINISH_SECONDS },
    },
  });
  const processes = requireInteger('--processes', Number(values.processes), { min: 1, max: 256 });
  const finish = requireNumber('--finish', Number(values.finish), { min: 0, max: LONGEST_FINISH_SECONDS });
  const address = queueAddress(values.queue ?? true);
  const stopped = stopSignal();
  const worker = await serveQueue(address, processes, say);
  say(
    `joined ${address.shown} with ${processes} ${processes === 1 ? 'process' : 'processes'} on ${worker.engine}`,
  );
  say(`Sparselab's code ${codeVersion.slice(0, 12)}; leave with Ctrl-C`);
  await stopped;
  say(`leaving: finishing what ends within ${finish} s, handing back the rest`);
  // A second request does not wait.
  void stopSignal().then(() => worker.leave(0));
  await worker.leave(finish);
  say('left');
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error.message);
    if (error.message.includes(QUEUE_VARIABLE))
      console.error('What to do: npm run worker -- --queue redis://host:6379');
    process.exit(1);
  },
);
