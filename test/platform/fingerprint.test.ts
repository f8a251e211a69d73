import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fingerprint, projectRoot } from 'sparselab/dist/platform/node/fingerprint';
import { projectModule } from '../sweep/support/projectModule';

describe('fingerprint', () => {
  it('changes with the module and with what it requires, not with line ends', () => {
    const helper = projectModule('exports.a = 1;\n');
    const text = `const { a } = require('./${helper.path.split('/').at(-1)}');\nexports.b = a;\n`;
    const module = projectModule(text);
    const now = () => fingerprint(join(projectRoot, module.path)).sha256;
    const before = now();
    module.write(text.replaceAll('\n', '\r\n'));
    assert.equal(now(), before);
    helper.write('exports.a = 2;\n');
    assert.notEqual(now(), before);
  });
});
