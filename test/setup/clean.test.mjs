import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { machineEnvironment, pathsIn } from '../../src/setup/clean/configuration.mjs';
import { removeCompilers } from '../../src/setup/clean/root.mjs';

test('a clean machine is told of registries, proxies and certificates, and of nothing else that is here', () => {
  const { PATH, ...rest } = machineEnvironment({
    npm_config_registry: 'https://registry.example',
    npm_config_prefix: '/here',
    npm_config_user_agent: 'npm',
    PIP_INDEX_URL: 'https://index.example',
    HTTPS_PROXY: 'http://proxy.example',
    no_proxy: 'localhost',
    NODE_EXTRA_CA_CERTS: '/certificates.pem',
    SSL_CERT_FILE: '/certificates.pem',
    LANG: 'de_DE.UTF-8',
    PATH: '/here/bin',
    HOME: '/here',
  });
  assert.deepEqual(rest, {
    npm_config_registry: 'https://registry.example',
    PIP_INDEX_URL: 'https://index.example',
    HTTPS_PROXY: 'http://proxy.example',
    no_proxy: 'localhost',
    NODE_EXTRA_CA_CERTS: '/certificates.pem',
    SSL_CERT_FILE: '/certificates.pem',
    HOME: homedir(),
    CI: 'true',
  });
  assert.ok(!PATH?.includes('/here'));
});

test('a configuration names files by their paths and by file addresses; the path of a host is none', () => {
  const text =
    'cafile=/etc/a.crt\nextra-index-url = file:///srv/one/simple https://host.example/two\nfind-links: /three';
  assert.deepEqual(pathsIn(text), ['/etc/a.crt', '/srv/one/simple', '/three']);
});

test('a machine without a compiler has none by any of its names, and keeps everything else', () => {
  const machine = mkdtempSync(join(tmpdir(), 'sparselab-clean-'));
  const programs = join(machine, 'usr', 'bin');
  mkdirSync(programs, { recursive: true });
  const compilers = ['c++', 'cc', 'g++', 'gcc', 'g++-14', 'x86_64-linux-gnu-g++-14', 'clang++', 'clang-19'];
  const others = ['c++filt', 'gcc-ar', 'node', 'x86_64-linux-gnu-ld'];
  for (const name of [...compilers, ...others]) writeFileSync(join(programs, name), '');
  removeCompilers(machine);
  assert.deepEqual(readdirSync(programs).sort(), others);
  rmSync(machine, { recursive: true });
});
