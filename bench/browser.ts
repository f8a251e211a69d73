/**
 * Measures the live course in a Chromium: how soon it is there, how fast cells and trainings are, how much memory it takes.
 *
 *     node build/bench/browser.js <its address> <its folder>           the figures; some five minutes
 *     node build/bench/browser.js <its address> <its folder> lessons   every lesson whole, as it is
 *
 * @module
 */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext } from 'playwright-core';
import { l1, loadMnist, SparseAutoencoder, train } from 'sparselab';
import { launchBrowser } from 'sparselab/dist/notebook/browsers';
import { LiveNotebook, shownText } from 'sparselab/dist/notebook/liveNotebook';
import { quiet } from './quiet';
import { save } from './results';
import { slowLine } from './slowLine';
import { median } from './table';

const root = join(__dirname, '..', '..');
const LESSON = '02-the-l1-penalty.ipynb';

/** The slow line. */
const LINE_MEGABITS = 20;

/** How often what happens once in a page is measured. */
const ROUNDS = 3;
/** How many cells are timed, as in the bench of kernels. */
const CELLS = 200;
/** An epoch's time is the difference of trainings of this many epochs, so that one-time costs do not count. */
const EPOCHS = [1, 5] as const;
/** How long anything may take, in milliseconds: the longest lesson on a busy machine. */
const DEADLINE_MS = 1_200_000;

/** Loops that do nothing but count, add and multiply; each returns what it computed. */
const LOOPS = {
  empty: 'let n = 0; for (let i = 0; i < 3e7; i++) n = i; return n;',
  'dot product':
    'const x = new Float32Array(1e6).fill(0.5); let s = 0; for (let k = 0; k < 20; k++) for (let i = 0; i < x.length; i++) s += x[i] * x[i]; return s;',
  'matrix product':
    'const n = 200, a = new Float32Array(n * n).fill(1), c = new Float32Array(n * n); for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) for (let j = 0; j < n; j++) c[i * n + j] += a[i * n + k] * a[k * n + j]; return c[0];',
  exponentials: 'let s = 0; for (let i = 0; i < 2e6; i++) s += Math.exp(-i); return s;',
} as const;

/** One figure: what it is, what was measured and the most that is aimed at. */
interface Row {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
  readonly aim?: number;
}

/** A lesson that ran whole. */
interface LessonRow extends Time {
  readonly name: string;
  readonly cells: number;
  readonly failed: readonly string[];
  readonly longest: Time & { readonly cell: string };
}

/** How long something took. */
interface Time {
  readonly seconds: number;
  /** Of the page's process, on all processors: what a busy machine does not change. */
  readonly processorSeconds: number;
}

/** The live course, its browser, and visits to it. */
class Course {
  constructor(
    readonly browser: Browser,
    readonly address: string,
    readonly folder: string,
  ) {}

  /** A browser that was never here, and the paths of the files that it is sent. */
  async visit(): Promise<{ context: BrowserContext; received: Set<string> }> {
    const context = await this.browser.newContext({ viewport: { width: 1200, height: 1000 } });
    context.setDefaultTimeout(DEADLINE_MS);
    const received = new Set<string>();
    context.on('response', (response) => {
      // Not `blob:` addresses, which the page makes of what it has.
      const sent = response.ok() && response.url().startsWith(this.address);
      if (sent) received.add(decodeURIComponent(new URL(response.url()).pathname));
    });
    return { context, received };
  }

  /** Opens a notebook; the seconds until it is seen, and from then until it has run a first cell. */
  async open(
    context: BrowserContext,
    notebook: string,
  ): Promise<{ live: LiveNotebook; seen: number; ready: number }> {
    const page = await context.newPage();
    const begun = performance.now();
    await page.goto(`${this.address}lab/index.html?path=${notebook}`, { waitUntil: 'commit' });
    await page.locator('.jp-Notebook .jp-CodeCell').first().waitFor();
    const seen = performance.now();
    const live = new LiveNotebook(page);
    await live.idle();
    await live.run('0');
    return { live, seen: (seen - begun) / 1000, ready: (performance.now() - seen) / 1000 };
  }

  /** Megabytes that these files are on the way, compressed. */
  megabytes(paths: Iterable<string>): number {
    const { pathname } = new URL(this.address);
    const bytes = [...paths].map((path) => {
      const file = readFileSync(join(this.folder, path.slice(pathname.length)));
      return Math.min(file.length, gzipSync(file).length);
    });
    return bytes.reduce((sum, each) => sum + each, 0) / 1e6;
  }

  /** Processes of pages: their processor time in seconds, and the memory of the largest in megabytes. */
  async pages(): Promise<{ seconds: number; megabytes: number }> {
    const session = await this.browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    const pages = processInfo.filter(({ type }) => type === 'renderer');
    return {
      seconds: pages.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
      megabytes: Math.max(...pages.map(({ id }) => ownMegabytes(id))),
    };
  }
}

/** A process's own memory, as Chromium's task manager counts it; NaN on systems that do not say it in a file. */
function ownMegabytes(process: number): number {
  try {
    const status = readFileSync(`/proc/${process}/status`, 'utf8');
    const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1000;
    return of('RssAnon') + of('VmSwap');
  } catch {
    return Number.NaN;
  }
}

async function main(): Promise<void> {
  const [address, folder, what] = process.argv.slice(2);
  if (!address || !folder)
    throw new Error('browser.js must be given the address and the folder of the live course');
  const browser = await launchBrowser();
  try {
    const course = new Course(browser, address, folder);
    if (what === 'lessons') await measureLessons(course);
    else await measureFigures(course);
  } finally {
    await browser.close();
  }
}

async function measureFigures(course: Course): Promise<void> {
  const rows: Row[] = [];
  console.log(`\nThe live course, Chromium ${course.browser.version()}`);
  for (const measure of [
    measureStart,
    measureSlowLine,
    measureCells,
    measureEpoch,
    measureLoops,
    measureMemory,
  ]) {
    for (const row of await measure(course)) {
      rows.push(row);
      console.log(rowLine(row));
    }
  }
  save({ browser: { version: course.browser.version(), rows } });
}

function rowLine({ what, unit, value, aim }: Row): string {
  const aimed = aim === undefined ? '' : `  (aim ${aim})`;
  return `  ${what.padEnd(52)}${value.toPrecision(3).padStart(8)} ${unit}${aimed}`;
}

async function measureStart(course: Course): Promise<Row[]> {
  const opened: { seen: number; ready: number }[] = [];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await quiet();
    const { context, received } = await course.visit();
    const { live, seen, ready } = await course.open(context, LESSON);
    opened.push({ seen, ready });
    await live.figure(await live.runUpTo('penaltyCurve('));
    bytes = course.megabytes(received);
    await context.close();
  }
  return [
    { what: 'notebook open, cold cache', unit: 's', value: median(opened.map(({ seen }) => seen)), aim: 3 },
    { what: 'kernel ready after that', unit: 's', value: median(opened.map(({ ready }) => ready)), aim: 3 },
    { what: 'before the first figure of lesson 2, compressed', unit: 'MB', value: bytes, aim: 6 },
  ];
}

/** From the click on a link to the first figure of lesson 2, run at once, over a line as schools have it. */
async function measureSlowLine({ browser, address, folder }: Course): Promise<Row[]> {
  const { origin, pathname } = new URL(address);
  const server = slowLine(origin, LINE_MEGABITS).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const course = new Course(browser, `http://127.0.0.1:${port}${pathname}`, folder);
  // The first visit only compresses the files.
  let seconds = Number.NaN;
  for (let round = 0; round < 2; round++) {
    await quiet();
    const { context } = await course.visit();
    const begun = performance.now();
    const { live } = await course.open(context, LESSON);
    await live.figure(await live.runUpTo('penaltyCurve('));
    seconds = (performance.now() - begun) / 1000;
    await context.close();
  }
  server.closeAllConnections();
  server.close();
  return [
    {
      what: `first figure of lesson 2, ${LINE_MEGABITS} Mbit/s, cold cache`,
      unit: 's',
      value: seconds,
      aim: 15,
    },
  ];
}

async function measureCells(course: Course): Promise<Row[]> {
  await quiet();
  const { context } = await course.visit();
  const { live } = await course.open(context, LESSON);
  await live.run("import * as s from 'sparselab'; import { tf } from 'sparselab'; const x0 = 0;");
  const times: number[] = [];
  for (let cell = 1; cell <= CELLS; cell++) {
    times.push((await live.run(`const x${cell} = x${cell - 1} + 1; x${cell}`)).milliseconds);
  }
  await context.close();
  const slow = [...times].sort((a, b) => a - b)[Math.floor(0.9 * CELLS)] as number;
  return [
    { what: 'cell with types, median', unit: 'ms', value: median(times), aim: 35 },
    { what: 'cell with types, 9 of 10 below', unit: 'ms', value: slow, aim: 100 },
  ];
}

/** An epoch of MNIST, H = 64 and B = 128, here and in the page in turns. */
async function measureEpoch(course: Course): Promise<Row[]> {
  const { context } = await course.visit();
  const { live } = await course.open(context, LESSON);
  await expectOk(
    live,
    `// @ts-nocheck: what follows was compiled already
import { l1, loadMnist, SparseAutoencoder, train } from 'sparselab';
const training = loadMnist().training;
${secondsOf}`,
  );
  const { training } = loadMnist();
  const here: number[] = [];
  const there: number[] = [];
  // The first round only compiles.
  for (let round = 0; round <= ROUNDS; round++) {
    await quiet();
    const own = await epoch((epochs) => secondsOf(epochs, training, { SparseAutoencoder, l1, train }));
    await quiet();
    const page = await epoch(async (epochs) =>
      Number(await expectOk(live, `await secondsOf(${epochs}, training, { SparseAutoencoder, l1, train })`)),
    );
    if (round === 0) continue;
    here.push(own);
    there.push(page);
  }
  await context.close();
  const [native, chromium] = [median(here), median(there)];
  return [
    { what: 'epoch H=64 B=128, native', unit: 's', value: native },
    { what: 'epoch H=64 B=128, Chromium', unit: 's', value: chromium },
    {
      what: 'epoch H=64 B=128, Chromium as a multiple of native',
      unit: '×',
      value: chromium / native,
      aim: 3.5,
    },
  ];
}

async function epoch(seconds: (epochs: number) => Promise<number>): Promise<number> {
  const [few, many] = EPOCHS;
  const short = await seconds(few);
  return ((await seconds(many)) - short) / (many - few);
}

/** How long a training takes. The page gets its text, so it may use nothing from outside. */
async function secondsOf(
  epochs: number,
  training: ReturnType<typeof loadMnist>['training'],
  // biome-ignore lint/suspicious/noExplicitAny: the page compiles its JavaScript
  { SparseAutoencoder, l1, train }: any,
): Promise<number> {
  const model = new SparseAutoencoder({ inputDim: 784, hiddenDim: 64, seed: 1 });
  const begun = performance.now();
  await train(model, training, { penalty: l1(1e-3), epochs, batchSize: 128, seed: 1, progress: false });
  return (performance.now() - begun) / 1000;
}

/** The cost of the looks into loops: the same loop in a cell, and evaluated past the compiler. */
async function measureLoops(course: Course): Promise<Row[]> {
  const { context } = await course.visit();
  const { live } = await course.open(context, LESSON);
  const rows: Row[] = [];
  for (const [name, body] of Object.entries(LOOPS)) {
    await quiet();
    const ratio = await expectOk(
      live,
      `// @ts-nocheck
{
  const best = (work) => Math.min(...Array.from({ length: 9 }, () => { const begun = performance.now(); work(); return performance.now() - begun; }));
  const looking = () => { ${body} };
  const bare = (0, eval)(${JSON.stringify(`(() => { ${body} })`)});
  // Both once before, so that both are compiled.
  if (looking() !== bare()) throw new Error('not the same');
  globalThis.ratio = best(looking) / best(bare);
}
(globalThis as any).ratio`,
    );
    rows.push({ what: `looks into loops: ${name}`, unit: '×', value: Number(ratio), aim: 1.5 });
  }
  await context.close();
  return rows;
}

async function measureMemory(course: Course): Promise<Row[]> {
  await quiet();
  const { context } = await course.visit();
  const { live } = await course.open(context, LESSON);
  for (const { source } of codeOf(LESSON)) await expectOk(live, source);
  const { megabytes } = await course.pages();
  await context.close();
  return [{ what: 'memory of the page after lesson 2', unit: 'MB', value: megabytes, aim: 700 }];
}

/** Runs every lesson, each in a browser that was never here. */
async function measureLessons(course: Course): Promise<void> {
  const lessons: LessonRow[] = [];
  const names = readdirSync(join(root, 'notebooks'))
    .filter((name) => name.endsWith('.ipynb'))
    .sort();
  for (const name of names) {
    const { context } = await course.visit();
    const { live } = await course.open(context, name);
    const failed: string[] = [];
    const times: (Time & { cell: string })[] = [];
    for (const { id, source } of codeOf(name)) {
      const before = (await course.pages()).seconds;
      const outcome = await live.run(source);
      const processorSeconds = (await course.pages()).seconds - before;
      times.push({ cell: id, seconds: outcome.milliseconds / 1000, processorSeconds });
      if (outcome.status !== 'ok') failed.push(`${id}: ${shownText(outcome).slice(0, 500)}`);
    }
    const lesson = {
      name: name.replace('.ipynb', ''),
      cells: times.length,
      failed,
      seconds: times.reduce((sum, { seconds }) => sum + seconds, 0),
      processorSeconds: times.reduce((sum, { processorSeconds }) => sum + processorSeconds, 0),
      longest: times.reduce((longest, each) => (each.seconds > longest.seconds ? each : longest)),
    };
    await context.close();
    lessons.push(lesson);
    console.log(lessonLine(lesson));
    for (const problem of failed) console.log(`    ${problem}`);
  }
  const total = lessons.reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(`  all ${(total / 60).toFixed(1)} min (aim 15); aim of a cell: 60 s`);
  if (lessons.some(({ failed }) => failed.length > 0)) process.exitCode = 1;
  save({ browserLessons: lessons });
}

const lessonLine = ({ name, cells, failed, seconds, processorSeconds, longest }: LessonRow) =>
  `  ${name.padEnd(42)} ${cells} cells, ${failed.length} failed, ${seconds.toFixed(1)} s, processor ${processorSeconds.toFixed(1)} s; ` +
  `longest ${longest.cell} ${longest.seconds.toFixed(1)} s, processor ${longest.processorSeconds.toFixed(1)} s`;

/** Runs a cell that must not fail; what it showed. */
async function expectOk(live: LiveNotebook, code: string): Promise<string> {
  const outcome = await live.run(code);
  if (outcome.status !== 'ok') throw new Error(`${code}\n${shownText(outcome)}`);
  return shownText(outcome);
}

/** The code cells of a lesson. */
function codeOf(notebook: string): { id: string; source: string }[] {
  const { cells } = JSON.parse(readFileSync(join(root, 'notebooks', notebook), 'utf8')) as {
    cells: { id: string; cell_type: string; source: string | string[] }[];
  };
  return cells
    .filter((cell) => cell.cell_type === 'code')
    .map(({ id, source }) => ({ id, source: [source].flat().join('') }));
}

void main();
