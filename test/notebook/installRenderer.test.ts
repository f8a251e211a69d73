import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { rendererProblem } from 'sparselab/dist/notebook/installRenderer';
import { temporaryFolder } from '../support/temporary';

const script = join(__dirname, '..', '..', '..', 'dist', 'notebook', 'installRenderer.js');

function install(prefix: string): string {
  return execFileSync(process.execPath, [script, prefix], { encoding: 'utf8' });
}

function describeExtension(prefix: string) {
  const folder = join(prefix, 'share', 'jupyter', 'labextensions', 'sparselab-plotly');
  const description = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    jupyterlab: { mimeExtension: boolean; _build: { load: string; mimeExtension: string } };
  };
  return { folder, description, entry: join(folder, description.jupyterlab._build.load) };
}

describe('installRenderer', () => {
  it('installs what JupyterLab looks for: a description, the module it names, and plotly.js next to it', () => {
    const prefix = temporaryFolder();
    install(prefix);
    const { folder, description, entry } = describeExtension(prefix);
    assert.equal(description.name, 'sparselab-plotly');
    assert.equal(description.jupyterlab._build.mimeExtension, './mimeExtension');
    assert.match(readFileSync(entry, 'utf8'), /_JUPYTERLAB/);
    const plotly = require.resolve('plotly.js-dist/plotly.js');
    assert.equal(statSync(join(folder, 'static', 'plotly.js')).size, statSync(plotly).size);
    assert.ok(existsSync(join(folder, 'static', 'plotly.LICENSE')));
  });

  it('leaves the same version alone', () => {
    const prefix = temporaryFolder();
    assert.match(install(prefix), /^Installed: /);
    const { entry } = describeExtension(prefix);
    const before = statSync(entry).ino;
    assert.match(install(prefix), /^Already installed: /);
    assert.equal(statSync(entry).ino, before);
  });

  it('replaces another version whole, and leaves nothing else behind', () => {
    const prefix = temporaryFolder();
    install(prefix);
    const { folder } = describeExtension(prefix);
    writeFileSync(join(folder, 'package.json'), '{"name": "sparselab-plotly", "version": "0.0.0"}');
    writeFileSync(join(folder, 'static', 'remoteEntry.old.js'), '');
    assert.match(install(prefix), /^Installed: /);
    assert.deepEqual(
      readdirSync(join(folder, 'static')).filter((name) => name.includes('old')),
      [],
    );
    assert.deepEqual(readdirSync(join(folder, '..')), ['sparselab-plotly']);
  });

  it('names the file that is missing or damaged, and restores it', () => {
    const prefix = temporaryFolder();
    assert.equal(rendererProblem(prefix), 'not installed');
    install(prefix);
    assert.equal(rendererProblem(prefix), undefined);
    const plotly = join(describeExtension(prefix).folder, 'static', 'plotly.js');
    const whole = readFileSync(plotly);
    for (const [damage, problem] of [
      [() => rmSync(plotly), 'its static/plotly.js is missing'],
      [() => writeFileSync(plotly, whole.fill(0, 0, 1)), 'its static/plotly.js is outdated or damaged'],
    ] as const) {
      damage();
      assert.equal(rendererProblem(prefix), problem);
      assert.match(install(prefix), /^Installed: /);
      assert.equal(rendererProblem(prefix), undefined);
    }
  });

  it('refuses a prefix that is not there, and none at all', () => {
    const missing = join(temporaryFolder(), 'none');
    const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    assert.deepEqual(
      [run(missing).status, run(missing).stderr.trim()],
      [1, `prefix must be an existing folder; got ${missing}`],
    );
    assert.match(run().stderr, /^usage: /);
    assert.ok(!existsSync(missing));
  });
});
