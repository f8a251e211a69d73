import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { Verdict } from 'sparselab';
import { type Exercise, exercises, expect, points, verify } from 'sparselab/teaching';

// Exercises differ in what they take; these tests only hand functions through, so one type stands for all.
type AnyExercise = Exercise<readonly unknown[], unknown>;
/** Of inputs: what a message says must not depend on what is drawn. */
const seeds = [...Array(30).keys(), 20261, 20262];
const all = Object.values(exercises) as unknown as AnyExercise[];

for (const exercise of all) {
  describe(exercise.name, () => {
    it('accepts its own definition on every kind of input, whatever the seed', () => {
      for (let seed = 0; seed < 20; seed++) {
        const verdict = verify(exercise, exercise.definition, { seed });
        assert.equal(verdict.status, 'right', verdict.message);
        assert.equal(verify(exercise, exercise.definition, { seed, only: 'edge' }).status, 'right');
      }
    });

    for (const { message, mistaken } of exercise.misconceptions) {
      it(`says "${message}" to that mistake`, () => {
        for (const seed of seeds) {
          const verdict = verify(exercise, mistaken, { seed });
          assert.equal(verdict.status, 'wrong');
          assert.ok(verdict.message.includes(message), verdict.message);
        }
      });
    }

    it('finds a function wrong that returns the same whatever it gets', () => {
      for (const constant of [0, -1, null, 'healthy', [], [0]]) {
        assert.equal(verify(exercise, () => constant).status, 'wrong');
      }
    });

    it('takes the line that students find in place of a solution for an open exercise', () => {
      const open = verify(exercise, () => {
        throw new Error('not written yet');
      });
      assert.deepEqual([open.status, open.message], ['unanswered', `${exercise.name} is not written yet.`]);
    });
  });
}

type Rows = number[][];

/** The message to code as students write it. */
const message = <A extends readonly unknown[], R, F extends (...args: A) => R>(
  exercise: Exercise<A, R>,
  attempt: F,
) => verify(exercise, attempt).message;

describe('mistakes as students write them', () => {
  it('mean over the wrong axis', () => {
    const wrong = (h: Rows) => h.map((example) => example.reduce((a, b) => a + b, 0) / example.length);
    assert.match(message(exercises.meanActivations, wrong), /wrong axis/);
  });

  it('ρ̂ that is clipped', () => {
    const wrong = (rho: number, q: number) => {
      const rhoHat = Math.min(Math.max(q, 1e-7), 1 - 1e-7);
      return rho * Math.log(rho / rhoHat) + (1 - rho) * Math.log((1 - rho) / (1 - rhoHat));
    };
    assert.match(
      message(exercises.klDivergence, wrong),
      /You clip ρ̂ at an ε such as 1e-7.* the slope is zero/,
    );
  });

  it('the sign of the second term of KL, with ρ̂ clipped', () => {
    const wrong = (rho: number, q: number) => {
      const rhoHat = Math.min(Math.max(q, 1e-7), 1 - 1e-7);
      return rho * Math.log(rho / rhoHat) - (1 - rho) * Math.log((1 - rho) / (1 - rhoHat));
    };
    assert.match(message(exercises.klDivergence, wrong), /sign of the second term/);
  });

  it('a penalty that is not averaged over the batch', () => {
    let wrong = (h: Rows) => {
      let total = 0;
      for (const row of h) for (const value of row) total += Math.abs(value);
      return total;
    };
    assert.match(message(exercises.l1Penalty, wrong), /divide by the number of examples/);
    wrong = (h) => h.flat().reduce((a, b) => a + Math.abs(b), 0) / h.flat().length;
    assert.match(message(exercises.l1Penalty, wrong), /average over everything/);
  });

  it('β multiplied twice', () => {
    const wrong = (error: number, penalty: number, beta: number) => error + beta * (beta * penalty);
    assert.match(message(exercises.totalLoss, wrong), /You multiply by the strength/);
  });

  it('epsilon without its brackets', () => {
    const wrong = (f: (w: number[]) => number, w: number[], epsilon: number) =>
      w.map((_, i) => {
        const [up, down] = [[...w], [...w]] as [number[], number[]];
        up[i] = (up[i] as number) + epsilon;
        down[i] = (down[i] as number) - epsilon;
        return ((f(up) - f(down)) / 2) * epsilon;
      });
    assert.match(message(exercises.numericGradient, wrong), /multiply by ε instead/);
  });

  it('an argument that is changed', () => {
    const wrong = (h: Rows) => {
      for (const row of h) for (const [unit, value] of row.entries()) row[unit] = Math.abs(value);
      return h.flat().reduce((a, b) => a + b, 0) / h.length;
    };
    assert.match(message(exercises.l1Penalty, wrong), /changes its arguments/);
  });

  it('a missing return, an async function, an error, something else than a function', () => {
    // Students' answers need not have the right type.
    const as = (attempt: unknown) => message(exercises.l1Penalty, attempt as (h: Rows) => number);
    assert.match(
      as(() => {}),
      /is there a return/,
    );
    assert.match(
      as(async () => 3),
      /Promise/,
    );
    assert.match(
      as((h: Rows) => (h as unknown as { no: { thing: number } }).no.thing),
      /it throws: Cannot read/,
    );
    assert.match(
      as(() => {
        throw new Error('Invalid TF_Status: 3\nMessage: Incompatible shapes: [2,3] vs. [2]');
      }),
      /it throws: Incompatible shapes: \[2,3\] vs\. \[2\]/,
    );
    assert.match(as(3), /must be a function; got 3/);
    assert.match(as(undefined), /^l1Penalty is missing: its cell has not run, or has ended in an error\.$/);
  });

  it('a case without a result, where others have one', () => {
    const find = ((runs: readonly exercises.SweepRun[], maxL0: number) =>
      runs
        .filter(({ l0 }) => l0 <= maxL0)
        .toSorted((a, b) => a.mse - b.mse)[0]) as typeof exercises.chooseRun.definition;
    const told = message(exercises.chooseRun, find);
    assert.match(told, /it should give null; got undefined\./);
    assert.match(told, /a search that finds nothing/);
    assert.doesNotMatch(told, /in front of the result/);
  });

  it('a sign only where it is wrong for all inputs', () => {
    // −1 for none, and 1 for step 1, differ in more than their sign.
    const early = (losses: number[]) =>
      losses.findIndex((loss) => !Number.isFinite(loss) || loss > 9 * (losses[0] as number));
    const told = verify(exercises.firstBadStep, early, { only: 'edge' }).message;
    assert.match(told, /should give -1; got 1\./);
    assert.doesNotMatch(told, /sign/);
  });

  it('a result that holds itself', () => {
    const endless: { w?: unknown } = {};
    endless.w = [endless, endless];
    const told = message(
      exercises.adamStep,
      (() => endless) as unknown as typeof exercises.adamStep.definition,
    );
    assert.match(told, /not right yet/);
  });

  it('which element has another length', () => {
    const padded = (order: number[], size: number) =>
      exercises.batches.definition(order, size).map((batch) => [...batch, ...order].slice(0, size));
    assert.match(
      message(exercises.batches, padded),
      /Element 2 \(counted from 0\) should have 1 element; got 3\./,
    );
  });

  it('losses compared with the smallest so far, and parameters moved before the gradient is complete', () => {
    const sinceBest = (losses: number[]) =>
      losses.findIndex((loss, i) => !Number.isFinite(loss) || loss > 10 * Math.min(...losses.slice(0, i)));
    assert.match(message(exercises.firstBadStep, sinceBest), /not right yet/);
    const oneByOne: typeof exercises.descend.definition = (gradient, start, rate, steps) => {
      const here = [...start];
      const points = [[...here]];
      for (let step = 0; step < steps; step++) {
        for (const i of here.keys()) here[i] = (here[i] as number) - rate * (gradient(here)[i] as number);
        points.push([...here]);
      }
      return points;
    };
    assert.match(message(exercises.descend, oneByOne), /not right yet/);
  });

  it('a result that is right but for its sign, its length, or NaN', () => {
    assert.match(
      message(exercises.meanSquaredError, (x, y) => -exercises.meanSquaredError.definition(x, y)),
      /sign/,
    );
    assert.match(
      message(exercises.meanActivations, () => [1]),
      /should have 3 elements; got 1/,
    );
    assert.match(
      message(exercises.l1Penalty, () => Number.NaN),
      /NaN comes from/,
    );
  });

  it('something kept from call to call, and random numbers', () => {
    let total = 0;
    const adding = (h: Rows) => {
      for (const value of h.flat()) total += Math.abs(value);
      return total / h.length;
    };
    const shuffling = (order: number[], size: number) =>
      exercises.batches.definition(
        order.toSorted(() => Math.random() - 0.5),
        size,
      );
    assert.match(message(exercises.l1Penalty, adding), /Called again with the same arguments/);
    assert.match(message(exercises.batches, shuffling), /Called again with the same arguments/);
  });

  it('the same result for every input', () => {
    let first: number | undefined;
    const remembering = (h: Rows) => {
      first ??= exercises.l1Penalty.definition(h);
      return first;
    };
    assert.match(message(exercises.l1Penalty, remembering), /the same for every input/);
  });

  it('the right elements in another order', () => {
    const sorted: typeof exercises.paretoFront.definition = (runs) =>
      exercises.paretoFront.definition(runs).toSorted((a, b) => a.mse - b.mse);
    assert.match(message(exercises.paretoFront, sorted), /right elements in another order/);
  });

  it('a factor, the same each time', () => {
    const half = (h: Rows) => exercises.l1Penalty.definition(h) / 2;
    assert.match(message(exercises.l1Penalty, half), /Each time it gives 0\.5 times/);
    const downhill = (h: Rows, lambda: number) => exercises.l1Slope.definition(h, -lambda);
    assert.match(message(exercises.l1Slope, downhill), /Only the sign/);
  });

  it('results that are rounded, by whatever means, and those held in 32 bits', () => {
    const right = exercises.meanActivations.definition;
    for (const round of [
      (value: number) => Number(value.toFixed(2)),
      (value: number) => Math.round(value * 1000) / 1000,
      (value: number) => Number(value.toPrecision(3)),
    ]) {
      assert.match(
        message(exercises.meanActivations, (h: Rows) => right(h).map(round)),
        /You round the result/,
      );
    }
    const float32: typeof exercises.numericGradient.definition = (f, w, epsilon) =>
      w.map((_, i) => {
        const [up, down] = [Float32Array.from(w), Float32Array.from(w)];
        up[i] = (up[i] as number) + epsilon;
        down[i] = (down[i] as number) - epsilon;
        return (f([...up]) - f([...down])) / (2 * epsilon);
      });
    assert.match(message(exercises.numericGradient, float32), /off by very little/);
  });

  it('a word that is spelled otherwise', () => {
    for (const spelled of [
      (state: string) => state.toUpperCase(),
      (state: string) => state.replace(' ', '-'),
      (state: string) => `${state} `,
    ]) {
      const diagnose = ((run: exercises.RunSummary) =>
        spelled(exercises.diagnose.definition(run))) as typeof exercises.diagnose.definition;
      assert.match(message(exercises.diagnose, diagnose), /Only the spelling/);
    }
  });

  it('a tensor in place of numbers, and NaN in a part of the result', () => {
    const tensor = ((h: Rows) => tf.tensor2d(h).abs().mean()) as unknown as (h: Rows) => number;
    assert.match(message(exercises.l1Penalty, tensor), /should be a number; got a tensor/);
    const broken: typeof exercises.adamStep.definition = (...args) => {
      const next = exercises.adamStep.definition(...args);
      return { ...next, m: next.m.map(() => Number.NaN) };
    };
    assert.match(message(exercises.adamStep, broken), /NaN comes from/);
  });

  it('a result of another kind, also inside it', () => {
    const last = (text: string) => text.split('\n').at(-1)?.trim();
    const asText = ((h: Rows) => String(exercises.l1Penalty.definition(h))) as unknown as (h: Rows) => number;
    assert.equal(last(message(exercises.l1Penalty, asText)), 'It should be a number; got text.');
    const texts = ((h: Rows) => exercises.meanActivations.definition(h).map(String)) as unknown as (
      h: Rows,
    ) => number[];
    assert.equal(
      last(message(exercises.meanActivations, texts)),
      'Each element should be a number; got text.',
    );
    const forgetful: typeof exercises.adamStep.definition = (...args) => {
      const { m: _, ...rest } = exercises.adamStep.definition(...args);
      return rest as ReturnType<typeof exercises.adamStep.definition>;
    };
    assert.equal(last(message(exercises.adamStep, forgetful)), 'm should be an array; got nothing.');
  });
});

describe('right functions, written in other ways', () => {
  const accepts = <A extends readonly unknown[], R, F extends (...args: A) => R>(
    exercise: Exercise<A, R>,
    attempts: readonly F[],
  ) => {
    for (const attempt of attempts) {
      for (const seed of seeds) {
        const verdict = verify(exercise, attempt, { seed });
        assert.equal(verdict.status, 'right', `${attempt}: ${verdict.message}`);
      }
    }
  };

  it('are accepted: logarithms of quotients or differences of logarithms, with log1p', () => {
    accepts(exercises.klDivergence, [
      (rho: number, rhoHat: number) =>
        rho * Math.log(rho / rhoHat) + (1 - rho) * Math.log((1 - rho) / (1 - rhoHat)),
      (rho: number, rhoHat: number) =>
        rho * (Math.log(rho) - Math.log(rhoHat)) + (1 - rho) * (Math.log1p(-rho) - Math.log1p(-rhoHat)),
      (rho: number, rhoHat: number) =>
        -rho * Math.log(rhoHat / rho) - (1 - rho) * Math.log((1 - rhoHat) / (1 - rho)),
    ]);
  });

  it('the divergence is exact however close ρ̂ is to 0 or 1, and infinite there', () => {
    const { definition } = exercises.klDivergence;
    const close = (rhoHat: number, value: number) =>
      assert.ok(Math.abs(definition(0.05, rhoHat) / value - 1) < 1e-7, `${rhoHat}`);
    // 0.05 (log 0.05 + 12 log 10) + 0.95 log 0.95 and 0.05 log 0.05 + 0.95 (log 0.95 + 9 log 10); Python's math.log
    close(1e-12, 1.1830358125);
    close(1 - 1e-9, 19.4885873018);
    assert.equal(definition(0.05, 0), Infinity);
    assert.equal(definition(0.05, 1), Infinity);
  });

  it('are accepted: typed arrays, and numbers of 32 bits', () => {
    accepts(exercises.meanActivations, [
      ((h: Rows) => Float32Array.from(exercises.meanActivations.definition(h))) as unknown as (
        h: Rows,
      ) => number[],
    ]);
    accepts(exercises.l1Penalty, [
      (h: Rows) => tf.tidy(() => tf.tensor2d(h).abs().sum(1).mean().dataSync()[0] as number),
    ]);
  });

  it('are accepted: recursion, and powers that are multiplied up', () => {
    const batches = (order: number[], size: number): number[][] =>
      order.length === 0 ? [] : [order.slice(0, size), ...batches(order.slice(size), size)];
    accepts(exercises.batches, [batches]);
    accepts(exercises.strengths, [
      (from: number, to: number, count: number) => {
        const found = [from];
        while (found.length < count) found.push((found.at(-1) as number) * (to / from) ** (1 / (count - 1)));
        return found;
      },
      (from: number, to: number, count: number) =>
        Array.from({ length: count }, (_, i) =>
          Math.exp(Math.log(from) + ((Math.log(to) - Math.log(from)) * i) / (count - 1)),
        ),
    ]);
  });

  it('are accepted: a bound as a quotient, a difference or a fraction', () => {
    const shares = [
      (first: number, last: number) => last > 0.9 * first,
      (first: number, last: number) => last / first > 0.9,
      (first: number, last: number) => 1 - last / first < 0.1,
      (first: number, last: number) => (first - last) / first < 0.1,
      (first: number, last: number) => first - last < 0.1 * first,
    ];
    accepts(
      exercises.diagnose,
      shares.map((stays) => ({ firstLoss, lastLoss, l0, hiddenDim, deadFraction }: exercises.RunSummary) => {
        if (!(lastLoss <= firstLoss)) return 'diverged';
        if (1 - deadFraction <= 0.1) return 'collapsed';
        if (stays(firstLoss, lastLoss)) return 'not learning';
        return l0 / hiddenDim > 0.5 ? 'dense' : 'healthy';
      }),
    );
  });
});

describe('points', () => {
  const right = new Verdict('right', 'yes');
  const wrong = new Verdict('wrong', 'no');
  const open = new Verdict('unanswered', 'open');

  it('shares the points equally among the checks', () => {
    assert.equal(points(10, right, right), 10);
    assert.equal(points(10, right, wrong, open), 3.33);
    assert.equal(points(10, wrong), 0);
  });

  it('counts nothing that only looks like a verdict', () => {
    const forged = { status: 'right', message: 'me' } as unknown as Verdict;
    assert.equal(points(10, forged, wrong), 0);
  });
});

describe('expect', () => {
  it('is right where the claim holds, and says otherwise why not, also for what throws', () => {
    assert.equal(expect('1 < 2', true, '').status, 'right');
    assert.match(expect('the loss falls', false, 'It rises.').message, /It rises/);
    const throwing = () => {
      throw new Error('no such run');
    };
    assert.match(expect('the loss falls', throwing, '').message, /no such run/);
  });
});
