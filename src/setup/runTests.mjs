/**
 * Runs test files in processes (`testScripts`), two more side by side than there are processors: most of them wait for
 * a kernel, a browser or a server half of the time. (Node's own command runs one at a time on two processors.)
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
  concurrency: availableParallelism() + 2,
  signal: stop.signal,
});
results.on('test:fail', () => {
  process.exitCode = 1;
});
results.compose(new spec()).pipe(process.stdout);
