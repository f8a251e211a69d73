/**
 * Measures sweeps: nine λ with three seeds beside the same trainings one after another in torch.compile, the answer of
 * the store, what the queue costs a trial, and that it loses and doubles none while workers are killed.
 *
 *     node build/bench/sweeps.js <python with torch> [--epochs 2] [--trials 1000]
 *
 * Sparselab's time is all that the caller waits for: loading and hashing MNIST, building graphs, the store's fsync.
 * PyTorch's is its epochs alone, after a warm-up. The queue is measured with a trainer that does nothing. Results go to
 * bench/results.json.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { fromModule, loadMnist, logspace, Random, SparseAutoencoder, sweep } from 'sparselab';
import { Contender } from './contender';
import { quiet } from './quiet';
import { saveSweeps } from './results';

const root = join(__dirname, '..', '..');
const folder = join(root, 'build', 'bench', 'sweeps');
const LAMBDAS = logspace(1e-6, 1e-2, 9);
const SEEDS = [1, 2, 3];
const HIDDEN = 64;
const BATCH = 128;
const PORT = 16379;
const PASSWORD = 'bench';

/** What sweeps came to. Seconds, unless a name says otherwise. */
export interface SweepsResult {
  readonly epochs: number;
  readonly sweep: number;
  readonly served: number;
  readonly torch: number;
  /** The time of sweep() as a share of torch.compile's. */
  readonly ratio: number;
  readonly queueMilliseconds: number;
  readonly killed: QueueRun;
}

/** What is aimed at: `ratio` at most, the others below. */
const aims = { ratio: 0.6, served: 0.5, queueMilliseconds: 30 };

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { epochs: { type: 'string', default: '2' }, trials: { type: 'string', default: '1000' } },
    allowPositionals: true,
  });
  const [python] = positionals;
  if (!python) throw new Error('sweeps.js must be given the path of a Python with torch');
  const [epochs, trials] = [Number(values.epochs), Number(values.trials)];
  mkdirSync(folder, { recursive: true });
  const store = mkdtempSync(join(tmpdir(), 'sparselab-bench-'));
  try {
    await quiet();
    const sweepSeconds = await measureSweep(store, epochs);
    const served = await measureSweep(store, epochs);
    await quiet();
    const torch = await measureTorch(python, epochs * SEEDS.length);
    await quiet();
    const calm = await measureQueue(trials, 1, 0);
    const killed = await measureQueue(10 * trials, 4, 5);
    const result: SweepsResult = {
      epochs,
      sweep: sweepSeconds,
      served,
      torch,
      ratio: sweepSeconds / torch,
      queueMilliseconds: (1000 * calm.seconds) / trials,
      killed,
    };
    console.log(formatSweeps(result));
    saveSweeps(result);
    if (killed.right !== killed.trials || killed.stored !== killed.trials) process.exitCode = 1;
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
}

/** The result as lines of text. */
function formatSweeps(result: SweepsResult): string {
  const { trials, workers, kills, right, stored, seconds } = result.killed;
  return [
    `\nSweeps: ${LAMBDAS.length} λ × ${SEEDS.length} seeds, MNIST, H=${HIDDEN} B=${BATCH}, ${result.epochs} epochs`,
    `${result.sweep.toFixed(2)} s  sweep()`,
    `${result.torch.toFixed(2)} s  the same trainings one after another in torch.compile`,
    `${result.ratio.toFixed(2)}  of torch.compile's time (aim: at most ${aims.ratio})`,
    `${result.served.toFixed(2)} s  the same sweep again, from the store (aim: below ${aims.served})`,
    `${result.queueMilliseconds.toFixed(1)} ms  a trial that does nothing, on a queue with one worker (aim: below ${aims.queueMilliseconds})`,
    `${right} right results and ${stored} records of ${trials} trials on ${workers} workers, ${kills} killed, in ${seconds.toFixed(1)} s`,
  ].join('\n  ');
}

async function measureSweep(store: string, epochs: number): Promise<number> {
  return secondsOf(() =>
    sweep(
      { lambda: LAMBDAS, seed: SEEDS },
      {
        data: 'MNIST train',
        model: { hiddenDim: HIDDEN },
        penalty: 'l1',
        train: { epochs, batchSize: BATCH },
        store,
      },
    ),
  );
}

/** Seconds for so many epochs of a model with each λ. */
async function measureTorch(python: string, epochs: number): Promise<number> {
  const { train } = loadMnist();
  const shared = {
    images: join(folder, 'images.u8'),
    parameters: join(folder, 'parameters.f32'),
    order: join(folder, 'order.i32'),
  };
  if (!existsSync(shared.images)) writeFileSync(shared.images, train.values);
  const orders = Array.from({ length: 2 }, (_, epoch) => new Random(0, epoch).permutation(train.count));
  writeFileSync(shared.order, Buffer.concat(orders.map(({ buffer }) => Buffer.from(buffer))));
  const model = new SparseAutoencoder({ inputDim: train.dim, hiddenDim: HIDDEN, seed: 0 });
  const arrays = Object.values(model.parameters).map(({ values }) => Buffer.from(values.buffer));
  writeFileSync(shared.parameters, Buffer.concat(arrays));
  const work = {
    hiddenDim: HIDDEN,
    batchSize: BATCH,
    activation: 'relu',
    penalty: 'l1',
    strengths: LAMBDAS,
    threads: availableParallelism(),
    rho: 0.05,
    ...shared,
  };
  const peer = join(root, 'bench', 'peers', 'torch_peer.py');
  const contender = await Contender.start('torch.compile', python, [peer, JSON.stringify(work), 'compile'], {
    PYTHONDONTWRITEBYTECODE: '1',
  });
  try {
    await contender.run(0);
    let seconds = 0;
    for (let epoch = 0; epoch < epochs; epoch++) seconds += (await contender.run(epoch)).seconds;
    return seconds;
  } finally {
    contender.stop();
  }
}

/** What a sweep on a queue came to. */
interface QueueRun {
  readonly trials: number;
  readonly workers: number;
  readonly seconds: number;
  /** Trials in the table that have their right result. */
  readonly right: number;
  /** Lines in the store. */
  readonly stored: number;
  readonly kills: number;
}

/**
 * So many trials that do nothing, through a Redis and workers on this machine.
 *
 * @param killSeconds How often the oldest worker is killed and another one started; never if 0.
 */
async function measureQueue(trials: number, workers: number, killSeconds: number): Promise<QueueRun> {
  const trainer = join(folder, 'nothing.cjs');
  writeFileSync(trainer, 'exports.nothing = ({ x }) => ({ x });\n');
  const data = mkdtempSync(join(tmpdir(), 'sparselab-redis-'));
  const store = join(data, 'store');
  const options = ['--bind', '127.0.0.1', '--port', `${PORT}`, '--requirepass', PASSWORD, '--dir', data];
  const redis = spawn('redis-server', [...options, '--appendonly', 'yes', '--save', '']);
  const queue = `redis://:${PASSWORD}@127.0.0.1:${PORT}`;
  const running: ChildProcess[] = [];
  const start = () => {
    const worker = spawn(process.execPath, [join(root, 'dist', 'sweep', 'queue', 'main.js')], {
      env: { ...process.env, SPARSELAB_QUEUE: queue },
    });
    running.push(worker);
    return worker;
  };
  let kills = 0;
  let timer: NodeJS.Timeout | undefined;
  try {
    await says(redis, 'Ready to accept connections');
    await Promise.all(Array.from({ length: workers }, () => says(start(), 'joined')));
    if (killSeconds > 0) {
      timer = setInterval(() => {
        running.shift()?.kill('SIGKILL');
        kills++;
        start();
      }, killSeconds * 1000);
    }
    const xs = Array.from({ length: trials }, (_, x) => x);
    const started = performance.now();
    const { rows } = await sweep(
      { x: xs },
      { trainer: fromModule(relative(root, trainer), 'nothing'), queue, store },
    );
    const seconds = (performance.now() - started) / 1000;
    const right = rows.filter(({ metrics }, x) => metrics.x === x).length;
    const lines = readdirSync(store).flatMap((file) =>
      readFileSync(join(store, file), 'utf8').trim().split('\n'),
    );
    return { trials, workers, seconds, right, stored: lines.length, kills };
  } finally {
    clearInterval(timer);
    for (const worker of running) worker.kill();
    redis.kill();
    if (redis.exitCode === null) await once(redis, 'exit');
    rmSync(data, { recursive: true, force: true });
  }
}

/** Waits until a process has printed a text. */
function says(process: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    process.on('error', reject);
    process.on('exit', (code) =>
      reject(new Error(`it ended with ${code} before it said '${text}': ${output}`)),
    );
    process.stdout?.on('data', (part) => {
      output += part;
      if (output.includes(text)) resolve();
    });
  });
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

void main();
