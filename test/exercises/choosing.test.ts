import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, tf, todo, type Verdict } from 'sparselab';

/** Asserts that a verdict is `wrong` and says so. */
function hints(verdict: Verdict, hint: RegExp): void {
  assert.equal(verdict.status, 'wrong', verdict.message);
  assert.match(verdict.message, hint);
}

/** The k-th largest of each row, [rows, 1]. */
const kth = (z: tf.Tensor2D, k: number): tf.Tensor2D =>
  tf.topk(z, k).values.slice<tf.Tensor2D>([0, k - 1], [-1, 1]);
/** 1 for the k largest of each row, else 0. */
const rowMask = (z: tf.Tensor2D, k: number): tf.Tensor2D =>
  z.greaterEqual(kth(z, k)).cast('float32') as tf.Tensor2D;
const columnMask = (z: tf.Tensor2D, k: number): tf.Tensor2D => rowMask(z.transpose(), k).transpose();
const positive = (z: tf.Tensor): tf.Tensor => z.greater(0).cast('float32');

describe('check.winnerTakeAll', () => {
  it('accepts the largest of each column that are positive', () => {
    assert.ok(check.winnerTakeAll((z, winners) => z.relu().mul(columnMask(z, winners))).passed);
  });

  it('accepts loops over plain numbers, and says of an array, typed or not, how it becomes a tensor', () => {
    const looped = (z: tf.Tensor2D, winners: number) => {
      const rows = z.arraySync();
      return rows.map((row) =>
        row.map((value, unit) => {
          const stronger = rows.filter((other) => (other[unit] as number) > value).length;
          return value > 0 && stronger < winners ? value : 0;
        }),
      );
    };
    assert.ok(check.winnerTakeAll((z, winners) => tf.tensor2d(looped(z, winners))).passed);
    for (const array of [looped, () => new Float32Array(9)])
      hints(check.winnerTakeAll(array), /got an array\. tf\.tensor\(…\) makes a tensor of one\./);
  });

  it('names the mistake', () => {
    hints(
      check.winnerTakeAll((z, winners) => z.relu().mul(rowMask(z, Math.min(winners, z.shape[1])))),
      /You choose per row: that is TopK/,
    );
    hints(
      check.winnerTakeAll((z, winners) => z.mul(rowMask(z, Math.min(winners, z.shape[1])))),
      /per row, and negative numbers win, too/,
    );
    hints(
      check.winnerTakeAll((z, winners) => z.mul(columnMask(z, winners))),
      /Negative pre-activations win in your answer/,
    );
    hints(
      check.winnerTakeAll((z, winners) => columnMask(z, winners).mul(positive(z))),
      /You return the mask/,
    );
    hints(
      check.winnerTakeAll((z, winners) => columnMask(z, winners)),
      /You return the mask, and negative numbers win/,
    );
    hints(
      // Not turned back.
      check.winnerTakeAll((z, winners) => z.transpose().relu().mul(columnMask(z, winners).transpose())),
      /tensor of shape \[4, 3\]; got one of shape \[3,4\]/,
    );
    hints(
      check.winnerTakeAll((z, winners) =>
        z.relu().mul(z.greater(kth(z.transpose(), winners).transpose()).cast('float32')),
      ),
      /compare with ≥/,
    );
    hints(
      check.winnerTakeAll((z, winners) => z.relu().mul(columnMask(z, Math.min(winners + 1, z.shape[0])))),
      /one winner too many/,
    );
    hints(
      check.winnerTakeAll((z, winners) => z.relu().mul(columnMask(z.abs(), winners))),
      /You choose by \|z\|/,
    );
    hints(
      check.winnerTakeAll((z, winners) => {
        const all = z.reshape<tf.Tensor2D>([1, z.size]);
        return z.relu().mul(rowMask(all, winners * z.shape[1]).reshape(z.shape));
      }),
      /that is BatchTopK/,
    );
    hints(
      check.winnerTakeAll((z, winners) => z.sub(kth(z.transpose(), winners).transpose().relu()).relu()),
      /that is what L1 charges/,
    );
    hints(
      check.winnerTakeAll((z) => z.relu()),
      /Everybody wins/,
    );
  });
});

describe('check.choiceGradient', () => {
  const chosen = (z: tf.Tensor2D, k: number): tf.Tensor => rowMask(z, k).mul(positive(z));

  it('accepts dy where an entry is kept', () => {
    assert.ok(check.choiceGradient((z, dy, k) => dy.mul(chosen(z, k))).passed);
  });

  it('names the mistake', () => {
    hints(
      check.choiceGradient((_z, dy) => dy),
      /Silenced entries get a gradient/,
    );
    hints(
      check.choiceGradient((z, dy) => dy.mul(positive(z))),
      /gradient of a relu/,
    );
    hints(
      check.choiceGradient((z, _dy, k) => chosen(z, k)),
      /dy is missing/,
    );
    hints(
      check.choiceGradient((z, _dy, k) => z.mul(chosen(z, k))),
      /You return TopK itself/,
    );
    hints(
      check.choiceGradient((z, dy, k) => z.mul(dy).mul(chosen(z, k))),
      /You multiply by z/,
    );
    hints(
      check.choiceGradient((z, dy, k) => dy.mul(z.greater(kth(z, k)).cast('float32')).mul(positive(z))),
      /compare with ≥/,
    );
    hints(
      check.choiceGradient((_z, dy, k) => dy.mul(chosen(dy, k))),
      /the k largest of \*dy\*/,
    );
    hints(
      check.choiceGradient((z, dy, k) => dy.mul(rowMask(z, k))),
      /among the k largest but negative/,
    );
    hints(
      check.choiceGradient((z, dy, k) => dy.mul(columnMask(z, Math.min(k, z.shape[0]))).mul(positive(z))),
      /You choose per column/,
    );
  });
});

describe('check.missingFactor', () => {
  const dot = (a: number[], b: number[]) =>
    a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);
  const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);

  it('accepts Σ added·target / Σ added²', () => {
    assert.ok(check.missingFactor((added, target) => dot(added, target) / dot(added, added)).passed);
  });

  it('names the mistake', () => {
    hints(
      check.missingFactor((added, target) => dot(added, target) / dot(target, target)),
      /roles swapped/,
    );
    hints(
      check.missingFactor((added, target) => dot(added, added) / dot(added, target)),
      /upside down/,
    );
    hints(
      check.missingFactor((added, target) => Math.sqrt(dot(target, target) / dot(added, added))),
      /You compare the lengths/,
    );
    hints(
      check.missingFactor((added, target) => dot(target, target) / dot(added, added)),
      /squared lengths/,
    );
    hints(
      check.missingFactor((added, target) => total(target) / total(added)),
      /You divide the sums/,
    );
    hints(
      check.missingFactor(
        (added, target) => total(added.map((value, i) => (target[i] as number) / value)) / added.length,
      ),
      /You average the ratios/,
    );
    hints(check.missingFactor(dot), /You do not divide/);
    hints(
      check.missingFactor((added, target) => dot(added, target) / added.length),
      /by the number of entries/,
    );
    hints(
      check.missingFactor(
        (added, target) => dot(added, target) / Math.sqrt(dot(added, added) * dot(target, target)),
      ),
      /cosine/,
    );
  });
});

describe('check.thresholdSlope', () => {
  type Answer = Parameters<typeof check.thresholdSlope>[0];
  const slope =
    (
      inside: (distance: number, epsilon: number) => boolean,
      value: (dy: number, z: number, theta: number) => number,
      factor: (epsilon: number, count: number) => number = (epsilon) => 1 / epsilon,
    ): Answer =>
    (z, dy, theta, epsilon) =>
      -factor(epsilon, z.length) *
      z.reduce(
        (sum, each, i) => (inside(each - theta, epsilon) ? sum + value(dy[i] as number, each, theta) : sum),
        0,
      );
  const near = (distance: number, epsilon: number) => Math.abs(distance) < epsilon / 2;
  const jump = (dy: number, _z: number, theta: number) => dy * theta;

  it('accepts −(θ/ε) Σ dy over the window', () => {
    assert.ok(check.thresholdSlope(slope(near, jump)).passed);
  });

  it('names the mistake', () => {
    hints(check.thresholdSlope(slope(near, (dy, _z, theta) => -dy * theta)), /The sign/);
    hints(check.thresholdSlope(slope(near, (dy) => dy)), /θ is missing/);
    hints(check.thresholdSlope(slope(near, jump, () => 1)), /You do not divide by ε/);
    hints(check.thresholdSlope(slope((u, e) => Math.abs(u) < e, jump)), /twice as wide/);
    hints(check.thresholdSlope(slope((u, e) => u > 0 && u < e / 2, jump)), /above θ only/);
    hints(check.thresholdSlope(slope((u) => u > 0, jump)), /sum over all active examples/);
    hints(check.thresholdSlope(slope(() => true, jump)), /sum over all examples/);
    hints(check.thresholdSlope(slope(near, (_dy, _z, theta) => theta)), /dy is missing/);
    hints(check.thresholdSlope(slope(near, (dy, z) => dy * z)), /You use z as the height/);
    hints(
      check.thresholdSlope(slope(near, jump, (epsilon, count) => 1 / (epsilon * count))),
      /You average over the examples:/,
    );
    hints(
      check.thresholdSlope((z, dy, theta, epsilon) => {
        const inside = dy.filter((_, i) => near((z[i] as number) - theta, epsilon));
        return slope(near, jump)(z, dy, theta, epsilon) / inside.length;
      }),
      /over the examples in the window/,
    );
    hints(
      check.thresholdSlope(
        slope(
          near,
          () => 1,
          (epsilon, count) => 1 / (epsilon * count),
        ),
      ),
      /the slope of the active fraction/,
    );
  });
});

describe('every check of lesson 8', () => {
  it('says of an exercise that nobody has begun that it is not answered', () => {
    for (const verdict of [
      check.winnerTakeAll((): tf.Tensor => todo()),
      check.choiceGradient((): tf.Tensor => todo()),
      check.missingFactor((): number => todo()),
      check.thresholdSlope((): number => todo()),
    ]) {
      assert.equal(verdict.status, 'unanswered', verdict.message);
    }
  });

  it('answers odd things with what is wanted', () => {
    for (const none of [3, null, 'relu', tf.scalar(1)] as never[]) {
      hints(check.winnerTakeAll(none), /^The code must be a function; got /);
      hints(check.choiceGradient(none), /^The gradient must be a function; got /);
    }
    hints(
      check.winnerTakeAll(() => undefined),
      /returns nothing/,
    );
    hints(
      check.winnerTakeAll((z) => z.sum()),
      /tensor of shape \[4, 3\]; got one of shape \[\]/,
    );
    hints(
      check.missingFactor(() => Number.NaN),
      /got NaN/,
    );
    hints(check.thresholdSlope((() => tf.scalar(1)) as unknown as () => number), /not right yet/);
  });
});
