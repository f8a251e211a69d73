/**
 * JupyterLab or Notebook 7 in a real browser, with one notebook open.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { installKernelspec } from 'sparselab/dist/kernel/node/install';
import { launchBrowser } from 'sparselab/dist/notebook/browsers';
import { notebook, PYTHON } from './python';
import { ROOT, sleep } from './testKernel';

const DEADLINE_MS = 240_000;
const CLOSE_MS = 5000;

/** The difference between the two, for readers of the notebook. */
interface FrontEnd {
  readonly module: string;
  /** Where a notebook is shown. */
  readonly path: string;
}

/** The front ends by their names. */
export const FRONT_ENDS = {
  JupyterLab: { module: 'jupyterlab', path: '/lab/tree' },
  'Notebook 7': { module: 'notebook', path: '/notebooks' },
} as const satisfies Readonly<Record<string, FrontEnd>>;

/**
 * A browser for a test, which is skipped where there is none.
 *
 * @throws Error if there is none where CI runs the tests: there they must not be skipped
 */
export async function browserFor(test: TestContext): Promise<Browser | undefined> {
  try {
    return await launchBrowser();
  } catch (error) {
    if (process.env.CI) throw error;
    test.skip('there is no Chromium, Chrome or Edge here; SPARSELAB_BROWSER can name one');
    return undefined;
  }
}

/** A page that shows a notebook. */
export class NotebookPage {
  private constructor(
    readonly folder: string,
    readonly server: ChildProcess,
    readonly browser: Browser,
    readonly page: Page,
    /** Says which kernels there are. */
    readonly kernels: string,
  ) {}

  /** Starts a front end and opens a notebook of these cells in `browser`, which is closed with it. */
  static async open(
    name: keyof typeof FRONT_ENDS,
    browser: Browser,
    ...cells: readonly string[]
  ): Promise<NotebookPage> {
    const { module, path } = FRONT_ENDS[name];
    const parent = join(ROOT, 'build', 'test-notebooks');
    mkdirSync(parent, { recursive: true });
    const folder = mkdtempSync(join(parent, 'page-'));
    writeFileSync(join(folder, 'test.ipynb'), notebook(...cells.map((source): [string] => [source])));
    const port = await freePort();
    const token = randomBytes(16).toString('hex');
    const own = (name: string) => join(folder, `.${name}`);
    installKernelspec(own('jupyter'));
    const server = spawn(
      PYTHON,
      [
        ...['-m', module, '--no-browser', '--allow-root', '--ServerApp.ip=127.0.0.1'],
        ...[`--ServerApp.port=${port}`, '--ServerApp.port_retries=0', `--ServerApp.root_dir=${folder}`],
      ],
      {
        cwd: folder,
        env: {
          ...process.env,
          JUPYTER_TOKEN: token,
          // The settings of `npm start`.
          JUPYTER_CONFIG_PATH: join(ROOT, 'src', 'setup', 'jupyter'),
          JUPYTER_PATH: join(own('jupyter'), 'share', 'jupyter'),
          JUPYTER_CONFIG_DIR: own('config'),
          JUPYTER_DATA_DIR: own('data'),
          JUPYTER_RUNTIME_DIR: own('runtime'),
        },
        stdio: 'ignore',
      },
    );
    const address = `http://127.0.0.1:${port}`;
    await until(name, () => fetch(`${address}/api?token=${token}`).then(({ ok }) => ok));
    const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
    page.setDefaultTimeout(DEADLINE_MS);
    await page.goto(`${address}${path}/test.ipynb?token=${token}`);
    const opened = new NotebookPage(folder, server, browser, page, `${address}/api/kernels?token=${token}`);
    await opened.connected();
    return opened;
  }

  /** Waits until the page is connected to the kernel, and the kernel has nothing to do. */
  async connected(): Promise<void> {
    await this.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor();
    await until('the kernel', async () => {
      const kernels = (await (await fetch(this.kernels)).json()) as Record<string, unknown>[];
      return kernels.some(
        ({ execution_state, connections }) => execution_state === 'idle' && connections === 1,
      );
    });
  }

  /** Runs all cells; does not wait for their end. */
  async runAll(): Promise<void> {
    await this.menu('Run', 'Run All Cells');
  }

  /** Saves the notebook. */
  async save(): Promise<void> {
    await this.menu('File', 'Save Notebook');
  }

  /** Chooses from the menu bar. */
  async menu(menu: string, item: string): Promise<void> {
    await this.page.locator('.lm-MenuBar-item', { hasText: new RegExp(`^${menu}$`) }).click();
    await this.page.locator('.lm-Menu-item', { hasText: item }).first().click();
  }

  /** Waits until the notebook's figure has a title or subtitle that matches. */
  async figure(title: RegExp): Promise<void> {
    await this.page.locator('.js-plotly-plot .g-gtitle', { hasText: title }).first().waitFor();
  }

  /** Drags the handle of the first slider by this many pixels, in small steps, as a hand does. */
  async drag(pixels: number): Promise<void> {
    const { mouse } = this.page;
    const handle = await this.page.locator('.noUi-handle').first().boundingBox();
    if (handle === null) throw new Error('there is no slider');
    const [x, y] = [handle.x + handle.width / 2, handle.y + handle.height / 2];
    const steps = 20;
    await mouse.move(x, y);
    await mouse.down();
    for (let step = 1; step <= steps; step++) {
      await mouse.move(x + (pixels * step) / steps, y);
      await sleep(20);
    }
    await mouse.up();
  }

  /** Ends browser and server. */
  async close(): Promise<void> {
    await this.browser.close();
    const ended = once(this.server, 'exit');
    this.server.kill('SIGTERM');
    // Jupyter's server does not always hear it; its kernels end with it in any case.
    const impatience = setTimeout(() => this.server.kill('SIGKILL'), CLOSE_MS);
    await ended;
    clearTimeout(impatience);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits until something is so; what fails is not so yet. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + DEADLINE_MS; !(await isSo().catch(() => false)); await sleep(100)) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
