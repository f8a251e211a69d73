import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, todo, type Verdict } from 'sparselab';

/** Asserts that a verdict is `wrong` and says so. */
function hints(verdict: Verdict, hint: RegExp): void {
  assert.equal(verdict.status, 'wrong', verdict.message);
  assert.match(verdict.message, hint);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[], n = values.length - 1) =>
  values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / n;
const deviation = (values: readonly number[]) => Math.sqrt(variance(values));
const errorOf = (values: readonly number[]) => deviation(values) / Math.sqrt(values.length);

describe('check.standardError', () => {
  it('accepts the standard deviation over √n', () => assert.ok(check.standardError(errorOf).passed));

  it('names the mistake', () => {
    hints(check.standardError(deviation), /looks like the standard deviation: /);
    hints(
      check.standardError((values) => Math.sqrt(variance(values, values.length) / values.length)),
      /You divide the squares by n/,
    );
    hints(
      check.standardError((values) => Math.sqrt(variance(values, values.length))),
      /and with n at that/,
    );
    hints(
      check.standardError((values) => variance(values) / values.length),
      /root is missing/,
    );
    hints(
      check.standardError((values) => deviation(values) / values.length),
      /divide by √n/,
    );
    hints(
      check.standardError((values) => deviation(values) / Math.sqrt(values.length - 1)),
      /√\(n − 1\) at the end/,
    );
    hints(
      check.standardError((values) => (Math.max(...values) - Math.min(...values)) / 2),
      /half the range/,
    );
  });
});

describe('check.pairedEffect', () => {
  const gains = (before: number[], after: number[]) =>
    after.map((value, seed) => value - (before[seed] as number));

  it('accepts the mean gain over its standard error', () => {
    assert.ok(
      check.pairedEffect((before, after) => mean(gains(before, after)) / errorOf(gains(before, after)))
        .passed,
    );
  });

  it('names the mistake', () => {
    hints(
      check.pairedEffect((before, after) => mean(gains(after, before)) / errorOf(gains(before, after))),
      /The sign is reversed/,
    );
    hints(
      check.pairedEffect(
        (before, after) => Math.abs(mean(gains(before, after))) / errorOf(gains(before, after)),
      ),
      /The sign is lost/,
    );
    hints(
      check.pairedEffect(
        (before, after) =>
          (mean(after) - mean(before)) / Math.sqrt(errorOf(before) ** 2 + errorOf(after) ** 2),
      ),
      /You do not pair the seeds/,
    );
    hints(
      check.pairedEffect((before, after) => mean(gains(before, after)) / deviation(before)),
      /spread before/,
    );
    hints(
      check.pairedEffect((before, after) => mean(gains(before, after)) / errorOf(before)),
      /standard error before/,
    );
    hints(
      check.pairedEffect((before, after) => mean(gains(before, after)) / deviation(gains(before, after))),
      /standard deviation of the differences/,
    );
    hints(
      check.pairedEffect((before, after) => mean(gains(before, after))),
      /mean difference alone/,
    );
  });
});

describe('check.oneStandardErrorRule', () => {
  type Candidates = check.Candidate[];
  const top = (candidates: Candidates) =>
    candidates.reduce((a, b) => (mean(b.accuracies) > mean(a.accuracies) ? b : a));
  const within = (candidates: Candidates, slack: number) =>
    candidates.filter(({ accuracies }) => mean(accuracies) >= mean(top(candidates).accuracies) - slack);
  const sparsest = (candidates: Candidates) => candidates.reduce((a, b) => (b.l0 < a.l0 ? b : a));

  it('accepts the sparsest of those within a standard error of the best', () => {
    const verdict = check.oneStandardErrorRule((candidates) =>
      candidates.indexOf(sparsest(within(candidates, errorOf(top(candidates).accuracies)))),
    );
    assert.ok(verdict.passed, verdict.message);
  });

  it('names the mistake', () => {
    hints(
      check.oneStandardErrorRule((candidates) => candidates.indexOf(top(candidates))),
      /take the best mean/,
    );
    hints(
      check.oneStandardErrorRule((candidates) => candidates.indexOf(sparsest(candidates))),
      /sparsest of all/,
    );
    hints(
      check.oneStandardErrorRule((candidates) =>
        candidates.indexOf(sparsest(within(candidates, deviation(top(candidates).accuracies)))),
      ),
      /whole standard deviation/,
    );
    hints(
      check.oneStandardErrorRule((candidates) =>
        candidates.indexOf(
          candidates.reduce((a, b) => (Math.max(...b.accuracies) > Math.max(...a.accuracies) ? b : a)),
        ),
      ),
      /best single seed/,
    );
    hints(
      check.oneStandardErrorRule(
        (candidates) => sparsest(within(candidates, errorOf(top(candidates).accuracies))).l0,
      ),
      /return the candidate’s l0/,
    );
    hints(
      check.oneStandardErrorRule((candidates) =>
        candidates.indexOf(
          within(candidates, errorOf(top(candidates).accuracies)).reduce((a, b) => (b.l0 > a.l0 ? b : a)),
        ),
      ),
      /densest of those/,
    );
  });
});

describe('check.whichData', () => {
  const right = {
    weights: 'training',
    lambda: 'validation',
    probeDecay: 'validation',
    report: 'test',
    secondLook: 'validation',
  } as const;

  it('accepts the answers that have a reason, and tells it', () => {
    const verdict = check.whichData(right);
    assert.ok(verdict.passed);
    assert.match(verdict.message, /examples that have chosen nothing/);
  });

  it('gives the reason against a wrong answer', () => {
    hints(check.whichData({ ...right, secondLook: 'test' }), /secondLook: .* that is choosing/);
    hints(check.whichData({ ...right, probeDecay: 'test' }), /probeDecay: the judge’s own knob/);
  });

  it('waits for all five', () => {
    hints(check.whichData({ ...right, report: undefined }), /Answer for report as well/);
  });
});

describe('every check of lesson 5', () => {
  it('says of an exercise that nobody has begun that it is not answered', () => {
    const nothing = {
      weights: undefined,
      lambda: undefined,
      probeDecay: undefined,
      report: undefined,
      secondLook: undefined,
    };
    for (const verdict of [
      check.standardError((): number => todo()),
      check.pairedEffect((): number => todo()),
      check.oneStandardErrorRule((): number => todo()),
      check.whichData(nothing),
    ]) {
      assert.equal(verdict.status, 'unanswered', verdict.message);
    }
  });
});
