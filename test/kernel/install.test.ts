import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { installKernelspec } from 'sparselab/dist/kernel/node/install';

it('installing writes a complete kernel specification, any number of times', () => {
  const prefix = mkdtempSync(join(tmpdir(), 'prefix-'));
  try {
    const folder = installKernelspec(prefix);
    assert.equal(installKernelspec(prefix), folder);
    assert.equal(folder, join(prefix, 'share', 'jupyter', 'kernels', 'tslab'));
    assert.deepEqual(readdirSync(folder).sort(), ['kernel.json', 'logo-svg.svg']);
    const spec = JSON.parse(readFileSync(join(folder, 'kernel.json'), 'utf8'));
    assert.equal(spec.display_name, 'TypeScript (Sparselab)');
    assert.equal(spec.language, 'typescript');
    assert.equal(spec.interrupt_mode, 'message');
    assert.equal(spec.argv[0], process.execPath);
    assert.equal(spec.argv.at(-1), '{connection_file}');
    assert.ok(existsSync(spec.argv.at(-2)), 'the kernel that it names is there');
  } finally {
    rmSync(prefix, { recursive: true, force: true });
  }
});
