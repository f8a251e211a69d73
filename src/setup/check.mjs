/**
 * `npm run check`: formatter, linter and types, without any test.
 */
import { codeChecks, runChecks, testTypes } from './checks.mjs';
import { command } from './command.mjs';
import { stoppable } from './processes.mjs';
import { setUp } from './setUp.mjs';

await command(async () => {
  // This builds src/, too, and so checks its types.
  await setUp();
  return stoppable(() => runChecks([...codeChecks, testTypes]));
});
