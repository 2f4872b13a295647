/** Against an independent reader: random workbooks, written by exceljs, have the same cells for openpyxl and for us. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import ExcelJS from 'exceljs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { CELL } from '../../../src/source/xlsx/row.ts';
import { Workbook } from '../../../src/source/xlsx/workbook.ts';
import { ensureDebian } from '../../debian.ts';
import { temporaryFolder } from '../../workspace.ts';

beforeAll(() => ensureDebian('python3-openpyxl', '/usr/lib/python3/dist-packages/openpyxl/__init__.py'));

const BOOKS = 40;

/** Sheet, row, column and value of every cell, one list a file. */
const SCRIPT = `
import datetime, json, sys, openpyxl
def shown(v):
    if isinstance(v, datetime.datetime):
        v = (v + datetime.timedelta(microseconds=500000)).replace(microsecond=0)
        return ['date', str(v.date() if v.time() == datetime.time() else v)]
    return [type(v).__name__.replace('float', 'number').replace('int', 'number'), v]
for path in sys.argv[1:]:
    book = openpyxl.load_workbook(path, data_only=True)
    print(json.dumps([[sheet.title, c.row, c.column] + shown(c.value)
        for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]))`;

type Cell = [sheet: string, row: number, column: number, type: string, value: unknown];

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  // Control characters and Excel's _x escapes are ours alone: openpyxl keeps or refuses them.
  .map((value) => value.replace(/[\p{Cc}\ufffe\uffff]|_x/gu, '.').replace(/^=/, '.'));
const date = fc
  .integer({ min: 61 * 86_400, max: 60_000 * 86_400 })
  .map((seconds) => new Date(Date.UTC(1899, 11, 30) + seconds * 1000));
const value = fc.oneof(
  text,
  fc.constantFrom('007', '1E5', ' x ', 'a\nb', '"', 'TRUE', '#N/A text', 'é😀', '<&>'),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
  fc.boolean(),
  date,
  fc.integer().map((result) => ({ formula: 'A1+1', result })),
  fc
    .tuple(text, text)
    .map((parts) => ({ richText: parts.map((part) => ({ text: part, font: { bold: true } })) })),
);
const rows = fc.array(fc.array(fc.option(value, { freq: 3 }), { maxLength: 30, size: 'max' }), {
  minLength: 1,
  maxLength: 40,
});

async function write(path: string, sheets: unknown[][][], shared: boolean): Promise<void> {
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({
    filename: path,
    useSharedStrings: shared,
    useStyles: true,
  });
  for (const [index, sheetRows] of sheets.entries()) {
    const sheet = book.addWorksheet(`Sheet ${index}`);
    for (const values of sheetRows) {
      const row = sheet.addRow(values);
      values.forEach((one, column) => {
        if (one instanceof Date) row.getCell(column + 1).numFmt = 'yyyy-mm-dd hh:mm:ss';
      });
      row.commit();
    }
    sheet.commit();
  }
  await book.commit();
}

async function read(path: string, chunkBytes: number): Promise<Cell[]> {
  const workbook = await Workbook.open(path, { scratch: temporaryFolder(), chunkBytes });
  const cells: Cell[] = [];
  for (const sheet of workbook.sheets) {
    await workbook.readRows(sheet, (row) => {
      for (let cell = 0; cell < row.count; cell++) {
        const place = [sheet.name, row.number, row.column[cell]! + 1] as const;
        cells.push([...place, ...typed(row.kind[cell]!, row.textOf(cell))]);
      }
    });
  }
  workbook.close();
  return cells;
}

function typed(kind: number, shown: string): [type: string, value: unknown] {
  if (kind === CELL.number) return ['number', Number(shown)];
  if (kind === CELL.boolean) return ['bool', shown === 'TRUE'];
  return [kind === CELL.date ? 'date' : 'str', shown];
}

test('the same cells', async () => {
  const folder = temporaryFolder();
  const books = fc.sample(
    fc.record({ sheets: fc.array(rows, { minLength: 1, maxLength: 3 }), shared: fc.boolean() }),
    BOOKS,
  );
  const paths = books.map((_, index) => join(folder, `${index}.xlsx`));
  for (const [index, { sheets, shared }] of books.entries()) await write(paths[index]!, sheets, shared);
  const theirs = execFileSync('/usr/bin/python3', ['-c', SCRIPT, ...paths], { maxBuffer: 1 << 28 })
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Cell[]);
  let cells = 0;
  for (const [index, path] of paths.entries()) {
    const expected = theirs[index]!.filter(([, , , , shown]) => shown !== '');
    const ours = (await read(path, index % 2 ? 777 : 1 << 20)).filter(([, , , , shown]) => shown !== '');
    expect(ours).toEqual(expected);
    cells += ours.length;
  }
  expect(cells).toBeGreaterThan(1000);
});
