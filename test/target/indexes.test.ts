import { afterAll, beforeAll, expect, test } from 'vitest';
import { wantedIndexes } from '../../src/target/indexes.ts';
import { inboxWithLiberty } from '../liberty.ts';
import { rows, type TestServer } from '../server.ts';
import { startSupabase } from '../supabase.ts';
import { dataFolder, dor, finished, ingest, startDor } from '../workspace.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startSupabase({ version: 15 });
});
afterAll(() => server?.stop());

const ALL = wantedIndexes()
  .flatMap(({ indexes }) => indexes.map(({ name }) => name))
  .sort();

/** Indexes that are there and usable, keys apart. */
const built = async (url: string) =>
  (
    await rows(
      url,
      `select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
       where c.relname ~ '^dor_' and i.indisvalid and not i.indisunique order by 1`,
    )
  ).map(({ name }) => name);

test('none before the first rows; killed while building, the next run goes on; a second one builds nothing', async () => {
  const url = await server.createDatabase('indexes');
  const env = { SUPABASE_DB_URL: url };
  await dor(dataFolder(), ['migrate'], env);
  expect(await built(url)).toEqual([]);

  const data = inboxWithLiberty();
  const child = startDor(data, ['ingest', 'liberty'], env);
  child.stderr!.on('data', (text: Buffer) => text.includes('index dor_properties_') && child.kill('SIGKILL'));
  expect((await finished(child)).signal).toBe('SIGKILL');
  const some = await built(url);
  expect(some.length).toBeGreaterThan(0);
  expect(some.length).toBeLessThan(ALL.length);

  const next = await ingest(data, ['liberty'], env);
  expect(next.code, next.stderr).toBe(0);
  expect(await built(url)).toEqual(ALL);
  expect((await ingest(data, ['liberty'], env)).stderr).not.toMatch(/^index /m);
  const [extension] = await rows(
    url,
    "select n.nspname as home from pg_extension e join pg_namespace n on n.oid = e.extnamespace where extname = 'pg_trgm'",
  );
  expect(extension.home).toBe('extensions');
});

test('while somebody writes, nothing waits for long and the run is fine; dor migrate builds them later', async () => {
  const url = await server.createDatabase('writing');
  const env = { SUPABASE_DB_URL: url };
  await dor(dataFolder(), ['migrate'], env);
  const { default: pg } = await import('pg');
  const writer = new pg.Client(url);
  await writer.connect();
  await writer.query(
    "begin; insert into dor_sales (county_no, year, parcel_id, sale_id, county, row_hash) values (11, 2020, 'x', 'x', 'x', 1)",
  );
  const run = await ingest(inboxWithLiberty(), ['liberty'], env);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toMatch(/a lock was not given in time[\s\S]*indexes are left for the next run/);
  await writer.query('rollback');
  await writer.end();
  const { code, stdout } = await dor(dataFolder(), ['migrate'], env);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^dor_sales_sale_date\tbuilt$/m);
  expect(await built(url)).toEqual(ALL);
});

test('an index that a value is too long for is told by name; the others are built, and the county is published', async () => {
  const url = await server.createDatabase('long');
  const env = { SUPABASE_DB_URL: url };
  await dor(dataFolder(), ['migrate'], env);
  await rows(
    url,
    `insert into dor_properties (county_no, year, parcel_id, county, owner_name, row_hash)
     select 11, 2020, 'x', 'Alachua', string_agg(md5(i::text), ''), 1 from generate_series(1, 200) i`,
  );
  const run = await ingest(inboxWithLiberty(), ['liberty'], env);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toMatch(
    /index dor_properties_owner_name_pattern on dor_properties was not built: .*too long for an index.*\n {2}→ /,
  );
  const tooLong = 'dor_properties_owner_name_pattern';
  expect(await built(url)).toEqual(ALL.filter((name) => name !== tooLong));

  const asked = await dor(dataFolder(), ['migrate'], env);
  expect([asked.code, asked.stdout]).toEqual([1, '']);

  await rows(url, "delete from dor_properties where parcel_id = 'x'");
  const { code, stdout } = await dor(dataFolder(), ['migrate'], env);
  expect([code, stdout]).toEqual([0, `${tooLong}\tbuilt\n`]);
});
