/**
 * Compares Sparselab with SAELens itself on the same folders: models that SAELens wrote, and models that Sparselab wrote, must
 * have the same codes and reconstructions in both.
 *
 *     node build/bench/interchange.js <python with sae-lens>
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AutoencoderOptions,
  batchTopK,
  gated,
  jumpRelu,
  loadSaeLens,
  type Matrix,
  Random,
  SparseAutoencoder,
  saveSaeLens,
  topK,
  winnerTakeAll,
} from 'sparselab';

const [INPUTS, UNITS, ROWS] = [64, 256, 200];
/** Relative to the largest number of a result. */
const TOLERANCE = 1e-5;

/** Models of Sparselab's own, by the name of their folder. */
const forms: Readonly<Record<string, Partial<AutoencoderOptions>>> = {
  relu: {},
  tied: { tied: true, subtractDecoderBias: true },
  topK: { hiddenActivation: topK(8) },
  batchTopK: { hiddenActivation: batchTopK(8) },
  winnerTakeAll: { hiddenActivation: winnerTakeAll(0.05) },
  jumpRelu: { hiddenActivation: jumpRelu(), subtractDecoderBias: true },
  gated: { hiddenActivation: gated(), subtractDecoderBias: true },
};

type Computed = Readonly<Record<string, { readonly codes: number[][]; readonly reconstruction: number[][] }>>;

const random = new Random(1);
const drawn = (size: number, scale: number) =>
  Float32Array.from({ length: size }, () => scale * random.normal());

function difference({ values }: Matrix, expected: readonly (readonly number[])[]): number {
  const all = expected.flat();
  if (all.length !== values.length) return Number.POSITIVE_INFINITY;
  const most = all.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-30);
  return all.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (values[i] as number)) / most), 0);
}

function compare(python: string, place: string): boolean {
  const x: Matrix = { values: drawn(ROWS * INPUTS, 1), shape: [ROWS, INPUTS] };
  const rows = Array.from({ length: ROWS }, (_, row) => [
    ...x.values.subarray(row * INPUTS, (row + 1) * INPUTS),
  ]);
  writeFileSync(join(place, 'x.json'), JSON.stringify(rows));
  for (const folder of ['ours', 'theirs']) mkdirSync(join(place, folder));
  for (const [name, form] of Object.entries(forms)) {
    const model = new SparseAutoencoder({ inputDim: INPUTS, hiddenDim: UNITS, ...form });
    model.setParameters(
      Object.fromEntries(
        Object.entries(model.parameters).map(([parameter, { values, shape }]) => [
          parameter,
          { values: drawn(values.length, 0.3), shape },
        ]),
      ),
    );
    for (const { values } of Object.values(model.state)) values.fill(0.4);
    saveSaeLens(model, join(place, 'ours', name));
  }
  const script = join(__dirname, '..', '..', 'bench', 'peers', 'saelens_folders.py');
  execFileSync(python, [script, place, String(INPUTS), String(UNITS)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const computed = JSON.parse(readFileSync(join(place, 'computed.json'), 'utf8')) as Record<string, Computed>;
  let good = true;
  for (const [writer, folders] of Object.entries(computed)) {
    for (const [name, { codes, reconstruction }] of Object.entries(folders)) {
      const by = writer === 'ours' ? 'Sparselab' : 'SAELens';
      const pass = loadSaeLens(join(place, writer, name)).forward(x);
      const [h, output] = [
        difference(pass.activations, codes),
        difference(pass.reconstruction, reconstruction),
      ];
      const same = Math.max(h, output) <= TOLERANCE;
      good &&= same;
      console.log(
        `${same ? '✓' : '✗'} ${name}, written by ${by}: codes ${h.toExponential(1)}, reconstructions ${output.toExponential(1)}`,
      );
    }
  }
  return good;
}

const place = mkdtempSync(join(tmpdir(), 'sparselab-'));
try {
  if (!compare(process.argv[2] as string, place)) process.exitCode = 1;
} finally {
  rmSync(place, { recursive: true, force: true });
}
