import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { kernelInfo } from 'sparselab/dist/kernel/core/protocol/kernelInfo';
import { loadTypeScript } from 'sparselab/dist/kernel/node/typescript';
import { root } from '../notebook/support';
import { readLessons, solutionOf } from './lessons';
import { heldNumbers, looseNumbers } from './prose';

const ts = loadTypeScript();

/** Lessons from this one on have hyperparameters and exercises; the ones before are about the page itself. */
const FIRST_WITH_EXERCISES = '01';

for (const { name, cells, metadata, format } of readLessons()) {
  const code = cells.filter(({ type }) => type === 'code');
  const text = cells.filter(({ type }) => type === 'markdown');

  describe(`${name}.ipynb`, () => {
    it('is a notebook of our kernel, without outputs, so that a diff shows what an author changed', () => {
      assert.deepEqual(format, [4, 5]);
      assert.deepEqual(metadata.kernelspec, {
        display_name: 'TypeScript (Sparselab)',
        language: 'typescript',
        name: 'tslab',
      });
      assert.ok(code.every(({ outputs, executionCount }) => outputs.length === 0 && executionCount === null));
    });

    it('says of its language what the kernel says, so that opening it changes nothing', () => {
      assert.deepEqual(metadata.language_info, kernelInfo('', ts.version, '').language_info);
    });

    it('has a test that runs it', () => {
      const test = join(root, 'test', 'notebooks', 'run', `${name}.test.ts`);
      assert.ok(readFileSync(test, 'utf8').includes(`rehearse('${name}'`));
    });

    it('has a name for every cell, each used once', () => {
      assert.equal(new Set(cells.map(({ id }) => id)).size, cells.length);
      assert.ok(cells.every(({ id }) => /^[a-z][a-z0-9-]*$/.test(id)));
    });

    it('opens with what one will be able to do, what one needs and how long it takes', () => {
      const opening = cells[0]?.source ?? '';
      for (const part of [/^# \d+ · /, /you will be able to/, /\*\*You need\*\*/, /\*\*Time:\*\*/]) {
        assert.match(opening, part);
      }
    });

    it('has short cells, seldom more than twenty lines', () => {
      const lengths = code.map(({ source }) => source.split('\n').length);
      assert.ok(Math.max(...lengths) <= 25, `the longest has ${Math.max(...lengths)} lines`);
      assert.ok(lengths.filter((lines) => lines > 20).length <= 1);
      const wide = code.flatMap(({ id, source }) =>
        source.split('\n').flatMap((line) => (line.length > 100 ? [`${id}: ${line}`] : [])),
      );
      assert.deepEqual(wide, [], 'lines of more than 100 characters');
    });

    it('states no measured number that no cell prints', () => {
      assert.deepEqual(
        text.flatMap(({ id, source }) => looseNumbers(source).map((number) => `${id}: ${number}`)),
        [],
      );
      const ids = new Set(code.map(({ id }) => id));
      for (const { cell, text: mark } of text.flatMap(({ source }) => heldNumbers(source))) {
        assert.ok(ids.has(cell), `no cell ${cell} for ${mark}`);
      }
    });

    it('says in words what varies by 40 % or more from run to run: such a number says nothing', () => {
      const loose = text
        .flatMap(({ source }) => heldNumbers(source))
        .filter(({ tolerance }) => tolerance >= 0.4);
      assert.deepEqual(
        loose.map(({ text: mark }) => mark),
        [],
      );
    });

    if (name < FIRST_WITH_EXERCISES) return;

    it('has one cell of values to play with', () => {
      assert.equal(code.filter(({ id }) => id === 'settings').length, 1);
    });

    it('asks for predictions', () => {
      assert.ok(text.filter(({ source }) => source.includes('**Predict.**')).length >= 3);
    });

    it('has at least four exercises with difficulty, minutes, hint, check and solution, one of them open', () => {
      const questions = text.filter(({ id }) => /^exercise-\d-text$/.test(id));
      assert.ok(questions.length >= 4);
      for (const { id, source } of questions) {
        const number = /\d/.exec(id)?.[0];
        const cell = (part: string) => cells.find((one) => one.id === `${part}-${number}`);
        assert.match(source, /^### \d\. .+ · ★+ · \d+ minutes/);
        assert.ok(cell('exercise'), `${id} needs a cell to answer in`);
        assert.match(cell('solution')?.source ?? '', /<summary>Hint<\/summary>/);
        if (source.includes(', open')) continue;
        assert.match(cell('check')?.source ?? '', /^check\.\w+\(/);
        assert.ok(solutionOf(cell('solution') as (typeof cells)[number]), `${id} needs a solution`);
      }
      assert.ok(questions.some(({ source }) => source.includes(', open')));
    });
  });
}
