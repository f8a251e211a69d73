import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, tf, todo, type Verdict } from 'sparselab';

type Matrix2 = tf.Tensor2D;

/** Asserts that a verdict is `wrong` and says so. */
function hints(verdict: Verdict, hint: RegExp): void {
  assert.equal(verdict.status, 'wrong', verdict.message);
  assert.match(verdict.message, hint);
}

const squares = (x: Matrix2, xHat: Matrix2) => tf.square(tf.sub(x, xHat));

describe('check.meanSquaredError', () => {
  it('accepts the mean of the squared differences, however it is written', () => {
    assert.ok(check.meanSquaredError((x, xHat) => tf.mean(squares(x, xHat))).passed);
    assert.ok(check.meanSquaredError((x, xHat) => squares(x, xHat).mean(1).mean()).passed);
    assert.ok(check.meanSquaredError((x, xHat) => tf.losses.meanSquaredError(x, xHat)).passed);
  });

  it('names the mistake', () => {
    hints(
      check.meanSquaredError((x, xHat) => tf.sum(squares(x, xHat))),
      /divide by how many/,
    );
    hints(
      check.meanSquaredError((x, xHat) => squares(x, xHat).sum(1).mean()),
      /You sum the errors over the inputs and average over the examples only/,
    );
    hints(
      check.meanSquaredError((x, xHat) => squares(x, xHat).mean(1).sum()),
      /You average the errors over the inputs and sum over the examples/,
    );
    hints(
      check.meanSquaredError((x, xHat) => tf.mean(tf.abs(tf.sub(x, xHat)))),
      /square the differences/,
    );
    hints(
      check.meanSquaredError((x, xHat) => tf.mean(tf.sub(x, xHat))),
      /cancel/,
    );
    hints(
      check.meanSquaredError((x, xHat) => tf.mean(squares(x, xHat)).mul(0.5)),
      /factor ½/,
    );
    hints(
      check.meanSquaredError((x, xHat) => tf.sqrt(tf.mean(squares(x, xHat)))),
      /RMSE/,
    );
  });
});

const active = (h: Matrix2) => tf.cast(tf.notEqual(h, 0), 'float32');

describe('check.l0', () => {
  it('accepts the active units of an image, averaged', () => {
    assert.ok(check.l0((h) => tf.mean(tf.sum(active(h), 1))).passed);
    assert.ok(check.l0((h) => tf.sum(active(h)).div(h.shape[0])).passed);
  });

  it('names the mistake', () => {
    hints(
      check.l0((h) => tf.mean(tf.sum(tf.cast(tf.equal(h, 0), 'float32'), 1))),
      /silent units/,
    );
    hints(
      check.l0((h) => tf.mean(tf.sum(tf.cast(tf.greater(h, 0), 'float32'), 1))),
      /negative one is active/,
    );
    hints(
      check.l0((h) => tf.mean(active(h))),
      /You average over the units as well/,
    );
    hints(
      check.l0((h) => tf.sum(active(h))),
      /over all images/,
    );
    hints(
      check.l0((h) => tf.sum(tf.mean(active(h), 1))),
      /The axes are swapped/,
    );
    hints(
      check.l0((h) => tf.mean(tf.sum(tf.abs(h), 1))),
      /that is L1/,
    );
  });
});

describe('check.meanImage', () => {
  it('accepts the mean image, once for every image', () => {
    assert.ok(check.meanImage((x) => tf.tile(tf.mean(x, 0, true), [x.shape[0], 1])).passed);
    assert.ok(check.meanImage((x) => tf.zerosLike(x).add(tf.mean(x, 0))).passed);
  });

  it('names the mistake', () => {
    hints(
      check.meanImage((x) => tf.zerosLike(x).add(tf.mean(x, 1, true))),
      /its own mean grey/,
    );
    hints(
      check.meanImage((x) => tf.zerosLike(x).add(tf.mean(x))),
      /same grey/,
    );
    hints(
      check.meanImage((x) => tf.zerosLike(x).add(tf.sum(x, 0))),
      /You add up the images/,
    );
    hints(
      check.meanImage((x) => tf.zerosLike(x).add(tf.sum(x, 0).div(x.shape[1]))),
      /divide by the number of pixels/,
    );
    hints(
      check.meanImage((x) => x),
      /You return x unchanged/,
    );
    hints(
      check.meanImage((x) => tf.mean(x, 0)),
      /shape \[2, 3\]; got one of shape \[3\]/,
    );
  });
});

describe('check.parameterCount', () => {
  const size = { inputDim: 784, hiddenDim: 64 };

  it('accepts two matrices and two biases', () => {
    assert.ok(check.parameterCount(784 * 64 + 64 + 64 * 784 + 784, size).passed);
  });

  it('names the mistake', () => {
    hints(check.parameterCount(2 * 784 * 64, size), /biases are missing/);
    hints(check.parameterCount(2 * 784 * 64 + 64, size), /decoder's bias/);
    hints(check.parameterCount(2 * 784 * 64 + 784, size), /encoder's bias/);
    hints(check.parameterCount(2 * (784 * 64 + 64), size), /decoder has a number for every pixel/);
    hints(check.parameterCount(2 * (784 * 64 + 784), size), /encoder has a number for every unit/);
    hints(check.parameterCount(784 * 64 + 64 + 784, size), /tied/);
    hints(check.parameterCount(784 * 64, size), /one matrix/);
    hints(check.parameterCount(784 * 64 + 64, size), /encoder alone/);
    hints(check.parameterCount(784 + 64, size), /biases alone/);
    hints(check.parameterCount(42, size), /It is not 42\. Count/);
  });
});

describe('check.l1', () => {
  it('accepts Σ|h|, averaged over the images', () => {
    assert.ok(check.l1((h) => tf.mean(tf.sum(tf.abs(h), 1))).passed);
    assert.ok(check.l1((h) => tf.sum(tf.abs(h)).div(h.shape[0])).passed);
    assert.ok(check.l1((h) => tf.norm(h, 1, 1).mean()).passed);
  });

  it('names the mistake', () => {
    hints(
      check.l1((h) => tf.sum(tf.abs(h))),
      /divide by the number of examples/,
    );
    hints(
      check.l1((h) => tf.mean(tf.abs(h))),
      /average over everything/,
    );
    hints(
      check.l1((h) => tf.mean(tf.sum(tf.abs(h), 0))),
      /number of units/,
    );
    hints(
      check.l1((h) => tf.mean(tf.sum(h, 1))),
      /You keep the signs/,
    );
    hints(
      check.l1((h) => tf.mean(tf.sum(tf.square(h), 1))),
      /L2/,
    );
    hints(
      check.l1((h) => tf.mean(tf.sum(tf.relu(h), 1))),
      /Your answer treats negative activations as zero/,
    );
    hints(
      check.l1((h) => tf.neg(tf.mean(tf.sum(tf.abs(h), 1)))),
      /sign is wrong/,
    );
  });
});

const mse = (x: Matrix2, xHat: Matrix2) => tf.mean(squares(x, xHat));
const penalty = (h: Matrix2) => tf.mean(tf.sum(tf.abs(h), 1));

describe('check.sparseLoss', () => {
  it('accepts MSE + λ Σ|h|', () => {
    assert.ok(check.sparseLoss((x, xHat, h, lambda) => mse(x, xHat).add(penalty(h).mul(lambda))).passed);
  });

  it('names the mistake', () => {
    hints(
      check.sparseLoss((x, xHat, h) => tf.add(mse(x, xHat), penalty(h))),
      /λ is missing/,
    );
    hints(
      check.sparseLoss((x, xHat, h, lambda) => mse(x, xHat).add(penalty(h).mul(lambda).mul(lambda))),
      /You multiply by λ twice/,
    );
    hints(
      check.sparseLoss((x, xHat) => mse(x, xHat)),
      /penalty is missing/,
    );
    hints(
      check.sparseLoss((_x, _xHat, h, lambda) => penalty(h).mul(lambda)),
      /error is missing/,
    );
    hints(
      check.sparseLoss((x, xHat, h, lambda) => mse(x, xHat).add(penalty(h)).mul(lambda)),
      /You multiply the error by λ too/,
    );
    hints(
      check.sparseLoss((x, xHat, h, lambda) => mse(x, xHat).mul(lambda).add(penalty(h))),
      /You multiply the error by λ instead/,
    );
    hints(
      check.sparseLoss((x, xHat, h, lambda) => mse(x, xHat).div(2).add(penalty(h).mul(lambda))),
      /Your error has a factor ½/,
    );
    hints(
      check.sparseLoss((x, xHat, h, lambda) =>
        mse(x, xHat)
          .mul(1 - lambda)
          .add(penalty(h).mul(lambda)),
      ),
      /1 − λ/,
    );
    hints(
      check.sparseLoss((x, xHat, h, lambda) => mse(x, xHat).sub(penalty(h).mul(lambda))),
      /You subtract the penalty/,
    );
    hints(
      check.sparseLoss((x, xHat, h, lambda) => squares(x, xHat).sum(1).mean().add(penalty(h).mul(lambda))),
      /You sum the error over the pixels/,
    );
    hints(
      check.sparseLoss((x, xHat, h, lambda) => mse(x, xHat).add(tf.sum(tf.abs(h)).mul(lambda))),
      /You sum the penalty over the images/,
    );
    hints(
      check.sparseLoss((x, xHat, h, lambda) => mse(x, xHat).add(tf.mean(tf.abs(h)).mul(lambda))),
      /You average the penalty over the units too/,
    );
    hints(
      check.sparseLoss((x, xHat, h, lambda) => mse(x, xHat).add(tf.mean(tf.sum(tf.abs(h), 0)).mul(lambda))),
      /The axes of the penalty are swapped/,
    );
    hints(
      check.sparseLoss((x, xHat, h, lambda) => mse(x, xHat).add(tf.mean(tf.sum(h, 1)).mul(lambda))),
      /absolute value is missing/,
    );
    hints(
      check.sparseLoss((x, xHat, h, lambda) =>
        mse(x, xHat).add(tf.mean(tf.sum(tf.square(h), 1)).mul(lambda)),
      ),
      /that is L2/,
    );
  });
});

describe('check.l1Gradient', () => {
  it('accepts λ sign(h) / batch, and what tf derives of h · sign(h)', () => {
    assert.ok(check.l1Gradient((h, lambda) => tf.sign(h).mul(lambda / h.shape[0])).passed);
    const derived = tf.grad((h) => tf.mul(h, tf.sign(h)).sum(1).mean());
    assert.ok(check.l1Gradient((h, lambda) => derived(h).mul(lambda)).passed);
  });

  it('names the mistake', () => {
    hints(
      check.l1Gradient((h, lambda) => tf.sign(h).mul(lambda)),
      /The average over the batch is missing/,
    );
    hints(
      check.l1Gradient((h) => tf.sign(h).div(h.shape[0])),
      /λ is missing/,
    );
    hints(
      check.l1Gradient((h, lambda) => h.mul(lambda / h.shape[0])),
      /grows with h: that is L2/,
    );
    for (const factor of [(h: Matrix2, lambda: number) => lambda / h.shape[0], () => 1]) {
      hints(
        check.l1Gradient((h, lambda) => h.div(h.abs()).mul(factor(h, lambda))),
        /0\/0 is NaN, and exactly 0 is where L1 takes most activations/,
      );
    }
    hints(
      check.l1Gradient((h) => h.div(h.abs().square())),
      /NaN comes from 0\/0/,
    );
    hints(
      check.l1Gradient((h, lambda) => tf.sign(h).mul(-lambda / h.shape[0])),
      /Only the sign is wrong/,
    );
    hints(
      check.l1Gradient((_h, lambda) => tf.scalar(lambda)),
      /shape \[2, 3\]; got one of shape \[\]/,
    );
  });
});

describe('check.softThreshold', () => {
  it('accepts the soft threshold, however it is written', () => {
    assert.ok(check.softThreshold((a, lambda) => Math.sign(a) * Math.max(0, Math.abs(a) - lambda)).passed);
    assert.ok(check.softThreshold((a, lambda) => a - Math.max(-lambda, Math.min(lambda, a))).passed);
  });

  it('names the mistake', () => {
    hints(
      check.softThreshold((a, lambda) => (Math.abs(a) > lambda ? a : 0)),
      /must shrink by λ/,
    );
    hints(
      check.softThreshold((a, lambda) => a - lambda),
      /You always subtract λ/,
    );
    hints(
      check.softThreshold((a, lambda) => Math.max(0, a - lambda)),
      /right for a ≥ 0/,
    );
    hints(
      check.softThreshold((a, lambda) => Math.max(0, Math.abs(a) - lambda)),
      /The sign is lost/,
    );
    hints(
      check.softThreshold((a, lambda) => (Math.abs(a) < lambda ? 0 : a - lambda)),
      /You move a negative a away from 0/,
    );
    hints(
      check.softThreshold((a, lambda) => Math.max(-lambda, Math.min(lambda, a))),
      /You return the part that is subtracted/,
    );
    hints(
      check.softThreshold((a, lambda) => (1 - lambda) * a),
      /You multiply a by 1 − λ/,
    );
    hints(
      check.softThreshold((a, lambda) => a - Math.sign(a) * lambda),
      /jump over zero/,
    );
    hints(
      check.softThreshold((a, lambda) => a / (1 + 2 * lambda)),
      /L2 does/,
    );
    hints(
      check.softThreshold((a, lambda) => a / (1 + lambda)),
      /divide by 1 \+ λ/,
    );
    hints(
      check.softThreshold((a, lambda) => Math.sign(a) * Math.max(0, Math.abs(a) - lambda / 2)),
      /threshold is λ\/2/,
    );
    hints(
      check.softThreshold((a, lambda) => Math.sign(a) * Math.max(0, Math.abs(a) - 2 * lambda)),
      /threshold is 2λ/,
    );
  });
});

describe('check.strength', () => {
  const points = [
    { strength: 0.001, l0: 20, mse: 0.01 },
    { strength: 0.01, l0: 8, mse: 0.02 },
    { strength: 0.1, l0: 3, mse: 0.05 },
  ];

  it('accepts the smallest error within the budget', () => {
    assert.ok(check.strength(0.01, points, { mostActive: 10 }).passed);
    assert.ok(check.strength(0.001, points, { mostActive: 20 }).passed);
  });

  it('says what is wrong with another choice', () => {
    hints(check.strength(0.001, points, { mostActive: 10 }), /20\.0 active units, more than 10: pull harder/);
    hints(check.strength(0.1, points, { mostActive: 10 }), /3\.0 active units, but another does too/);
    hints(check.strength(0.02, points, { mostActive: 10 }), /were tried: 0\.001, 0\.01, 0\.1; got 0\.02/);
  });
});

describe('every check', () => {
  it('says of an exercise that nobody has begun that it is not answered, and does not throw', () => {
    const open = [
      check.meanSquaredError((): tf.Scalar => todo()),
      check.l0((): tf.Scalar => todo()),
      check.meanImage((): tf.Tensor2D => todo()),
      check.parameterCount(undefined, { inputDim: 2, hiddenDim: 1 }),
      check.l1((): tf.Scalar => todo()),
      check.sparseLoss((): tf.Scalar => todo()),
      check.l1Gradient((): tf.Tensor2D => todo()),
      check.softThreshold((): number => todo()),
      check.strength(undefined, [], { mostActive: 1 }),
    ];
    for (const verdict of open) {
      assert.equal(verdict.status, 'unanswered');
      assert.match(String(verdict), /^○ /);
    }
  });

  it('says what came instead of a tensor of the right shape', () => {
    hints(
      check.l1(() => undefined),
      /is a `return` missing/,
    );
    hints(
      check.l1(async () => tf.scalar(1)),
      /not an async one/,
    );
    hints(
      check.l1((h) => tf.sum(h, 1)),
      /got a tensor of shape \[2\]\. One axis is left over/,
    );
    hints(
      check.l1((h) => tf.abs(h)),
      /Nothing was added up yet/,
    );
    hints(
      check.l1(() => [1]),
      /must return a scalar; got an array/,
    );
    hints(
      check.l1(() => 'three'),
      /must return a scalar; got string/,
    );
    hints(
      check.l1Gradient(() => 3),
      /must return a tensor of shape \[2, 3\]; got number/,
    );
  });

  it('takes what an answer throws for a part of the answer', () => {
    hints(
      check.l1(() => {
        throw new Error('no such axis');
      }),
      /throws: no such axis/,
    );
  });

  it('leaves no tensor behind, whatever the answer does', () => {
    const before = tf.memory().numTensors;
    check.l1((h) => tf.mean(tf.sum(tf.abs(h), 1)));
    check.l1((h) => tf.sum(h, 1));
    assert.equal(tf.memory().numTensors, before);
  });
});
