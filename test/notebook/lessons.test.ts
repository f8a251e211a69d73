import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { browserFor } from '../kernel/notebookPage';
import { type CellSource, projectFolder, python, root, writeNotebook } from './support';

/** Runs lessons of these cells; their pages go to a folder of their own. */
function runLessons(lessons: Readonly<Record<string, readonly CellSource[]>>, ...options: string[]) {
  const notebooks = projectFolder();
  for (const [name, cells] of Object.entries(lessons)) writeNotebook(notebooks, name, cells);
  const site = join(notebooks, 'site');
  const run = (...more: string[]) =>
    spawnSync(
      python,
      [join(root, 'src', 'notebook', 'runLessons.py'), '--notebooks', notebooks, '--site', site, ...more],
      { encoding: 'utf8', env: { ...process.env, PYTHONIOENCODING: 'utf-8' } },
    );
  return { notebooks, site, again: run, ...run(...options) };
}

function page(site: string, name: string): string {
  return readFileSync(join(site, `${name}.html`), 'utf8');
}

const figureCell = `
import { Figure } from 'sparselab';
new Figure([{ type: 'scatter', mode: 'lines', x: [0, 1], y: [0, 1], name: '</script><b>' }], { title: { text: 'Up & on' } })`;

const boardCell = `
import { weightImages } from 'sparselab';
const units = { values: new Float32Array(64 * 784), shape: [64, 784] as const };
weightImages(units, { imageShape: [28, 28], columns: 8, normalize: true, title: 'Words that a telephone can only show in two lines' })`;

const panelCell = `
import { loadDigits, SparseAutoencoder, unitPanel } from 'sparselab';
unitPanel(new SparseAutoencoder({ inputDim: 64, hiddenDim: 4, seed: 1 }), loadDigits().take(50))`;

describe('npm run lessons', () => {
  const course = runLessons({
    '02-second': ['# Second', panelCell, boardCell],
    '01-first': [
      '# 1. The *first* `lesson`\n\nYou can\n\n- **tell** [this](x)\n  from that,\n- say what $h_j$ is.\n\nBegin.',
      '## More\n\nSee [the second](02-second.ipynb) and [the third](03-third.ipynb#more). The loss $L = \\lambda \\sum_i |h_i|$ with a < b.',
      figureCell,
      "console.log('\\u001b[31mred\\u001b[0m <tag>');\n'1 < 2'",
      "import { interact, logSlider } from 'sparselab';\nawait interact({ lambda: logSlider(1e-5, 1e-1) }, ({ lambda }) => 'drawn for ' + lambda)",
    ],
  });

  it('runs the lessons in the order of their names and says how far it is', () => {
    assert.equal(course.status, 0, course.stderr);
    assert.match(course.stdout, /1\/2 01-first {2}cell 1\/3 {2}\d+\.\d s\n1\/2 01-first {2}cell 2\/3/);
    assert.match(course.stdout, /2\/2 02-second {2}all of 2 cells/);
    assert.match(course.stdout, /Lessons: 2, in \d+ s: .*index\.html\n$/);
  });

  it('lists the lessons with what they aim at, and joins each to its neighbours', () => {
    const contents = page(course.site, 'index');
    assert.ok(contents.includes('<h3><a href="01-first.html">1. The first lesson</a></h3>'));
    assert.ok(contents.includes('<ul><li>tell this from that,</li><li>say what $h_j$ is.</li></ul>'));
    assert.ok(contents.indexOf('01-first.html') < contents.indexOf('02-second.html'));
    assert.match(page(course.site, '01-first'), /<a href="02-second\.html" rel="next">Second →<\/a>/);
    assert.match(
      page(course.site, '02-second'),
      /<a href="01-first\.html" rel="prev">← 1\. The first lesson<\/a>/,
    );
  });

  it('leads from the text of a lesson to the pages of others, and nowhere while these have none', () => {
    const html = page(course.site, '01-first');
    assert.match(html, /<a [^>]*href="02-second\.html">the second<\/a>/);
    assert.match(html, /<a (?![^>]*href)[^>]*>the third<\/a>/);
  });

  it('puts a figure into its page as data that is read back as it was', () => {
    const [, json] =
      /<figure class="plotly"><p>Figure: Up &amp; on<\/p><script type="application\/json">(.*?)<\/script>/s.exec(
        page(course.site, '01-first'),
      ) ?? [];
    const figure = JSON.parse(json ?? '') as { data: { name: string }[] };
    assert.equal(figure.data[0]?.name, '</script><b>');
  });

  it('puts a unit panel into its page as a panel, not as the figure that replaces it elsewhere', () => {
    const html = page(course.site, '02-second');
    const [, json] =
      /<figure class="units"><p>Unit panel: 4 units.*?<\/p><script type="application\/json">(.*?)<\/script>/s.exec(
        html,
      ) ?? [];
    assert.equal((JSON.parse(json ?? '') as { units: object[] }).units.length, 4);
    assert.equal(html.match(/<figure class="plotly">/g)?.length, 1, 'the other cell’s');
    assert.match(html, /<script defer(="")? src="assets\/unitPanel\.js">/);
  });

  it('has the glossary, with its formulas, one step from every page', () => {
    assert.match(page(course.site, 'glossary'), /<strong>L1<\/strong> — the penalty \$\\sum_j \|h_j\|\$/);
    for (const name of ['index', '01-first', 'glossary']) {
      assert.match(page(course.site, name), /<a href="glossary\.html">Glossary<\/a>/);
    }
  });

  it('shows a figure whole on a telephone: its title, and pictures without an empty column', async (t) => {
    const browser = await browserFor(t);
    if (!browser) return;
    t.after(() => browser.close());
    const telephone = await browser.newPage({ viewport: { width: 375, height: 800 } });
    await telephone.goto(pathToFileURL(join(course.site, '02-second.html')).href);
    await telephone.locator('figure.plotly').scrollIntoViewIfNeeded();
    for (const words of ['.gtitle', '.gtitle-subtitle']) {
      const box = await telephone.locator(`figure.plotly ${words}`).boundingBox();
      assert.ok(
        box && box.x >= 0 && box.x + box.width <= 375,
        `${words} ends at ${box && box.x + box.width}`,
      );
    }
    const figure = await telephone.locator('figure.plotly').boundingBox();
    assert.ok(figure && figure.height < 500, `${figure?.height} pixels for a square of less than 351`);
  });

  it('shows what cells print, colours and all, as text and not as HTML', () => {
    const html = page(course.site, '01-first');
    assert.match(html, /<span class="ansi-red-fg">red<\/span> &lt;tag&gt;/);
    assert.match(html, /<pre class="output">(&#39;|')1 &lt; 2/);
    assert.match(html, /<div class="highlight[^"]*"><pre>.*<span class="k">import<\/span>/s);
    assert.match(html, /\$L = \\lambda \\sum_i \|h_i\|\$/);
  });

  it('shows of controls their first values, and what was drawn for them', () => {
    const html = page(course.site, '01-first');
    assert.match(html, /lambda: 0\.001[\s\S]*drawn for 0\.001/);
    assert.doesNotMatch(html, /widget/);
  });

  it('brings everything that its pages name, and names nothing elsewhere', () => {
    const files = readdirSync(course.site, { recursive: true, encoding: 'utf8' });
    for (const name of ['index', '01-first', '02-second', 'glossary']) {
      const addresses = [...page(course.site, name).matchAll(/(?:src|href)="([^"]*)"/g)].map(
        ([, address]) => address ?? '',
      );
      assert.ok(addresses.length > 0);
      for (const address of addresses) {
        if (address === 'x' || address === 'data:,' || address.startsWith('#')) continue;
        assert.ok(files.includes(join(...address.split('/'))), address);
      }
    }
    const css = readFileSync(join(course.site, 'assets', 'katex', 'katex.min.css'), 'utf8');
    for (const [, font] of css.matchAll(/url\((fonts\/[^)]*\.woff2)\)/g)) {
      assert.ok(existsSync(join(course.site, 'assets', 'katex', font ?? '')), font);
    }
    assert.equal(files.filter((file) => file.endsWith('plotly.js')).length, 1);
  });

  it('stops at the cell that fails, says how, and leaves the pages as they were', () => {
    writeNotebook(course.notebooks, '03-third', [
      'const fine = 1;',
      "\nthrow new RangeError('λ must be at least 0; got -1');",
      'fine',
    ]);
    const before = statSync(join(course.site, 'index.html')).ino;
    const { status, stdout, stderr } = course.again('03');
    assert.equal(status, 1);
    assert.match(stderr, /03-third\.ipynb, code cell 2 of 3 failed:/);
    assert.match(stderr, /RangeError: λ must be at least 0; got -1/);
    assert.match(stderr, /In\[2\]:2:7/);
    assert.doesNotMatch(stdout, /cell 3\/3/);
    assert.equal(statSync(join(course.site, 'index.html')).ino, before);
    assert.deepEqual(
      readdirSync(course.notebooks).filter((name) => name.startsWith('.')),
      [],
      'nothing half-written stays',
    );
  });

  it('runs the lessons that are named, keeps the pages of the others, and refuses a name that there is not', () => {
    const { status, stdout } = course.again('02');
    assert.equal(status, 0);
    assert.match(stdout, /^1\/1 02-second/);
    const contents = page(course.site, 'index');
    for (const name of ['01-first', '02-second'])
      assert.ok(contents.includes(`<a href="${name}.html">`), name);
    assert.match(page(course.site, '01-first'), /Up &amp; on/);
    assert.match(contents, /<h3>03-third \(not run yet\)<\/h3>/);
    const wrong = course.again('07');
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /there is no lesson '07'; there are 01-first, 02-second, 03-third/);
  });

  it('says before anything runs that it has no browser to draw the copies with', () => {
    const notebooks = projectFolder();
    writeNotebook(notebooks, '01-one', ['# One', '1']);
    const { status, stdout, stderr } = spawnSync(
      python,
      [
        join(root, 'src', 'notebook', 'runLessons.py'),
        ...['--publish', '--notebooks', notebooks, '--site', join(notebooks, 'site')],
        ...['--copies', join(notebooks, 'copies')],
      ],
      { encoding: 'utf8', env: { ...process.env, SPARSELAB_BROWSER: join(notebooks, 'no-browser') } },
    );
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /Pictures need a Chromium, Chrome or Edge: install one, or name it in SPARSELAB_BROWSER/,
    );
    assert.deepEqual(readdirSync(notebooks), ['01-one.ipynb']);
  });

  it('joins a page that stays to a new neighbour', () => {
    assert.doesNotMatch(page(course.site, '02-second'), /rel="next"/);
    writeNotebook(course.notebooks, '03-third', ['# Third', '3']);
    assert.equal(course.again('03').status, 0);
    const second = page(course.site, '02-second');
    assert.match(
      second,
      /<a href="01-first\.html" rel="prev">.*<a href="03-third\.html" rel="next">Third →<\/a>/,
    );
    assert.equal(second.match(/<nav /g)?.length, 1);
    assert.match(page(course.site, '01-first'), /<a [^>]*href="03-third\.html">the third<\/a>/);
    assert.match(page(course.site, 'index'), /<a href="03-third\.html">Third<\/a>/);
  });

  it('keeps outputs in the notebooks only when told', () => {
    const path = join(course.notebooks, '02-second.ipynb');
    const before =
      writeNotebook(course.notebooks, '02-second', ['# Second', '6 * 7']) && readFileSync(path, 'utf8');
    course.again('02');
    assert.equal(readFileSync(path, 'utf8'), before);
    course.again('02', '--save');
    const { cells } = JSON.parse(readFileSync(path, 'utf8')) as { cells: { outputs?: { data: object }[] }[] };
    assert.deepEqual(cells[1]?.outputs?.[0]?.data, { 'text/plain': ['42'] });
    assert.equal(course.again('02', '--no-execute').status, 0);
    assert.match(page(course.site, '02-second'), /<pre class="output">42<\/pre>/);
  });

  it('links each page to its lesson in the live course, where there is one', () => {
    const link = '<a href="live/lab/index.html?path=02-second.ipynb">Run this lesson</a>';
    assert.ok(!page(course.site, '02-second').includes(link));
    assert.equal(course.again('02', '--no-execute', '--live', 'live').status, 0);
    assert.ok(page(course.site, '02-second').includes(link));
    const contents = page(course.site, 'index');
    assert.match(contents, /<a class="button" href="live\/lab\/index\.html\?path=02-second\.ipynb"/);
    assert.match(contents, /<a class="button" href="playground\.html">/);
  });

  it('puts a picture and a question beside each lesson of the course', () => {
    const { site, status } = runLessons({ '03-the-kl-penalty': ['# 3 · The KL penalty', '1'] });
    assert.equal(status, 0);
    const contents = page(site, 'index');
    assert.match(
      contents,
      /<img src="assets\/lessons\/03-the-kl-penalty\.png"[^>]*alt="What the 25 units look for/,
    );
    assert.match(contents, /How does a penalty hold a unit to an average/);
    const picture = readFileSync(join(site, 'assets', 'lessons', '03-the-kl-penalty.png'));
    assert.equal(picture.subarray(1, 4).toString(), 'PNG');
  });
});
