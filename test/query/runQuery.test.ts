import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { splitLine } from '../../src/csvLine.ts';
import { namesForFile } from '../../src/query/columnsInFiles.ts';
import { type Lake, openLake } from '../../src/query/lake.ts';
import { ask, FORMATS, type Format } from '../../src/query/runQuery.ts';
import { ingestHere } from '../inProcess.ts';
import { dor, finished, startDor } from '../workspace.ts';

const data = mkdtempSync(join(tmpdir(), 'dor-query-'));
let lake: Lake;
beforeAll(async () => {
  await ingestHere(data, { county: 'liberty', push: false });
  lake = await openLake(join(data, 'lake'));
});
afterAll(() => lake?.close());

const sql = (query: string, ...args: string[]) => dor(data, ['sql', query, ...args]);
/** Rows of a query in this process; on a terminal of so many columns, when `width` is given. */
async function rows(query: string, format: Format, limit?: number, width?: number): Promise<Buffer> {
  const out = new PassThrough();
  if (width !== undefined) Object.assign(out, { isTTY: true, columns: width });
  const all = out.toArray();
  await ask(lake, { query, format, out, limit }).finally(() => out.end());
  return Buffer.concat((await all).map((part) => Buffer.from(part)));
}

const text = async (query: string, format: Format, limit?: number) =>
  (await rows(query, format, limit)).toString().trim();

async function parquetRows(query: string, limit?: number) {
  const { buffer, byteOffset, length } = await rows(query, 'parquet', limit);
  const file = buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
  return parquetReadObjects({ file, compressors });
}

const QUERY =
  'select parcel_id, just_value, sale_date, is_homestead from dor_properties order by parcel_id limit 3';

describe('formats', () => {
  test('text formats agree', async () => {
    const ndjson = (await text(QUERY, 'ndjson')).split('\n').map((line) => JSON.parse(line));
    expect(ndjson).toHaveLength(3);
    expect(ndjson[0].parcel_id).toBe('470000000000');
    expect(typeof ndjson[0].just_value).toBe('number');
    expect(JSON.parse(await text(QUERY, 'json'))).toEqual(ndjson);
    const csv = (await text(QUERY, 'csv')).split('\n');
    expect(csv[0]).toBe('parcel_id,just_value,sale_date,is_homestead');
    expect(csv[1]!.split(',').slice(0, 2)).toEqual([ndjson[0].parcel_id, String(ndjson[0].just_value)]);
    const markdown = (await text(QUERY, 'markdown')).split('\n');
    expect(markdown).toHaveLength(5);
    expect(markdown[1]).toMatch(/^\| -+:? \|/);
  });

  test('Arrow and Parquet hold every row', async () => {
    const arrow = tableFromIPC(await rows(QUERY.replace('limit 3', ''), 'arrow'));
    expect(arrow.numRows).toBe(800);
    expect(arrow.get(0)!.parcel_id).toBe('470000000000');
    expect(typeof arrow.get(0)!.just_value).toBe('bigint');
    expect(await parquetRows('select parcel_id from dor_properties')).toHaveLength(800);
  });
});

describe('one spelling of what is nested', () => {
  const values: [sql: string, json: string][] = [
    ["map {'b': 1, 'a': null, '2': 3, '1': 4}", '{"b":1,"a":null,"2":3,"1":4}'],
    ["map {date '2024-02-29': 2.50::decimal(9, 2)}", '{"2024-02-29":2.5}'],
    ["{'__proto__': [true, null], 'q': 'é\"\\' || chr(10)}", '{"__proto__":[true,null],"q":"é\\"\\\\\\n"}'],
    [
      "[{'n': 9007199254740993, 'i': interval '1 year 3 days'}]",
      '[{"n":9007199254740993,"i":"1 year 3 days"}]',
    ],
    ['[1, 2]::integer[2]', '[1,2]'],
    ['map {}::map(varchar, bigint)', '{}'],
    ['union_value(num := 2)', '{"num":2}'],
  ];
  const query = `select ${values.map(([sql], at) => `${sql} as c${at}`).join(', ')}`;
  const wanted = values.map(([, json]) => json);

  test('the engine itself writes it so', async () => {
    const asked = `select [${values.map((_, at) => `to_json(c${at})::varchar`).join(', ')}] as all_of_them from (${query})`;
    expect(JSON.parse((await rows(asked, 'ndjson')).toString()).all_of_them).toEqual(wanted);
  });

  test('CSV, JSON, table, Arrow', async () => {
    const csv = (await rows(query, 'csv')).toString().split('\n')[1]!;
    expect(splitLine(csv)).toEqual(wanted);
    const json = (await rows(query, 'ndjson')).toString().trim();
    // Readers of JSON would round it.
    const quoted = wanted.map((one) => one.replace(':9007199254740993', ':"9007199254740993"'));
    expect(json).toBe(`{${quoted.map((one, at) => `"c${at}":${one}`).join(',')}}`);
    expect(JSON.parse(json).c0).toEqual({ a: null, b: 1, '1': 4, '2': 3 });
    const line = (await rows(query, 'line')).toString();
    for (const [at, one] of wanted.entries()) expect(line).toContain(`c${at} = ${one}`);
    const arrow = tableFromIPC(await rows(query, 'arrow')).get(0)!;
    expect(wanted.map((_, at) => arrow[`c${at}`])).toEqual(wanted);
  });
});

test('a limit that was asked for holds in every format', async () => {
  const query = 'select range as n from range(5000)';
  const lines = async (format: Format) => (await text(query, format, 3)).split('\n');
  expect(await lines('csv')).toEqual(['n', '0', '1', '2']);
  expect(await lines('ndjson')).toHaveLength(3);
  expect(JSON.parse((await rows(query, 'json', 3)).toString())).toHaveLength(3);
  expect(await lines('table')).toHaveLength(5);
  expect(tableFromIPC(await rows(query, 'arrow', 3)).numRows).toBe(3);
  expect(await parquetRows(query, 3)).toHaveLength(3);
  expect((await rows(query, 'csv')).toString().trim().split('\n')).toHaveLength(5001);
  const piped = await sql(query, '--limit', '3');
  expect(piped).toMatchObject({
    stdout: 'n\n0\n1\n2\n',
    stderr: expect.stringMatching(/only the first 3 rows/),
  });
});

test('a limit of n shows n rows, or all when there are fewer, and says whether some are left out', async () => {
  const out = () => Object.assign(new PassThrough(), { columns: 80 }).resume();
  const near = fc
    .constantFrom(0, 1, 2047, 2048, 2049, 4096, 6000)
    .chain((n) => fc.integer({ min: Math.max(0, n - 1), max: n + 1 }));
  await fc.assert(
    fc.asyncProperty(near, near, fc.constantFrom(...FORMATS), async (many, limit, format) => {
      const query = `select range as n from range(${many})`;
      const { rows: shown, cut } = await ask(lake, { query, format, out: out(), limit });
      expect([shown, cut]).toEqual([Math.min(many, limit), format !== 'parquet' && many > limit]);
    }),
    { numRuns: 60 },
  );
});

test('values that have no digits, or too many', async () => {
  const values: [sql: string, text: string, json?: string][] = [
    ["'nan'::double", 'NaN', '"NaN"'],
    ["'-inf'::float", '-Infinity', '"-Infinity"'],
    ['0.1::float', '0.1', '0.1'],
    ["date 'infinity'", 'infinity'],
    ["timestamptz '-infinity'", '-infinity'],
    ["timestamptz '2024-07-01 10:00:00.25-04'", '2024-07-01 14:00:00.25+00'],
    ["timestamptz '0044-03-15 (BC) 10:00:00+00'", '0044-03-15 (BC) 10:00:00+00'],
    ["interval '1 year 3 days 5 minutes'", '1 year 3 days 00:05:00'],
    ["'b0000000-0000-0000-0000-000000000001'::uuid", 'b0000000-0000-0000-0000-000000000001'],
    ["'\\xAA\\x00ab'::blob", '\\xAA\\x00ab'],
    ["'0101'::bit", '0101'],
    ["'b'::enum('a', 'b')", 'b'],
    ['12345678901234567890.12::decimal(30, 2)', '12345678901234567890.12', '"12345678901234567890.12"'],
    ['1.50::decimal(4, 2)', '1.50', '1.5'],
    [
      '170141183460469231731687303715884105727::hugeint // 10',
      '17014118346046923173168730371588410572',
      '"17014118346046923173168730371588410572"',
    ],
    [
      '340282366920938463463374607431768211455::uhugeint',
      '340282366920938463463374607431768211455',
      '"340282366920938463463374607431768211455"',
    ],
    ['\'{"a":\n 1}\'::json', '{"a":\n 1}', '{"a":  1}'],
    [
      "[{'n': 'nan'::double, 'd': date '-infinity'}]",
      '[{"n":"NaN","d":"-infinity"}]',
      '[{"n":"NaN","d":"-infinity"}]',
    ],
    ["{'v': 42}::variant", '{"v":42}', '{"v":42}'],
  ];
  const query = `select ${values.map(([sql], at) => `${sql} as c${at}`).join(', ')}`;
  const json = (await rows(query, 'ndjson')).toString();
  expect(json).toBe(
    `{${values.map(([, text, inJson], at) => `"c${at}":${inJson ?? JSON.stringify(text)}`).join(',')}}\n`,
  );
  JSON.parse(json);
  const line = (await rows(query, 'line')).toString();
  for (const [at, [, text]] of values.entries())
    expect(line).toContain(`c${at} = ${text.replace('\n', ' ')}\n`);
  const [arrow] = tableFromIPC(await rows(`select c5, c12, c15, c17 from (${query})`, 'arrow')).toArray();
  expect({ ...arrow.toJSON() }).toEqual({
    c5: values[5]![1],
    c12: values[12]![1],
    c15: values[15]![1],
    c17: values[17]![1],
  });
  expect((await parquetRows(query))[0]!.c15).toBe(values[15]![1]);
});

test('Arrow keeps whole numbers that have no sign', async () => {
  const query = `select 255::utinyint as a, 65535::usmallint as b, 4294967295::uinteger as c, 18446744073709551615::ubigint as d`;
  const twice = tableFromIPC(
    await rows(`${query} union all select null, null, null, null`, 'arrow'),
  ).toArray();
  expect(twice.map((row) => ({ ...row.toJSON() }))).toContainEqual({
    a: 255,
    b: 65535,
    c: 4294967295,
    d: 18446744073709551615n,
  });
  expect(twice.map((row) => row.a)).toContain(null);
});

test('NULL is not an empty text, nor the text NULL', async () => {
  const query = "select * from (values (1, null), (2, ''), (3, 'NULL')) as t(n, v) order by n";
  expect((await rows(query, 'csv')).toString()).toBe('n,v\n1,\n2,""\n3,NULL\n');
  expect((await rows(query, 'ndjson')).toString()).toBe(
    '{"n":1,"v":null}\n{"n":2,"v":""}\n{"n":3,"v":"NULL"}\n',
  );
  expect((await rows(query, 'line')).toString()).toBe(
    "n = 1\nv = NULL\n\nn = 2\nv = \n\nn = 3\nv = 'NULL'\n",
  );
  const held = tableFromIPC(await rows(query, 'arrow'))
    .toArray()
    .map(({ v }) => v);
  expect(held).toEqual([null, '', 'NULL']);
  expect((await parquetRows(query)).map(({ v }) => v)).toEqual([null, '', 'NULL']);
});

describe('a terminal', () => {
  const query = "select chr(27) || '[31m' || chr(155) || chr(13) || 'x' as a, '東' as b";

  test('is never sent what it would obey; a file is', async () => {
    for (const format of ['table', 'csv', 'json', 'ndjson', 'markdown', 'line'] as const) {
      const shown = (await rows(query, format, undefined, 80)).toString();
      expect([format, shown]).toEqual([format, expect.stringContaining('東')]);
      expect(shown).not.toMatch(/(?!\n)\p{Cc}/u);
    }
    expect((await rows(query, 'csv')).toString()).toBe('a,b\n"\x1b[31m\x9b\rx",東\n');
  });

  test('has no use for bytes, and one of no columns is as wide as it likes', async () => {
    for (const format of ['arrow', 'parquet'] as const)
      await expect(rows(query, format, undefined, 80)).rejects.toThrow(/nothing for a terminal/);
    expect((await rows('select 1 as one, 2 as two', 'table', undefined, 0)).toString()).toContain('two');
  });
});

test('what a format cannot hold is refused, not lost', async () => {
  await expect(rows('select row(1, 2) as v', 'csv')).rejects.toThrow(/fields of v have no names/);
  await expect(rows('explain select 1', 'parquet')).rejects.toThrow(/no rows for a Parquet file/);
});

test('many columns of one name', async () => {
  const names = namesForFile(Array.from({ length: 100_000 }, (_, at) => (at % 2 ? 'a' : 'A')));
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(100_000);
});

test('a reader may stop reading', async () => {
  const child = startDor(data, ['sql', 'select range as n from range(100000000)']);
  child.stdout!.once('data', () => child.stdout!.destroy());
  expect(await finished(child)).toMatchObject({ code: 0, stderr: '' });
});

test('columns of one name, and names that are numbers, stay apart and in their order', async () => {
  const query = 'select 1 as a, 2 as a, 3 as "2", 4 as "1"';
  expect(await text(query, 'ndjson')).toBe('{"a":1,"a_1":2,"2":3,"1":4}');
  expect(await text(query, 'csv')).toBe('a,a_1,2,1\n1,2,3,4');
  expect(
    await parquetRows(`${query}, interval '-100000 hours' as i, [9007199254740993::hugeint] as h`),
  ).toEqual([{ a: 1, a_1: 2, '2': 3, '1': 4, i: '-100000:00:00', h: '[9007199254740993]' }]);
});

test('a query that fails leaves the file of before as it was', async () => {
  const out = join(data, 'precious.csv');
  writeFileSync(out, 'precious');
  for (const query of ['selekt 1', "select error('late') from range(100000) where range = 99999"])
    expect((await sql(query, '-o', out)).code).toBe(2);
  expect(readFileSync(out, 'utf8')).toBe('precious');
  expect((await sql('select 1 as n', '-o', out)).code).toBe(0);
  expect(readFileSync(out, 'utf8')).toBe('n\n1\n');
  expect(readdirSync(data).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

// All that is refused is in readOnly.test.ts; here, how the command says it.
test('refused: what is not a reading query', async () => {
  const copied = join(data, 'lake/x.csv');
  const { code, stderr, stdout } = await sql(`copy (select 1) to '${copied}'`);
  expect([code, stdout, existsSync(copied)]).toEqual([2, '', false]);
  expect(stderr).toMatch(/Only queries that read/);
});

test.each([
  ["from read_csv('/etc/passwd')", /Permission Error/],
  ['select 1; select 2', /One query at a time/],
  ['select * from nowhere', { remedy: expect.stringMatching(/tables here: dor_sales/) }],
])('refused: %s', async (query, error) => {
  const refused = expect(rows(query, 'csv')).rejects;
  await (error instanceof RegExp ? refused.toThrow(error) : refused.toMatchObject(error));
});

test('rejected rows, runs and reference tables are there, too', async () => {
  const query =
    'select (select count(*) from runs) as runs, (select count(*) from codes) > 400 as codes, (select count(*) from dor_sales_current) as sales';
  expect((await text(query, 'csv')).split('\n')[1]).toBe('3,true,93');
});

test('nothing staged yet: says what to run', async () => {
  const { code, stderr } = await dor(mkdtempSync(join(tmpdir(), 'dor-query-')), ['sql', 'from dor_sales']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/nothing is staged yet: run make ingest/);
});
