/**
 * Compares Sparselab with its peers: the same data, sizes and precision, all in one run, taking turns.
 *
 *     node build/bench/main.js <python> [kinds…] [--runs N] [--only TEXT]
 *
 * `npm run bench` sets up what it needs and calls it.
 *
 * @module
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadMnist, Random, SparseAutoencoder, syntheticFeatures, synthSaeBench } from 'sparselab';
import { type Answer, Contender } from './contender';
import type { Shared } from './contenders/common';
import { quiet } from './quiet';
import { saveResult } from './results';
import { disagreements, formatResult, type Result, summarise } from './table';
import { type ContenderName, kinds, RHO, type Work, works } from './work';

const root = join(__dirname, '..', '..');
const data = join(root, 'build', 'bench', 'data');

/** Rows of a truth on which dictionaries are judged. */
const HELD_OUT = 5000;

/** Orders of the examples that are written down; runs beyond them begin again. */
const ORDERS = 8;

const startWork: Work = {
  ...(works.find(({ name }) => name === 'H=256 B=256, L1') as Work),
  name: 'Compiling, H=256 B=256',
  kind: 'start',
  unit: 'the first model of a process; a second one; peak memory, all of MNIST',
  contenders: ['sparselab'],
  aims: {},
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { runs: { type: 'string', default: '5' }, only: { type: 'string', default: '' } },
    allowPositionals: true,
  });
  const [python, ...chosen] = positionals;
  const unknown = chosen.find((word) => !(kinds as readonly string[]).includes(word));
  if (!python || unknown !== undefined) {
    throw new Error(`bench must be given kinds out of ${kinds.join(', ')}; got ${unknown}`);
  }
  const selected = [...works, startWork].filter(
    ({ kind, name }) => (chosen.length === 0 || chosen.includes(kind)) && name.includes(values.only),
  );
  if (selected.length === 0) throw new Error(`--only must be part of a work's name; got ${values.only}`);
  const runs = Number(values.runs);
  for (const work of selected) {
    const result = work.kind === 'start' ? await measureStart(work, runs) : await measure(work, python, runs);
    console.log(formatResult(result));
    for (const problem of disagreements(result)) {
      console.log(`  ${problem}`);
      process.exitCode = 1;
    }
    saveResult(result, [...works, startWork]);
  }
  console.log('\nWritten: bench/results.json, docs/bench.svg');
}

/** Lets all contenders take turns: one run to warm up, then `runs` that count. */
async function measure(work: Work, python: string, runs: number): Promise<Result> {
  const shared = prepare(work, runs + 1);
  const contenders = await Promise.all(work.contenders.map((name) => start(name, work, shared, python)));
  try {
    const answers = new Map<ContenderName, Answer[]>(work.contenders.map((name) => [name, []]));
    const warmUps = new Map<ContenderName, Answer>();
    for (let run = 0; run <= runs; run++) {
      for (const contender of contenders) {
        await quiet();
        const answer = await contender.run(run);
        if (run > 0) answers.get(contender.name)?.push(answer);
        else warmUps.set(contender.name, answer);
      }
    }
    return summarise(work, answers, warmUps);
  } finally {
    for (const contender of contenders) contender.stop();
  }
}

/** A process for each run, since what is measured happens once in a process. */
async function measureStart(work: Work, runs: number): Promise<Result> {
  const shared = prepare(work, runs);
  const answers: Answer[] = [];
  for (let run = 0; run < runs; run++) {
    const contender = await Contender.start(
      'sparselab',
      process.execPath,
      nodeArguments('start', work, shared),
    );
    await quiet();
    answers.push(await contender.run(run));
    contender.stop();
  }
  return summarise(work, new Map([['sparselab', answers]]));
}

const nodeArguments = (script: string, work: Work, shared: Shared) => [
  join(__dirname, 'contenders', `${script}.js`),
  JSON.stringify({ ...work, ...shared }),
];

function start(name: ContenderName, work: Work, shared: Shared, python: string): Promise<Contender> {
  const node = (script: string, backend: string, environment = {}) =>
    Contender.start(name, process.execPath, nodeArguments(script, work, shared), {
      SPARSELAB_BACKEND: backend,
      ...environment,
    });
  const py = (script: string, ...more: string[]) => {
    const path = join(root, 'bench', 'peers', `${script}.py`);
    return Contender.start(name, python, [path, JSON.stringify({ ...work, ...shared }), ...more], {
      PYTHONDONTWRITEBYTECODE: '1',
    });
  };
  switch (name) {
    case 'sparselab':
      if (work.dictionaries) return node('dictionaries', 'tensorflow');
      if (work.deadUnits) return node('deadUnits', 'tensorflow');
      return node(work.kind === 'synthetic' ? 'synthetic' : 'sparselab', 'tensorflow');
    case 'plain':
      return node('sparselab', 'tensorflow', { BENCH_PLAIN: 'yes' });
    case 'float32':
      return node('sparselab', 'tensorflow', { BENCH_FLOAT32: 'yes' });
    case 'floor':
      return node('floor', 'tensorflow');
    case 'tfjs-layers':
      // TensorFlow's own choice, which Sparselab changes.
      return node('tfjsLayers', 'tensorflow', { TF_NUM_INTRAOP_THREADS: String(shared.threads) });
    case 'wasm':
      return node('sparselab', 'wasm', { TF_NUM_INTEROP_THREADS: '1' });
    case 'wasm, 2 threads':
      return node('sparselab', 'wasm', { TF_NUM_INTEROP_THREADS: '2' });
    case 'wasm naive':
      return node('wasmNaive', 'wasm');
    case 'torch':
      return py('torch_peer', 'eager');
    case 'torch.compile':
      return py('torch_peer', 'compile');
    case 'torch.vmap':
      return py('torch_peer', 'vmap');
    case 'keras':
      return py('keras_peer');
    case 'saelens':
      return py(work.dictionaries ? 'saelens_dictionaries' : 'saelens_peer');
  }
}

/** Writes what all contenders read: images, first parameters, the order of the examples. */
function prepare({ hiddenDim, dictionaries, deadUnits }: Work, epochs: number): Shared {
  mkdirSync(data, { recursive: true });
  const given = { epochs, threads: availableParallelism(), rho: RHO };
  if (dictionaries) return { ...preparedTruth(dictionaries), ...given };
  if (deadUnits) return given;
  const { train } = loadMnist();
  const shared = {
    images: join(data, 'images.u8'),
    parameters: join(data, `parameters-${hiddenDim}.f32`),
    order: join(data, 'order.i32'),
    ...given,
  };
  if (!existsSync(shared.images)) writeFileSync(shared.images, train.values);
  if (!existsSync(shared.order)) {
    const orders = Array.from({ length: ORDERS }, (_, epoch) =>
      new Random(0, epoch).permutation(train.count),
    );
    writeFileSync(shared.order, Buffer.concat(orders.map((order) => Buffer.from(order.buffer))));
  }
  const model = new SparseAutoencoder({ inputDim: train.dim, hiddenDim, seed: 0 });
  const arrays = Object.values(model.parameters).map(({ values }) => Buffer.from(values.buffer));
  writeFileSync(shared.parameters, Buffer.concat(arrays));
  return shared;
}

/** Writes the rows of a truth, and what a dictionary is held against. */
function preparedTruth({ features, dim, samples, rows }: NonNullable<Work['dictionaries']>) {
  const truth = syntheticFeatures({ count: HELD_OUT, ...synthSaeBench({ features, dim }) });
  const of = (name: string) => join(data, `${name}-${features}-${dim}-${samples}.f32`);
  const files = {
    rows: of('rows'),
    dictionary: of('dictionary'),
    heldOut: of('held-out'),
    codes: of('codes'),
  };
  if (!existsSync(files.codes)) {
    const stored = truth.stream(samples).take(rows === 'stored' ? samples : 1).values as Float32Array;
    const contents = {
      rows: stored,
      dictionary: truth.dictionary,
      heldOut: truth.values,
      codes: truth.activations,
    };
    for (const [name, values] of Object.entries(contents))
      writeFileSync(files[name as keyof typeof files], values);
  }
  return files;
}

void main();
