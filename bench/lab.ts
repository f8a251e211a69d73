/**
 * A lab of five machines on one: network namespaces with a switch between them, host names of their own and a copy of
 * the project each. One machine is unplugged in the middle of a trial, and plugged in again when the sweep is over.
 *
 *     npm run check && sudo node build/bench/lab.js
 *
 * Needs Linux, root, `ip`, `unshare` and `redis-server`. The network of the machine itself is not touched: the switch
 * has a namespace of its own.
 *
 * @module
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lastLine } from './lastLine';

const root = join(__dirname, '..', '..');
const MACHINES = 5;
const UNPLUGGED = 3;
const PASSWORD = 'lab';
const SWITCH = `sparselab-switch-${process.pid}`;
/** How long the machine that was unplugged may take to find its way back. */
const BACK_SECONDS = 60;

/** The sweep, here and there; each prints its rows. */
const SWEEP = {
  space: { lambda: [1e-4, 1e-3, 1e-2, 1e-1], seed: [1, 2, 3, 4, 5] },
  options: {
    data: { name: 'digits' },
    model: { hiddenDim: 64 },
    penalty: 'l1',
    train: { epochs: 150, batchSize: 32 },
  },
};

interface Row {
  readonly id: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly worker: string;
}

/** One machine of the lab: a namespace, a host name, a copy of the built project. */
class Machine {
  readonly name: string;
  readonly address: string;
  readonly folder: string;
  readonly #namespace: string;

  constructor(number: number, folder: string) {
    this.name = `lab${number}`;
    this.address = `10.77.0.${number}`;
    this.folder = join(folder, this.name);
    this.#namespace = `sparselab-${this.name}-${process.pid}`;
    for (const path of ['dist', 'package.json', 'datasets']) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      cpSync(join(root, path), join(this.folder, path), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
  }

  /** Makes its network: one cable to the switch. */
  connect(): void {
    ip('netns', 'add', this.#namespace);
    ip('-n', SWITCH, 'link', 'add', this.name, 'type', 'veth', 'peer', 'eth0', 'netns', this.#namespace);
    ip('-n', SWITCH, 'link', 'set', this.name, 'master', 'bridge', 'up');
    ip('-n', this.#namespace, 'address', 'add', `${this.address}/24`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) ip('-n', this.#namespace, 'link', 'set', device, 'up');
  }

  plug(state: 'up' | 'down'): void {
    ip('-n', SWITCH, 'link', 'set', this.name, state);
  }

  run(command: string, ...args: string[]): Program {
    const inside = `hostname ${this.name} && exec "$@"`;
    const wrapped = ['netns', 'exec', this.#namespace, 'unshare', '--uts', 'sh', '-c', inside, 'sh'];
    return new Program('ip', [...wrapped, command, ...args], this.folder);
  }

  remove(): void {
    ip('netns', 'delete', this.#namespace);
  }
}

/** A running program, and what it printed. */
class Program {
  output = '';
  readonly process: ChildProcess;

  constructor(command: string, args: readonly string[], cwd: string) {
    const queue = `redis://:${PASSWORD}@10.77.0.1:6379`;
    this.process = spawn(command, args, {
      cwd,
      env: { ...process.env, SPARSELAB_QUEUE: queue, TF_CPP_MIN_LOG_LEVEL: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
  }

  async says(pattern: RegExp, seconds = 120): Promise<void> {
    const deadline = performance.now() + 1000 * seconds;
    while (!pattern.test(this.output)) {
      if (this.process.exitCode !== null || performance.now() > deadline) {
        throw new Error(`${pattern} was not said: ${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill();
    await once(this.process, 'exit');
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sparselab-lab-'));
  const machines = Array.from({ length: MACHINES }, (_, index) => new Machine(index + 1, folder));
  const [first] = machines as [Machine];
  const unplugged = machines[UNPLUGGED - 1] as Machine;
  const programs: Program[] = [];
  const start = (machine: Machine, ...command: [string, ...string[]]) => {
    const program = machine.run(...command);
    programs.push(program);
    return program;
  };
  const made: (() => void)[] = [];
  try {
    ip('netns', 'add', SWITCH);
    made.push(() => ip('netns', 'delete', SWITCH));
    ip('-n', SWITCH, 'link', 'add', 'bridge', 'type', 'bridge');
    ip('-n', SWITCH, 'link', 'set', 'bridge', 'up');
    for (const machine of machines) {
      machine.connect();
      made.unshift(() => machine.remove());
    }
    const redis = start(first, 'redis-server', ...redisOptions(folder));
    await redis.says(/Ready to accept connections/);
    const serve = ['dist/sweep/queue/main.js'] as const;
    const workers = machines.map((machine) => start(machine, process.execPath, ...serve));
    await Promise.all(workers.map((worker) => worker.says(/joined/)));
    const worker = workers[UNPLUGGED - 1] as Program;

    const began = performance.now();
    const since = () => ((performance.now() - began) / 1000).toFixed(1);
    const notebook = start(first, process.execPath, '-e', script('store', true));
    // In the middle of its second trial.
    await worker.says(/ done in /);
    await new Promise((resolve) => setTimeout(resolve, 300));
    unplugged.plug('down');
    console.log(`${since()} s: ${unplugged.name} is unplugged`);
    const noticed = Promise.any(
      workers
        .filter((each) => each !== worker)
        .map((each) => each.says(/its worker was lost, it runs again/)),
    );
    void noticed.then(() => console.log(`${since()} s: its trial goes to another machine`));
    await once(notebook.process, 'exit');
    console.log(`${since()} s: the sweep is over`);
    unplugged.plug('up');
    const plugged = performance.now();
    await worker.says(/connected again|another worker has it/, BACK_SECONDS);
    console.log(
      `${unplugged.name} is back ${((performance.now() - plugged) / 1000).toFixed(1)} s after it is plugged in`,
    );

    const alone = start(first, process.execPath, '-e', script('store of its own', false));
    await once(alone.process, 'exit');
    report(rowsOf(notebook), rowsOf(alone), linesOf(join(first.folder, 'store')));
    console.log(`\n${unplugged.name} printed:\n${worker.output}`);
  } finally {
    for (const program of programs.reverse()) await program.end();
    for (const undo of made) undo();
    rmSync(folder, { recursive: true, force: true });
  }
}

function redisOptions(folder: string): string[] {
  const network = ['--bind', '0.0.0.0', '--port', '6379', '--requirepass', PASSWORD];
  return [...network, '--dir', folder, '--appendonly', 'yes', '--save', ''];
}

/** A notebook's work, with its rows as JSON on the last line. */
function script(store: string, queue: boolean): string {
  const options = { ...SWEEP.options, store, ...(queue && { queue: true }) };
  return `require('./dist').sweep(${JSON.stringify(SWEEP.space)}, ${JSON.stringify(options)})
    .then(({ rows }) => console.log(JSON.stringify(rows)));`;
}

function rowsOf({ output }: Program): Row[] {
  return lastLine<Row[]>(output);
}

function linesOf(store: string): number {
  return readdirSync(store).flatMap((file) => readFileSync(join(store, file), 'utf8').trim().split('\n'))
    .length;
}

function report(there: readonly Row[], here: readonly Row[], records: number): void {
  const same = there.filter(
    ({ metrics }, index) => JSON.stringify(metrics) === JSON.stringify(here[index]?.metrics),
  );
  console.log(
    `${there.length} trials, ${records} records, ${same.length} with the very numbers of one process`,
  );
  const hosts = there.map(({ worker }) => worker.split(' ')[0] as string);
  for (const host of [...new Set(hosts)].sort()) {
    console.log(`  ${host}: ${hosts.filter((each) => each === host).length} trials`);
  }
  if (same.length !== there.length || records !== there.length) process.exitCode = 1;
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

void main();
