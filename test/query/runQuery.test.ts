import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { tableFromIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { beforeAll, describe, expect, test } from 'vitest';
import { splitLine } from '../../src/csvLine.ts';
import { type Format, runQuery } from '../../src/query/runQuery.ts';
import { dor, ROOT } from '../workspace.ts';

const data = mkdtempSync(join(tmpdir(), 'dor-query-'));
beforeAll(() => dor(data, ['ingest', 'liberty', '--no-push']));

const sql = (query: string, ...args: string[]) => dor(data, ['sql', query, ...args]);
const bytes = (query: string, format: string) =>
  spawnSync(join(ROOT, 'bin/dor'), ['sql', query, '--format', format], {
    env: { ...process.env, DOR_DATA: data },
    maxBuffer: 1 << 28,
  }).stdout;

const QUERY =
  'select parcel_id, just_value, sale_date, is_homestead from dor_properties order by parcel_id limit 3';

describe('formats', () => {
  test('text formats agree', async () => {
    const ndjson = (await sql(QUERY, '--format', 'ndjson')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(ndjson).toHaveLength(3);
    expect(ndjson[0].parcel_id).toBe('470000000000');
    expect(typeof ndjson[0].just_value).toBe('number');
    expect(JSON.parse((await sql(QUERY, '--format', 'json')).stdout)).toEqual(ndjson);
    const csv = (await sql(QUERY, '--format', 'csv')).stdout.trim().split('\n');
    expect(csv[0]).toBe('parcel_id,just_value,sale_date,is_homestead');
    expect(csv[1]!.split(',').slice(0, 2)).toEqual([ndjson[0].parcel_id, String(ndjson[0].just_value)]);
    const markdown = (await sql(QUERY, '--format', 'markdown')).stdout.trim().split('\n');
    expect(markdown).toHaveLength(5);
    expect(markdown[1]).toMatch(/^\| -+:? \|/);
    const table = await sql('select parcel_id from dor_properties', '--format', 'table', '--limit', '10');
    expect(table.stdout.trim().split('\n')).toHaveLength(12);
    expect(table.stderr).toMatch(/only the first 10 rows/);
  });

  test('Arrow and Parquet hold every row', async () => {
    const arrow = tableFromIPC(
      bytes('select parcel_id, just_value, sale_date, is_homestead from dor_properties order by 1', 'arrow'),
    );
    expect(arrow.numRows).toBe(800);
    expect(arrow.get(0)!.parcel_id).toBe('470000000000');
    expect(typeof arrow.get(0)!.just_value).toBe('bigint');
    const parquet = bytes('from dor_properties', 'parquet');
    const file = parquet.buffer.slice(parquet.byteOffset, parquet.byteOffset + parquet.length) as ArrayBuffer;
    expect(await parquetReadObjects({ file, compressors, columns: ['parcel_id'] })).toHaveLength(800);
  });
});

/** Rows of a query in this process. */
async function rows(query: string, format: Format, limit?: number): Promise<Buffer> {
  const out = new PassThrough();
  const all = out.toArray();
  await runQuery({ lake: join(data, 'lake'), query, format, out, limit });
  out.end();
  return Buffer.concat((await all).map((part) => Buffer.from(part)));
}

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
  const lines = async (format: Format) => (await rows(query, format, 3)).toString().trim().split('\n');
  expect(await lines('csv')).toEqual(['n', '0', '1', '2']);
  expect(await lines('ndjson')).toHaveLength(3);
  expect(JSON.parse((await rows(query, 'json', 3)).toString())).toHaveLength(3);
  expect(await lines('table')).toHaveLength(5);
  expect(tableFromIPC(await rows(query, 'arrow', 3)).numRows).toBe(3);
  const { buffer, byteOffset, length } = await rows(query, 'parquet', 3);
  const file = buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
  expect(await parquetReadObjects({ file, compressors })).toHaveLength(3);
  expect((await rows(query, 'csv')).toString().trim().split('\n')).toHaveLength(5001);
  const piped = await sql(query, '--limit', '3');
  expect(piped).toMatchObject({
    stdout: 'n\n0\n1\n2\n',
    stderr: expect.stringMatching(/only the first 3 rows/),
  });
});

test('columns of one name, and names that are numbers, stay apart and in their order', async () => {
  const query = 'select 1 as a, 2 as a, 3 as "2", 4 as "1"';
  expect((await sql(query, '--format', 'ndjson')).stdout).toBe('{"a":1,"a_1":2,"2":3,"1":4}\n');
  const out = join(data, 'same names.parquet');
  expect(
    (
      await sql(
        `${query}, interval '-100000 hours' as i, [9007199254740993::hugeint] as h`,
        '--format',
        'parquet',
        '-o',
        out,
      )
    ).code,
  ).toBe(0);
  const { buffer, byteOffset, length } = readFileSync(out);
  const file = buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
  expect(await parquetReadObjects({ file, compressors })).toEqual([
    { a: 1, a_1: 2, '2': 3, '1': 4, i: '-100000:00:00', h: '[9007199254740993]' },
  ]);
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
test.each([
  [`copy (select 1) to '${join(data, 'lake/x.csv')}'`, /Only queries that read/],
  ["from read_csv('/etc/passwd')", /Permission Error/],
  ['select 1; select 2', /One query at a time/],
  ['select * from nowhere', /tables here: dor_sales/],
])('refused: %s', async (query, message) => {
  const { code, stderr, stdout } = await sql(query);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stdout).toBe('');
  expect(existsSync(join(data, 'lake/x.csv'))).toBe(false);
});

test('rejected rows, runs and reference tables are there, too', async () => {
  const { stdout } = await sql(
    'select (select count(*) from runs) as runs, (select count(*) from codes) > 400 as codes, (select count(*) from dor_sales_current) as sales',
    '--format',
    'csv',
  );
  expect(stdout.trim().split('\n')[1]).toBe('3,true,93');
});

test('nothing staged yet: says what to run', async () => {
  const { code, stderr } = await dor(mkdtempSync(join(tmpdir(), 'dor-query-')), ['sql', 'from dor_sales']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/nothing is staged yet: run make ingest/);
});
