import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../notebook/support';
import { type LessonCell, readLesson, readLessons } from './lessons';

const MOST_BYTES = 1.6e6;
const FIGURE = 'application/vnd.plotly.v1+json';

describe("the readers' copies of the lessons", () => {
  for (const lesson of readLessons()) {
    const path = join(root, 'docs', 'lessons', `${lesson.name}.ipynb`);
    const copy = readLesson(path, lesson.name);
    const bundles = copy.cells.flatMap(({ outputs }) => outputs.map(({ data = {} }) => data));

    it(`${lesson.name}: is the lesson as it stands; npm run lessons -- --publish renews it`, () => {
      const written = ({ id, type, source }: LessonCell) => ({ id, type, source });
      assert.deepEqual(copy.cells.map(written), lesson.cells.map(written));
    });

    it(`${lesson.name}: every cell was run, and every figure is there as data and as a picture`, () => {
      const code = copy.cells.filter(({ type }) => type === 'code');
      assert.deepEqual(
        code.map(({ executionCount }) => executionCount),
        code.map((_, index) => index + 1),
      );
      const figures = bundles.filter((data) => FIGURE in data);
      assert.ok(figures.length > 0);
      for (const { 'image/png': picture } of figures) {
        // "\x89PNG" and a carriage return, in base64.
        assert.match(String(picture), /^iVBORw0K/);
      }
    });

    it(`${lesson.name}: dashboards are there as pictures, as a code host would leave nothing of their HTML`, () => {
      const html = bundles.filter((data) => String(data['text/html'] ?? '').includes('sparselab-dashboard'));
      assert.deepEqual(html, []);
    });

    it(`${lesson.name}: is no larger than a code host shows`, () => {
      assert.ok(statSync(path).size <= MOST_BYTES, `${statSync(path).size} bytes`);
    });
  }
});
