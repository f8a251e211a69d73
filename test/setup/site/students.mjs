import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { jupyterEnvironment } from '../../../src/setup/jupyter.mjs';
import { root, venvPython } from '../../../src/setup/paths.mjs';

const ASSIGNMENT = 'assignments/penalties.ipynb';
const LESSON = '00-start-here.ipynb';

/** A right answer to the first question of the assignment. */
const ANSWER = `function meanSquaredError(x: Rows, xHat: Rows): number {
  return sum(x.flatMap((row, k) => row.map((value, i) => (value - xHat[k]![i]!) ** 2))) / x.flat().length;
}`;

/**
 * Work of students: changed notebooks, and hand-ins.
 *
 * @param {() => import('./testSite.mjs').TestSite} site
 * @param {(title: string, check: () => Promise<void>) => void} test
 */
export function studentTests(site, test) {
  describe('work of students in the live course', () => {
    const folder = join(root, 'build', 'test-live-class');
    /** @type {import('./testSite.mjs').Visit} */
    let visit;
    before(async () => {
      if (site() === undefined) return;
      rmSync(folder, { recursive: true, force: true });
      visit = await site().visit();
    });
    after(async () => {
      await visit?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** Runs a command of the classroom. @param {...string} args */
    function classroom(...args) {
      const { status, stdout, stderr } = spawnSync(
        venvPython(),
        ['-m', 'classroom', ...args, '--class', join(folder, 'class')],
        {
          cwd: root,
          env: {
            ...jupyterEnvironment(),
            PYTHONPATH: join(root, 'src'),
            PYTHONUTF8: '1',
            SPARSELAB_NODE: process.execPath,
          },
          encoding: 'utf8',
        },
      );
      return { status, said: `${stdout}${stderr}` };
    }

    test('is checked there, downloaded, collected and graded', async () => {
      assert.equal(classroom('release', 'penalties').status, 0);
      const tab = await visit.open(ASSIGNMENT);
      // The first answer is right; all others are left as they were.
      const cells = await tab.page.evaluate((answer) => {
        const { widgets } = Reflect.get(globalThis, 'jupyterapp').shell.currentWidget.content;
        const models = widgets.map((/** @type {any} */ { model }) => model.sharedModel);
        const at = models.findIndex((/** @type {any} */ model) =>
          model.getSource().startsWith('function meanSquaredError('),
        );
        models[at].setSource(answer);
        return [at - 2, at, at + 1].map((cell) => models[cell].getSource());
      }, ANSWER);
      const said = [];
      for (const cell of cells) said.push(await tab.run(cell));
      assert.match(said[2]?.text ?? '', /10$/, JSON.stringify(said));

      const coming = tab.page.waitForEvent('download');
      await tab.page.evaluate(() =>
        Reflect.get(globalThis, 'jupyterapp').commands.execute('docmanager:download'),
      );
      const download = await coming;
      // As it comes, in the folder where a teacher puts what comes: whose it is must be said.
      const handIns = join(folder, 'hand-ins');
      const name = download.suggestedFilename();
      await download.saveAs(join(handIns, name));
      assert.match(classroom('collect', handIns).said, /put it into a folder with the student's name/);
      renameSync(join(handIns, name), join(handIns, `Ann Lee_${name}`));
      assert.match(classroom('collect', handIns).said, /Ann-Lee .*penalties .*taken/);
      const graded = classroom('grade');
      assert.equal(graded.status, 0, graded.said);
      classroom('export', join(folder, 'grades.csv'));
      assert.match(readFileSync(join(folder, 'grades.csv'), 'utf8'), /Ann-Lee.*\b10(\.0)?\b/);
    });

    test('stays in the browser, and a new version of the notebook is offered beside it', async () => {
      const path = join(site().live, 'files', LESSON);
      const course = join(site().live, 'extensions', 'sparselab-course', 'static', 'remoteEntry.js');
      const [before, script] = [readFileSync(path, 'utf8'), readFileSync(course, 'utf8')];
      const own = await site().visit();
      const tab = await own.open(LESSON);
      const again = async () => {
        await tab.page.goto(own.address(LESSON));
        await tab.kernelIsIdle();
      };
      await tab.page.evaluate(async () => {
        const { content, context } = Reflect.get(globalThis, 'jupyterapp').shell.currentWidget;
        content.widgets[0].model.sharedModel.setSource('# My own title');
        await context.save();
      });
      const { version } = JSON.parse(before).metadata.sparselab;
      try {
        writeFileSync(path, before.replace(version, 'new').replace('Start here', 'A better start'));
        writeFileSync(course, script.replace(version, 'new'));
        await again();
        const titles = () => tab.page.locator('.jp-Notebook:visible h1').first().innerText();
        assert.match(await titles(), /My own title/);
        await tab.page.locator('.jp-toast-button', { hasText: 'Open the new version, too' }).click();
        await tab.page.locator('.jp-Notebook:visible h1', { hasText: 'A better start' }).waitFor();
        // Both are there from now on, and nothing is offered twice.
        await again();
        assert.match(await titles(), /My own title/);
        assert.equal(await tab.page.locator('.jp-toast-button').count(), 0);
        const names = await tab.page.evaluate(async () => {
          const { contents } = Reflect.get(globalThis, 'jupyterapp').serviceManager;
          const { content } = await contents.get('', { content: true });
          return content
            .map((/** @type {any} */ { name }) => name)
            .filter((/** @type {string} */ name) => name.startsWith('00'));
        });
        assert.deepEqual(names.sort(), ['00-start-here (new version).ipynb', LESSON]);
      } finally {
        writeFileSync(path, before);
        writeFileSync(course, script);
        await own.close();
      }
    });
  });
}
