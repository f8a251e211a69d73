/**
 * Where the time of a step on native TensorFlow goes: the graph of each work is run by TensorFlow's Python, which tells what each
 * operation took.
 *
 *     npm run bench -- profile
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendReady, l1, SparseAutoencoder } from 'sparselab';
import { initialState, precisionProblem } from 'sparselab/dist/engine';
import { DataType } from 'sparselab/dist/engine/native/binding';
import { traceMembers } from 'sparselab/dist/engine/native/traceStep';
import { trainingGraph } from 'sparselab/dist/engine/native/trainingGraph';
import { objectiveStep } from 'sparselab/dist/model/loss';

const INPUT = 784;
const EXAMPLES = 1000;
const SCALE = 1 / 255;

/** The small models of the bench, and a large one in both precisions. */
const works = [
  { hiddenDim: 16, batchSize: 32, models: 1, precision: 'float32' },
  { hiddenDim: 64, batchSize: 128, models: 1, precision: 'float32' },
  { hiddenDim: 100, batchSize: 100, models: 1, precision: 'float32' },
  { hiddenDim: 64, batchSize: 128, models: 8, precision: 'float32' },
  { hiddenDim: 1024, batchSize: 256, models: 1, precision: 'float32' },
  { hiddenDim: 1024, batchSize: 256, models: 1, precision: 'bfloat16' },
] as const;

async function main(): Promise<void> {
  const [python] = process.argv.slice(2);
  if (!python) throw new Error('profile must be given a Python with TensorFlow');
  const { name } = await backendReady();
  const script = join(__dirname, '..', '..', 'bench', 'peers', 'profile_graph.py');
  for (const work of works) {
    const problem = precisionProblem(work.precision, { backend: name, compile: true });
    if (problem) {
      console.log(
        `\nH=${work.hiddenDim} B=${work.batchSize}, ${work.precision}: left out, because ${problem}`,
      );
      continue;
    }
    const folder = mkdtempSync(join(tmpdir(), 'sparselab-profile-'));
    try {
      writeFileSync(join(folder, 'saved_model.pb'), graphOf(work));
      const task = JSON.stringify({ ...work, folder, input: INPUT, examples: EXAMPLES });
      // Like Sparselab's own: one processor for an operation, and memory that is not given back after each.
      const env = {
        ...process.env,
        TF_CPP_MIN_LOG_LEVEL: '3',
        TF_NUM_INTRAOP_THREADS: '1',
        MALLOC_MMAP_THRESHOLD_: '33554432',
        MALLOC_TRIM_THRESHOLD_: '67108864',
      };
      execFileSync(python, [script, task], { env, stdio: ['ignore', 'inherit', 'ignore'] });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** The graph of a training of models that differ in λ, with examples in bytes. */
function graphOf({ hiddenDim, batchSize, models, precision }: (typeof works)[number]): Uint8Array {
  const model = new SparseAutoencoder({ inputDim: INPUT, hiddenDim, seed: 0 });
  const members = Array.from({ length: models }, (_, k) => ({
    step: objectiveStep(model.architecture, { penalty: l1((k + 1) * 1e-4) }),
    initial: initialState(model.parameters),
    learningRate: 1e-3,
  }));
  const source = { values: new Uint8Array(INPUT * EXAMPLES), count: EXAMPLES, dim: INPUT, scale: SCALE };
  const traced = traceMembers(members, source, [batchSize]);
  return trainingGraph(traced, { stored: { dim: INPUT, dtype: DataType.uint8, scale: SCALE } }, precision);
}

void main();
