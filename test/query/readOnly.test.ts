import { existsSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, openLake } from '../../src/query/lake.ts';
import { ask } from '../../src/query/runQuery.ts';
import { dor } from '../workspace.ts';

const data = mkdtempSync(join(tmpdir(), 'dor-read-only-'));
const folder = join(data, 'lake');
let lake: Lake;

beforeAll(async () => {
  await dor(data, ['ingest', 'liberty', '--no-push']);
  lake = await openLake(folder);
});
afterAll(() => lake?.close());

async function answer(query: string): Promise<string> {
  const out = new PassThrough();
  const text = out.toArray();
  await ask(lake, { query, format: 'csv', out });
  out.end();
  return Buffer.concat(await text).toString();
}

/** Every file of the lake with its size and time: what no query may change. */
const files = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => [name, statSync(join(folder, name)).size, statSync(join(folder, name)).mtimeMs].join(' '))
    .sort();

const target = join(folder, 'staged/dor_sales/county=liberty/year=2025/data.parquet');

test.each([
  `copy (select 1) to '${target}'`,
  `copy dor_sales to '${join(tmpdir(), 'dor-stolen.csv')}'`,
  `explain analyze copy (select 1) to '${target}'`,
  `export database '${join(folder, 'x')}'`,
  `import database '${folder}'`,
  `attach '${join(folder, 'x.db')}'`,
  `attach '${join(folder, 'x.db')}' as x (type sqlite)`,
  'detach memory',
  'use memory',
  'install httpfs',
  'load httpfs',
  'set threads = 1',
  'set variable x = 1',
  "set global temp_directory = '/tmp'",
  'reset memory_limit',
  'pragma enable_profiling',
  'pragma database_list',
  "call enable_logging(storage = 'file')",
  'create table x (a int)',
  'create temp view x as select 1',
  "create secret s (type s3, key_id 'a', secret 'b')",
  'create macro f() as 1',
  'drop view dor_sales',
  'insert into dor_sales select * from dor_sales',
  'update dor_sales set sale_price = 0',
  'delete from dor_sales',
  'begin',
  'checkpoint',
  'vacuum',
  'prepare p as select 1',
  'select 1; drop view dor_sales',
  '',
  ';',
])('%s: no query that reads', async (query) => {
  const before = files();
  await expect(answer(query)).rejects.toThrow(/Only queries that read|One query at a time|There is no query/);
  expect(files()).toEqual(before);
});

test.each([
  // These are selects to the engine's parser, and yet they write files and change settings.
  `from enable_profiling(format = 'json', save_location = '${target}')`,
  `from enable_logging(storage = 'file', storage_path = '${folder}')`,
  `select * from system.main.enable_logging(storage = 'file', storage_path = '${folder}')`,
  `with x as (from enable_profiling(save_location = '${target}')) select * from x`,
  `select (select count(*) from Enable_Profiling(save_location = '${target}'))`,
  'summarize from enable_logging()',
  'explain analyze from disable_logging()',
  'from force_checkpoint()',
  "from query('select 1')",
  "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
  'from duckdb_secrets()',
  "select count(*) from (select * from read_csv('x', Store_Rejects = true, rejects_table = 'dor_sales'))",
  "from read_csv_auto('x', rejects_scan := 'dor_sales')",
])('%s: a function that does more than read', async (query) => {
  const before = files();
  await expect(answer(query)).rejects.toThrow(/no function that only reads|does more than read/);
  expect(files()).toEqual(before);
});

test.each([
  "from read_text('/etc/passwd')",
  "from read_blob('/etc/hostname')",
  "from read_csv('/etc/passwd')",
  "from glob('/etc/*')",
  "from sniff_csv('/etc/passwd')",
  "from parquet_metadata('/etc/passwd')",
  `from read_text('${folder}/../inbox/x.csv')`,
  `from read_text('${folder}/../../../etc/passwd')`,
  "from read_parquet('https://example.com/x.parquet')",
  "from read_parquet('s3://bucket/x.parquet')",
  "from '/etc/passwd'",
  "select getenv('HOME')",
])('%s: outside of the lake', async (query) => {
  await expect(answer(query)).rejects.toThrow(/Permission Error|does not exist|httpfs/);
});

test('what ends a statement is what the parser says', async () => {
  for (const text of [
    "select 'a;b' as x; -- ;",
    'select $$a;b$$ as x;',
    "select E'a;b' as x /* ; /* ; */ ; */;",
    "select 'a;b' as x\u00a0;\u00a0",
  ])
    expect([text, await answer(text)]).toEqual([text, 'x\na;b\n']);
  // As many as a pasted list has: each asked of the parser would take minutes.
  const list = Array.from({ length: 20_000 }, (_, at) => `('${at};')`).join(', ');
  expect(await answer(`select count(*) as n from (values ${list}) as t(x) where x like '%;';`)).toBe(
    'n\n20000\n',
  );
});

test('what reads the lake is let through', async () => {
  expect(await answer('select count(*) as n from dor_properties -- all of them')).toBe('n\n800\n');
  expect(await answer('with a as (from range(3)) select sum(range)::int as s from a;')).toBe('s\n3\n');
  expect(await answer('describe dor_sales')).toMatch(/^column_name,.*\ncounty_no,SMALLINT/);
  expect(await answer('explain select 1')).toMatch(/PROJECTION/);
  expect(await answer(`select count(*) as n from read_parquet('${target}')`)).toBe('n\n93\n');
  expect(
    await answer(
      'select * from (pivot dor_sales on sale_year in (2024, 2025) using count(*) group by county)',
    ),
  ).toMatch(/^county,2024,2025\nliberty,/);
  expect(existsSync(join(tmpdir(), 'dor-stolen.csv'))).toBe(false);
});
