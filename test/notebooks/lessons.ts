import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../notebook/support';

/** The folder of the lessons. */
export const lessonFolder = join(root, 'notebooks');

/** One cell of a notebook, its lines joined. */
export interface LessonCell {
  readonly id: string;
  readonly type: 'markdown' | 'code';
  readonly source: string;
  readonly outputs: readonly CellOutput[];
  readonly executionCount: number | null;
}

/** Output of a cell, as nbformat 4.5 has it. */
export interface CellOutput {
  readonly output_type: string;
  readonly text?: Lines;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A notebook. */
export interface Lesson {
  readonly name: string;
  readonly cells: readonly LessonCell[];
  readonly metadata: {
    readonly kernelspec?: Readonly<Record<string, string>>;
    readonly language_info?: Readonly<Record<string, unknown>>;
  };
  readonly format: readonly [major: number, minor: number];
}

type Lines = string | readonly string[];

interface NotebookFile {
  readonly nbformat: number;
  readonly nbformat_minor: number;
  readonly metadata: Lesson['metadata'];
  readonly cells: readonly {
    readonly id: string;
    readonly cell_type: 'markdown' | 'code';
    readonly source: Lines;
    readonly outputs?: readonly CellOutput[];
    readonly execution_count?: number | null;
  }[];
}

/** The lessons in their order; assignments are not among them. */
export function readLessons(): Lesson[] {
  return readdirSync(lessonFolder)
    .filter((file) => file.endsWith('.ipynb'))
    .sort()
    .map((file) => readLesson(join(lessonFolder, file), file.replace('.ipynb', '')));
}

/** Reads a notebook. */
export function readLesson(path: string, name: string): Lesson {
  const file = JSON.parse(readFileSync(path, 'utf8')) as NotebookFile;
  return {
    name,
    metadata: file.metadata,
    format: [file.nbformat, file.nbformat_minor],
    cells: file.cells.map(({ id, cell_type, source, outputs = [], execution_count = null }) => ({
      id,
      type: cell_type,
      source: joined(source),
      outputs,
      executionCount: execution_count,
    })),
  };
}

/** A cell's printed output and its value as text. */
export function shownText({ outputs }: LessonCell): string {
  return outputs.map(({ text, data }) => joined(text ?? (data?.['text/plain'] as Lines) ?? '')).join('\n');
}

/** The solution's code of an exercise: the first code block of the last folded part of its cell. */
export function solutionOf({ source }: LessonCell): string | undefined {
  const folded = source.split('<details>').at(-1) ?? '';
  return /```ts\n([\s\S]*?)```/.exec(folded)?.[1];
}

const joined = (lines: Lines) => (typeof lines === 'string' ? lines : lines.join(''));
