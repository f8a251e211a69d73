/**
 * `npm run surface`: writes test/surface.txt, the public names, again after a change that was meant.
 */
import { writeFileSync } from 'node:fs';
import { command } from './command.mjs';
import { setUp } from './setUp.mjs';

await command(async () => {
  await setUp();
  // It needs packages, which are here now.
  const { surface, surfaceFile } = await import('./publicSurface.mjs');
  writeFileSync(surfaceFile, surface());
  return 0;
});
