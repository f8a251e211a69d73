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

/**
 * Runs JupyterLab for as long as `look` takes.
 * @param {boolean} teacher
 * @param {(lab: { page: string, ask: (path: string, options?: { token: boolean }) => Promise<Response> }) => Promise<void>} look
 */
async function withLab(teacher, look) {
  const server = await startServer({ port: await findFreePort(18_888), browser: false, teacher });
  const { origin, searchParams } = new URL(server.url);
  const headers = { Authorization: `token ${searchParams.get('token')}` };
  try {
    const page = await (await fetch(server.url)).text();
    const ask = (/** @type {string} */ path, { token } = { token: true }) =>
      fetch(`${origin}${path}`, token ? { headers } : {});
    await look({ page, ask });
  } finally {
    await server.stop();
  }
  assert.equal(await server.ended, 0);
  await assert.rejects(fetch(`${origin}/api/status`, { headers }));
}

/** The extensions that a page of JupyterLab leaves out. @param {string} page @returns {string[]} */
function disabledExtensions(page) {
  const [, config = ''] = /id="jupyter-config-data"[^>]*>(.*?)<\/script>/s.exec(page) ?? [];
  return JSON.parse(config).disabledExtensions;
}

test(
  'JupyterLab answers with the token only, offers our kernel first, shows a learner nothing of nbgrader, and is gone when stopped',
  {
    timeout: 120_000,
  },
  () =>
    withLab(false, async ({ page, ask }) => {
      assert.equal((await ask('/api/contents', { token: false })).status, 403);
      assert.equal((await ask('/api/contents')).status, 200);
      const specs = /** @type {{ default: string }} */ (await (await ask('/api/kernelspecs')).json());
      assert.equal(specs.default, 'tslab');
      assert.ok(disabledExtensions(page).includes('@jupyter/nbgrader'));
      assert.equal((await ask('/formgrader')).status, 404);
    }),
);

test("a teacher has all of nbgrader's tools", { timeout: 120_000 }, () =>
  withLab(true, async ({ page }) => assert.ok(!disabledExtensions(page).includes('@jupyter/nbgrader'))),
);
