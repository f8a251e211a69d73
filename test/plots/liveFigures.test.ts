import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  History,
  type HistoryRow,
  l1,
  liveFigures,
  loadDigits,
  lossCurves,
  SparseAutoencoder,
  train,
  unitMeans,
} from 'sparselab';

interface Shown {
  readonly title: string;
  readonly displayId: string;
  readonly update: boolean;
}

const CELL = Symbol.for('sparselab.cell');

describe('liveFigures', () => {
  const shown: Shown[] = [];
  beforeEach(() => {
    shown.length = 0;
    const cell = {
      signal: new AbortController().signal,
      shield: <T>(work: () => T) => work(),
      display(bundle: Record<string, string>, options: Omit<Shown, 'title'>) {
        shown.push({ title: bundle['text/plain'] as string, ...options });
      },
    };
    Object.assign(globalThis, { [CELL]: cell });
  });
  afterEach(() => {
    Reflect.deleteProperty(globalThis, CELL);
  });

  /** A short training that draws two figures. */
  async function trained(): Promise<void> {
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, seed: 1 });
    const onProgress = liveFigures(lossCurves, ({ last }) => unitMeans(last.meanActivation));
    await train(model, loadDigits().take(200), { penalty: l1(1e-3), epochs: 3, batchSize: 50, onProgress });
  }

  it('shows each figure once and then replaces it, the end among what is drawn', async () => {
    await trained();
    const [loss, means] = [shown[0] as Shown, shown[1] as Shown];
    assert.match(loss.title, /^Figure: Loss by term/);
    assert.match(means.title, /^Figure: Mean activation/);
    assert.notEqual(loss.displayId, means.displayId);
    assert.deepEqual([loss.update, means.update], [false, false]);
    assert.ok(shown.length > 2 && shown.slice(2).every(({ update }) => update));
    assert.deepEqual(new Set(shown.map(({ displayId }) => displayId)).size, 2);
  });

  it('gives each training figures of its own', async () => {
    await trained();
    const before = new Set(shown.map(({ displayId }) => displayId));
    shown.length = 0;
    await trained();
    assert.ok(shown.every(({ displayId }) => !before.has(displayId)));
  });

  it('moves what looks at the steps between two rows, in its place, and leaves the rest alone', (t) => {
    let now = 0;
    t.mock.method(performance, 'now', () => now);
    const history = new History({ penaltyName: 'L1', strength: 1e-3, engine: 'none' });
    const row = { epoch: 0, total: 1, reconstruction: 1, penalty: 0, weightDecay: 0 };
    const drawn: string[] = [];
    const onProgress = liveFigures(
      (shown) => {
        drawn.push(`loss ${shown.steps.length}`);
        return lossCurves(shown);
      },
      ({ rows }) => {
        drawn.push(`means ${rows.length}`);
        return unitMeans([1]);
      },
    );
    const at = (time: number, rows: number, steps: number) => {
      drawn.length = 0;
      now = time;
      while (history.rows.length < rows)
        history.rows.push({ ...row, step: history.rows.length * 100 } as HistoryRow);
      while (history.steps.length < steps) history.steps.push(row);
      onProgress({ step: steps, steps: 1000, history });
      return [...drawn];
    };
    assert.deepEqual(at(0, 1, 10), ['loss 10', 'means 1']);
    assert.deepEqual(at(10, 1, 20), [], 'too soon');
    assert.deepEqual(at(200, 1, 30), ['loss 30']);
    assert.deepEqual(at(400, 1, 30), [], 'nothing new');
    assert.deepEqual(at(600, 2, 100), ['loss 100', 'means 2']);
    assert.deepEqual(at(601, 2, 1000), ['loss 1000'], 'the end is drawn in any case');
  });

  it('draws nothing while nothing new was recorded', () => {
    let drawn = 0;
    const onProgress = liveFigures(() => {
      drawn++;
      return unitMeans([1]);
    });
    const history = { rows: [{}] } as unknown as Parameters<typeof onProgress>[0]['history']; // Only counted here.
    onProgress({ step: 1, steps: 9, history });
    onProgress({ step: 9, steps: 9, history });
    assert.equal(drawn, 1);
  });
});
