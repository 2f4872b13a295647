import { BIGINT, type DuckDBValue, VARCHAR } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draw } from '../../src/query/drawing.ts';
import { harmless, widthOf } from '../../src/terminal.ts';

const names = ['parcel', 'value', 'owner', 'city'];
const types = [VARCHAR, BIGINT, VARCHAR, VARCHAR];
const rows: DuckDBValue[][] = [
  ['A1', 123456789n, 'A VERY LONG NAME OF AN OWNER WHO OWNS MUCH LLC', 'FORT LAUDERDALE'],
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

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({
    unit: fc.constantFrom('東', 'é', 'e\u0301', '👩‍👩‍👧', '🇺🇸', 'ｶ', '\u001b[31m', 'x', '\r\n', '한'),
    maxLength: 60,
  }),
);
const anyValue = fc.option(fc.oneof(anyText, fc.bigInt()), { nil: null });
const anyTable = fc.integer({ min: 1, max: 6 }).chain((columns) =>
  fc.record({
    names: fc.array(anyText, { minLength: columns, maxLength: columns }),
    rows: fc.array(fc.array(anyValue, { minLength: columns, maxLength: columns }), { maxLength: 5 }),
  }),
);

test('no table is wider than the terminal, nor does anything in it reach the terminal raw', () => {
  fc.assert(
    fc.property(anyTable, fc.integer({ min: 1, max: 200 }), (made, width) => {
      const drawing = { ...made, types: made.names.map(() => VARCHAR) };
      const drawn = draw({ ...drawing, width }, 'table').split('\n');
      const told = drawn.findIndex((line) => / columns do not fit here/.test(line));
      expect(Math.max(...drawn.slice(0, told < 0 ? undefined : told).map(widthOf))).toBeLessThanOrEqual(
        width,
      );
      expect(drawn.length).toBe(made.rows.length + 3 + Number(told >= 0));
      for (const format of ['table', 'markdown', 'line'] as const) {
        const text = draw({ ...drawing, width }, format);
        expect(text).toBe(harmless(text));
        expect(text.split('\n').length - 1).toBeLessThanOrEqual(
          (made.rows.length + 2) * (made.names.length + 2),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test('letters that take two columns, or none, keep the columns straight', () => {
  const names = ['名前', 'n'];
  const owners = ['東京株式会社', 'e\u0301tude', '👩‍👩‍👧 family', 'A'];
  const rows = owners.map((owner, at) => [owner, BigInt(at)]);
  expect(draw({ names, types: [VARCHAR, BIGINT], rows, width: 80 }, 'table')).toBe(`名前          n
────────────  ─
東京株式会社  0
e\u0301tude         1
👩‍👩‍👧 family     2
A             3
`);
  const long = '東'.repeat(40);
  expect(draw({ names: ['a'], types: [VARCHAR], rows: [[long]], width: 12 }, 'table')).toContain(
    '東東東東東…\n',
  );
});

test('NULL, an empty text and the text NULL are three things', () => {
  const rows = [[null], [''], ['NULL'], ["'NULL'"], ['null']];
  for (const format of ['table', 'markdown', 'line'] as const) {
    const cells = rows.map((row) => draw({ names: ['a'], types: [VARCHAR], rows: [row] }, format));
    expect(new Set(cells).size, format).toBe(rows.length);
  }
});

test('a cell of a Markdown table cannot end early', () => {
  const drawn = draw({ names: ['a|b'], types: [VARCHAR], rows: [['x\\|y\nz']] }, 'markdown');
  expect(drawn.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    '| a\\|b |',
    '| -------- |',
    '| x\\\\\\|y z |',
    '',
  ]);
});
