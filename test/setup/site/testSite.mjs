/**
 * One site and one browser for all tests of the live course: `site.test.mjs` builds them, each subject has a file here.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { root } from '../../../src/setup/paths.mjs';
import { buildLive } from '../../../src/setup/site/live.mjs';
import { writeServiceWorker } from '../../../src/setup/site/offline.mjs';
import { serveFolder } from '../../../src/setup/site/serve.mjs';

const require = createRequire(import.meta.url);
const compiled = (/** @type {string} */ name) => require(join(root, 'dist', 'notebook', name));
/** @type {typeof import('../../../src/notebook/browsers.js')} */
const { launchBrowser } = compiled('browsers.js');
/** @type {typeof import('../../../src/notebook/liveNotebook.js')} */
const { LiveNotebook, shownText } = compiled('liveNotebook.js');
/** @type {typeof import('../../support/run.js')} */
export const { WHOLE, IN_WHOLE_RUN } = require(join(root, 'build', 'test', 'support', 'run.js'));

/** Where the site is: a folder of a server that has others, too. */
const served = join(root, 'build', 'test-site');
const PATH = '/courses/sparse/';

/** As a page has it that is neither encrypted nor this machine's own: no secure context. */
const HOST = 'school.test';

/** The same browser as a program: Playwright does not say which one it has started. */
const found = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'chromium'));
const executablePath = process.env.SPARSELAB_BROWSER ?? found.find((path) => existsSync(path));
const PROGRAM = executablePath === undefined ? { channel: 'chrome' } : { executablePath };

const ARGUMENT = `--host-resolver-rules=MAP ${HOST} 127.0.0.1`;

export const DEADLINE_MS = 120_000;

/** @typedef {{ status: string, text: string, types: string[] }} Outcome how a cell ended, what it said, and the types of what it showed */
/** @typedef {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => boolean} Fault answers a request, if it says so */

/** The site, a server for it, and a browser. */
export class TestSite {
  /** Answers in place of the server, to be a bad one. @type {Fault | undefined} */
  fault;
  /** Browsers that a test has left. @type {import('playwright-core').BrowserContext[]} */
  others = [];
  /** Folders of browsers that store nothing. @type {string[]} */
  profiles = [];

  /**
   * @param {import('playwright-core').Browser} browser
   * @param {import('node:http').Server} server
   * @param {string} licences of what the live course holds
   */
  constructor(browser, server, licences) {
    this.browser = browser;
    this.server = server;
    this.licences = licences;
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    this.port = port;
    const [serve] = /** @type {((...both: Parameters<Fault>) => void)[]} */ (server.listeners('request'));
    server.removeAllListeners('request').on('request', (request, response) => {
      if (!this.fault?.(request, response)) serve?.(request, response);
    });
  }

  /** Builds it all; `undefined` where there is no browser. @returns {Promise<TestSite | undefined>} */
  static async open() {
    const browser = await launchBrowser([ARGUMENT]).catch((error) => {
      if (process.env.CI) throw error;
      return undefined;
    });
    if (browser === undefined) return undefined;
    rmSync(served, { recursive: true, force: true });
    mkdirSync(served, { recursive: true });
    const licences = await buildLive(join(served, PATH, 'live'), `${served}-parts`);
    const site = new TestSite(browser, await serveFolder(served, 0), licences);
    site.publish();
    return site;
  }

  /** The file that an address's path means. @param {string} pathname */
  file(pathname) {
    return join(served, pathname);
  }

  /** Makes the files that are there now the newest version of the site. */
  publish() {
    writeServiceWorker(join(this.live, '..'));
  }

  /** The folder of the live course. */
  get live() {
    return join(served, PATH, 'live');
  }

  /** Preferences by which a Firefox finds this site. */
  firefoxPreferences = { 'network.dns.localDomains': HOST, 'dom.serviceWorkers.enabled': false };

  /**
   * A browser that has never been here.
   * @param {{ secure?: boolean, browser?: import('playwright-core').Browser }} [options] whether the site is in a secure context,
   *   where service workers are allowed; which browser it is. Default: the Chromium
   */
  async visit({ secure = false, browser = this.browser } = {}) {
    const context = await browser.newContext({
      serviceWorkers: secure ? 'allow' : 'block',
      viewport: { width: 1200, height: 1000 },
    });
    return new Visit(context, `http://${secure ? '127.0.0.1' : HOST}:${this.port}`);
  }

  /** A browser whose user has forbidden sites to store anything. */
  async visitWithoutStorage() {
    const profile = mkdtempSync(join(tmpdir(), 'sparselab-profile-'));
    mkdirSync(join(profile, 'Default'));
    const block = { profile: { default_content_setting_values: { cookies: 2 } } };
    writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(block));
    const context = await chromium.launchPersistentContext(profile, {
      ...PROGRAM,
      args: [ARGUMENT],
      serviceWorkers: 'block',
    });
    this.others.push(context);
    this.profiles.push(profile);
    return new Visit(context, `http://${HOST}:${this.port}`);
  }

  async close() {
    await Promise.all(this.others.map((context) => context.close()));
    await this.browser.close();
    this.server.closeAllConnections();
    this.server.close();
    // Chromium may still be writing into the last one.
    for (const folder of [served, ...this.profiles]) {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    }
  }
}

/** One browser's profile at the site. */
export class Visit {
  /** Requests to other origins. @type {string[]} */
  foreign = [];
  /** Requests for files that do not exist. @type {string[]} */
  missing = [];
  /** The paths of the files that were asked for. @type {Set<string>} */
  requested = new Set();

  /** @param {import('playwright-core').BrowserContext} context @param {string} origin */
  constructor(context, origin) {
    this.context = context;
    this.origin = origin;
    context.setDefaultTimeout(DEADLINE_MS);
    context.on('request', (request) => {
      if (/^https?:/.test(request.url()) && !request.url().startsWith(origin))
        this.foreign.push(request.url());
    });
    context.on('response', (response) => {
      // Some addresses are of bytes that the page has made.
      if (!/^https?:/.test(response.url())) return;
      // Browsers ask each site for its icon.
      const { pathname } = new URL(response.url());
      if (response.ok()) this.requested.add(decodeURIComponent(pathname));
      else if (response.status() >= 400 && pathname !== '/favicon.ico') this.missing.push(response.url());
    });
  }

  /** The address that opens a notebook. @param {string} path */
  address(path) {
    return `${this.origin}${PATH}live/lab/index.html?path=${path}`;
  }

  /** Opens a notebook, and waits for its kernel. @param {string} path */
  async open(path) {
    const tab = new Tab(await this.context.newPage());
    await tab.open(this.address(path));
    return tab;
  }

  close() {
    return this.context.close();
  }
}

/** A notebook that is open. */
export class Tab {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    this.notebook = new LiveNotebook(page);
  }

  /** The kernel of the notebook. */
  kernel() {
    return this.notebook.kernel();
  }

  kernelIsIdle() {
    return this.notebook.idle();
  }

  /** Goes to the address of a notebook, and waits for its kernel. @param {string} address */
  async open(address) {
    await this.page.goto(address);
    await this.kernelIsIdle();
  }

  /** Loads the page again. */
  async reload() {
    await this.page.reload();
    await this.kernelIsIdle();
  }

  restartKernel() {
    return this.notebook.restart();
  }

  /** Runs code as a cell. @param {string} code @returns {Promise<Outcome>} */
  async run(code) {
    const outcome = await this.notebook.run(code);
    const types = outcome.outputs.flatMap(({ data }) => Object.keys(data ?? {}));
    return { status: outcome.status, text: shownText(outcome), types };
  }

  /**
   * Drags the slider of a cell by this many pixels, in small steps as a hand does, and waits until its figure has changed.
   * @param {number} cell @param {number} pixels
   */
  async drag(cell, pixels) {
    const { mouse } = this.page;
    const place = this.notebook.cell(cell);
    const plot = place.locator('.js-plotly-plot').first();
    const shown = () => plot.evaluate((plot) => JSON.stringify(Reflect.get(plot, 'data')));
    const before = await shown();
    await place.locator('.noUi-handle').first().scrollIntoViewIfNeeded();
    const handle = await place.locator('.noUi-handle').first().boundingBox();
    if (handle === null) throw new Error('there is no slider');
    const [x, y] = [handle.x + handle.width / 2, handle.y + handle.height / 2];
    const steps = 20;
    await mouse.move(x, y);
    await mouse.down();
    for (let step = 1; step <= steps; step++) await mouse.move(x + (pixels * step) / steps, y);
    await mouse.up();
    for (let tries = 0; (await shown()) === before; tries++) {
      if (tries > 300) throw new Error('the figure has not changed');
      await this.page.waitForTimeout(100);
    }
  }
}
