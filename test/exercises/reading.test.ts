import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, tf, todo, type Verdict } from 'sparselab';

/** Asserts that a verdict is `wrong` and says so. */
function hints(verdict: Verdict, hint: RegExp): void {
  assert.equal(verdict.status, 'wrong', verdict.message);
  assert.match(verdict.message, hint);
}

/** Row numbers, sorted by `compare` of their activations. */
const rowsBy = (activations: number[], compare: (a: number, b: number) => number) =>
  [...activations.keys()].sort((a, b) => compare(activations[a] as number, activations[b] as number));

describe('check.topRows', () => {
  it('accepts the rows of the strongest, all of them if there are fewer', () => {
    assert.ok(check.topRows((h, count) => rowsBy(h, (a, b) => b - a).slice(0, count)).passed);
  });

  it('names the mistake', () => {
    hints(
      check.topRows((h, count) => rowsBy(h, (a, b) => a - b).slice(0, count)),
      /weakest come first/,
    );
    hints(
      check.topRows((h, count) => rowsBy(h, (a, b) => a - b).slice(-count)),
      /right rows are in the wrong order/,
    );
    hints(
      check.topRows((h, count) =>
        rowsBy(h, (a, b) => b - a)
          .slice(0, count)
          .map((row) => row + 1),
      ),
      /You count rows from 1/,
    );
    hints(
      check.topRows((h, count) => [...h.keys()].sort((a, b) => b - a).slice(0, count)),
      /You sort the row numbers themselves/,
    );
    hints(
      check.topRows((h, count) => [...h].sort((a, b) => b - a).slice(0, count)),
      /return the activations/,
    );
    hints(
      check.topRows((h, count) => rowsBy(h, (a, b) => (String(a) < String(b) ? 1 : -1)).slice(0, count)),
      /as text/,
    );
    hints(
      check.topRows((h, count) => rowsBy(h, (a, b) => Math.abs(b) - Math.abs(a)).slice(0, count)),
      /sign is lost/,
    );
    hints(
      check.topRows((h) => rowsBy(h, (a, b) => b - a)),
      /You return all rows/,
    );
  });
});

describe('check.mostExciting', () => {
  const divided = (w: number[], size: number) => w.map((weight) => weight / size);

  it('accepts the weights, brought to length 1', () => {
    assert.ok(check.mostExciting((w) => divided(w, Math.hypot(...w))).passed);
  });

  it('names the mistake', () => {
    const total = (w: number[]) => w.reduce((sum, weight) => sum + weight, 0);
    hints(
      check.mostExciting((w) => w),
      /You return the weights unchanged/,
    );
    hints(
      check.mostExciting((w) => divided(w, total(w.map(Math.abs)))),
      /\*sum\* 1/,
    );
    hints(
      check.mostExciting((w) => divided(w, total(w))),
      /by the \*sum\* of the weights/,
    );
    hints(
      check.mostExciting((w) => divided(w, 1 / Math.hypot(...w))),
      /multiply by the length/,
    );
    hints(
      check.mostExciting((w) => divided(w, -Math.hypot(...w))),
      /x · w is smallest/,
    );
    hints(
      check.mostExciting((w) =>
        divided(
          w.map((weight) => Math.max(weight, 0)),
          Math.hypot(...w),
        ),
      ),
      /Your answer treats negative weights as 0/,
    );
    hints(
      check.mostExciting((w) => divided(w.map(Math.sign), Math.sqrt(w.length))),
      /All inputs have the same size in your answer/,
    );
    hints(
      check.mostExciting((w) => divided(w, total(w.map((weight) => weight ** 2)))),
      /a root is missing/,
    );
    hints(
      check.mostExciting((w) => divided(w, Math.max(...w.map(Math.abs)))),
      /You scale the largest weight to 1/,
    );
    hints(
      check.mostExciting((w) => divided(w, Math.hypot(...w)).map(Math.abs)),
      /The signs are lost/,
    );
  });
});

describe('check.story', () => {
  type Answer = Parameters<typeof check.story>[0];
  const score =
    (fires: (activation: number, threshold: number) => boolean): Answer =>
    (activations, named, threshold) => {
      const on = activations.map((activation) => fires(activation, threshold));
      const both = on.filter((one, row) => one && named[row]).length;
      return { precision: both / on.filter(Boolean).length, recall: both / named.filter(Boolean).length };
    };
  const right = score((activation, threshold) => activation > threshold);

  it('accepts precision and recall', () => assert.ok(check.story(right).passed));

  it('names the mistake', () => {
    hints(
      check.story((...args) => {
        const { precision, recall } = right(...args);
        return { precision: recall, recall: precision };
      }),
      /Precision and recall are swapped/,
    );
    hints(check.story(score((activation, threshold) => activation >= threshold)), /\*at\* the threshold/);
    hints(
      check.story((activations, named, threshold) => {
        const both = activations.filter((activation, row) => activation > threshold && named[row]).length;
        return { precision: both / named.length, recall: both / named.length };
      }),
      /Both of your numbers are fractions of all examples/,
    );
    hints(
      check.story((activations, named, threshold) => {
        const agree = activations.filter((activation, row) => activation > threshold === named[row]).length;
        return { precision: agree / named.length, recall: agree / named.length };
      }),
      /Both of your numbers are the fraction of examples on which story and unit agree/,
    );
    hints(
      check.story((...args) => {
        const { precision, recall } = right(...args);
        return { precision: 100 * precision, recall: 100 * recall };
      }),
      /percentages/,
    );
  });
});

describe('check.withoutUnit', () => {
  const mask = (h: tf.Tensor2D, unit: number) => tf.oneHot(unit, h.shape[1]);

  it('accepts the code with a column of zeros', () => {
    assert.ok(check.withoutUnit((h, unit) => h.mul(tf.sub(1, mask(h, unit)))).passed);
  });

  it('names the mistake', () => {
    hints(
      check.withoutUnit((h, unit) => h.mul(mask(h, unit))),
      /You silence all units except this one/,
    );
    hints(
      check.withoutUnit((h, unit) => h.mul(tf.sub(1, mask(h, unit - 1)))),
      /You count units from 1/,
    );
    hints(
      check.withoutUnit((h, unit) => h.mul(tf.sub(1, mask(h, unit + 1)))),
      /You silence the unit to the right/,
    );
    hints(
      check.withoutUnit((h, unit) => h.sub(mask(h, unit))),
      /You subtract 1/,
    );
    hints(
      check.withoutUnit((h) => h),
      /You return h unchanged/,
    );
  });
});

describe('check.decay', () => {
  const tried = [
    { decay: 1e-5, heldOut: 0.981, test: 0.983 },
    { decay: 1e-4, heldOut: 0.982, test: 0.98 },
    { decay: 1e-3, heldOut: 0.97, test: 0.97 },
  ];

  it('accepts the best on what was held out', () => {
    const verdict = check.decay(1e-4, tried);
    assert.ok(verdict.passed);
    assert.match(verdict.message, /98\.20 %; so 98\.00 % on the test half/);
  });

  it('names the mistake', () => {
    hints(check.decay(1e-5, tried), /best on the test half/);
    hints(check.decay(1e-3, tried), /Another reaches 98\.20 %/);
    hints(check.decay(1, tried), /one of those that were tried: 0\.00001, 0\.0001, 0\.001; got 1/);
  });
});

describe('every check of lesson 7', () => {
  it('says of an exercise that nobody has begun that it is not answered', () => {
    for (const verdict of [
      check.topRows((): number[] => todo()),
      check.mostExciting((): number[] => todo()),
      check.story((): check.StoryScore => todo()),
      check.withoutUnit((): tf.Tensor => todo()),
      check.decay(undefined, []),
    ]) {
      assert.equal(verdict.status, 'unanswered', verdict.message);
    }
  });
});
