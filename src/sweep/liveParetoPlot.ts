import { platform } from '#platform';
import { counted } from '../numbers/shown';
import { DISPLAY } from '../page/cell';
import { notebookPage, toBundle } from '../page/display';
import { linesOf } from '../page/textTable';
import { paretoPlot } from '../plots/paretoPlot';
import { describeProgress, type SweepProgress } from './progress';
import type { SweepTable } from './table';

/**
 * Shows a sweep while it runs: a line with its state, the failures with the settings that caused them, and the front of
 * reconstruction against sparsity as it fills: one front for each combination of the settings that differ besides the
 * strength and the seed. Everything is drawn over what was there before.
 *
 * @param setting The setting that is the strength. Default: `lambda` or `beta`.
 *
 * @example await sweep({ lambda: geomspace(1e-6, 1e-2, 9) }, { data: 'digits', penalty: 'l1', onProgress: liveParetoPlot() })
 */
export function liveParetoPlot(setting?: string): (progress: SweepProgress, table: SweepTable) => void {
  const text = replaced();
  const front = replaced();
  return (progress, table) => {
    text(new Lines(describe(progress)));
    if (table.done.some(({ metrics }) => Number.isFinite(metrics.l0) && Number.isFinite(metrics.mse))) {
      const title = `${progress.done} of ${counted(progress.total, 'trial')}`;
      front(paretoPlot(table.fronts(setting), { title }));
    }
  };
}

/** Text that a notebook shows as it is. */
class Lines {
  constructor(readonly lines: readonly string[]) {}

  toString(): string {
    return this.lines.join('\n');
  }

  [DISPLAY](): { 'text/plain': string } {
    return { 'text/plain': this.toString() };
  }
}

function describe(progress: SweepProgress): string[] {
  const failures = progress.failures.map(({ settings, error }) => {
    const named = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
    return `failed at ${named.join(', ')}: ${error}`;
  });
  const notices = progress.notices.map((notice) => `Note: ${notice}`);
  // The parts of a line before it is indented.
  return [describeProgress(progress), ...failures, ...notices].map((text) => linesOf(text).join('\n  '));
}

/** Shows a value in place of the one before it, in order, and nothing twice. */
function replaced(): (value: object) => void {
  const displayId = platform.randomId();
  // Taken at the first call: when a sweep is stopped, its cell ends before it.
  let page: ReturnType<typeof notebookPage>;
  let last: string | undefined;
  let shown: Promise<void> = Promise.resolve();
  return (value) => {
    const text = JSON.stringify(value);
    if (text === last) return;
    const update = last !== undefined;
    page ??= notebookPage();
    last = text;
    shown = shown.then(async () => {
      const bundle = await toBundle(value);
      if (page) page.display(bundle, { displayId, update });
      else console.log(bundle['text/plain']);
    });
  };
}
