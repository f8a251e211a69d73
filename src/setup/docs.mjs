/**
 * `npm run docs`: writes the page of every public name, `build/site/api/`.
 */
import { join } from 'node:path';
import { command } from './command.mjs';
import { API, writeApi } from './docs/api.mjs';
import { shown } from './paths.mjs';
import { stoppable } from './processes.mjs';
import { setUp } from './setUp.mjs';
import { siteDir } from './site/site.mjs';

await command(async () => {
  await setUp();
  const folder = join(siteDir, API);
  await stoppable(() => writeApi(folder));
  console.log(`The page of every public name is ${shown(join(folder, 'index.html'))}.`);
  return 0;
});
