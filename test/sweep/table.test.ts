import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paretoPlot, type SweepRow, SweepTable } from 'sparselab';

const done = { status: 'finished', cached: false, engine: 'e', seconds: 1, worker: 'w' } as const;
const rows: SweepRow[] = [
  { id: 'a', settings: { lambda: 0.1, seed: 1, tied: true }, metrics: { mse: 0.1 + 0.2, l0: 4 }, ...done },
  { id: 'b', settings: { lambda: 0.1, seed: 2, tied: true }, metrics: { mse: 0.5, l0: 6 }, ...done },
  { id: 'c', settings: { lambda: 1, seed: 1, tied: false }, metrics: { mse: Number.NaN, l0: 1 }, ...done },
  {
    id: 'd',
    settings: { lambda: 1, seed: 2, tied: false },
    metrics: {},
    status: 'failed',
    cached: false,
    error: 'a "b",\nc',
  },
];
const table = new SweepTable(rows, 'finished');

describe('SweepTable', () => {
  it('has typed columns: settings, metrics, how it went', () => {
    const types = table.columns.map(({ name, type }) => [name, type]);
    assert.deepEqual(types.slice(0, 6), [
      ['lambda', 'number'],
      ['seed', 'number'],
      ['tied', 'boolean'],
      ['mse', 'number'],
      ['l0', 'number'],
      ['status', 'text'],
    ]);
    assert.deepEqual(table.columns[3]?.values, [0.1 + 0.2, 0.5, null, null]);
  });

  it('writes CSV with the digits of each float64, and quotes what needs it', () => {
    const [names, first, , , ...last] = table.toCSV().split('\r\n');
    assert.equal(names, 'lambda,seed,tied,mse,l0,status,seconds,engine,worker,error,id');
    assert.equal(first, '0.1,1,true,0.30000000000000004,4,finished,1,e,w,,a');
    assert.deepEqual(last, ['1,2,false,,,failed,,,,"a ""b"",\nc",d', '']);
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
        { id: 'a', settings: { status: 1, size: 2 }, metrics: { size: 3, seconds: 4 }, ...done },
        { id: 'b', settings: { status: 1, size: 'all' }, metrics: { size: 5, seconds: 6 }, ...done },
      ],
      'finished',
    );
    assert.equal(
      mixed.toCSV().split('\r\n')[0],
      'setting.status,size,metric.size,metric.seconds,status,seconds,engine,worker,error,id',
    );
    const bytes = await mixed.toParquet();
    const [first, second] = await parquetReadObjects({ file: bytes.slice().buffer });
    assert.deepEqual(
      [first?.size, first?.['metric.size'], first?.status, first?.seconds],
      ['2', 3, 'finished', 1],
    );
    assert.deepEqual([second?.size, second?.['metric.seconds']], ['all', 6]);
  });

  it('types its columns by what they mean, whatever values happen to be there', async () => {
    const { parquetMetadata, parquetReadObjects } = await import('hyparquet');
    const none = new SweepTable(
      [{ id: 'a', settings: { size: 2 }, metrics: { mse: Number.NaN }, ...done, seconds: Number.NaN }],
      'finished',
      [],
      { size: [2, 'all'] },
    );
    const failed = new SweepTable(rows.slice(3), 'finished');
    const typesOf = ({ columns }: SweepTable) =>
      Object.fromEntries(columns.map(({ name, type }) => [name, type]));
    assert.deepEqual(typesOf(none), {
      ...{ size: 'text', mse: 'number', status: 'text', seconds: 'number' },
      ...{ engine: 'text', worker: 'text', error: 'text', id: 'text' },
    });
    assert.equal(typesOf(failed).seconds, 'number');
    const file = (await none.toParquet()).slice().buffer;
    const stored = parquetMetadata(file).schema.find(({ name }) => name === 'mse');
    assert.equal(stored?.type, 'DOUBLE');
    assert.deepEqual((await parquetReadObjects({ file }))[0]?.size, '2');
    const drawn = new SweepTable([{ ...rows[0], settings: { x: 1 } } as SweepRow], 'running', [], {
      x: { kind: 'uniform', low: 0, high: 2 },
    });
    assert.equal(typesOf(drawn).x, 'number');
  });

  it('keeps −0 and infinities in its files, and tells an empty text from none', async () => {
    const { parquetReadObjects } = await import('hyparquet');
    const odd = new SweepTable(
      [
        { id: 'a', settings: { note: '', x: -0 }, metrics: { mse: -0, q: Infinity }, ...done },
        {
          id: 'b',
          settings: { note: ' b ', x: 5e-324 },
          metrics: { mse: Number.NaN, q: -Infinity },
          ...done,
        },
      ],
      'finished',
    );
    const [, first, second] = odd.toCSV().split('\r\n');
    assert.equal(first, '"",-0,-0,Infinity,finished,1,e,w,,a');
    assert.equal(second, ' b ,5e-324,,-Infinity,finished,1,e,w,,b');
    assert.match(String(odd), / -0 +-0 +Infinity +finished/);
    const read = await parquetReadObjects({ file: (await odd.toParquet()).slice().buffer });
    assert.ok(Object.is(read[0]?.mse, -0) && Object.is(read[0]?.x, -0));
    assert.deepEqual([read[0]?.q, read[1]?.q, read[0]?.note], [Infinity, -Infinity, '']);
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
    assert.equal(paretoPlot(points).data.length, 1);
    assert.throws(() => table.points('beta'), /needs trials with the setting 'beta'/);
  });

  it('averages over seeds only: what else differs is a front of its own, or an error that says so', () => {
    const trial = (settings: SweepRow['settings'], l0: number, mse: number): SweepRow => ({
      id: JSON.stringify(settings),
      settings,
      metrics: { l0, mse },
      ...done,
    });
    const several = new SweepTable(
      [
        trial({ beta: 1, rho: 0.02, hiddenDim: 8, seed: 1 }, 4, 0.3),
        trial({ rho: 0.02, beta: 1, hiddenDim: 8, seed: 2 }, 6, 0.5),
        trial({ beta: 2, rho: 0.02, hiddenDim: 8, seed: 1 }, 3, 0.6),
        trial({ beta: 1, rho: 0.2, hiddenDim: 8, seed: 1 }, 30, 0.1),
      ],
      'finished',
    );
    assert.deepEqual(several.fronts(), {
      'rho 0.02': [
        { strength: 1, l0: (4 + 6) / 2, mse: (0.3 + 0.5) / 2 },
        { strength: 2, l0: 3, mse: 0.6 },
      ],
      'rho 0.2': [{ strength: 1, l0: 30, mse: 0.1 }],
    });
    assert.equal(paretoPlot(several.fronts()).data.length, 2);
    assert.throws(
      () => several.points(),
      /^RangeError: points needs trials that differ in beta and the seed only; got several values of rho: table\.fronts\(\) has/,
    );
    assert.throws(
      () => several.values('beta', 'mse'),
      /values needs .*got several values of rho: .*table\.where/,
    );
    const few = several.where({ rho: 0.02 });
    assert.deepEqual(few.fronts(), { '': few.points() });
    assert.equal(few.values('beta', 'mse').length, 3);
    assert.equal(several.values('beta', 'rho', 'mse').length, 4);
    assert.equal(several.values('l0', 'mse').length, 4);
    assert.throws(() => several.where({ rho: 1 }), /where needs trials with rho 1; got none/);
  });

  it('shows an error of several lines below its column', () => {
    const [, row, more, last] = String(
      new SweepTable([{ ...(rows[3] as SweepRow), error: 'one\r\n\ttwo\nthree' }], 'finished', [
        'first\nsecond',
      ]),
    ).split('\n');
    const column = row?.indexOf('one') as number;
    assert.ok(column > 0);
    assert.equal(more, `${' '.repeat(column)}    two`);
    assert.equal(last, `${' '.repeat(column)}three`);
  });

  it('shows a failure with the settings that caused it', () => {
    assert.match(String(table), /1 +2 +false .*failed .*a "b"/);
  });
});
