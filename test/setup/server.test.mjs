import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { findFreePort, startServer } from '../../src/setup/server.mjs';

/** @param {number} port @returns {Promise<import('node:net').Server>} */
function listen(port) {
  const server = createServer();
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

test('a port in use is passed over', async () => {
  const taken = await listen(0);
  const { port } = /** @type {import('node:net').AddressInfo} */ (taken.address());
  try {
    assert.ok((await findFreePort(port)) > port);
  } finally {
    taken.close();
  }
});

test('JupyterLab answers with the token only, offers our kernel first, and is gone when stopped', {
  timeout: 60_000,
}, async () => {
  const port = await findFreePort(18_888);
  const server = await startServer({ port, browser: false });
  const { origin, searchParams } = new URL(server.url);
  const headers = { Authorization: `token ${searchParams.get('token')}` };
  try {
    assert.equal((await fetch(`${origin}/api/contents`)).status, 403);
    assert.equal((await fetch(`${origin}/api/contents`, { headers })).status, 200);
    const answer = await fetch(`${origin}/api/kernelspecs`, { headers });
    const specs = /** @type {{ default: string }} */ (await answer.json());
    assert.equal(specs.default, 'tslab');
  } finally {
    await server.stop();
  }
  assert.equal(await server.ended, 0);
  await assert.rejects(fetch(`${origin}/api/status`, { headers }));
});

for (const [who, teacher] of /** @type {const} */ ([
  ['a learner sees nothing', false],
  ['a teacher has all', true],
])) {
  test(`${who} of nbgrader's tools`, {
    timeout: 60_000,
  }, async () => {
    const server = await startServer({ port: await findFreePort(18_950), browser: false, teacher });
    const { origin, searchParams } = new URL(server.url);
    const headers = { Authorization: `token ${searchParams.get('token')}` };
    try {
      const page = await (await fetch(server.url)).text();
      const [, config = ''] = /id="jupyter-config-data"[^>]*>(.*?)<\/script>/s.exec(page) ?? [];
      assert.equal(JSON.parse(config).disabledExtensions.includes('@jupyter/nbgrader'), !teacher);
      // nbgrader asks for Python 3.11; where it is not, nobody has its pages.
      if (!teacher) assert.equal((await fetch(`${origin}/formgrader`, { headers })).status, 404);
    } finally {
      await server.stop();
    }
  });
}
