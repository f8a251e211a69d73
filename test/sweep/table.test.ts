import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SweepRow, SweepTable, sweepFront } from 'sparselab';

const done = { state: 'done', served: false, end: 'finished', engine: 'e', seconds: 1, worker: 'w' } as const;
const rows: SweepRow[] = [
  { id: 'a', settings: { lambda: 0.1, seed: 1, tied: true }, metrics: { mse: 0.1 + 0.2, l0: 4 }, ...done },
  { id: 'b', settings: { lambda: 0.1, seed: 2, tied: true }, metrics: { mse: 0.5, l0: 6 }, ...done },
  { id: 'c', settings: { lambda: 1, seed: 1, tied: false }, metrics: { mse: Number.NaN, l0: 1 }, ...done },
  {
    id: 'd',
    settings: { lambda: 1, seed: 2, tied: false },
    metrics: {},
    state: 'failed',
    served: false,
    error: 'a "b",\nc',
  },
];
const table = new SweepTable(rows, 'finished');

describe('SweepTable', () => {
  it('has typed columns: settings, metrics, how it went', () => {
    const types = table.columns.map(({ name, type }) => [name, type]);
    assert.deepEqual(types.slice(0, 7), [
      ['lambda', 'number'],
      ['seed', 'number'],
      ['tied', 'boolean'],
      ['mse', 'number'],
      ['l0', 'number'],
      ['state', 'text'],
      ['end', 'text'],
    ]);
    assert.deepEqual(table.columns[3]?.values, [0.1 + 0.2, 0.5, null, null]);
  });

  it('writes CSV with the digits of each float64, and quotes what needs it', () => {
    const [names, first, , , ...last] = table.toCSV().split('\r\n');
    assert.equal(names, 'lambda,seed,tied,mse,l0,state,end,seconds,engine,worker,error,id');
    assert.equal(first, '0.1,1,true,0.30000000000000004,4,done,finished,1,e,w,,a');
    assert.deepEqual(last, ['1,2,false,,,failed,,,,,"a ""b"",\nc",d', '']);
  });

  it('writes Parquet that reads back the same', async () => {
    const { parquetReadObjects } = await import('hyparquet');
    const bytes = await table.toParquet();
    const read = await parquetReadObjects({ file: bytes.slice().buffer });
    assert.equal(read.length, 4);
    assert.equal(read[0]?.mse, 0.1 + 0.2);
    assert.equal(read[2]?.mse ?? null, null);
    assert.equal(read[3]?.error, 'a "b",\nc');
    assert.equal(read[2]?.tied, false);
  });

  it('writes a column of one name and one type, whatever settings and metrics are called and hold', async () => {
    const { parquetReadObjects } = await import('hyparquet');
    const mixed = new SweepTable(
      [
        { id: 'a', settings: { state: 1, size: 2 }, metrics: { size: 3, seconds: 4 }, ...done },
        { id: 'b', settings: { state: 1, size: 'all' }, metrics: { size: 5, seconds: 6 }, ...done },
      ],
      'finished',
    );
    assert.equal(
      mixed.toCSV().split('\r\n')[0],
      'setting.state,size,metric.size,metric.seconds,state,end,seconds,engine,worker,error,id',
    );
    const bytes = await mixed.toParquet();
    const [first, second] = await parquetReadObjects({ file: bytes.slice().buffer });
    assert.deepEqual(
      [first?.size, first?.['metric.size'], first?.state, first?.seconds],
      ['2', 3, 'done', 1],
    );
    assert.deepEqual([second?.size, second?.['metric.seconds']], ['all', 6]);
  });

  it('gives settings and metrics of the trials that have them all', () => {
    assert.deepEqual(table.values('lambda', 'mse'), [
      [0.1, 0.1 + 0.2],
      [0.1, 0.5],
    ]);
    const all = table
      .values('l0', 'seed', 'lambda')
      .map(([units, seed, lambda]) => ({ units, seed, lambda }));
    assert.deepEqual(all.at(-1), { units: 1, seed: 1, lambda: 1 });
    assert.throws(() => table.values('lambda', 'tied'), /trials with the numbers lambda, tied; got none/);
  });

  it('averages the trials of a strength into a point of the front', () => {
    const points = new SweepTable(rows.slice(0, 2), 'finished').points();
    assert.deepEqual(points, [{ strength: 0.1, l0: (4 + 6) / 2, mse: (0.1 + 0.2 + 0.5) / 2 }]);
    assert.equal(sweepFront(points).data.length, 1);
    assert.throws(() => table.points('beta'), /needs trials with the setting 'beta'/);
  });

  it('shows a failure beside the settings that caused it', () => {
    assert.match(String(table), /1 +2 +false .*failed .*a "b"/);
  });
});
