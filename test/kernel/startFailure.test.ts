import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { temporaryFolder } from '../support/temporary';
import { PYTHON } from './python';
import { NOTEBOOKS, ROOT } from './testKernel';

/** Port 0 is any free one: nobody is to find this kernel. */
const CONNECTION = {
  ...{ transport: 'tcp', ip: '127.0.0.1', key: 'k', signature_scheme: 'hmac-sha256' },
  ...{ shell_port: 0, iopub_port: 0, stdin_port: 0, control_port: 0, hb_port: 0 },
};

/** A copy of the compiled kernel whose packages are linked, except for those that are left out. */
function damagedProject(leftOut: readonly string[]): { project: string; kernel: string; connection: string } {
  const project = temporaryFolder();
  cpSync(join(ROOT, 'dist', 'kernel'), join(project, 'dist', 'kernel'), { recursive: true });
  writeFileSync(join(project, 'package.json'), '{"version": "0.0.0"}');
  mkdirSync(join(project, 'node_modules'));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (leftOut.includes(name)) continue;
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name), 'junction');
  }
  const connection = join(project, 'connection.json');
  writeFileSync(connection, JSON.stringify(CONNECTION));
  return { project, kernel: join(project, 'dist', 'kernel', 'node', 'main.js'), connection };
}

describe('a kernel that cannot start', () => {
  for (const [what, missing] of [
    ['its sockets', 'zeromq'],
    ['its compiler', 'typescript-js'],
  ] as const) {
    it(`says in one line that it lacks ${what}, and where to look`, () => {
      const { project, kernel, connection } = damagedProject([missing]);
      const { status, stderr } = spawnSync(process.execPath, [kernel, connection], { encoding: 'utf8' });
      assert.equal(status, 1);
      const [line, ...others] = stderr.trimEnd().split('\n');
      assert.match(
        line ?? '',
        new RegExp(`^\\[sparselab kernel\\] cannot run: Cannot find module '${missing}`),
      );
      assert.ok(line?.endsWith(`\`npm run doctor\` in ${project} says what to fix.`), line);
      assert.deepEqual(others, []);
    });
  }

  it('is found out by the doctor, who starts it', () => {
    const { project, kernel } = damagedProject(['zeromq']);
    const spec = join(project, 'kernels', 'tslab');
    mkdirSync(spec, { recursive: true });
    const argv = [process.execPath, kernel, '{connection_file}'];
    writeFileSync(join(spec, 'kernel.json'), JSON.stringify({ argv, display_name: 'd', language: 'l' }));
    const { status, stderr } = spawnSync(PYTHON, [join(ROOT, 'src', 'setup', 'probeKernel.py')], {
      encoding: 'utf8',
      cwd: NOTEBOOKS,
      env: { ...process.env, JUPYTER_PATH: project, JUPYTER_PREFER_ENV_PATH: '0' },
    });
    assert.equal(status, 1);
    assert.match(stderr, /^\[sparselab kernel\] cannot run: Cannot find module 'zeromq'/m);
  });
});
