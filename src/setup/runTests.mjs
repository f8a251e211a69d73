/**
 * Runs test files in processes (`testScripts`), one more side by side than there are processors, because some wait. (Node's own
 * command runs one at a time on two processors.) With four on two processors it took longer: trainings wait for each other's threads.
 *
 *     node src/setup/runTests.mjs FILE…
 */
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { STOP_SIGNALS } from './processes.mjs';
import { testScripts } from './testFiles.mjs';

const stop = new AbortController();
// Each file listens.
setMaxListeners(0, stop.signal);
for (const signal of STOP_SIGNALS) process.on(signal, () => stop.abort());

const results = run({
  files: testScripts(process.argv.slice(2)),
  concurrency: availableParallelism() + 1,
  signal: stop.signal,
});
results.on('test:fail', () => {
  process.exitCode = 1;
});
results.compose(new spec()).pipe(process.stdout);
