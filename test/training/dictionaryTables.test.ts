import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import {
  auxK,
  backendReady,
  evaluate,
  l1,
  loadDigits,
  resample,
  SparseAutoencoder,
  type StepRule,
  seekL0,
  startBias,
  topK,
  train,
  trainTogether,
  unitNormDecoder,
} from 'sparselab';
import { IN_WHOLE_RUN } from '../support/run';

// Floating-point sums in another order change which units live: what is held is what a reader concludes.
const DEAD_POINTS = 1.5;
const NEAR = 0.05;

const page = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'dictionaries.md'), 'utf8');

/** The page's sentences, wherever their lines end. */
const prose = page.replaceAll(/\s+/g, ' ');

/** The rows below a table's head. */
function rowsBelow(head: string): string[][] {
  const lines = page.slice(page.indexOf(head)).split('\n');
  assert.ok(page.includes(head), head);
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function assertNear(actual: number, stated: number, what: string): void {
  assert.ok(Math.abs(actual - stated) <= NEAR * stated, `${what}: ${actual}, stated is ${stated}`);
}

describe('the tables of docs/dictionaries.md', IN_WHOLE_RUN, () => {
  before(() => backendReady());

  it('say how many units each cure leaves dead', async () => {
    const digits = loadDigits();
    const cures: Record<string, StepRule[]> = {
      none: [],
      '`auxK({ deadAfter: 20 })`': [auxK({ deadAfter: 20 })],
      '`auxK({ deadAfter: 20, alpha: 1 })`': [auxK({ deadAfter: 20, alpha: 1 })],
      '`resample({ every: 200 })`': [resample({ every: 200 })],
    };
    const rows = rowsBelow('| rules besides | dead units | MSE |');
    assert.deepEqual(
      rows.map(([rules]) => rules),
      Object.keys(cures),
    );
    const runOf = (initializer: 'unitNorm' | 'glorotUniform', cure: StepRule[]) => ({
      model: new SparseAutoencoder({
        inputDim: 64,
        hiddenDim: 256,
        hiddenActivation: topK(6),
        subtractDecoderBias: true,
        initializer,
        seed: 1,
      }),
      learningRate: 0.002,
      rules: [startBias(), ...cure],
    });
    const runs = [...Object.values(cures).map((cure) => runOf('unitNorm', cure)), runOf('glorotUniform', [])];
    await trainTogether(runs, digits, { epochs: 60, batchSize: 100, seed: 1, progress: false });
    const measured = runs.map(({ model }) => evaluate(model, digits));
    for (const [index, [rules, dead, mse]] of rows.entries()) {
      const { deadFraction, mse: error } = measured[index] as (typeof measured)[number];
      const points = Math.abs(100 * deadFraction - Number.parseFloat(dead as string));
      assert.ok(points <= DEAD_POINTS, `${rules}: ${100 * deadFraction} %, stated is ${dead}`);
      assertNear(error, Number(mse), `MSE with ${rules}`);
    }
    const [, short] = /(\d+) % of the units of the first row are dead/.exec(prose) ?? [];
    assertNear(100 * (measured.at(-1)?.deadFraction ?? 0), Number(short), 'dead units with short rows');
  });

  it('say which strength leads to which L0', async () => {
    const digits = loadDigits().take(400);
    const [, fromFar] = /If λ starts at 0\.1, it ends at ([\d.]+):/.exec(prose) ?? [];
    const rows = [
      ...rowsBelow('| λ at the start | `seekL0` | L0 at the end | λ at the end |'),
      ['0.1', '6', fromFar],
    ];
    for (const [start, target, reached, strength] of rows) {
      const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 64, initializer: 'unitNorm', seed: 1 });
      const history = await train(model, digits, {
        epochs: 80,
        batchSize: 50,
        penalty: l1(Number(start)),
        rules: [unitNormDecoder(), seekL0(Number(target))],
        seed: 1,
        progress: false,
      });
      assertNear(evaluate(model, digits).l0, Number(reached), `L0 from λ ${start}`);
      if (strength) assertNear(history.last.strength as number, Number(strength), `λ from λ ${start}`);
    }
  });
});
