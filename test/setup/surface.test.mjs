import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { surface, surfaceFile } from '../../src/setup/publicSurface.mjs';

test('the public surface is as test/surface.txt says; `npm run surface` writes down a change that was meant', () => {
  const written = readFileSync(surfaceFile, 'utf8').split('\n\n');
  const found = surface().split('\n\n');
  const difference = [
    ...written.filter((entry) => !found.includes(entry)).map((entry) => `- ${entry}`),
    ...found.filter((entry) => !written.includes(entry)).map((entry) => `+ ${entry}`),
  ];
  assert.deepEqual(difference, [], 'run npm run surface if this was meant');
});
