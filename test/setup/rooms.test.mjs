import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { root } from '../../src/setup/paths.mjs';
import { APART, FLOORS, importable, importComplaints } from '../../src/setup/rooms.mjs';

/** @type {string[]} */
const folders = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A project of these files. @param {Record<string, string>} files */
function project(files) {
  const folder = mkdtempSync(join(tmpdir(), 'sparselab-rooms-'));
  folders.push(folder);
  const imports = { '#platform': { default: './dist/platform/node/index.js' } };
  const all = { 'package.json': JSON.stringify({ imports }), 'bench/main.ts': '', ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe('the rooms of src/', () => {
  it('import only lower floors, and no files import each other in a circle', () => {
    assert.deepEqual(importComplaints(root), []);
  });

  it('are all on a floor or apart, and nothing else is', () => {
    const found = readdirSync(join(root, 'src'));
    const named = [...FLOORS.flat(), ...Object.keys(APART)].map((room) => room.split('/')[0]);
    assert.deepEqual(found.sort(), [...new Set(named)].sort());
  });

  it('are drawn in CONTRIBUTING.md as they are', () => {
    const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
    const picture = /<!-- the house -->\n\n([\s\S]*?)\n\n<!-- apart -->\n\n([\s\S]*?)\n\n<!-- end -->/.exec(
      text,
    );
    const roomsIn = (part = '') => part.split('\n').map((line) => line.trim().split(/ {2,}/)[0]?.split(' '));
    assert.deepEqual(roomsIn(picture?.[1]), FLOORS);
    assert.deepEqual(roomsIn(picture?.[2]).flat(), Object.keys(APART));
  });

  it('each have a README that says what they are for and what they may import', () => {
    for (const room of [...FLOORS.flat(), ...Object.keys(APART)].filter((name) => !name.endsWith('.ts'))) {
      const readme = readFileSync(join(root, 'src', room, 'README.md'), 'utf8');
      const listed = importable(room).map((other) => `\`${other}\``);
      assert.match(readme, new RegExp(`^# ${room}\n\n[A-Z]`));
      assert.ok(readme.includes(`\nMay import: ${listed.join(', ') || 'no other room'}.\n`), room);
    }
  });
});

describe('importComplaints', () => {
  it('names the file, the import and the rule where an import climbs, type or not, by path or by alias', () => {
    const folder = project({
      'src/page/table.ts': "import type { Figure } from '../plots/figure';\n",
      'src/plots/figure.ts': "export * from '#platform';\n",
      'src/platform/node/index.ts': "const later = import('../../page/table.js');\n",
    });
    assert.deepEqual(importComplaints(folder).slice(0, 2), [
      'src/page/table.ts imports src/plots/figure.ts: page may import numbers, provenance, platform',
      'src/platform/node/index.ts imports src/page/table.ts: platform may import no other room',
    ]);
  });

  it('refuses imports between rooms of one floor, from a room apart, and of a room that has no floor', () => {
    const folder = project({
      'src/datasets/a.ts': "import '../engine/b';",
      'src/engine/b.ts': '',
      'src/kernel/core/c.ts': "import '../../engine/b';",
      'src/attic/e.ts': "import '../engine/b';",
    });
    assert.deepEqual(
      importComplaints(folder).map((complaint) => complaint.replace(/may import .*/, '…')),
      [
        'src/attic/e.ts imports src/engine/b.ts: attic must be a room: give it a floor in src/setup/rooms.mjs',
        'src/datasets/a.ts imports src/engine/b.ts: datasets …',
        'src/kernel/core/c.ts imports src/engine/b.ts: kernel/core …',
      ],
    );
  });

  it('names the files of a circle, once', () => {
    const folder = project({
      'src/numbers/a.ts': "import './b';",
      'src/numbers/b.ts': "import { c } from './c';",
      'src/numbers/c.ts': "export { a } from './a';",
      'src/numbers/d.ts': "import './a';",
    });
    assert.deepEqual(importComplaints(folder), [
      'src/numbers/a.ts → src/numbers/b.ts → src/numbers/c.ts → src/numbers/a.ts: a circle of imports',
    ]);
  });

  it('does not take an example in a comment for an import', () => {
    const folder = project({
      'src/numbers/a.ts':
        "/**\n * @example import { Figure } from '../plots/figure';\n */\n// from '../plots/figure'\n",
    });
    assert.deepEqual(importComplaints(folder), []);
  });
});
