import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, tf, todo, type Verdict } from 'sparselab';

/** Asserts that a verdict is `wrong` and says so. */
function hints(verdict: Verdict, hint: RegExp): void {
  assert.equal(verdict.status, 'wrong', verdict.message);
  assert.match(verdict.message, hint);
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

describe('check.l1OfMeans', () => {
  it('accepts the sum of the means', () => assert.ok(check.l1OfMeans(sum).passed));

  it('names the mistake', () => {
    hints(
      check.l1OfMeans((means) => sum(means) / means.length),
      /average over the units/,
    );
    hints(
      check.l1OfMeans((means) => sum(means.map((mean) => mean ** 2))),
      /You square the means/,
    );
  });
});

describe('check.cut', () => {
  it('accepts what is above the threshold, the rest 0', () => {
    assert.ok(check.cut((h, threshold) => tf.where(tf.greater(h, threshold), h, tf.zerosLike(h))).passed);
    assert.ok(check.cut((h, threshold) => h.mul(tf.cast(tf.greater(h, threshold), 'float32'))).passed);
  });

  it('names the mistake', () => {
    hints(
      check.cut((h, threshold) => tf.cast(tf.greater(h, threshold), 'float32')),
      /multiply that by h/,
    );
    hints(
      check.cut((h, threshold) => tf.relu(h.sub(threshold))),
      /soft threshold/,
    );
    hints(
      check.cut((h, threshold) => tf.where(tf.greater(h, threshold), tf.zerosLike(h), h)),
      /You remove the strong activations/,
    );
    hints(
      check.cut((h, threshold) => tf.maximum(h, threshold)),
      /You raise the weak activations to the threshold/,
    );
    hints(
      check.cut((h, threshold) => tf.minimum(h, threshold)),
      /You limit the strong activations to the threshold/,
    );
    hints(
      check.cut((h, threshold) => tf.where(tf.greaterEqual(h, threshold), h, tf.zerosLike(h))),
      /You keep an activation \*at\* the threshold/,
    );
  });
});

describe('check.translateStrength', () => {
  type Answer = Parameters<typeof check.translateStrength>[0];
  const right: Answer = (origin, strength, { inputDim, batchSize }) =>
    origin === 'UFLDL'
      ? strength / (inputDim / 2)
      : origin === 'SAELens'
        ? strength / inputDim
        : strength * batchSize;
  /** The right answer but for one origin. */
  const but =
    (wrongOrigin: string, wrong: Answer): Answer =>
    (origin, strength, context) =>
      (origin === wrongOrigin ? wrong : right)(origin, strength, context);

  it('accepts the three translations', () => assert.ok(check.translateStrength(right).passed));

  it('names the mistake', () => {
    hints(
      check.translateStrength(but('UFLDL', (_, strength, { inputDim }) => strength / inputDim)),
      /The ½ of UFLDL’s error is missing/,
    );
    hints(
      check.translateStrength(but('UFLDL', (_, strength, { inputDim }) => strength / inputDim / 2)),
      /on the wrong side/,
    );
    hints(
      check.translateStrength((origin, strength, { inputDim, batchSize }) =>
        origin === 'UFLDL'
          ? strength * (inputDim / 2)
          : origin === 'SAELens'
            ? strength * inputDim
            : strength / batchSize,
      ),
      /the other way round: from this library into theirs/,
    );
    hints(
      check.translateStrength((origin, strength, { batchSize }) =>
        origin === 'UFLDL' ? strength / 0.5 : origin === 'SAELens' ? strength : strength * batchSize,
      ),
      /Your answer does not use the number of inputs/,
    );
    hints(
      check.translateStrength((origin, strength, context) =>
        origin === 'summedBatch'
          ? right(origin, strength, context)
          : right(origin, strength, context) / context.batchSize,
      ),
      /for UFLDL and SAELens, too/,
    );
    hints(
      check.translateStrength(but('summedBatch', (_, strength, { batchSize }) => strength / batchSize)),
      /divide by the batch size/,
    );
    hints(
      check.translateStrength(but('summedBatch', (_, strength) => strength)),
      /Your answer does not use the batch size/,
    );
    hints(
      check.translateStrength((_, strength) => strength),
      /You return every strength unchanged/,
    );
  });
});

describe('check.choosePenalty', () => {
  const right = { exactZeros: 'L1', everyUnit: 'KL', tinyBatches: 'L1', knownRate: 'KL' } as const;

  it('accepts the choices that have a reason, and tells it', () => {
    const verdict = check.choosePenalty(right);
    assert.ok(verdict.passed);
    assert.match(verdict.message, /only L1 with relu gives exact zeros/);
  });

  it('gives the reason against a wrong choice', () => {
    hints(check.choosePenalty({ ...right, everyUnit: 'L1' }), /everyUnit: KL gives every unit a quota/);
  });

  it('waits for all four', () => {
    hints(check.choosePenalty({ ...right, knownRate: undefined }), /Choose for knownRate as well/);
  });
});

describe('every check of lesson 4', () => {
  it('says of an exercise that nobody has begun that it is not answered', () => {
    const nothing = {
      exactZeros: undefined,
      everyUnit: undefined,
      tinyBatches: undefined,
      knownRate: undefined,
    };
    for (const verdict of [
      check.l1OfMeans((): number => todo()),
      check.cut((): tf.Tensor => todo()),
      check.translateStrength((): number => todo()),
      check.choosePenalty(nothing),
    ]) {
      assert.equal(verdict.status, 'unanswered', verdict.message);
    }
  });
});
