import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, kl, tf, todo, type Verdict } from 'sparselab';

type Codes = tf.Tensor2D;

/** Asserts that a verdict is `wrong` and says so. */
function hints(verdict: Verdict, hint: RegExp): void {
  assert.equal(verdict.status, 'wrong', verdict.message);
  assert.match(verdict.message, hint);
}

describe('check.meanActivation', () => {
  it('accepts the mean over the examples, however it is written', () => {
    assert.ok(check.meanActivation((h) => tf.mean(h, 0)).passed);
    assert.ok(check.meanActivation((h) => tf.sum(h, 0).div(h.shape[0])).passed);
  });

  it('names the mistake', () => {
    hints(
      check.meanActivation((h) => tf.mean(h, 1)),
      /shape \[3\]; got one of shape \[2\]/,
    );
    hints(
      check.meanActivation((h) => tf.mean(h)),
      /shape \[3\]; got one of shape \[\]/,
    );
    hints(
      check.meanActivation((h) => tf.sum(h, 0)),
      /divide by how many/,
    );
    hints(
      check.meanActivation((h) => tf.sum(h, 0).div(h.shape[1])),
      /divide by the number of units/,
    );
    hints(
      check.meanActivation((h) => tf.mean(tf.cast(tf.greater(h, 0), 'float32'), 0)),
      /how often a unit fires/,
    );
  });
});

const clip = (rhoHat: number) => Math.min(Math.max(rhoHat, 1e-7), 1 - 1e-7);
const divergence = (rho: number, rhoHat: number) =>
  rho * Math.log(rho / rhoHat) + (1 - rho) * Math.log((1 - rho) / (1 - rhoHat));

describe('check.klDivergence', () => {
  it('accepts the divergence, which is infinite at ρ̂ = 0 and 1', () => {
    assert.ok(check.klDivergence(divergence).passed);
  });

  it('names the mistake', () => {
    hints(
      check.klDivergence((rho, rhoHat) => divergence(rho, clip(rhoHat))),
      /You clip ρ̂ at an ε such as 1e-7.* the slope is zero or too small, just where the penalty should push most/,
    );
    hints(
      check.klDivergence((rho, rhoHat) => divergence(clip(rhoHat), rho)),
      /ρ and ρ̂ are swapped/,
    );
    hints(
      check.klDivergence((rho, rhoHat) => divergence(rho, clip(rhoHat)) / Math.LN2),
      /log₂/,
    );
    hints(
      check.klDivergence((rho, rhoHat) => {
        const safe = clip(rhoHat);
        return rho * Math.log(rho / safe) - (1 - rho) * Math.log((1 - rho) / (1 - safe));
      }),
      /sign of the second term/,
    );
  });
});

/** Σⱼ KL(ρ‖ρ̂ⱼ) in tf operations, with the choices that people get wrong. */
function penalty(
  h: Codes,
  rho: number,
  {
    axis = 0,
    low = 2 ** -126,
    high = 1,
    sign = 1,
    logarithm = tf.log,
    means = (t: Codes) => tf.mean(t, axis),
  }: {
    axis?: number;
    low?: number;
    high?: number;
    sign?: number;
    logarithm?: (t: tf.Tensor) => tf.Tensor;
    means?: (t: Codes) => tf.Tensor;
  } = {},
): tf.Tensor {
  const rhoHat = tf.clipByValue(means(h), low, high);
  const heads = tf.mul(rho, logarithm(tf.div(rho, rhoHat)));
  const tails = tf.mul(1 - rho, logarithm(tf.div(1 - rho, tf.maximum(tf.sub(1, rhoHat), 2 ** -126))));
  return tf.add(heads, tf.mul(sign, tails));
}

describe('check.kl', () => {
  it('accepts the penalty, however it is written', () => {
    assert.ok(check.kl((h, rho) => tf.sum(penalty(h, rho))).passed);
    assert.ok(check.kl((h, rho) => kl({ beta: 3, rho }).term(h)).passed);
    assert.ok(check.kl((h, rho) => tf.sum(penalty(h, rho, { high: 1 - 2 ** -24 }))).passed);
  });

  it('names the mistake', () => {
    hints(
      check.kl((h, rho) => tf.sum(penalty(h, rho, { axis: 1 }))),
      /wrong axis/,
    );
    hints(
      check.kl((h, rho) => tf.sum(penalty(h, rho, { low: 0 }))),
      /silent for the whole batch has ρ̂ = 0, where the divergence is infinite: clip ρ̂ at 2 \*\* -126/,
    );
    hints(
      check.kl((h, rho) => tf.sum(penalty(h, rho, { sign: -1 }))),
      /sign of the second term/,
    );
    hints(
      check.kl((h, rho) => tf.sum(penalty(h, rho, { logarithm: (t) => tf.log(t).div(Math.LN2) }))),
      /log₂/,
    );
    hints(
      check.kl((h, rho) => tf.mean(penalty(h, rho))),
      /average over the units/,
    );
    hints(
      check.kl((h, rho) => tf.mean(tf.sum(penalty(h, rho, { means: (t) => t }), 1))),
      /average first/,
    );
    hints(
      check.kl((h, rho) => {
        const rhoHat = tf.clipByValue(tf.mean(h, 0), 1e-7, 1 - 1e-7);
        const heads = rhoHat.mul(tf.log(tf.div(rhoHat, rho)));
        const tails = tf.sub(1, rhoHat).mul(tf.log(tf.div(tf.sub(1, rhoHat), 1 - rho)));
        return tf.sum(heads.add(tails));
      }),
      /ρ and ρ̂ are swapped/,
    );
    hints(
      check.kl((h, rho) => penalty(h, rho)),
      /One axis is left over/,
    );
  });

  it('finds each bound on ρ̂ that is seen in its value', () => {
    for (const low of [1e-3, 1e-7, 1e-12]) {
      hints(
        check.kl((h, rho) => tf.sum(penalty(h, rho, { low, high: 1 - low }))),
        /You clip ρ̂ at an ε such as 1e-7.* Clip at 2 \*\* -126/,
      );
    }
    hints(
      check.kl((h, rho) => tf.sum(penalty(h, rho, { low: 1e-36 }))),
      /A larger bound makes the value wrong/,
    );
    hints(
      check.kl((h, rho) => tf.sum(penalty(h, rho, { high: 1 - 1e-7 }))),
      /Do not clip ρ̂ below 1: 1 − 1e-7 is too far away/,
    );
    hints(
      check.kl((h, rho) => {
        const rhoHat = tf.mean(h, 0);
        const heads = tf.log(tf.div(rho, rhoHat.add(1e-7))).mul(rho);
        return heads.add(tf.log(tf.div(1 - rho, tf.sub(1 + 1e-7, rhoHat))).mul(1 - rho)).sum();
      }),
      /or add ε to it/,
    );
  });

  it('finds a bound that float32 loses below 1', () => {
    hints(
      check.kl((h, rho) => {
        const rhoHat = tf.clipByValue(tf.mean(h, 0), 2 ** -126, 1 - 2 ** -126);
        const tails = tf.log(tf.div(1 - rho, tf.sub(1, rhoHat))).mul(1 - rho);
        return tf.sum(tf.log(tf.div(rho, rhoHat)).mul(rho).add(tails));
      }),
      /clip the mean of 1 − h at 2 \*\* -126 as well/,
    );
  });
});

const error = (x: Codes, xHat: Codes) => tf.mean(tf.squaredDifference(x, xHat));
const term = (h: Codes, { beta, rho }: { beta: number; rho: number }) => kl({ beta, rho }).term(h);

describe('check.klLoss', () => {
  it('accepts MSE + β Σ KL', () => {
    assert.ok(check.klLoss((x, xHat, h, s) => error(x, xHat).add(term(h, s).mul(s.beta))).passed);
  });

  it('names the mistake', () => {
    hints(
      check.klLoss((x, xHat, h, s) => error(x, xHat).add(term(h, s).mul(s.beta ** 2))),
      /You multiply by β twice/,
    );
    hints(
      check.klLoss((x, xHat, h, s) => error(x, xHat).add(term(h, s))),
      /β is missing/,
    );
    hints(
      check.klLoss((x, xHat, h, s) => error(x, xHat).add(term(h, s)).mul(s.beta)),
      /You multiply the error by β too/,
    );
    hints(
      check.klLoss((x, xHat, h, s) => error(x, xHat).sub(term(h, s).mul(s.beta))),
      /You subtract the penalty/,
    );
    hints(
      check.klLoss((x, xHat, h, s) => error(x, xHat).add(term(h, s).mul(s.beta / h.shape[0]))),
      /You divide the penalty by the batch size/,
    );
    hints(
      check.klLoss((x, xHat, h, s) => error(x, xHat).add(term(h, s).mul(s.beta / h.shape[1]))),
      /You average the penalty over the units/,
    );
    hints(
      check.klLoss((x, xHat, h, s) => error(x, xHat).div(2).add(term(h, s).mul(s.beta))),
      /factor ½/,
    );
    hints(
      check.klLoss((x, xHat, h, s) =>
        error(x, xHat).add(tf.mean(tf.sum(penalty(h, s.rho, { means: (t) => t }), 1)).mul(s.beta)),
      ),
      /average first/,
    );
  });
});

/** (β/m) (−ρ/ρ̂ + (1−ρ)/(1−ρ̂)) in tf operations. */
function pull(h: Codes, { beta, rho }: { beta: number; rho: number }, means: tf.Tensor = tf.mean(h, 0)) {
  const slope = tf.sub(tf.div(1 - rho, tf.sub(1, means)), tf.div(rho, means));
  return tf.zerosLike(h).add(slope.mul(beta / h.shape[0]));
}

describe('check.klGradient', () => {
  it('accepts the gradient, derived on paper or by tf.grad', () => {
    assert.ok(check.klGradient((h, s) => pull(h, s)).passed);
    assert.ok(
      check.klGradient((h, s) => tf.grad((t: tf.Tensor) => term(t as Codes, s).mul(s.beta))(h)).passed,
    );
  });

  it('names the mistake', () => {
    hints(
      check.klGradient((h, s) => pull(h, s).mul(h.shape[0])),
      /1\/m of what it moves/,
    );
    hints(
      check.klGradient((h, s) => pull(h, s, h)),
      /by its own size/,
    );
    hints(
      check.klGradient((h, s) => pull(h, s).div(s.beta)),
      /β is missing/,
    );
    hints(
      check.klGradient((h, s) => pull(h, s).neg()),
      /points uphill/,
    );
    hints(
      check.klGradient((h, s) => pull(h, s).mul(h.shape[0] / h.shape[1])),
      /divide by the number of units/,
    );
    hints(
      check.klGradient((h, { beta, rho }) =>
        tf.zerosLike(h).sub(tf.div((rho * beta) / h.shape[0], tf.mean(h, 0))),
      ),
      /second term, .* is missing/,
    );
  });
});

describe('check.batchSize', () => {
  const aim = { rho: 0.01, noise: 0.5 };

  it('accepts the least number of examples', () => {
    // √(0.01 · 0.99 / m) ≤ 0.5 · 0.01, so m ≥ 0.0099 / 0.000025 = 396
    assert.ok(check.batchSize(396, aim).passed);
    // (1 − 0.5) / (0.5 · 0.1²) = 100
    assert.ok(check.batchSize(100, { rho: 0.5, noise: 0.1 }).passed);
  });

  it('says what is wrong with another', () => {
    hints(check.batchSize(100, aim), /99 % of ρ, more than 50 %: take more/);
    hints(check.batchSize(500, aim), /not needed/);
    hints(check.batchSize(198, aim), /square is missing/);
    hints(check.batchSize(400, aim), /1 − ρ is missing/);
    hints(check.batchSize(1, aim), /You use the noise as an absolute number/);
    hints(check.batchSize(395.5, aim), /whole number of examples, 1 or more; got 395\.5/);
  });
});

describe('every check of lesson 3', () => {
  it('says of an exercise that nobody has begun that it is not answered', () => {
    for (const verdict of [
      check.meanActivation((): tf.Tensor => todo()),
      check.klDivergence((): number => todo()),
      check.kl((): tf.Tensor => todo()),
      check.klLoss((): tf.Tensor => todo()),
      check.klGradient((): tf.Tensor => todo()),
      check.batchSize(undefined, { rho: 0.1, noise: 0.5 }),
    ]) {
      assert.equal(verdict.status, 'unanswered', verdict.message);
    }
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    check.kl((h, rho) => tf.sum(penalty(h, rho)));
    check.kl((h, rho) => penalty(h, rho));
    check.klGradient((h, s) => pull(h, s));
    check.meanActivation((h) => tf.mean(h));
    assert.equal(tf.memory().numTensors, before);
  });
});
