import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Dataset, loadDigits, probe, Random, rawInputs, SparseAutoencoder, tf } from 'sparselab';
import { minimize } from 'sparselab/dist/numbers/lbfgs';
import { close } from '../support/numbers';

describe('minimize', () => {
  it('finds the bottom of Rosenbrock’s valley', () => {
    const rosenbrock = (point: Float64Array) => {
      const [x, y] = point as unknown as [number, number];
      const bend = y - x ** 2;
      return {
        value: (1 - x) ** 2 + 100 * bend ** 2,
        gradient: Float64Array.of(-2 * (1 - x) - 400 * x * bend, 200 * bend),
      };
    };
    const { point, converged } = minimize(rosenbrock, Float64Array.of(-1.2, 1), { tolerance: 1e-12 });
    assert.ok(converged);
    close(point[0] as number, 1);
    close(point[1] as number, 1);
  });

  it('stays where the slope is 0', () => {
    const bowl = (point: Float64Array) => ({ value: 0, gradient: point.map((x) => 2 * x) });
    assert.deepEqual(minimize(bowl, Float64Array.of(0, 0)), {
      point: Float64Array.of(0, 0),
      value: 0,
      iterations: 0,
      converged: true,
    });
  });

  it('says when it was cut short', () => {
    const quartic = (point: Float64Array) => {
      const x = point[0] as number;
      return { value: x ** 4, gradient: Float64Array.of(4 * x ** 3) };
    };
    assert.equal(minimize(quartic, Float64Array.of(9), { maxIterations: 2 }).converged, false);
  });
});

/** Two clouds of points, around (−1, 0) and (1, 0). */
function clouds(count: number, spread: number, seed: number): Dataset {
  const random = new Random(seed);
  const labels = Uint8Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 3 : 7));
  const values = Float32Array.from(
    { length: 2 * count },
    (_, i) => (i % 2 === 0 ? (labels[i / 2] === 3 ? -1 : 1) : 0) + spread * random.normal(),
  );
  return new Dataset({ name: 'clouds', values, count, dim: 2, labels });
}

describe('probe', () => {
  it('separates what a line separates, and says what it took for what', () => {
    const result = probe(rawInputs, clouds(200, 0.1, 1), clouds(50, 0.1, 2));
    assert.deepEqual([result.trainAccuracy, result.testAccuracy], [1, 1]);
    assert.deepEqual(result.classes, [3, 7]);
    assert.deepEqual(result.confusion, [
      [25, 0],
      [0, 25],
    ]);
    assert.deepEqual(result.predictions, clouds(50, 0.1, 2).labels);
    assert.deepEqual(result.weights.shape, [2, 2]);
    assert.ok(result.converged);
  });

  it('guesses where there is nothing to see: the loss is log 2, that of a fair coin', () => {
    const labels = Uint8Array.from({ length: 100 }, (_, i) => i % 2);
    const blank = new Dataset({ name: 'blank', values: new Float32Array(100), count: 100, dim: 1, labels });
    const result = probe(rawInputs, blank, blank);
    assert.equal(result.testAccuracy, 0.5);
    close(result.trainLoss, Math.log(2));
  });

  it('reaches the minimum that scikit-learn finds', () => {
    // scikit-learn 1.9.1: LogisticRegression(C=1 / (1200 * 1e-3), tol=1e-10, max_iter=5000) on the first 1200 digits / 16.
    const digits = loadDigits();
    const result = probe(rawInputs, digits.slice(0, 1200), digits.slice(1200, 1797), { weightDecay: 1e-3 });
    close(result.trainLoss, 0.11188195907078499, 1e-4);
    close(result.testAccuracy, 0.9212730318257957, 0.003);
  });

  it('judges any code: a model’s, with its own width', () => {
    const digits = loadDigits();
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 30, seed: 1 });
    const result = probe(model, digits.slice(0, 300), digits.slice(300, 400), { maxIterations: 50 });
    assert.deepEqual(result.weights.shape, [30, 10]);
    // Ten classes: guessing is 0.1, and random relu features are far better than that.
    assert.ok(result.testAccuracy > 0.7, `${result.testAccuracy}`);
  });

  it('shrinks the weights the more, the stronger the decay', () => {
    const size = (weightDecay: number) =>
      Math.hypot(
        ...probe(rawInputs, clouds(100, 0.3, 1), clouds(10, 0.3, 2), { weightDecay }).weights.values,
      );
    assert.ok(size(1) < size(0.1) && size(0.1) < size(0.01));
  });

  it('gives the same answer every time and leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    const once = probe(rawInputs, clouds(60, 1, 1), clouds(60, 1, 2));
    assert.deepEqual(probe(rawInputs, clouds(60, 1, 1), clouds(60, 1, 2)), once);
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuses data it cannot learn from', () => {
    const unlabelled = Dataset.fromRows([[1, 2]]);
    assert.throws(() => probe(rawInputs, unlabelled, unlabelled), {
      message: 'train must have at least one labelled example; got 1, unlabelled',
    });
    const threes = clouds(10, 1, 1).withLabels(3);
    assert.throws(() => probe(rawInputs, threes, threes), {
      message: 'train must have at least two classes to tell apart; got [3]',
    });
    const other = Dataset.fromRows([[1, 2]], { labels: Uint8Array.of(5) });
    assert.throws(() => probe(rawInputs, clouds(10, 1, 1), other), {
      message: 'test must have only labels that occur in train, [3, 7]; got 5',
    });
    assert.throws(
      () => probe(rawInputs, clouds(10, 1, 1), other, { weightDecay: -1 }),
      /weightDecay must be at least 0/,
    );
  });
});
