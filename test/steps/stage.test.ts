import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine.ts';
import { readStagedRun } from '../../src/lake/staged.ts';
import { prepare } from '../../src/steps/load.ts';
import { inboxWithLiberty } from '../liberty.ts';
import { dataFolder, ingest, ROOT } from '../workspace.ts';

const staged = (data: string, table: string) =>
  join(data, `lake/staged/${table}/county=liberty/year=2025/data.parquet`);

async function libertyStaged() {
  const data = dataFolder();
  const { result } = await ingest(data, ['liberty', '--no-push']);
  return { data, manifests: result.manifests };
}

test('an independent reader reads the staged file; ids keep zeros and letters; the footer names run, source and SQL', async () => {
  const { data, manifests } = await libertyStaged();
  const nal = manifests.find((m: { dataset: string }) => m.dataset === 'nal');
  const file = await asyncBufferFromFile(staged(data, 'dor_properties'));
  const metadata = await parquetMetadataAsync(file);
  expect(Number(metadata.num_rows)).toBe(800);
  const footer = Object.fromEntries(
    (metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value]),
  );
  expect(footer).toMatchObject({
    run: nal.run,
    source_sha256: nal.source.sha256,
    sql_version: nal.sqlVersion,
  });
  const codec = metadata.row_groups[0]!.columns[3]!.meta_data!.codec;
  expect(codec).toBe('ZSTD');
  const rows = await parquetReadObjects({
    file,
    compressors,
    columns: ['parcel_id', 'property_use', 'just_value', 'row_hash', 'owner_zipcd'],
  });
  const source = readFileSync(join(ROOT, 'data/sample/NAL49P202501.csv'), 'utf8');
  expect(rows).toHaveLength(800);
  for (const row of rows) expect(source).toContain(`"${row.parcel_id}"`);
  expect(rows.filter((row) => row.property_use === '001').length).toBeGreaterThan(100);
  expect(rows.filter((row) => String(row.owner_zipcd).startsWith('0')).length).toBeGreaterThan(10);
  expect(rows.reduce((sum, row) => sum + row.row_hash, 0n).toString()).toBe(nal.staged.checksum);
});

test('same input, same SQL: same rows and hashes, in memory or out of core, one thread or two', async () => {
  const ways = [
    [],
    ['--mode', 'out-of-core'],
    ['--threads', '1'],
    ['--mode', 'out-of-core', '--threads', '2', '--memory-limit', '300'],
  ];
  const seen = [];
  for (const way of ways) {
    const data = dataFolder();
    const { result } = await ingest(data, ['broward', '--no-push', ...way]);
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const path = join(data, 'lake/staged/dor_properties/county=broward/year=2025/data.parquet');
    const all = await connection.runAndReadAll(
      `select md5(string_agg(t::varchar, '' order by parcel_id)) from read_parquet('${path}') t`,
    );
    seen.push([
      all.getRows()[0]![0],
      ...result.manifests.map((m: { staged: { checksum: string } }) => m.staged.checksum),
    ]);
  }
  for (const one of seen) expect(one).toEqual(seen[0]);
});

test('a staged file without its manifest does not count: the run is done again', async () => {
  const { data } = await libertyStaged();
  const path = staged(data, 'dor_sales');
  const engine = await Engine.open({ threads: 1, memoryLimitMb: 256, tempDirectory: data });
  expect(await readStagedRun(engine, path)).toMatch(/-liberty-sdf-2025-/);
  expect(await readStagedRun(engine, join(data, 'nothing.parquet'))).toBeNull();
  engine.close();
  const manifest = join(data, 'lake/staged/dor_sales/county=liberty/year=2025/manifest.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/"run": "[^"]+"/, '"run": "another"'));
  const again = await ingest(data, ['liberty', '--no-push']);
  expect(again.result.manifests[0].status).toBe('staged');
});

describe('what the SQL makes of values', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await Engine.open({ threads: 1, memoryLimitMb: 256, tempDirectory: '/tmp' });
    await prepare(engine);
  });
  const value = async (expression: string) =>
    Object.values(await engine.row(`select (${expression})::varchar as v`))[0];

  test.each([
    ["blank('  x ')", 'x'],
    ["blank('   ')", null],
    ["blank('')", null],
    ["whole('007')", '7'],
    ["whole('12.7')", null],
    ["whole('1e5')", null],
    ["whole('-5')", null],
    ["whole('1_000')", null],
    ["whole('0000000000000000007')", '7'],
    ["whole('1234567890123')", null],
    ["signed_whole('-5')", '-5'],
    ["decimal_number('12.75')", '12.7500'],
    ["decimal_number('1e2')", null],
    ["month_start(2024, '02')", '2024-02-01'],
    ["month_start(2024, '00')", null],
    ['month_start(2024, null)', null],
    ["usps('FLORIDA')", 'FL'],
    ["usps('Fl')", 'FL'],
    ["usps('MAINE')", 'ME'],
    ["usps('CANADA')", 'CANADA'],
    ["usps('ONTARIO CANADA')", 'ONTARIO CANADA'],
    ["acres('1', 764605, 333061938)", '7646.0500'],
    ["acres('1', 5, 217800)", '5.0000'],
    ["acres('1', 5, null)", null],
    ["acres('2', 9000, 43560)", '1.0000'],
    ["tangible_exemptions('M;25000;A;100')", '{A=100, M=25000}'],
    ["tangible_exemptions('M;0')", '{}'],
    ["tangible_exemptions('M;10; M;5')", '{M=15}'],
  ])('%s is %s', async (expression, expected) => {
    expect(await value(expression as string)).toBe(expected);
  });

  test.each([
    ['SMITH,JOHN A & MARY', 'person'],
    ['BANKS,JOHN', 'person'],
    ['TRUSTY,PAUL', 'person'],
    ['SMITH,MARY LIFE EST', 'person'],
    ["O''NEIL,ANN", 'person'],
    ['CITYWIDE 12 LLC', 'company'],
    ['INVITATION HOMES', 'company'],
    ['CITY OF HOLLYWOOD', 'government'],
    ['BROWARD COUNTY', 'government'],
    ['YMCA OF BROWARD COUNTY INC', 'nonprofit'],
    ['SCHOOL BOARD OF BROWARD COUNTY', 'government'],
    ['WELLS FARGO BANK NA', 'bank'],
    ['SMITH,JOHN REV LIV TR', 'trust'],
    ['JACKSON,WEST EST', 'estate'],
    ['PALM VIEW CONDO ASSN INC', 'association'],
    ['FIRST BAPTIST CHURCH INC', 'nonprofit'],
    ['ABC REAL ESTATE INC', 'company'],
  ])('%s is a %s', async (name, kind) => {
    expect(await value(`owner_kind('${name}', 'person')`)).toBe(kind);
  });
});

test('enrichment looks at the whole county: medians, deeds over several parcels, the latest qualified sale', async () => {
  const data = inboxWithLiberty();
  await ingest(data, ['liberty', '--no-push']);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const one = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson()[0]!;
  const properties = `'${staged(data, 'dor_properties')}'`;
  const sales = `'${staged(data, 'dor_sales')}'`;
  const medians =
    await one(`select median(just_value)::bigint as wanted, any_value(county_median_value) as stored,
    count(distinct county_median_value) as kinds from ${properties}`);
  expect(medians.stored).toBe(medians.wanted);
  expect(medians.kinds).toBe('1');
  const city =
    await one(`select count(*) as wrong from (select median(just_value) over (partition by phy_city) as m, * from ${properties})
    where abs(m - city_median_value) > 0.5 or abs(value_to_city_median - just_value / m) > 0.001`);
  expect(city.wrong).toBe('0');
  const deeds = await one(`select count(*) as deeds, count(*) filter (prices > 1) as unequal from (
    select transaction_id, count(distinct parcel_id) as parcels, count(distinct transaction_price) as prices from ${sales}
    group by 1 having parcels > 1)`);
  expect(Number(deeds.deeds)).toBeGreaterThan(0);
  expect(deeds.unequal).toBe('0');
  const latest =
    await one(`select count(*) as wrong, count(p.latest_sale_date) as dated from ${properties} p left join (
      select parcel_id, max(sale_date) as sale_date from ${sales} where sale_qualification in ('01', '02', '03', '04', '05', '06') group by 1
    ) s using (parcel_id) where p.latest_sale_date is distinct from s.sale_date`);
  expect(latest.wrong).toBe('0');
  const flags = await one(`select count(*) filter (is_homestead and is_absentee) as both,
    count(*) filter (owner_state = 'CANADA' and not is_out_of_state) as canada, count(*) filter (owner_state = 'FL') as florida,
    count(*) filter (is_homestead and exemptions['EXMPT_01'] is null) as unmapped from ${properties}`);
  expect(flags).toMatchObject({ both: '0', canada: '0', unmapped: '0' });
  expect(Number(flags.florida)).toBeGreaterThan(100);
});
