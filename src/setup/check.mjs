/**
 * `npm run check`: formatter, linter and types, without any test.
 */
import { codeChecks, runChecks, testTypes } from './checks.mjs';
import { followNpm, stoppable } from './processes.mjs';
import { setUp } from './setUp.mjs';
import { reportFailure } from './steps.mjs';

followNpm();
try {
  // This builds src/, too, and so checks its types.
  await setUp();
  process.exitCode = await stoppable(() => runChecks([...codeChecks, testTypes]));
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
