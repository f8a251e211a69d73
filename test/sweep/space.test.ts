import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  geomspace,
  gridSearch,
  integers,
  linspace,
  logUniform,
  randomSearch,
  successiveHalving,
  uniform,
} from 'sparselab';
import { close } from '../support/numbers';

/** All rounds of a search whose trials have these metrics. */
function rounds(
  search: ReturnType<typeof gridSearch>,
  space: Parameters<typeof search>[0],
  loss = (_: object) => 0,
) {
  const generator = search(space);
  const all = [];
  for (let next = generator.next(); !next.done; ) {
    all.push(next.value);
    next = generator.next(next.value.map((settings) => ({ settings, metrics: { loss: loss(settings) } })));
  }
  return all;
}

describe('linspace and geomspace', () => {
  it('have both ends, exactly', () => {
    assert.deepEqual(linspace(0, 1, 5), [0, 0.25, 0.5, 0.75, 1]);
    assert.deepEqual(geomspace(1e-6, 1e-2, 5), [1e-6, 1e-5, 1e-4, 1e-3, 1e-2]);
    assert.deepEqual(geomspace(0.3, 7, 1), [0.3]);
  });

  it('geomspace has even ratios', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1, noNaN: true }),
        fc.double({ min: 2, max: 1e9, noNaN: true }),
        (start, factor) => {
          const values = geomspace(start, start * factor, 7);
          for (let i = 1; i < 7; i++)
            close((values[i] as number) / (values[i - 1] as number), factor ** (1 / 6));
        },
      ),
    );
  });

  it('refuse bounds and counts outside their range, by name', () => {
    assert.throws(() => geomspace(0, 1, 3), /start must be above 0; got 0/);
    assert.throws(() => linspace(0, 1, 0), /count must be at least 1; got 0/);
    assert.throws(() => uniform(2, 1), /high must be above 2; got 1/);
    assert.throws(() => logUniform(0, 1), /low must be above 0; got 0/);
    assert.throws(() => integers(0.5, 1), /low must be an integer/);
  });
});

describe('gridSearch', () => {
  it('names every combination once, the last setting fastest', () => {
    assert.deepEqual(rounds(gridSearch(), { lambda: [1, 2], seed: [7, 8] }), [
      [
        { lambda: 1, seed: 7 },
        { lambda: 1, seed: 8 },
        { lambda: 2, seed: 7 },
        { lambda: 2, seed: 8 },
      ],
    ]);
  });

  it('refuses a range', () => {
    assert.throws(
      () => rounds(gridSearch(), { lambda: uniform(0, 1) }),
      /space\.lambda must be a list of values/,
    );
  });
});

describe('randomSearch', () => {
  const space = {
    lambda: logUniform(1e-6, 1e-2),
    hiddenDim: integers(4, 6),
    tied: [true, false],
    seed: [1, 2],
  };

  it('draws inside the ranges, each draw with every seed, and repeats itself', () => {
    const [drawn = []] = rounds(randomSearch({ trials: 20, seed: 5 }), space);
    assert.equal(drawn.length, 20 * 2);
    for (const { lambda, hiddenDim } of drawn) {
      assert.ok((lambda as number) >= 1e-6 && (lambda as number) < 1e-2);
      assert.ok([4, 5, 6].includes(hiddenDim as number));
    }
    assert.deepEqual(rounds(randomSearch({ trials: 20, seed: 5 }), space), [drawn]);
    assert.notDeepEqual(rounds(randomSearch({ trials: 20, seed: 6 }), space), [drawn]);
  });

  it('names a draw once, however often a small space repeats it', () => {
    assert.equal(rounds(randomSearch({ trials: 50 }), { tied: [true, false] })[0]?.length, 2);
  });
});

describe('successiveHalving', () => {
  const options = { metric: 'loss', direction: 'min', minEpochs: 1, maxEpochs: 9 } as const;
  const space = { x: linspace(0, 8, 9) };

  it('keeps the best third of each round, for three times the epochs', () => {
    const all = rounds(
      successiveHalving(options),
      space,
      ({ x }: { x?: number }) => ((x as number) - 3) ** 2,
    );
    assert.deepEqual(
      all.map((round) => round.map(({ x, epochs }) => [x, epochs])),
      [linspace(0, 8, 9).map((x) => [x, 1]), [3, 2, 4].map((x) => [x, 3]), [[3, 9]]],
    );
  });

  it('counts NaN and a missing result as the worst, also where the largest is best', () => {
    const all = rounds(successiveHalving({ ...options, direction: 'max' }), space, ({ x }: { x?: number }) =>
      (x as number) > 2 ? Number.NaN : (x as number),
    );
    assert.deepEqual(
      all[1]?.map(({ x }) => x),
      [2, 1, 0],
    );
  });

  it('refuses a space that names epochs', () => {
    assert.throws(() => rounds(successiveHalving(options), { epochs: [1, 2] }), /space must not name epochs/);
  });
});
