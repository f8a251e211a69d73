import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type AutoencoderOptions,
  backendReady,
  kl,
  l1,
  type Penalty,
  Random,
  SparseAutoencoder,
  tf,
} from 'sparselab';
import { initialState, type Member } from 'sparselab/dist/engine';
import { compiledRunner } from 'sparselab/dist/engine/wasm/compiledRunner';
import type { Build } from 'sparselab/dist/engine/wasm/kernels';
import { Team } from 'sparselab/dist/engine/wasm/threads';
import { type Objective, objectiveStep } from 'sparselab/dist/model/loss';
import { platform } from 'sparselab/dist/platform/node';
import { builds } from '../support/engines';
import { megabytes } from '../support/memory';
import { recipeMember, recipes } from '../support/recipes';

// No multiples of four, and enough for each of three threads.
const [dim, hiddenDim, batchSize, rest, count] = [63, 61, 101, 45, 247];
const random = new Random(8);
const examples = {
  values: Float32Array.from({ length: count * dim }, () => Math.max(0, random.normal())),
  count,
  dim,
  scale: 1,
};
const rows = random.permutation(count);
const [whole, last] = [rows.subarray(0, 2 * batchSize), rows.subarray(2 * batchSize)];
assert.equal(last.length, rest);

const plain = (objective: Objective, options: Partial<AutoencoderOptions> = {}): Member => {
  const { architecture, parameters } = new SparseAutoencoder({
    inputDim: dim,
    hiddenDim,
    seed: 3,
    ...options,
  });
  return {
    step: objectiveStep(architecture, objective),
    initial: initialState(parameters),
    learningRate: 1e-2,
  };
};

/** A penalty in which numbers meet along rows, along columns and all of them, and kernels that no threads share. */
const everything: Penalty = {
  name: 'everything',
  strength: 0.1,
  term: (h) =>
    h
      .sub(h.mean(0))
      .mul(h.max(1, true))
      .square()
      .mean<tf.Scalar>()
      .add(h.square().sum().sqrt())
      .add(h.cumsum(1).mean())
      .add(tf.matMul(h, h, true, false).square().mean())
      .add(h.reverse(0).mul(h).mean()),
};

const forms: Record<string, () => Member[]> = {
  'L1, relu': () => [plain({ penalty: l1(0.01), weightDecay: 0.01 })],
  'KL, sigmoid, tied': () => [
    plain({ penalty: kl({ beta: 0.1, rho: 0.1 }) }, { hiddenActivation: 'sigmoid', tied: true }),
  ],
  'tanh and softplus': () => [
    plain({ penalty: everything }, { hiddenActivation: 'tanh', outputActivation: 'softplus' }),
  ],
  'three members': () => [
    plain({ penalty: l1(0.01) }),
    plain({}, { hiddenDim: 40, hiddenActivation: 'sigmoid' }),
    plain({ penalty: l1(0.1) }),
  ],
  ...Object.fromEntries(
    Object.entries(recipes).map(([name, recipe]) => [
      name,
      () => [recipeMember(recipe, examples, hiddenDim)],
    ]),
  ),
};

/** The losses and the states after two whole batches and a smaller one. */
async function outcome(members: Member[], build: Build, threads: number) {
  const team = new Team(threads);
  const runner = compiledRunner(members, examples, [batchSize, rest], build, team);
  assert.ok(runner);
  while (team.size < threads) await pause(1);
  const losses = [runner.run(whole, batchSize), runner.run(last, rest)];
  const states = runner.states();
  assert.equal(team.size, threads);
  team.end();
  return { losses, states };
}

before(() => backendReady());

describe('the numbers do not depend on how many threads share a training', () => {
  for (const [name, members] of Object.entries(forms)) {
    it(name, async () => {
      for (const build of builds) {
        const alone = await outcome(members(), build, 1);
        assert.ok(alone.losses.flat().every((losses) => losses.every(Number.isFinite)));
        for (const threads of [2, 3]) {
          assert.deepEqual(await outcome(members(), build, threads), alone, `${threads} threads, ${build}`);
        }
      }
    });
  }
});

describe('a team', () => {
  const newRunner = (team: Team) => {
    const runner = compiledRunner([plain({ penalty: l1(0.01) })], examples, [batchSize], undefined, team);
    assert.ok(runner);
    return runner;
  };
  const isComplete = async (team: Team, threads: number) => {
    while (team.size < threads) await pause(1);
  };

  it('works before its threads have started, and with them from then on', async () => {
    const team = new Team(2);
    const runner = newRunner(team);
    assert.equal(team.size, 1);
    const losses = [runner.run(whole.subarray(0, batchSize), batchSize)];
    await isComplete(team, 2);
    losses.push(runner.run(whole.subarray(batchSize), batchSize));
    team.end();

    const alone = newRunner(new Team(1));
    const [expected] = alone.run(whole, batchSize);
    assert.deepEqual(
      losses.flatMap(([terms]) => [...(terms as Float32Array)]),
      [...(expected as Float32Array)],
    );
  });

  it('goes from one training to the next, and threads that come late to neither', async () => {
    const team = new Team(3);
    const states = [];
    for (let training = 0; training < 20; training++) {
      const runner = newRunner(team);
      if (training % 3 === 0) await isComplete(team, 3);
      else if (training % 3 === 1) await pause(1);
      runner.run(whole, batchSize);
      states.push(runner.states());
      team.leave();
    }
    for (const state of states) assert.deepEqual(state, states[0]);
    team.end();
  });

  it('is kept for the next training: fifty leave neither threads nor memory behind', async () => {
    const cycle = async (i: number) => {
      const runner = compiledRunner([plain({}, { hiddenDim: 40 + (i % 12) })], examples, [batchSize]);
      assert.ok(runner);
      await pause(i % 3);
      runner.run(whole, batchSize);
      runner.dispose();
    };
    const threads = () => (process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0);
    for (let i = 0; i < 12; i++) await cycle(i);
    const [before, memory] = [threads(), await megabytes()];
    for (let i = 0; i < 50; i++) await cycle(i);
    assert.ok(threads() <= before, `${threads()} threads, ${before} before`);
    // A training has some 600 KB; fifty of them that stay would be seen.
    const growth = (await megabytes()) - memory;
    assert.ok(growth < 5, `${growth} MB more`);
  });

  it('of one thread does everything where none can be started', () => {
    const { start } = platform.threads;
    Object.assign(platform.threads, {
      start() {
        throw new Error('no threads here');
      },
    });
    try {
      const team = new Team(2);
      newRunner(team).run(whole, batchSize);
      assert.equal(team.size, 1);
    } finally {
      Object.assign(platform.threads, { start });
    }
  });

  it('does not wait for a thread that has failed', async () => {
    const team = new Team(2);
    const runner = newRunner(team);
    await isComplete(team, 2);
    // In the other thread's share of the second batch, rows far behind the end of memory.
    const wrong = whole.slice().fill(2 ** 22, batchSize + 60);
    assert.throws(() => runner.run(wrong, batchSize), /unreachable/);
    assert.ok(team.hasFailed);
    runner.dispose();
  });
});

describe('a process with threads', () => {
  const script = (end: string) => `
    process.env.SPARSELAB_BACKEND = 'wasm';
    const { backendReady, loadDigits, l1, SparseAutoencoder, train } = require('sparselab');
    backendReady().then(async () => {
      const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 64, seed: 1 });
      await train(model, loadDigits(), { penalty: l1(0.01), epochs: 3, batchSize: 128, progress: false });
      console.log('trained');
      ${end}
    });
  `;
  const run = (end: string) =>
    spawnSync(process.execPath, ['-e', script(end)], {
      cwd: __dirname,
      env: { ...process.env, TF_NUM_INTEROP_THREADS: '3' },
      encoding: 'utf8',
      timeout: 60_000,
    });

  it('ends when its own work is done', () => {
    const { stdout, stderr, status } = run('');
    assert.equal(stdout.trim(), 'trained', stderr);
    assert.equal(status, 0);
  });

  it('ends when it is told to', () => {
    assert.equal(run('process.exit(7);').status, 7);
  });
});
