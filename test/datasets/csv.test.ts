import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type CsvOptions, loadCsv } from 'sparselab';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder();

/** Reads a table from a file with this content. */
function table(content: string | Uint8Array, options?: CsvOptions) {
  const path = join(folder, 'table.csv');
  writeFileSync(path, content);
  return loadCsv(path, options);
}

const FLOWERS = 'species,height,width\nrose,1,10\n"tulip",2.5,30\nrose,4,20\n';

/** A table is refused with this message, which names the file without its folder. */
const refused = (content: string | Uint8Array, message: string, options?: CsvOptions) =>
  assert.rejects(table(content, options), (error: Error) => {
    assert.equal(error.message.replace(`${folder}/`, ''), message);
    return true;
  });

describe('loadCsv', () => {
  it('takes all columns but the label as numbers, with their names, and the classes in the order of the alphabet', async () => {
    const flowers = await table(FLOWERS, { label: 'species' });
    assert.deepEqual([...flowers.values], [1, 10, 2.5, 30, 4, 20]);
    assert.deepEqual(flowers.columnNames, ['height', 'width']);
    assert.deepEqual(flowers.classNames, ['rose', 'tulip']);
    assert.deepEqual([...(flowers.labels ?? [])], [0, 1, 0]);
    assert.deepEqual([flowers.count, flowers.dim, flowers.scale], [3, 2, 1]);
  });

  it('takes the columns that are named, in their order', async () => {
    const { values, columnNames } = await table(FLOWERS, { columns: ['width', 'height'] });
    assert.deepEqual([...values], [10, 1, 30, 2.5, 20, 4]);
    assert.deepEqual(columnNames, ['width', 'height']);
  });

  it('keeps the names in parts of a data set', async () => {
    const flowers = await table(FLOWERS, { label: 'species' });
    assert.deepEqual(flowers.select([2]).columnNames, ['height', 'width']);
    assert.deepEqual(flowers.slice(0, 1).classNames, ['rose', 'tulip']);
  });

  it('scales each column: minmax to [0, 1], standard to mean 0 and deviation 1, equal numbers to 0', async () => {
    const content = 'a,b,c\n1,10,7\n2,30,7\n3,20,7\n';
    const minmax = await table(content, { scaling: 'minmax' });
    assert.deepEqual([...minmax.values], [0, 0, 0, 0.5, 1, 0, 1, 0.5, 0]);
    const { values } = await table(content, { scaling: 'standard' });
    // Divisor 3: deviations √(2/3) and √(200/3).
    const z = Math.fround(1 / Math.sqrt(2 / 3));
    assert.deepEqual([...values], [-z, -z, 0, 0, z, 0, z, 0, 0]);
  });

  it('reads semicolons, tabs, quotes, a mark of byte order, Windows line ends and empty lines at the end', async () => {
    for (const content of [
      'a;b\r\n1;2\r\n\r\n',
      'a\tb\n1\t2\n\n\n',
      '\ufeffa,b\n"1"," 2 "',
      '"a",b\n1e0,+2.0',
    ]) {
      const { columnNames, values } = await table(content);
      assert.deepEqual(
        [columnNames, [...values]],
        [
          ['a', 'b'],
          [1, 2],
        ],
        JSON.stringify(content),
      );
    }
    assert.deepEqual([...(await table('a\n1\n2\n')).values], [1, 2]);
  });

  it('reads line ends of several kinds in one file', async () => {
    assert.deepEqual([...(await table('a,b\r\n1,2\n3,4\r5,6')).values], [1, 2, 3, 4, 5, 6]);
  });

  it('takes letters that look the same as the same, in names of columns, in options and in classes', async () => {
    const [composed, decomposed] = ['gr\u00f6\u00dfe', 'gro\u0308\u00dfe'];
    const content = `${decomposed},kind\n1,${composed}\n2,${decomposed}\n`;
    for (const column of [composed, decomposed]) {
      const { columnNames, classNames } = await table(content, { columns: [column], label: 'kind' });
      assert.deepEqual([columnNames, classNames], [[composed], [composed]]);
    }
    assert.deepEqual((await table(`a,${composed}\n1,x\n`, { label: decomposed })).columnNames, ['a']);
  });

  it('refuses what is missing or not a number by row and column', async () => {
    const cell = 'table.csv must hold a number in each cell; got';
    await refused('a,b\n1,2\n3,\n', `${cell} nothing in row 2, column 'b'`);
    // A row of nothing but missing values is a row.
    await refused('a,b\n1,2\n,\n3,4\n', `${cell} nothing in row 2, column 'a'`);
    for (const text of ['NA', '0x1', 'NaN', '1e99', '1 000', '?'])
      await refused(`a,b\n${text},2\n`, `${cell} '${text}' in row 1, column 'a'`);
    await refused('a;b\n1,5;2\n', `${cell} '1,5' in row 1, column 'a'`);
    await refused(
      'kind,b\ncat,1\n,2\n',
      "table.csv must hold a class in each row; got nothing in row 2, column 'kind'",
      {
        label: 'kind',
      },
    );
  });

  it('refuses what is not a table with names, and columns that are not there', async () => {
    await refused('1,2\n3,4\n', "table.csv must begin with the names of its columns; got ['1', '2']");
    await refused('a,b\n', 'table.csv must hold column names and at least one row; got 1 rows');
    await refused('', 'table.csv must hold column names and at least one row; got 0 rows');
    await refused(
      'a,b,a\n1,2,3\n',
      "table.csv must name each column differently; got 'a' in ['a', 'b', 'a']",
    );
    await refused('a,b\n1,2\n3,4,5\n', 'table.csv must have 2 cells per row; got 3 in row 2');
    await refused('a,b\n"1,2\n', 'table.csv must be a table; row 1: Quoted field unterminated');
    await refused(Uint8Array.of(97, 10, 0xe9), 'table.csv must be text in UTF-8; it is not');
    await refused(FLOWERS, "columns must be names of table.csv, 'species', 'height', 'width'; got 'size'", {
      columns: ['size'],
    });
    await refused(FLOWERS, "label must be names of table.csv, 'species', 'height', 'width'; got 'kind'", {
      label: 'kind',
    });
  });

  it('says of a file that is not a table which kind of file it is', async () => {
    const other = 'table.csv must be a table; got another file:';
    await refused(
      '<!DOCTYPE html><html>404, not found</html>',
      `${other} it is an HTML page, such as a server sends instead of a file that it does not have`,
    );
    await refused(gzipSync('a,b\n1,2\n'), `${other} it is compressed by gzip: unpack it first`);
    // As Excel saves a sheet, and its "Unicode text".
    await refused(
      Buffer.from('PK\x03\x04…'),
      `${other} it is a ZIP archive, as are .xlsx, .npz and files of torch.save`,
    );
    for (const start of ['\ufeff', ''])
      await refused(
        Buffer.from(`${start}a,b\n1,2\n`, 'utf16le'),
        `${other} it is text in UTF-16: save it as UTF-8`,
      );
  });

  it('shows no character of a file that would move a terminal’s cursor', async () => {
    await refused(
      'a,\u001b[2Jb\n1,\u202ex\n',
      "table.csv must hold a number in each cell; got '\\u202ex' in row 1, column '\\u001b[2Jb'",
    );
  });

  it('says of a file that is not there which ones are', async () => {
    await table(FLOWERS, { label: 'species' });
    await assert.rejects(loadCsv(join(folder, 'tabel.csv')), {
      message: `'${join(folder, 'tabel.csv')}' must be a file or a folder beside the notebook; got: there is none, but table.csv`,
    });
  });
});
