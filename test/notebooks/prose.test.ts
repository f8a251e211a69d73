import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { table } from 'sparselab';
import { heldNumbers, looseNumbers, printedNumber } from './prose';

describe('numbers in the prose', () => {
  it('are found with the cell that prints them', () => {
    const [error, share] = heldNumbers(
      'an error of 0.023<!-- costs: MSE @ sparse ±5% -->, 16 %<!-- a: dead fraction ×100 ±10% --> dead',
    );
    assert.deepEqual(error, {
      stated: 0.023,
      cell: 'costs',
      label: 'MSE',
      row: 'sparse',
      scale: 1,
      tolerance: 0.05,
      text: '0.023<!-- costs: MSE @ sparse ±5% -->',
    });
    assert.deepEqual([share?.stated, share?.scale, share?.row], [16, 100, undefined]);
  });

  it('are read from tables by column and row, and from lines by the words in front', () => {
    const shown = String(
      table([
        { code: 'dense, rotated', MSE: 0.01 },
        { code: 'sparse', MSE: 0.0231 },
      ]),
    );
    assert.equal(printedNumber(shown, { label: 'MSE', row: 'sparse' }), 0.0231);
    assert.equal(printedNumber(shown, { label: 'MSE', row: undefined }), 0.01);
    assert.equal(printedNumber(shown, { label: 'MSE', row: 'dense' }), undefined);
    assert.equal(printedNumber('it fires for 95 % of all', { label: 'fires for', row: undefined }), 95);
    assert.equal(printedNumber('nothing', { label: 'MSE', row: undefined }), undefined);
  });

  it('are loose if no cell holds them, unless they are code, formulas or addresses', () => {
    assert.deepEqual(looseNumbers('about 0.5 and 12 % of `0.1` and $0.2$, [a](b/0.3), 3<!-- a: b ±1% -->'), [
      '0.5',
      '12 %',
    ]);
  });
});
