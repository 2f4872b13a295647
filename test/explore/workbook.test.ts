import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { writeWorkbook } from '../../src/explore/workbook.ts';
import { Workbook } from '../../src/source/xlsx/workbook.ts';
import { temporaryFolder } from '../workspace.ts';

/** Texts of all rows of a query's workbook: the result and what is said about it. */
async function workbookOf(query: string): Promise<string[][][]> {
  const scratch = temporaryFolder();
  const path = join(scratch, 'x.xlsx');
  const connection = await (await DuckDBInstance.create()).connect();
  const result = await connection.stream(query);
  const columns = result.columnNames().map((name, at) => ({ name, type: String(result.columnType(at)) }));
  await writeWorkbook(result, { rows: 1, columns, query }, createWriteStream(path));
  connection.closeSync();
  const workbook = await Workbook.open(path, { scratch });
  const sheets: string[][][] = [];
  for (const sheet of workbook.sheets) {
    const rows: string[][] = [];
    await workbook.readRows(sheet, (row) => rows.push(row.texts()));
    sheets.push(rows);
  }
  workbook.close();
  return sheets;
}

test('numbers, characters and days that Excel does not have stay texts', async () => {
  const [[, row]] =
    (await workbookOf(`select 'nan'::double as a, '-inf'::float as b, chr(65535) || 'x' || chr(1) as c,
    date '1900-02-28' as d, date '1900-03-01' as e, date '0044-03-15 (BC)' as f, date 'infinity' as g, 12345678901234567 as h,
    repeat('y', 40000) as i, timestamp '1899-01-01 08:00:00' as j,
    '_x0041_' as k, 'a' || chr(13) || chr(10) || 'b' as l, ' x ' as m, repeat('_x0041_', 10000) as n, date '-infinity' as o`)) as [
      string[][],
    ];
  expect(row!.map((text) => text.slice(0, 30))).toEqual([
    'NaN',
    '-Infinity',
    '\ufffdx\ufffd',
    '1900-02-28',
    '1900-03-01',
    '0044-03-15 (BC)',
    'infinity',
    '12345678901234567',
    'y'.repeat(30),
    '1899-01-01 08:00:00',
    '_x0041_',
    'a\r\nb',
    ' x ',
    '_x0041_'.repeat(5).slice(0, 30),
    '-infinity',
  ]);
  expect(row![8]).toHaveLength(32_767);
});

test('more columns than a sheet has, and texts longer than a cell, are told', async () => {
  const many = Array.from({ length: 16_390 }, (_, index) => `${index} as c${index}`);
  const [result, about] = (await workbookOf(`select ${many.join(', ')}`)) as [string[][], string[][]];
  expect(result.map((row) => [row.length, row.at(-1)])).toEqual([
    [16_384, 'c16383'],
    [16_384, '16383'],
  ]);
  expect(about[1]).toEqual(['left out', '6 columns: Excel holds 16384']);
  const [, long] = (await workbookOf("select repeat('y', 40000) as y")) as [string[][], string[][]];
  expect(long[1]).toEqual(['left out', 'the end of 1 texts: a cell holds 32767 characters']);
});
