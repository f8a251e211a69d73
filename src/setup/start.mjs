/**
 * `npm start`: gets everything ready, then opens the lessons in JupyterLab until Ctrl-C.
 */

import { command } from './command.mjs';
import { STOP_SIGNALS, stoppable } from './processes.mjs';
import { findFreePort, startServer } from './server.mjs';
import { setUp } from './setUp.mjs';
import { serveFolder } from './site/serve.mjs';
import { parseStartOptions, START_USAGE } from './startOptions.mjs';

await command(start);

/**
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code
 */
async function start(args) {
  const options = parseStartOptions(args);
  if (options.help) {
    console.log(START_USAGE);
    return 0;
  }
  const begun = performance.now();
  await setUp();
  const port = await findFreePort(options.port);
  if (port !== options.port) console.log(`Port ${options.port} is in use; taking ${port}.`);
  if (options.site) return serveSite(port);
  return serve({ ...options, port, browser: options.browser && hasDisplay() }, begun);
}

/**
 * Builds the site and serves it, to this machine alone, until the process is stopped.
 * @param {number} port
 * @returns {Promise<number>}
 */
async function serveSite(port) {
  // It needs packages, which are here only after set-up.
  const { buildSite, LIVE_START, siteDir } = await import('./site/site.mjs');
  console.log('Building the site …');
  await stoppable(buildSite);
  const server = await serveFolder(siteDir, port);
  const address = `http://127.0.0.1:${port}/`;
  console.log(
    `\nThe lessons run in a browser at\n\n    ${address}${LIVE_START}\n\nand can be read at ${address}. Ctrl-C stops this server.`,
  );
  return new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) {
      process.once(signal, () => {
        server.close(() => resolve(0));
        server.closeAllConnections();
      });
    }
  });
}

/**
 * Runs JupyterLab until it ends or is told to.
 * @param {{ port: number, browser: boolean, teacher: boolean }} options
 * @param {number} begun when this command began
 */
async function serve(options, begun) {
  const starting = startServer(options);
  let stopping = false;
  for (const signal of STOP_SIGNALS) {
    // npm passes on a Ctrl-C that the terminal has sent here already: once is enough.
    process.on(signal, async () => {
      if (stopping) return;
      stopping = true;
      console.log('\nStopping JupyterLab and its kernels.');
      await (await starting.catch(() => undefined))?.stop();
    });
  }
  const server = await starting;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`\nThe lessons are open after ${seconds} s:\n\n    ${server.url}\n\nCtrl-C stops them.`);
  const code = await server.ended;
  return stopping ? 0 : code;
}

/** Whether the user who typed the command can see a browser window. */
function hasDisplay({ platform, env } = process) {
  if (env.CI || env.SSH_CONNECTION) return false;
  return platform === 'win32' || platform === 'darwin' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}
