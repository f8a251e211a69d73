import assert from 'node:assert/strict';
import os from 'node:os';
import { describe, it, type TestContext } from 'node:test';
import type { Values } from 'sparselab';
import { l1, Random, SparseAutoencoder, tf } from 'sparselab';
import {
  createEngine,
  type Examples,
  initialState,
  type Member,
  type Named,
  type OptimizerState,
  type Precision,
  type StepRunner,
  type TrainingStep,
} from 'sparselab/dist/engine';
import { DataType } from 'sparselab/dist/engine/native/binding';
import { featuresIn } from 'sparselab/dist/engine/native/processor';
import { traceMembers } from 'sparselab/dist/engine/native/traceStep';
import { trainingGraph } from 'sparselab/dist/engine/native/trainingGraph';
import { engineProblem } from 'sparselab/dist/engine/precisionProblem';
import { objectiveStep } from 'sparselab/dist/model/loss';
import { withoutBfloat16 } from '../support/processor';
import { recipeMember, recipes } from '../support/recipes';

/** A test that needs native TensorFlow, on whatever processor oneDNN multiplies bfloat16 numbers for. */
const native = (title: string, body: (context: TestContext) => Promise<void>) =>
  it(title, async (context) => {
    const missing = await withoutBfloat16();
    if (missing) return context.skip(missing);
    await body(context);
  });

const array = (shape: readonly number[], ...values: number[]): Values => ({
  values: Float32Array.from(values),
  shape,
});

/** Rows as stored examples. */
const stored = (dim: number, ...values: number[]): Examples => ({
  values: Float32Array.from(values),
  count: values.length / dim,
  dim,
  scale: 1,
});

/** One step of a loss of `w` on all rows as one batch; returns the terms, and Adam's first moment, which is a tenth of the gradient. */
async function oneStep(
  w: Values,
  source: Examples,
  loss: (w: tf.Tensor, x: tf.Tensor2D) => tf.Scalar,
  precision: Precision,
): Promise<{ total: number; gradient: number[] }> {
  const step: TrainingStep<'total'> = {
    inputs: {},
    terms: ['total'],
    loss: ({ w }, x) => ({ total: loss(w as tf.Tensor, x) }),
  };
  const member: Member = { step, initial: initialState({ w }), learningRate: 0.1, betas: [0, 0] };
  const { runner } = await createEngine({ members: [member], source, batchSizes: [source.count], precision });
  try {
    const rows = Int32Array.from({ length: source.count }, (_, row) => row);
    const [terms] = runner.run(rows, source.count);
    const [{ firstMoments }] = runner.states() as [OptimizerState];
    return { total: terms?.[0] as number, gradient: [...(firstMoments.w as Values).values] };
  } finally {
    runner.dispose();
  }
}

const product = (w: tf.Tensor, x: tf.Tensor2D) => tf.matMul(x, w as tf.Tensor2D);

describe('a product of matrices in bfloat16', () => {
  native('rounds its factors to 8 significant bits, and its result', async () => {
    const times = async (factor: number, x: number, precision: Precision) =>
      (await oneStep(array([1, 1], factor), stored(1, x), (w, x) => product(w, x).sum(), precision)).total;
    // Between 1 and 2 bfloat16 has the multiples of 2⁻⁷: 1 + 2⁻⁹ is nearest to 1, and 1 + 3·2⁻⁹ to 1 + 2⁻⁷.
    assert.equal(await times(1 + 2 ** -9, 3, 'float32'), 3 + 3 * 2 ** -9);
    assert.equal(await times(1 + 2 ** -9, 3, 'bfloat16'), 3);
    assert.equal(await times(1 + 3 * 2 ** -9, 1, 'bfloat16'), 1 + 2 ** -7);
    // Between 2 and 4 it has the multiples of 2⁻⁶: of 3 + 3·2⁻⁷, halfway between two, the even one.
    assert.equal(await times(1 + 2 ** -7, 3, 'bfloat16'), 3 + 2 * 2 ** -6);
  });

  native('adds in float32', async () => {
    // In bfloat16 the sum would stay at 256: 257 has nine bits.
    const ones = new Array<number>(4096).fill(1);
    const { total } = await oneStep(
      array([4096, 1], ...ones),
      stored(4096, ...ones),
      (w, x) => product(w, x).sum(),
      'bfloat16',
    );
    assert.equal(total, 4096);
  });

  native('rounds in its gradient, too', async () => {
    // ∂/∂w Σ c·xw = c·x, a product of c = 1 + 2⁻⁹ and x = 3.
    const loss = (w: tf.Tensor, x: tf.Tensor2D): tf.Scalar =>
      product(w, x)
        .mul(1 + 2 ** -9)
        .sum();
    const gradient = async (precision: Precision) =>
      (await oneStep(array([1, 1], 1), stored(1, 3), loss, precision)).gradient;
    assert.deepEqual(await gradient('float32'), [3 + 3 * 2 ** -9]);
    assert.deepEqual(await gradient('bfloat16'), [3]);
  });

  native('leaves everything else in float32', async () => {
    const loss = (w: tf.Tensor, x: tf.Tensor2D): tf.Scalar =>
      product(w, x)
        .add(2 ** -12)
        .sum();
    assert.equal((await oneStep(array([1, 1], 1), stored(1, 3), loss, 'bfloat16')).total, 3 + 2 ** -12);
    const elementwise = (w: tf.Tensor, x: tf.Tensor2D): tf.Scalar => x.mul(w).sum();
    const { total } = await oneStep(array([1, 1], 1 + 2 ** -9), stored(1, 3), elementwise, 'bfloat16');
    assert.equal(total, 3 + 3 * 2 ** -9);
  });

  native('is one of many that are computed at once, too', async () => {
    const loss = (w: tf.Tensor, x: tf.Tensor2D): tf.Scalar =>
      tf.matMul(x.reshape([2, 1, 1]), tf.stack([w, w])).sum();
    const { total } = await oneStep(array([1, 1], 1 + 2 ** -9), stored(1, 3, 5), loss, 'bfloat16');
    assert.equal(total, 3 + 5);
  });
});

// ── A step ───────────────────────────────────────────────────────────────────────────────────────────────────────

const [DIM, HIDDEN, COUNT] = [24, 12, 96];
const random = new Random(3);
const examples: Examples & { readonly values: Float32Array } = {
  values: Float32Array.from({ length: COUNT * DIM }, () => random.uniform()),
  count: COUNT,
  dim: DIM,
  scale: 1,
};
const rows = random.permutation(COUNT);

/** x rounded to 8 significant bits with float32 arithmetic (Veltkamp's splitting). */
function rounded<T extends tf.Tensor>(x: T): T {
  const large = x.mul(2 ** 16 + 1);
  return large.sub(large.sub(x)) as T;
}

/** A product of matrices as bfloat16 has it, and its gradients, out of float32 operations. */
const imitation = tf.customGrad((a, b, save) => {
  const [left, right] = [rounded(a as tf.Tensor2D), rounded(b as tf.Tensor2D)];
  (save as tf.GradSaveFunc)([left, right]);
  return {
    value: rounded(tf.matMul(left, right)),
    gradFunc: (dy: tf.Tensor, [l, r]: tf.Tensor[]) => {
      const given = rounded(dy as tf.Tensor2D);
      return [
        rounded(tf.matMul(given, r as tf.Tensor2D, false, true)),
        rounded(tf.matMul(l as tf.Tensor2D, given, true)),
      ];
    },
  };
}) as (a: tf.Tensor2D, b: tf.Tensor2D) => tf.Tensor2D;

/** A small autoencoder with L1, whatever multiplies. */
const autoencoder = (multiply: typeof imitation, hiddenDim = HIDDEN): Member => {
  const { parameters } = new SparseAutoencoder({ inputDim: DIM, hiddenDim, seed: 2 });
  const step: TrainingStep<'total'> = {
    inputs: { lambda: 0.01 },
    terms: ['total'],
    loss: (p, x, { lambda }) => {
      const h = multiply(x, p.encoderWeights as tf.Tensor2D)
        .add(p.encoderBias as tf.Tensor)
        .relu();
      const output = multiply(h as tf.Tensor2D, p.decoderWeights as tf.Tensor2D).add(
        p.decoderBias as tf.Tensor,
      );
      const error = output.sub(x).square().mean();
      return {
        total: error.add(
          h
            .sum(1)
            .mean()
            .mul(lambda as tf.Scalar),
        ) as tf.Scalar,
      };
    },
  };
  return { step, initial: initialState(parameters), learningRate: 1e-3 };
};

async function runs<T>(
  members: readonly Member[],
  options: { precision?: Precision; compile?: boolean },
  use: (runner: StepRunner) => T,
): Promise<T> {
  const { runner } = await createEngine({ members, source: examples, batchSizes: [32], ...options });
  try {
    return use(runner);
  } finally {
    runner.dispose();
  }
}

const arraysOf = ({ parameters, firstMoments, secondMoments }: OptimizerState): Named<Values>[] => [
  parameters,
  firstMoments,
  secondMoments,
];

describe('a step in bfloat16', () => {
  native('is the step whose products are rounded before and after', async () => {
    const losses = async (
      multiply: typeof imitation,
      options: { precision?: Precision; compile?: boolean },
    ) => runs([autoencoder(multiply)], options, (runner) => [...(runner.run(rows, 32)[0] as Float32Array)]);
    const expected = await losses(imitation, { compile: false });
    const actual = await losses(tf.matMul, { precision: 'bfloat16' });
    const inFloat32 = await losses(tf.matMul, { precision: 'float32' });
    const off = (some: readonly number[]) =>
      Math.max(...some.map((value, k) => Math.abs(value / (expected[k] as number) - 1)));
    // Where float32's rounding decides between two bfloat16 numbers, single entries differ by one of 256 to 512 parts.
    assert.ok(off(actual) < 1e-5, `it is ${off(actual)} off`);
    assert.ok(off(inFloat32) > 3e-5, `float32 is only ${off(inFloat32)} off`);
  });

  native('rounds each value once, and the batch once for all members', async () => {
    // With so many units the factor of the mean square stays where it is: elsewhere it would multiply a value that is rounded, too.
    const members = [1, 2].map(() => autoencoder(tf.matMul, 4 * DIM));
    const traced = traceMembers(members, examples, [32]);
    const casts = (count: number, precision: Precision) => {
      const format = { stored: { dim: DIM, dtype: DataType.float, scale: 1 } };
      const graph = trainingGraph(traced.slice(0, count), format, precision);
      return Buffer.from(graph).toString('latin1').split('\x12\x04Cast').length - 1;
    };
    // x, Wₑ, h, W_d, ∂x̂ and ∂z are rounded, and five products become float32 again.
    const added = (count: number) => casts(count, 'bfloat16') - casts(count, 'float32');
    assert.equal(added(1), 6 + 5);
    assert.equal(added(2), 2 * (6 + 5) - 1);
  });

  native('gives each member the numbers that it has alone, in whatever slices', async () => {
    const members = [autoencoder(tf.matMul), { ...autoencoder(tf.matMul), learningRate: 1e-2 }];
    const precision = 'bfloat16';
    const together = await runs(members, { precision }, (runner) => {
      for (let start = 0; start < COUNT; start += 32) runner.run(rows.subarray(start, start + 32), 32);
      return runner.states();
    });
    for (const [m, member] of members.entries()) {
      const alone = await runs([member], { precision }, (runner) => {
        runner.run(rows, 32);
        return runner.states()[0] as OptimizerState;
      });
      assert.deepEqual(arraysOf(together[m] as OptimizerState), arraysOf(alone));
    }
  });

  native('goes on from its state bit for bit', async () => {
    const member = autoencoder(tf.matMul);
    const [whole, half] = await runs([member], { precision: 'bfloat16' }, (runner) => {
      runner.run(rows.subarray(0, 64), 32);
      const [middle] = runner.states() as [OptimizerState];
      runner.run(rows.subarray(64), 32);
      return [runner.states()[0] as OptimizerState, middle];
    });
    const resumed = await runs([{ ...member, initial: half }], { precision: 'bfloat16' }, (runner) => {
      runner.run(rows.subarray(64), 32);
      return runner.states()[0] as OptimizerState;
    });
    assert.deepEqual(resumed, whole);
  });

  for (const [name, recipe] of Object.entries(recipes)) {
    native(`takes the steps of ${name}`, async () => {
      const member = recipeMember(recipe, examples, HIDDEN);
      const losses = (precision: Precision) =>
        runs([member], { precision }, (runner) => runner.run(rows, 32)[0] as Float32Array);
      const [expected, actual] = [await losses('float32'), await losses('bfloat16')];
      const total = member.step.terms.indexOf('total');
      const width = member.step.terms.length;
      // Each of the few factors in a loss is off by 2⁻⁸ at most. Which units a code chooses may differ after the first step.
      const off = Math.abs((actual[total] as number) / (expected[total] as number) - 1);
      assert.ok(off < 4 * 2 ** -8, `the first loss is ${off} off`);
      assert.ok(actual.every(Number.isFinite));
      assert.equal(actual.length, 3 * width);
    });
  }

  for (const processors of [1, 2, 4]) {
    native(`is spread over ${processors} processors`, async ({ mock }) => {
      mock.method(os, 'availableParallelism', () => processors);
      const [inputDim, hiddenDim, count] = [784, 256, 256];
      const large = new Random(1);
      const { architecture, parameters } = new SparseAutoencoder({ inputDim, hiddenDim, seed: 1 });
      const member = {
        step: objectiveStep(architecture, { penalty: l1(1e-3) }),
        initial: initialState(parameters),
        learningRate: 1e-3,
      };
      const values = Float32Array.from({ length: count * inputDim }, () => large.uniform());
      const source = { values, count, dim: inputDim, scale: 1 };
      const state = async (precision: Precision) => {
        const { runner } = await createEngine({ members: [member], source, batchSizes: [count], precision });
        runner.run(large.permutation(count), count);
        const [{ firstMoments }] = runner.states() as [OptimizerState];
        runner.dispose();
        return firstMoments;
      };
      const [expected, actual] = [await state('float32'), await state('bfloat16')];
      for (const [name, { values: exact }] of Object.entries(expected)) {
        const { values: ours } = actual[name] as Values;
        const norm = (some: Float32Array) => Math.sqrt(some.reduce((sum, value) => sum + value * value, 0));
        const off = norm(exact.map((value, i) => value - (ours[i] as number))) / norm(exact);
        // Rounding to 8 bits is off by at most 2⁻⁸ of a number; a gradient goes through a handful of roundings.
        assert.ok(off < 4 * 2 ** -8, `${name} is ${off} off`);
      }
    });
  }
});

describe('bfloat16 is refused', () => {
  it('where no TensorFlow is, and operation by operation', () => {
    const problem = (backend: 'tensorflow' | 'wasm' | 'cpu', compile: boolean) =>
      engineProblem('bfloat16', { backend, compile });
    assert.equal(
      problem('wasm', true),
      "precision must be 'float32' on WebAssembly; got 'bfloat16', which needs native TensorFlow",
    );
    assert.match(problem('cpu', true) ?? '', /^precision must be 'float32' on plain JavaScript;/);
    assert.equal(
      problem('tensorflow', false),
      "precision must be 'float32' with compile: false; got 'bfloat16', which needs a compiled step",
    );
    assert.equal(problem('tensorflow', true), undefined);
    assert.equal(engineProblem('float32', { backend: 'wasm', compile: false }), undefined);
  });
});

it('the instructions of a processor are those that Linux names', () => {
  const x86 =
    'processor\t: 0\nmodel name\t: A CPU\nflags\t\t: fpu avx2 avx512_bf16\nbugs\t\t: none\n\nprocessor\t: 1\n';
  assert.deepEqual(featuresIn(x86), ['fpu', 'avx2', 'avx512_bf16']);
  const arm = 'processor\t: 0\nFeatures\t: fp asimd bf16\nCPU part\t: 0xd40\n';
  assert.deepEqual(featuresIn(arm), ['fp', 'asimd', 'bf16']);
  assert.deepEqual(featuresIn(''), []);
});
