import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bestWithin, oneStandardError, paretoKnee, type SweepRow, SweepTable } from 'sparselab';

const row = (settings: SweepRow['settings'], metrics: Record<string, number>): SweepRow => ({
  id: JSON.stringify(settings),
  settings,
  status: 'finished',
  metrics,
  cached: false,
});
const tableOf = (...rows: SweepRow[]) => new SweepTable(rows, 'finished');

describe('bestWithin', () => {
  const table = tableOf(
    row({ lambda: 1 }, { mse: 0.3, l0: 5 }),
    row({ lambda: 2 }, { mse: 0.1, l0: 30 }),
    row({ lambda: 3 }, { mse: 0.2, l0: 20 }),
    row({ lambda: 4 }, { mse: Number.NaN, l0: 1 }),
  );

  it('chooses the best within the bound, and says so', () => {
    const { row, reason } = table.choose(bestWithin({ metric: 'mse', direction: 'min' }, { l0: 20 }));
    assert.equal(row.settings.lambda, 3);
    assert.equal(reason, 'mse 0.2 is the lowest of the 2 trials (of 4) with l0 ≤ 20');
  });

  it('refuses where nothing is within the bound', () => {
    assert.throws(
      () => table.choose(bestWithin({ metric: 'mse', direction: 'min' }, { l0: 0 })),
      /no trial \(of 4\) has mse with l0 ≤ 0/,
    );
  });

  it('leaves out trials that have no such metric', () => {
    assert.throws(
      () => table.choose(bestWithin({ metric: 'probe', direction: 'max' }, {})),
      /no trial \(of 4\) has probe/,
    );
  });
});

describe('paretoKnee', () => {
  it('chooses the trial furthest below the line between the ends of the front', () => {
    // Scaled: (0, 1), (0.1, 0.2), (1, 0); 1 − 0.1 − 0.2 is the largest. The fourth is beaten by the second.
    const table = tableOf(
      row({ lambda: 3 }, { l0: 0, mse: 11 }),
      row({ lambda: 2 }, { l0: 1, mse: 3 }),
      row({ lambda: 1 }, { l0: 10, mse: 1 }),
      row({ lambda: 0 }, { l0: 2, mse: 4 }),
    );
    const { row: chosen, reason } = table.choose(paretoKnee('l0', 'mse'));
    assert.equal(chosen.settings.lambda, 2);
    assert.equal(reason, 'l0 1 and mse 3 is the knee of the Pareto front of 3 trials (of 4)');
  });
});

describe('oneStandardError', () => {
  const goal = { metric: 'mse', direction: 'min' } as const;
  // The best mean is (1 + 3) / 2 = 2, its standard error √((1 + 1) / 1 / 2) = 1.
  const best = [
    row({ lambda: 1, seed: 1 }, { mse: 1, l0: 9 }),
    row({ lambda: 1, seed: 2 }, { mse: 3, l0: 9 }),
  ];

  it('chooses the sparsest setting whose mean is within one standard error of the best', () => {
    const within = [
      row({ lambda: 2, seed: 1 }, { mse: 2.5, l0: 4 }),
      row({ lambda: 2, seed: 2 }, { mse: 3.5, l0: 4 }),
    ];
    const { row: chosen } = tableOf(...best, ...within).choose(oneStandardError(goal, 'l0'));
    assert.deepEqual(chosen.settings, { lambda: 2, seed: 1 });
  });

  it('stays with the best where the sparser one is further away', () => {
    const beyond = [
      row({ lambda: 2, seed: 1 }, { mse: 3.1, l0: 4 }),
      row({ lambda: 2, seed: 2 }, { mse: 3.1, l0: 4 }),
    ];
    const { row: chosen } = tableOf(...best, ...beyond).choose(oneStandardError(goal, 'l0'));
    assert.deepEqual(chosen.settings, { lambda: 1, seed: 1 });
  });

  it('needs at least two seeds', () => {
    assert.throws(
      () => tableOf(best[0] as SweepRow).choose(oneStandardError(goal, 'l0')),
      /at least 2 seeds/,
    );
  });
});
