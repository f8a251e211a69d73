import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  History,
  type HistoryRow,
  l1,
  loadDigits,
  type Progress,
  SparseAutoencoder,
  type TrainingStatus,
  type TrainOptions,
  train,
} from 'sparselab';
import { type ProgressDisplay, progressDisplay } from 'sparselab/dist/training/progress';

const CELL = Symbol.for('sparselab.cell');

interface Shown {
  readonly bundle: Readonly<Record<string, string>>;
  readonly displayId: string;
  readonly update: boolean;
}

/** 40 epochs of 100 steps. */
const course = { stepsPerEpoch: 100, steps: 4000 };

/** A display, and the clock that it looks at. */
class Watched {
  now = 0;
  readonly display: ProgressDisplay = progressDisplay(course, () => this.now);

  /** Says that this many steps are done after this many seconds. */
  at(seconds: number, step: number, histories = [historyAt(step)]): void {
    this.now = seconds;
    this.display.update(histories.map((history) => progressAt(step, history)));
  }
}

function progressAt(step: number, history: History): Progress {
  const loss = { reconstruction: 0, penalty: 0, weightDecay: 0, total: 0 };
  return { step, steps: course.steps, epoch: step / course.stepsPerEpoch, loss, history };
}

function historyAt(step: number, status: TrainingStatus = 'running', mse = 0.012345): History {
  const history = new History({ penaltyName: 'L1', strength: 1e-3, engine: 'none' });
  history.rows.push({
    step,
    epoch: step / course.stepsPerEpoch,
    mse,
    penalty: 3.21,
    l0: 17.26,
  } as HistoryRow);
  history.status = status;
  history.seconds = 12.34;
  return history;
}

describe('the progress of a training, in a notebook', () => {
  const shown: Shown[] = [];
  let stop = new AbortController();
  let label = 0;
  beforeEach(() => {
    shown.length = 0;
    stop = new AbortController();
    const cell = {
      label: `In[${++label}]`,
      signal: stop.signal,
      shield: <T>(work: () => T) => work(),
      display: (bundle: Shown['bundle'], options: Omit<Shown, 'bundle'>) =>
        shown.push({ bundle, ...options }),
    };
    Object.assign(globalThis, { [CELL]: cell });
  });
  afterEach(() => {
    Reflect.deleteProperty(globalThis, CELL);
  });
  const texts = () => shown.map(({ bundle }) => bundle['text/plain']);

  it('says how far it is, how fast, how long it will take, and the newest record', () => {
    const training = new Watched();
    training.at(0.5, 100);
    // 500 steps a second; 2900 are left.
    training.at(2.5, 1100);
    assert.deepEqual(texts(), [
      '██████░░░░░░░░░░░░░░ 27 % · epoch 11 of 40 · 500 steps/s · 6 s left · mse 0.0123, L1 3.21, l0 17.3',
    ]);
    assert.match(
      shown[0]?.bundle['text/html'] ?? '',
      /<progress value="0\.2750"><\/progress>.*epoch 11 of 40/,
    );
  });

  it('is one output that changes, at most once a tenth of a second, and is empty in the end', () => {
    const training = new Watched();
    for (let slice = 1; slice <= 100; slice++) training.at(slice / 20, 10 * slice);
    training.display.end([historyAt(4000, 'finished')]);
    assert.equal(new Set(shown.map(({ displayId }) => displayId)).size, 1);
    assert.deepEqual(
      shown.map(({ update }) => update),
      shown.map((_, index) => index > 0),
    );
    assert.ok(shown.length >= 45 && shown.length <= 50, `${shown.length} states in 5 s`);
    assert.deepEqual(shown.at(-1)?.bundle, { 'text/plain': '', 'text/html': '' });
  });

  it('is not there for what takes less than two seconds, and soon for what will take longer', () => {
    const short = new Watched();
    short.at(0.1, 100);
    // 3900 steps in 1.85 s.
    short.at(1.0, 2000);
    short.at(1.9, 3990);
    short.display.end([historyAt(4000, 'finished')]);
    assert.deepEqual(shown, []);
    const long = new Watched();
    long.at(0.1, 10);
    long.at(0.4, 40);
    assert.deepEqual(shown, []);
    long.at(0.6, 60);
    assert.equal(shown.length, 1);
  });

  it('takes the same place for the next training of the cell, and one of its own next to another', () => {
    const [first, second] = [new Watched(), new Watched()];
    for (const training of [first, second]) {
      training.at(1, 10);
      training.at(2, 20);
    }
    const [one, two] = shown.map(({ displayId }) => displayId);
    assert.notEqual(one, two);
    first.display.end([historyAt(4000, 'finished')]);
    const third = new Watched();
    third.at(1, 10);
    third.at(2, 20);
    assert.deepEqual([shown.at(-1)?.displayId, shown.at(-1)?.update], [one, true]);
  });

  it('says where a training was when its cell was stopped, also if it showed nothing yet', () => {
    const training = new Watched();
    stop.abort();
    training.display.end([historyAt(1051, 'stopped')]);
    new Watched().display.end([historyAt(1000, 'stopped')]);
    assert.deepEqual(texts(), [
      'Stopped in epoch 11 of 40. The model keeps its weights so far, and model.history what was recorded.',
      'Stopped after 10 of 40 epochs. The model keeps its weights so far, and model.history what was recorded.',
    ]);
  });

  it('leaves nothing of a training that was stopped by a signal of its own, or failed', () => {
    for (const leave of [
      ({ display }: Watched) => display.end([historyAt(20, 'stopped')]),
      ({ display }: Watched) => display.clear(),
    ]) {
      const training = new Watched();
      training.at(1, 10);
      training.at(2, 20);
      leave(training);
      assert.equal(texts().at(-1), '');
    }
  });

  it('says so where the loss is no longer a number', () => {
    const training = new Watched();
    training.at(1, 10);
    training.at(2, 20);
    training.display.end([historyAt(20, 'diverged')]);
    assert.match(texts().at(-1) ?? '', /^The loss is no longer a finite number/);
  });

  it('of several models shows the range of their errors', () => {
    const training = new Watched();
    const histories = [0.01, 0.04, 0.02].map((mse) => historyAt(20, 'running', mse));
    training.at(1, 10, histories);
    training.at(2, 20, histories);
    assert.match(texts()[0] ?? '', / · 3 models, mse 0\.01 to 0\.04$/);
  });

  it('shows names as they are', () => {
    const training = new Watched();
    const history = historyAt(20);
    Object.assign(history, { penaltyName: '<b>&' });
    training.at(1, 10, [history]);
    training.at(2, 20, [history]);
    assert.match(shown[0]?.bundle['text/html'] ?? '', /, &lt;b&gt;&amp; 3\.21/);
  });

  it('is fed by train, which a stop of the cell ends with what was recorded, ready to be drawn', async () => {
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, seed: 1 });
    const options = { penalty: l1(1e-3), epochs: 1000, batchSize: 50, progress: true };
    const onProgress = ({ step }: Progress) => step >= 8 && stop.abort();
    const history = await train(model, loadDigits().take(200), { ...options, onProgress });
    assert.deepEqual([history.status, model.history], ['stopped', history]);
    assert.deepEqual(history.last.step, history.steps.length);
    assert.match(texts().at(-1) ?? '', /^Stopped (in epoch|after) \d+ of 1,000( epochs)?\. /);
    shown.length = 0;
    await train(model, loadDigits().take(200), { ...options, progress: false });
    assert.deepEqual(shown, []);
  });

  it('is true or false, and nothing else', async () => {
    const model = new SparseAutoencoder({ inputDim: 64, hiddenDim: 8, seed: 1 });
    const options = { epochs: 1, progress: 1 } as object as TrainOptions;
    await assert.rejects(() => train(model, loadDigits(), options), /progress must be true or false; got 1/);
  });
});

describe('the progress of a training, elsewhere', () => {
  const lines: string[] = [];
  const { error } = console;
  beforeEach(() => {
    lines.length = 0;
    console.error = (line) => lines.push(line);
  });
  afterEach(() => {
    console.error = error;
  });

  it('is a line each tenth of the work, not more often than every two seconds, and one in the end', () => {
    const training = new Watched();
    for (let second = 1; second <= 40; second++) training.at(second, 100 * second);
    training.display.end([historyAt(4000, 'finished')]);
    assert.equal(lines.length, 11);
    assert.equal(lines[0], '5 % · epoch 2 of 40 · 100 steps/s · 38 s left · mse 0.0123, L1 3.21, l0 17.3');
    assert.equal(lines[1], '10 % · epoch 4 of 40 · 100 steps/s · 36 s left · mse 0.0123, L1 3.21, l0 17.3');
    assert.equal(lines.at(-1), '40 epochs in 12.3 s: mse 0.0123, L1 3.21, l0 17.3');
  });

  it('says nothing of a short training', () => {
    const training = new Watched();
    training.at(0.1, 2000);
    training.at(0.2, 4000);
    training.display.end([historyAt(4000, 'finished')]);
    assert.deepEqual(lines, []);
  });
});

describe('a history', () => {
  it('prints as a line: how the training ended, and where it then was', () => {
    const text =
      'History: 0.001 × L1, stopped, 10.51 epochs (1,051 steps): mse 0.0123, penalty 3.21, l0 17.3';
    assert.equal(String(historyAt(1051, 'stopped')), text);
  });
});
