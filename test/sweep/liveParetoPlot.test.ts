import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { liveParetoPlot, type SweepProgress, type SweepRow, SweepTable } from 'sparselab';

interface Shown {
  readonly bundle: Record<string, unknown>;
  readonly displayId?: string;
  readonly update?: boolean;
}

const CELL = Symbol.for('sparselab.cell');
const cell = globalThis as { [CELL]?: unknown };

/** The output of a notebook's cell. */
function recordCell(): Shown[] {
  const shown: Shown[] = [];
  cell[CELL] = {
    signal: new AbortController().signal,
    shield: <T>(work: () => T) => work(),
    display: (bundle: Record<string, unknown>, options: object) => shown.push({ bundle, ...options }),
  };
  return shown;
}

const progress = (done: number, failures: SweepProgress['failures'] = []): SweepProgress => ({
  status: 'running',
  total: 3,
  done,
  cached: 0,
  running: 0,
  waiting: 3 - done,
  failures,
  seconds: 1,
  secondsLeft: undefined,
  notices: [],
});
const row = (lambda: number): SweepRow => ({
  id: `${lambda}`,
  settings: { lambda },
  status: 'finished',
  metrics: { l0: 1 / lambda, mse: lambda },
  cached: false,
});
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('liveParetoPlot', () => {
  afterEach(() => {
    delete cell[CELL];
  });

  it('draws the line and the front in place of the ones before, and nothing twice', async () => {
    const shown = recordCell();
    const show = liveParetoPlot();
    show(progress(0), new SweepTable([], 'running'));
    show(progress(1), new SweepTable([row(0.1)], 'running'));
    show(progress(1), new SweepTable([row(0.1)], 'running'));
    show(progress(2), new SweepTable([row(0.1), row(1)], 'running'));
    await settled();
    const texts = shown.filter(({ bundle }) => !('application/vnd.plotly.v1+json' in bundle));
    assert.deepEqual(
      texts.map(({ bundle, update }) => [bundle['text/plain'], update]),
      [
        ['0 of 3 trials done, 3 waiting', false],
        ['1 of 3 trials done, 2 waiting', true],
        ['2 of 3 trials done, 1 waiting', true],
      ],
    );
    const fronts = shown.filter(({ bundle }) => 'application/vnd.plotly.v1+json' in bundle);
    assert.deepEqual(
      fronts.map(({ update }) => update),
      [false, true],
    );
    assert.equal(new Set(shown.map(({ displayId }) => displayId)).size, 2);
  });

  it('says where a sweep was stopped, below its own cell, though that has ended', async () => {
    const shown = recordCell();
    const show = liveParetoPlot();
    show({ ...progress(1), running: 1, waiting: 1 }, new SweepTable([row(0.1)], 'running'));
    const elsewhere = recordCell();
    show({ ...progress(1), status: 'stopped' }, new SweepTable([row(0.1)], 'stopped'));
    await settled();
    const texts = shown.map(({ bundle }) => bundle['text/plain']);
    assert.equal(texts[0], '1 of 3 trials done, 1 running, 1 waiting');
    assert.ok(texts.includes('stopped: 1 of 3 trials done, 2 missing'));
    assert.deepEqual(elsewhere, []);
  });

  it('shows a failure with the settings that caused it', async () => {
    const shown = recordCell();
    const failures = [{ settings: { lambda: -1, seed: 2 }, error: 'lambda must be at least 0; got -1' }];
    liveParetoPlot()(progress(0, failures), new SweepTable([], 'running'));
    await settled();
    assert.match(
      `${shown[0]?.bundle['text/plain']}`,
      /failed at lambda -1, seed 2: lambda must be at least 0; got -1/,
    );
  });
});
