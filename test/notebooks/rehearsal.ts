/**
 * Runs a lesson as its reader would, and looks at what its cells show.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it, type TestOptions } from 'node:test';
import { projectFolder, python, root } from '../notebook/support';
import { WHOLE } from '../support/run';
import { type Lesson, type LessonCell, lessonFolder, readLesson, shownText, solutionOf } from './lessons';
import { wrongNumbers } from './prose';

/** Prints how many tensors there are; before and after a lesson it must be the same. */
const TENSORS = `
import { tf as tensors } from 'sparselab';
console.log('tensors', tensors.memory().numTensors);
`;

/**
 * Values with which a lesson runs in seconds: little data, one epoch, of each list of numbers the first and the last.
 * A lesson must work with these settings, too.
 */
const quick = (settings: string) =>
  settings
    .replace(/(images|patches|examples): [\d_]+/g, '$1: 1000')
    .replace(/labelled: [\d_]+/, 'labelled: 200')
    .replace(/training: [\d_]+/, 'training: 2000')
    .replace(/hiddenDim: \d{3,}/g, 'hiddenDim: 100')
    .replace(/(epochs): \d+/gi, '$1: 1')
    .replace(/(geomspace\(.*), \d+\)/g, '$1, 3)')
    .replace(/\[([\d.e-]+), (?:[\d.e-]+, )+([\d.e-]+)\]/g, '[$1, $2]');

interface Step {
  readonly id: string;
  readonly source: string;
}

/**
 * A lesson as a reader works through it: with quick values; then, where it runs whole, again from the settings on with
 * those that it comes with, and with every solution tried after the open check.
 */
function rehearsal({ cells }: Lesson): Step[] {
  const code = cells.filter(({ type }) => type === 'code');
  const at = code.findIndex(({ id }) => id === 'settings');
  const [settings] = code.slice(at, at + 1);
  const first = code.map(({ id, source }) => ({
    id: `first-${id}`,
    source: id === 'settings' ? quick(source) : source,
  }));
  const solved = ({ id, source }: LessonCell): Step[] => {
    const number = /^check-(\d)$/.exec(id)?.[1];
    const answer = cells.find((cell) => cell.id === `solution-${number}`);
    const solution = answer && solutionOf(answer);
    return solution === undefined
      ? [{ id, source }]
      : [
          { id, source },
          { id: `answer-${number}`, source: solution },
          { id: `solved-${number}`, source },
        ];
  };
  const again = (settings ? code.slice(at) : code).flatMap(solved);
  const counted = (steps: Step[], round: number) => [...steps, { id: `tensors-${round}`, source: TENSORS }];
  return [[], first, ...(WHOLE ? [again] : [])].flatMap(counted);
}

/** Runs the steps in our kernel, and gives the cells with what they showed. */
function run(
  name: string,
  steps: readonly Step[],
): { cells: Map<string, LessonCell>; failure: string | undefined } {
  const folder = projectFolder();
  const path = join(folder, `${name}.ipynb`);
  const cells = steps.map(({ id, source }) => ({
    cell_type: 'code',
    id,
    source,
    metadata: {},
    outputs: [],
    execution_count: null,
  }));
  const kernelspec = { name: 'tslab', display_name: 'TypeScript (Sparselab)', language: 'typescript' };
  writeFileSync(path, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells }));
  const runner = join(root, 'src', 'notebook', 'runLessons.py');
  const { status, stderr } = spawnSync(
    python,
    [runner, '--save', '--notebooks', folder, '--site', join(folder, 'site')],
    { encoding: 'utf8', env: { ...process.env, PYTHONIOENCODING: 'utf-8' } },
  );
  return {
    cells: new Map(readLesson(path, name).cells.map((cell) => [cell.id, cell])),
    failure: status === 0 ? undefined : stderr,
  };
}

/**
 * The tests of a lesson, which is run for them.
 *
 * @param name its file's, without `.ipynb`
 * @param options of all of them
 */
export function rehearse(name: string, options: TestOptions = {}): void {
  const lesson = readLesson(join(lessonFolder, `${name}.ipynb`), name);
  describe(
    `${lesson.name}.ipynb, run ${WHOLE ? 'twice, with quick values and with its own' : 'with quick values'}`,
    options,
    () => {
      let cells = new Map<string, LessonCell>();
      let failure: string | undefined;
      const text = (id: string) => shownText(cells.get(id) as LessonCell);

      before(() => {
        ({ cells, failure } = run(lesson.name, rehearsal(lesson)));
      });

      it('runs without an error', () => assert.equal(failure, undefined));

      it('leaves no tensor behind', () => {
        for (const round of WHOLE ? [1, 2] : [1]) assert.equal(text(`tensors-${round}`), text('tensors-0'));
      });

      it('says of open exercises that they are open', () => {
        for (const id of cells.keys()) if (/^(first-)?check-\d$/.test(id)) assert.match(text(id), /^○ /);
      });

      if (!WHOLE) return;

      it('prints the numbers that its text states', () => {
        const texts = lesson.cells.map(({ source }) => source);
        assert.deepEqual(wrongNumbers(texts, text), []);
      });

      it('says of its own solutions that they are right', () => {
        for (const id of cells.keys()) if (/^solved-\d$/.test(id)) assert.match(text(id), /^✓ /);
      });
    },
  );
}
