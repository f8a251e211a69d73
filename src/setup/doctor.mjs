/**
 * `npm run doctor`: says what is installed, what is in use, and how to fix what is missing. Exits 1 if a lesson could not
 * run.
 */
import { checkUp, isHealthy } from './checkup.mjs';

const MARKS = { good: '✓', 'could be better': '!', missing: '✗' };

const findings = await checkUp();
for (const { name, state, detail, remedy } of findings) {
  console.log(`${MARKS[state]} ${name.padEnd(18)} ${detail}`);
  if (remedy) console.log(`  To fix it: ${remedy}`);
}
console.log(isHealthy(findings) ? '\nThe lessons can run.' : '\nThe lessons cannot run yet.');
process.exitCode = isHealthy(findings) ? 0 : 1;
