import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stopSignal } from 'sparselab/dist/page/cell';

const CELL = Symbol.for('sparselab.cell');

describe('the signal of a cell and one of its own', () => {
  // The static method is of Node 20.3.
  for (const any of [AbortSignal.any, undefined]) {
    it(`is aborted by the one that comes first, with its reason, ${any ? 'by' : 'without'} AbortSignal.any`, (t) => {
      t.after(() => Reflect.deleteProperty(globalThis, CELL));
      const replaced = Object.getOwnPropertyDescriptor(AbortSignal, 'any');
      t.after(() => replaced && Object.defineProperty(AbortSignal, 'any', replaced));
      if (any === undefined) Reflect.deleteProperty(AbortSignal, 'any');

      const own = new AbortController();
      assert.equal(stopSignal(), undefined);
      assert.equal(stopSignal(own.signal), own.signal);

      const cell = new AbortController();
      Reflect.set(globalThis, CELL, { signal: cell.signal });
      assert.equal(stopSignal(), cell.signal);
      const [first, second] = [stopSignal(own.signal), stopSignal(new AbortController().signal)];
      own.abort('own');
      assert.deepEqual([first.aborted, first.reason, second.aborted], [true, 'own', false]);
      cell.abort('stopped');
      assert.deepEqual([first.reason, second.reason], ['own', 'stopped']);
      assert.equal(stopSignal(new AbortController().signal).reason, 'stopped');
    });
  }
});
