import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { it } from 'node:test';

it('the library loads where the definitions are withheld, as they are from the code of a hand-in', () => {
  const folder = join(dirname(require.resolve('sparselab')), 'assignments', 'definitions');
  const definitions = readdirSync(folder).filter((name) => /(?<!withheld)\.js$/.test(name));
  assert.ok(definitions.length >= 4);
  const script = `
    const { join } = require('node:path');
    const withheld = join(${JSON.stringify(folder)}, 'withheld.js');
    require(withheld);
    for (const name of ${JSON.stringify(definitions)}) {
      require.cache[join(${JSON.stringify(folder)}, name)] = require.cache[withheld];
    }
    console.log(typeof require('sparselab').check.kl);`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^function/);
});
