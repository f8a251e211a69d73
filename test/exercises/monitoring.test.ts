import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, tf, todo, type Verdict } from 'sparselab';

/** Asserts that a verdict is `wrong` and says so. */
function hints(verdict: Verdict, hint: RegExp): void {
  assert.equal(verdict.status, 'wrong', verdict.message);
  assert.match(verdict.message, hint);
}

const truth = { A: 'strength', B: 'healthy', C: 'data scale' } as const;

describe('check.diagnoses', () => {
  it('accepts the truth, and says what gives each fault away', () => {
    const verdict = check.diagnoses(truth, truth);
    assert.ok(verdict.passed);
    assert.match(verdict.message, /A, strength: .*obeyed to the letter/);
  });

  it('says what a wrong fault would look like, and does not tell the right one', () => {
    const verdict = check.diagnoses({ ...truth, A: 'learning rate' }, truth);
    hints(verdict, /^A is not 'learning rate'\. That would look like this: .*flat from then on\.$/);
    assert.doesNotMatch(verdict.message, /strength|obeyed/);
  });

  it('says which are missing, and what it does not know', () => {
    hints(check.diagnoses({ ...truth, C: undefined }, truth), /^Say what you think of C as well\.$/);
    hints(
      check.diagnoses({ ...truth, B: 'flu' } as unknown as check.Diagnoses, truth),
      /B must be one of 'healthy', .*; got 'flu'/,
    );
  });
});

describe('check.alwaysOn', () => {
  const above = (h: tf.Tensor2D, threshold: number) => tf.cast(tf.greater(h, threshold), 'float32');

  it('accepts the number of units above the threshold for every image', () => {
    assert.ok(check.alwaysOn((h, threshold) => tf.sum(tf.greater(tf.min(h, 0), threshold))).passed);
    assert.ok(check.alwaysOn((h, threshold) => tf.sum(tf.min(above(h, threshold), 0))).passed);
  });

  it('names the mistake', () => {
    hints(
      check.alwaysOn((h, threshold) => tf.sum(tf.max(above(h, threshold), 0))),
      /Your answer counts a unit that is above once/,
    );
    hints(
      check.alwaysOn((h, threshold) => tf.sum(tf.min(above(h, threshold), 1))),
      /You count the images for which all units are on/,
    );
    hints(
      check.alwaysOn((h, threshold) => tf.sum(tf.cast(tf.greater(tf.mean(h, 0), threshold), 'float32'))),
      /\*mean\* of a unit/,
    );
    hints(
      check.alwaysOn((h, threshold) => tf.mean(tf.min(above(h, threshold), 0))),
      /You return a fraction/,
    );
    hints(
      check.alwaysOn((h, threshold) => tf.sum(tf.greaterEqual(tf.min(h, 0), threshold))),
      /\*at\* the threshold/,
    );
    hints(
      check.alwaysOn((h, threshold) => tf.sum(tf.lessEqual(tf.max(h, 0), threshold))),
      /You count the silent units, those that are never above/,
    );
    hints(
      check.alwaysOn((h, threshold) => tf.sum(above(h, threshold))),
      /You count activations/,
    );
    hints(
      check.alwaysOn((h, threshold) => tf.greater(tf.min(h, 0), threshold)),
      /must return a scalar/,
    );
  });
});

describe('check.sampleSize', () => {
  const given = { rate: 1 / 500, risk: 0.01 };

  it('accepts the least number whose risk is small enough', () => {
    // ln 0.01 / ln 0.998 = 2300.3
    assert.ok(check.sampleSize(2301, given).passed);
  });

  it('names the mistake', () => {
    hints(check.sampleSize(500, given), /probability of 36\.8 %[\s\S]*on average/);
    hints(check.sampleSize(495, given), /You add up probabilities/);
    hints(check.sampleSize(6, given), /The risk and its opposite are swapped/);
    hints(check.sampleSize(2300, given), /round up/);
    hints(check.sampleSize(5000, given), /fewer are enough/);
    hints(check.sampleSize(2300.3, given), /whole number/);
  });
});

describe('check.smoothed', () => {
  const recursion = (values: number[], weight: number, start: number) => {
    let smooth = start;
    return values.map((value) => (smooth = weight * smooth + (1 - weight) * value));
  };

  it("accepts the weighted mean, and TensorBoard's way to compute it", () => {
    assert.ok(
      check.smoothed((values, weight) =>
        recursion(values, weight, 0).map((value, step) => value / (1 - weight ** (step + 1))),
      ).passed,
    );
    assert.ok(
      check.smoothed((values, weight) => {
        let [weighted, weights] = [0, 0];
        return values.map((value) => {
          weighted = weight * weighted + value;
          weights = weight * weights + 1;
          return weighted / weights;
        });
      }).passed,
    );
  });

  it('names the mistake', () => {
    hints(
      check.smoothed((values, weight) => recursion(values, weight, 0)),
      /Your curve starts at 0/,
    );
    hints(
      check.smoothed((values, weight) => recursion(values, weight, values[0] as number)),
      /Your curve starts with the first value, which keeps more than its weight/,
    );
    hints(
      check.smoothed((values, weight) =>
        recursion(values, 1 - weight, 0).map((value, step) => value / (1 - (1 - weight) ** (step + 1))),
      ),
      /w and 1 − w are swapped/,
    );
    hints(
      check.smoothed((values) =>
        values.map((_, step) => values.slice(0, step + 1).reduce((a, b) => a + b) / (step + 1)),
      ),
      /All values have the same weight in your answer/,
    );
  });
});

describe('every check of lesson 6', () => {
  it('says of an exercise that nobody has begun that it is not answered', () => {
    for (const verdict of [
      check.diagnoses({ A: undefined }, truth),
      check.alwaysOn((): tf.Tensor => todo()),
      check.sampleSize(undefined, { rate: 0.1, risk: 0.1 }),
      check.smoothed((): number[] => todo()),
    ]) {
      assert.equal(verdict.status, 'unanswered', verdict.message);
    }
  });
});
