import { BIGINT, type Json, VARCHAR } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { draw } from '../../src/query/drawing.ts';

const names = ['parcel', 'value', 'owner', 'city'];
const types = [VARCHAR, BIGINT, VARCHAR, VARCHAR];
const rows: Json[][] = [
  ['A1', '123456789', 'A VERY LONG NAME OF AN OWNER WHO OWNS MUCH LLC', 'FORT LAUDERDALE'],
  ['A2', null, null, ''],
];
const table = (width?: number) => draw({ names, types, rows, width }, 'table');

test('a table fits the terminal: texts are cut, numbers are not, and columns that are left out are told', () => {
  expect(table(200)).toBe(table());
  expect(table()).toBe(`parcel      value  owner                                           city
──────  ─────────  ──────────────────────────────────────────────  ───────────────
A1      123456789  A VERY LONG NAME OF AN OWNER WHO OWNS MUCH LLC  FORT LAUDERDALE
A2           NULL  NULL
`);
  for (const width of [80, 60, 50]) {
    const drawn = table(width);
    expect(Math.max(...drawn.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(drawn).toContain('123456789');
    expect(drawn).toContain('…');
    expect(drawn).not.toContain('do not fit');
  }
  expect(table(30)).toBe(`parcel      value
──────  ─────────
A1      123456789
A2           NULL
2 of 4 columns do not fit here; the format line shows them
`);
  expect(table(1)).toContain('3 of 4 columns do not fit');
});

test('one line a column: every value whole', () => {
  expect(draw({ names, types, rows, width: 20 }, 'line')).toBe(`parcel = A1
 value = 123456789
 owner = A VERY LONG NAME OF AN OWNER WHO OWNS MUCH LLC
  city = FORT LAUDERDALE

parcel = A2
 value = NULL
 owner = NULL
  city = 
`);
});

test('no rows', () => {
  expect(draw({ names: ['a'], types: [VARCHAR], rows: [], width: 80 }, 'table')).toBe('a\n─\n');
  expect(draw({ names: ['a'], types: [VARCHAR], rows: [] }, 'line')).toBe('');
});
