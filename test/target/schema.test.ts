import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { splitLine } from '../../src/csvLine.ts';
import { buildIndexes, wantedIndexes } from '../../src/target/indexes.ts';
import { migrate } from '../../src/target/migrate.ts';
import { planMigrations } from '../../src/target/migrations.ts';
import { openTarget } from '../../src/target/open.ts';
import { dumpSchema } from '../../src/target/schemaDump.ts';
import type { Target } from '../../src/target/target.ts';
import { inboxWithLiberty, STATE } from '../liberty.ts';
import { rows, type TestServer } from '../server.ts';
import { startSupabase } from '../supabase.ts';
import { dor, ingest, ROOT, temporaryFolder } from '../workspace.ts';

const SCHEMA = join(ROOT, 'sql/schema.txt');
let shared: TestServer;
let databases = 0;
beforeAll(async () => {
  shared = await startSupabase({ version: 17 });
});
afterAll(() => shared?.stop());

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** All that dor makes, with rows in every table, so that indexes are built. */
async function made(target: Target): Promise<string> {
  opened.push(target);
  await migrate(target, { compat: true });
  await target.query(
    `insert into dor_partitions (table_name, county_no, year, row_count, published_at, spelled_by_app)
     select t, 49, 2025, 1, now(), 'LIBERTY' from unnest(array['dor_properties', 'dor_sales', 'dor_tangible']) t`,
  );
  await buildIndexes(target, () => {});
  return dumpSchema(target);
}

describe('the schema is the committed one (sql/schema.txt; DOR_UPDATE=1 writes it again)', () => {
  test.each([15, 17, 18] as const)('on PostgreSQL %i, as Supabase sets it up', async (version) => {
    const server = version === 17 ? shared : await startSupabase({ version });
    if (server !== shared) opened.push({ close: () => server.stop() });
    const found = await made(await openTarget(await server.createDatabase('schema'), '', true));
    if (process.env.DOR_UPDATE && version === 15) writeFileSync(SCHEMA, found);
    expect(found).toBe(readFileSync(SCHEMA, 'utf8'));
    if (version !== 15) return;
    const data = inboxWithLiberty();
    const url = await server.createDatabase('smoke');
    const { code, result, stderr } = await ingest(data, ['liberty'], { SUPABASE_DB_URL: url });
    expect(code, stderr).toBe(0);
    const [state] = await rows(url, STATE);
    const { rows: count, checksum } = result.manifests[1].staged;
    expect(state.properties).toBe(`${count} ${checksum}`);
  });

  test('on the embedded Postgres, but for what needs pg_trgm', async () => {
    const target = await openTarget(undefined, temporaryFolder(), false);
    for (const role of ['anon', 'authenticated', 'service_role']) await target.query(`create role ${role}`);
    const wanted = readFileSync(SCHEMA, 'utf8').replace(/^.*_trigram .*\n/gm, '');
    expect(await made(target)).toBe(wanted);
  });
});

describe('migrations', () => {
  const folderWith = (files: Record<string, string>) => {
    const folder = temporaryFolder();
    for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql);
    return folder;
  };
  const first = {
    '0001_a.sql': `create table a (n int);
      create function dor_internal.apply_access(x boolean) returns void language plpgsql as $$ begin null; end $$;`,
  };
  const open = async () => {
    const target = await openTarget(await shared.createDatabase(`migrations${databases++}`), '', true);
    opened.push(target);
    return target;
  };

  test('an edited, a missing and a late file are refused, each by name', async () => {
    const target = await open();
    const folder = folderWith({ ...first, '0003_c.sql': 'create table c (n int);' });
    expect((await migrate(target, { folder })).applied).toEqual(['0001_a.sql', '0003_c.sql']);
    expect((await migrate(target, { folder })).applied).toEqual([]);
    writeFileSync(join(folder, '0003_c.sql'), 'create table c (n bigint);');
    await expect(migrate(target, { folder })).rejects.toThrow(
      /0003_c.sql was edited after it had been applied/,
    );
    await expect(planMigrations(target, { folder })).rejects.toThrow(/edited/);
    await expect(migrate(target, { folder: folderWith(first) })).rejects.toThrow(
      /has the migration 0003_c.sql, which is not in/,
    );
    writeFileSync(join(folder, '0003_c.sql'), 'create table c (n int);');
    writeFileSync(join(folder, '0002_b.sql'), 'create table b (n int);');
    await expect(migrate(target, { folder })).rejects.toThrow(
      /0002_b.sql is not applied .* but 0003_c.sql is/,
    );
  });

  test('one that fails leaves nothing of any behind', async () => {
    const target = await open();
    const folder = folderWith({ ...first, '0002_b.sql': 'create table b (n int); select 1 / 0;' });
    await expect(migrate(target, { folder })).rejects.toThrow(/division by zero/);
    const [left] = await target.query(
      "select to_regclass('a') as a, to_regclass('dor_internal.migrations') as log",
    );
    expect(left).toEqual({ a: null, log: null });
  });

  test("somebody else's florida_parcels is not touched", async () => {
    const target = await open();
    await target.query(
      "create table florida_parcels (parcel_id text); insert into florida_parcels values ('x')",
    );
    await expect(migrate(target, { compat: true })).rejects.toThrow(
      /florida_parcels exists .* not dor's; nothing was changed/,
    );
    expect(await target.query('select parcel_id from florida_parcels')).toEqual([{ parcel_id: 'x' }]);
    await target.query('alter table florida_parcels rename to florida_parcels_before_dor');
    expect((await migrate(target, { compat: true })).applied).toHaveLength(8);
  });

  test('--plan says what is pending and writes nothing', async () => {
    const url = await shared.createDatabase('planned');
    const { stdout, code } = await dor(temporaryFolder(), ['migrate', '--plan', '--compat'], {
      SUPABASE_DB_URL: url,
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^0001_published_tables.sql\tpending\n[\s\S]*compat\/0003_unambiguous_sale_ids.sql\tpending\n$/,
    );
    const target = await openTarget(url, '', true);
    opened.push(target);
    const planned = await planMigrations(target);
    expect(planned.map(({ appliedAt }) => appliedAt)).toEqual([null, null, null, null, null]);
  });

  test('dor_counties are the counties of data/reference, and every index file names its table', async () => {
    const target = await open();
    await migrate(target);
    const [, ...lines] = readFileSync(join(ROOT, 'data/reference/counties.csv'), 'utf8')
      .trim()
      .split(/\r?\n/);
    const held = await target.query(
      'select county_no, slug, name, fips from dor_counties order by county_no',
    );
    expect(held.map((row) => Object.values(row).map(String))).toEqual(lines.map(splitLine));
    for (const { indexes } of wantedIndexes()) {
      expect(indexes.length).toBeGreaterThan(0);
      for (const { name, table } of indexes) expect(name.startsWith(table)).toBe(true);
    }
  });
});
