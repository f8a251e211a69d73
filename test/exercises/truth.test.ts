import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, todo, type Verdict } from 'sparselab';

/** Asserts that a verdict is `wrong` and says so. */
function hints(verdict: Verdict, hint: RegExp): void {
  assert.equal(verdict.status, 'wrong', verdict.message);
  assert.match(verdict.message, hint);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('check.uniqueness', () => {
  const different = (nearest: number[]) => new Set(nearest).size;

  it('accepts different features per unit', () => {
    // 4, 0 and 2 of four units: 3 / 4
    assert.ok(check.uniqueness((nearest) => different(nearest) / nearest.length).passed);
  });

  it('names the mistake', () => {
    hints(check.uniqueness(different), /You return a count/);
    hints(
      check.uniqueness((nearest) => 1 - different(nearest) / nearest.length),
      /fraction of \*repetitions\*/,
    );
    hints(
      check.uniqueness(
        (nearest) =>
          nearest.filter((one) => nearest.filter((two) => two === one).length === 1).length / nearest.length,
      ),
      /share their feature with no other/,
    );
    hints(
      check.uniqueness((nearest) => different(nearest) / (Math.max(...nearest) + 1)),
      /largest feature number/,
    );
    hints(
      check.uniqueness((nearest) => different(nearest.filter(Boolean)) / nearest.length),
      /Feature 0 is missing/,
    );
    hints(
      check.uniqueness((nearest) => nearest.length / nearest.length),
      /always 1/,
    );
  });
});

/** All orders of 0 … n − 1. */
function orders(n: number): number[][] {
  if (n === 1) return [[0]];
  return orders(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, place) => [...order.slice(0, place), n - 1, ...order.slice(place)]),
  );
}

describe('check.mcc', () => {
  const at = (C: number[][], unit: number, feature: number) => C[unit]?.[feature] as number;
  const best = (C: number[][], score: (cosines: number[]) => number) =>
    Math.max(...orders(C.length).map((order) => score(order.map((feature, unit) => at(C, unit, feature)))));
  const size = (C: number[][]) => C.map((row) => row.map(Math.abs));

  it('accepts the best of all matchings', () => {
    assert.ok(check.mcc((C) => best(size(C), mean)).passed);
  });

  it('names the mistake', () => {
    hints(
      check.mcc((C) => mean(size(C).map((row) => Math.max(...row)))),
      /Each unit takes its nearest feature/,
    );
    hints(
      check.mcc((C) => mean(C.map((_, i) => Math.max(...size(C).map((row) => row[i] as number))))),
      /Each feature takes its nearest unit/,
    );
    hints(
      check.mcc((C) => {
        const left = new Set(C.keys());
        return mean(
          size(C).map((row) => {
            const choice = [...left].reduce((a, b) => ((row[b] as number) > (row[a] as number) ? b : a));
            left.delete(choice);
            return row[choice] as number;
          }),
        );
      }),
      /choose one after the other/,
    );
    hints(
      check.mcc((C) => {
        // Pair after pair the largest that is left.
        const left = size(C);
        const pairs = C.map(() => {
          const largest = Math.max(...left.flat());
          const unit = left.findIndex((row) => row.includes(largest));
          const feature = left[unit]?.indexOf(largest) as number;
          left[unit] = C.map(() => -1);
          for (const row of left) row[feature] = -1;
          return largest;
        });
        return mean(pairs);
      }),
      /the best pair may spoil two others/,
    );
    hints(
      check.mcc((C) => mean(C.map((_, i) => Math.abs(at(C, i, i))))),
      /pair unit j with feature j/,
    );
    hints(
      check.mcc((C) => mean(size(C).flat())),
      /average over all pairs/,
    );
    hints(
      check.mcc((C) => best(C, mean)),
      /The sign counts/,
    );
    hints(
      check.mcc((C) => C.length * best(size(C), mean)),
      /You sum over the pairs/,
    );
  });
});

describe('check.detector', () => {
  const counts = (fires: boolean[], present: boolean[]) => ({
    both: fires.filter((one, row) => one && present[row]).length,
    agree: fires.filter((one, row) => one === present[row]).length,
    fired: fires.filter(Boolean).length,
    there: present.filter(Boolean).length,
  });

  it('accepts the harmonic mean of precision and recall, 0 for a dead unit', () => {
    assert.ok(
      check.detector((...rows) => {
        const { both, fired, there } = counts(...rows);
        return (2 * both) / (fired + there);
      }).passed,
    );
  });

  it('names the mistake', () => {
    hints(
      check.detector((...rows) => {
        const { both, fired, there } = counts(...rows);
        const [p, r] = [both / fired, both / there];
        return (2 * p * r) / (p + r);
      }),
      /0 by 0/,
    );
    hints(
      check.detector((...rows) => {
        const { both, fired, there } = counts(...rows);
        return ((fired && both / fired) + both / there) / 2;
      }),
      /ordinary mean/,
    );
    hints(
      check.detector((...rows) => {
        const { both, fired, there } = counts(...rows);
        return both / (fired + there);
      }),
      /factor 2 is missing/,
    );
    hints(
      check.detector((...rows) => counts(...rows).both / (counts(...rows).fired || 1)),
      /precision alone/,
    );
    hints(
      check.detector((...rows) => counts(...rows).both / counts(...rows).there),
      /recall alone/,
    );
    hints(
      check.detector((fires, present) => counts(fires, present).agree / fires.length),
      /accuracy/,
    );
    hints(
      check.detector((...rows) => {
        const { both, fired, there } = counts(...rows);
        return both / (fired + there - both);
      }),
      /Jaccard index/,
    );
    hints(
      check.detector((...rows) => {
        const { both, fired, there } = counts(...rows);
        return ((fired && both / fired) * both) / there;
      }),
      /product of precision and recall/,
    );
  });
});

describe('check.absorbed', () => {
  type Answer = Parameters<typeof check.absorbed>[0];
  const share = (fires: boolean[], given: (row: number) => boolean) => {
    const rows = [...fires.keys()].filter(given);
    return rows.filter((row) => fires[row]).length / rows.length;
  };
  const both = (parent: boolean[], child: boolean[]) => (row: number) => Boolean(parent[row] && child[row]);
  const alone = (parent: boolean[], child: boolean[]) => (row: number) => Boolean(parent[row] && !child[row]);
  const right: Answer = (u, p, c) => share(u, alone(p, c)) - share(u, both(p, c));
  const perRow =
    (of: (p: boolean[]) => number): Answer =>
    (u, p, c) => {
      const count = (holds: (row: number) => boolean) => u.filter((one, row) => one && holds(row)).length;
      return (count(alone(p, c)) - count(both(p, c))) / of(p);
    };

  it('accepts the difference of the two rates', () => assert.ok(check.absorbed(right).passed));

  it('names the mistake', () => {
    hints(
      check.absorbed((...args) => -right(...args)),
      /sign is swapped/,
    );
    hints(
      check.absorbed((u, p, c) => share(u, (row) => !c[row]) - share(u, both(p, c))),
      /include rows without the parent/,
    );
    hints(
      check.absorbed((u, p, c) => 1 - share(u, both(p, c))),
      /only how often the unit is silent/,
    );
    hints(
      check.absorbed((u, p, c) => share(u, alone(p, c))),
      /only how often the unit fires without the child/,
    );
    hints(check.absorbed(perRow((p) => p.length)), /number of all rows/);
    hints(check.absorbed(perRow((p) => p.filter(Boolean).length)), /by the rows with the parent/);
    hints(
      check.absorbed((u, p) => share(u, (row) => Boolean(p[row]))),
      /recall of the unit/,
    );
  });
});

describe('every check of lesson 9', () => {
  it('says of an exercise that nobody has begun that it is not answered', () => {
    for (const verdict of [
      check.uniqueness((): number => todo()),
      check.mcc((): number => todo()),
      check.detector((): number => todo()),
      check.absorbed((): number => todo()),
    ]) {
      assert.equal(verdict.status, 'unanswered', verdict.message);
    }
  });
});
