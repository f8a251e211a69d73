/**
 * `npm run site`: one folder, `build/site/`, with the lessons as pages and the live course, to be put on any web server.
 */
import { command } from './command.mjs';
import { shown } from './paths.mjs';
import { stoppable } from './processes.mjs';
import { setUp } from './setUp.mjs';

await command(async () => {
  await setUp();
  // It needs packages, which are here now.
  const { buildSite, siteDir } = await import('./site/site.mjs');
  const begun = performance.now();
  await stoppable(buildSite);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(
    `The site is in ${shown(siteDir)}, after ${seconds} s. docs/browser.md says how to publish it.`,
  );
  return 0;
});
