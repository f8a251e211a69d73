import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe } from 'node:test';
import { notebooksDir, root } from '../../../src/setup/paths.mjs';
import { WHOLE } from './testSite.mjs';

/** The lesson of a short run of the tests. */
const SAMPLE = 4;

/** Put before the kernel's script: cells are compiled, and what would be evaluated is kept instead. */
const KEEP = `globalThis.written = [];
const { eval: evaluate } = globalThis;
globalThis.eval = (text) => {
  if (!/\\n\\/\\/# sourceURL=In\\[\\d+\\]$/.test(text)) return evaluate(text);
  written.push(text);
  return () => () => undefined;
};
`;

/** How long 360 cells may take where others work, too, in milliseconds. */
const COMPILING_MS = 600_000;

/**
 * Whether the page's kernel and Node's write the same code.
 *
 * @param {() => import('./testSite.mjs').TestSite} site
 * @param {(title: string, check: () => Promise<void>, timeout: number) => void} test
 */
export function parityTests(site, test) {
  describe('the code of cells', () => {
    test(
      `is, for every cell of ${WHOLE ? 'every lesson' : `lesson ${SAMPLE}`}, what Node's compiler writes with the page's looks into loops and awaits`,
      async () => {
        const cells = cellsOfLessons();
        /** @type {string[]} */
        let expected = [];
        // The page compiles meanwhile.
        const here = await compiledInPage(site(), cells, () => {
          expected = compiledOnNode(cells);
        });
        assert.equal(here.length, expected.length);
        for (const [index, code] of here.entries()) assert.equal(code, expected[index], cells[index]);
      },
      COMPILING_MS,
    );
  });
}

/** The code cells of the lessons, in their order. @returns {string[]} */
function cellsOfLessons() {
  return readdirSync(notebooksDir)
    .filter((name) => name.endsWith('.ipynb'))
    .sort()
    .filter((_, number) => WHOLE || number === SAMPLE)
    .flatMap((name) => JSON.parse(readFileSync(join(notebooksDir, name), 'utf8')).cells)
    .filter((cell) => cell.cell_type === 'code')
    .map(({ source }) => [source].flat().join(''));
}

/** What Node's compiler makes of cells that follow each other, with what a page adds. @param {readonly string[]} cells */
function compiledOnNode(cells) {
  const require = createRequire(import.meta.url);
  const compiled = (/** @type {string} */ path) => require(join(root, 'dist', 'kernel', path));
  const { CellCompiler } = compiled('core/compiler/cellCompiler.js');
  const { Declarations } = compiled('core/compiler/declarations.js');
  const { guardAwaits } = compiled('core/compiler/guardAwaits.js');
  const { filesOnDisk, loadTypeScript, readSourceMap } = compiled('node/typescript.js');
  const { loopLooks } = compiled('web/loopLooks.js');
  const { resumeAwaits } = compiled('web/resumeAwaits.js');
  const ts = loadTypeScript();
  const compiler = new CellCompiler(ts, filesOnDisk(ts, notebooksDir), readSourceMap, {
    instruments: [guardAwaits, resumeAwaits, loopLooks],
  });
  let before = Declarations.none;
  return cells.map((source) => {
    const { code, isAsync, declarations } = compiler.compile(before, source);
    before = declarations;
    return `${isAsync ? 'async ' : ''}() => {\n${code}`;
  });
}

/**
 * The same code by the kernel of a page, which runs nothing of it.
 * @param {import('./testSite.mjs').TestSite} site
 * @param {readonly string[]} cells
 * @param {() => void} meanwhile is done while it compiles
 * @returns {Promise<string[]>}
 */
async function compiledInPage(site, cells, meanwhile) {
  const visit = await site.visit();
  site.fault = ({ url = '' }, response) => {
    if (!url.endsWith('/kernel.js')) return false;
    response.writeHead(200, { 'Content-Type': 'text/javascript' });
    response.end(KEEP + readFileSync(site.file(url), 'utf8'));
    return true;
  };
  try {
    const tab = await visit.open('00-start-here.ipynb');
    const kernel = await tab.kernel();
    // Once it has answered, the page asks this process for nothing more.
    await kernel.evaluate((kernel) => kernel.requestExecute({ code: '', silent: true }).done);
    const compiling = kernel.evaluate(async (kernel, cells) => {
      const problems = [];
      for (const code of cells) {
        const { content } = await kernel.requestExecute({ code, stop_on_error: false }).done;
        if (content.status !== 'ok') problems.push(content.evalue);
      }
      return problems;
    }, cells);
    meanwhile();
    const problems = await compiling;
    assert.deepEqual(problems, []);
    const workers = tab.page.workers().filter((worker) => worker.url().endsWith('/kernel.js'));
    assert.equal(
      workers.length,
      1,
      tab.page
        .workers()
        .map((worker) => worker.url())
        .join(),
    );
    const written = await workers[0]?.evaluate(
      () => /** @type {string[]} */ (Reflect.get(globalThis, 'written')),
    );
    // The kernel's own head and end are not the compiler's.
    return (written ?? [])
      .slice(-cells.length)
      .map((text) =>
        text
          .replace(/^\(function \([^)]*\) \{ 'use strict'; return /, '')
          .replace(/\n\}; \}\)\n\/\/# sourceURL=.*$/, ''),
      );
  } finally {
    site.fault = undefined;
    await visit.close();
  }
}
