import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runningCell } from 'sparselab/dist/page/cell';
import { NO_BAR, progressBar } from 'sparselab/dist/page/progressBar';
import { withBar } from 'sparselab/dist/playground/loading';

describe('the bar of a data set in the playground', () => {
  it('is what the library shows below a cell, as HTML, and empty at the end', () => {
    const seen: string[] = [];
    const result = withBar(
      (bar) => seen.push(bar),
      () => {
        const cell = runningCell();
        cell?.throwIfStopped();
        cell?.display(progressBar({ fraction: 0.5, text: '1.0 of 2.0 MB' }), { displayId: 'bar' });
        cell?.display(NO_BAR, { displayId: 'bar', update: true });
        return 'loaded';
      },
    );
    assert.equal(result, 'loaded');
    assert.equal(seen.length, 2);
    assert.match(seen[0] as string, /<progress value="0\.5000">.*1\.0 of 2\.0 MB/);
    assert.equal(seen[1], '');
  });

  it('leaves no cell behind, also when the data set does not come', () => {
    assert.throws(
      () =>
        withBar(
          () => {},
          () => {
            throw new Error('the connection was lost');
          },
        ),
      /the connection was lost/,
    );
    assert.equal(runningCell(), undefined);
  });
});
