/**
 * Measures sweeps: nine λ with three seeds, against the same trainings one after another in torch.compile, the answer of
 * the store, what the queue costs a trial, and that it loses and doubles none while workers are killed.
 *
 *     node build/bench/sweeps.js <python with torch> [--epochs 2] [--trials 1000] [--turns 3]
 *
 * Sparselab's time is all that the caller waits for, in a process of its own each turn: loading and hashing MNIST,
 * building graphs, the store's fsync. PyTorch's is its epochs alone, after a warm-up. The queue is measured with a
 * trainer that does nothing. Results go to bench/results.json.
 *
 * @module
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
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
import { parseArgs, promisify } from 'node:util';
import { fromModule, geomspace, loadMnist, Random, SparseAutoencoder, sweep } from 'sparselab';
import { Contender } from './contender';
import { lastLine } from './lastLine';
import { quiet } from './quiet';
import { save } from './results';
import { median } from './table';

const root = join(__dirname, '..', '..');
const folder = join(root, 'build', 'bench', 'sweeps');
const LAMBDAS = geomspace(1e-6, 1e-2, 9);
const SEEDS = [1, 2, 3];
const HIDDEN = 64;
const BATCH = 128;
const PORT = 16379;
const PASSWORD = 'bench';

/** Results of sweeps, in seconds unless a name says otherwise. */
interface SweepsResult {
  readonly epochs: number;
  /** Each turn's. */
  readonly sweep: readonly number[];
  readonly torch: readonly number[];
  /** The median time of sweep() as a fraction of torch.compile's. */
  readonly ratio: number;
  readonly served: number;
  readonly queueMilliseconds: number;
  readonly killed: QueueRun;
}

/** The aims: `ratio` at most, the others below. */
const aims = { ratio: 0.6, served: 0.5, queueMilliseconds: 30 };

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      epochs: { type: 'string', default: '2' },
      trials: { type: 'string', default: '1000' },
      turns: { type: 'string', default: '3' },
      once: { type: 'string' },
    },
    allowPositionals: true,
  });
  const [epochs, trials, turns] = [Number(values.epochs), Number(values.trials), Number(values.turns)];
  if (values.once !== undefined) return sweepTwice(values.once, epochs);
  const [python] = positionals;
  if (!python) throw new Error('sweeps.js must be given the path of a Python with torch');
  mkdirSync(folder, { recursive: true });
  const { sweeps, torch } = await takeTurns(python, epochs, turns);
  await quiet();
  const calm = await measureQueue(trials, 1, 0);
  const killed = await measureQueue(10 * trials, 4, 5);
  const result: SweepsResult = {
    epochs,
    sweep: sweeps.map(({ seconds }) => seconds),
    torch,
    ratio: median(sweeps.map(({ seconds }) => seconds)) / median(torch),
    served: median(sweeps.map(({ served }) => served)),
    queueMilliseconds: (1000 * calm.seconds) / trials,
    killed,
  };
  console.log(formatSweeps(result));
  save({ sweeps: result });
  if (killed.right !== killed.trials || killed.stored !== killed.trials) process.exitCode = 1;
}

/** The result as lines of text. */
function formatSweeps(result: SweepsResult): string {
  const { trials, workers, kills, right, stored, seconds } = result.killed;
  return [
    `\nSweeps: ${LAMBDAS.length} λ × ${SEEDS.length} seeds, MNIST, H=${HIDDEN} B=${BATCH}, ${result.epochs} epochs`,
    `${spread(result.sweep)} s  sweep()`,
    `${spread(result.torch)} s  the same trainings one after another in torch.compile`,
    `${result.ratio.toFixed(2)}  of torch.compile's time (aim: at most ${aims.ratio})`,
    `${result.served.toFixed(2)} s  the same sweep again, from the store (aim: below ${aims.served})`,
    `${result.queueMilliseconds.toFixed(1)} ms  a trial that does nothing, on a queue with one worker (aim: below ${aims.queueMilliseconds})`,
    `${right} right results and ${stored} records of ${trials} trials on ${workers} workers, ${kills} killed, in ${seconds.toFixed(1)} s`,
  ].join('\n  ');
}

/** The median, and the smallest and largest. */
function spread(seconds: readonly number[]): string {
  const [least, most] = [Math.min(...seconds), Math.max(...seconds)];
  return `${median(seconds).toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
}

/** A process's answer: seconds of the sweep, and of its repetition. */
interface SweepTimes {
  readonly seconds: number;
  readonly served: number;
}

/** The sweep and the same trainings in torch.compile, so many times in turn. */
async function takeTurns(
  python: string,
  epochs: number,
  turns: number,
): Promise<{ sweeps: SweepTimes[]; torch: number[] }> {
  const sweeps: SweepTimes[] = [];
  const torch: number[] = [];
  const contender = await startTorch(python);
  const store = mkdtempSync(join(tmpdir(), 'sparselab-bench-'));
  try {
    await contender.run(0);
    for (let turn = 0; turn < turns; turn++) {
      await quiet();
      const once = ['--once', join(store, `${turn}`), '--epochs', `${epochs}`];
      const { stdout } = await promisify(execFile)(process.execPath, [__filename, ...once]);
      sweeps.push(lastLine<SweepTimes>(stdout));
      await quiet();
      let seconds = 0;
      // A run is an epoch of a model with each λ.
      for (let run = 0; run < epochs * SEEDS.length; run++) seconds += (await contender.run(run)).seconds;
      torch.push(seconds);
    }
  } finally {
    contender.stop();
    rmSync(store, { recursive: true, force: true });
  }
  return { sweeps, torch };
}

/** Prints {@link SweepTimes}. */
async function sweepTwice(store: string, epochs: number): Promise<void> {
  const run = () =>
    secondsOf(() =>
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
  const times: SweepTimes = { seconds: await run(), served: await run() };
  console.log(JSON.stringify(times));
}

/** PyTorch, with MNIST and a model with each λ. */
async function startTorch(python: string): Promise<Contender> {
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
  return await Contender.start('torch.compile', python, [peer, JSON.stringify(work), 'compile'], {
    PYTHONDONTWRITEBYTECODE: '1',
  });
}

/** The result of a sweep on a queue. */
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

/** Waits until a process has printed a string. */
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
