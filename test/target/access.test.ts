import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTarget } from '../../src/target/open.ts';
import { inboxWithLiberty } from '../liberty.ts';
import { rows, type TestServer } from '../server.ts';
import { asRole, startSupabase } from '../supabase.ts';
import { dataFolder, dor, ingest } from '../workspace.ts';

const TABLES = [
  'dor_properties',
  'dor_sales',
  'dor_tangible',
  'dor_medians',
  'dor_partitions',
  'dor_counties',
];
const VIEWS = ['dor_properties_current', 'dor_sales_current', 'dor_tangible_current'];
const COMPAT = ['florida_parcels', 'property_sales_history'];

let server: TestServer;
beforeAll(async () => {
  server = await startSupabase({ version: 17 });
});
afterAll(() => server?.stop());

/** What a role is told: the number of rows, or the server's error. */
async function told(url: string, sql: string, role?: string): Promise<unknown> {
  return rows(url, sql, role).then(
    (found) => found[0]?.n ?? 'done',
    (error: Error) => error.message,
  );
}

describe('with the roles and default privileges of Supabase', () => {
  let url: string;
  test('anon is refused everywhere, authenticated reads all, service_role writes, the owner writes', async () => {
    url = await server.createDatabase('access');
    const { code, stderr } = await ingest(inboxWithLiberty(), ['liberty'], { SUPABASE_DB_URL: url });
    expect(code, stderr).toBe(0);
    expect((await dor(dataFolder(), ['migrate', '--compat'], { SUPABASE_DB_URL: url })).code).toBe(0);
    // What would have happened to a table that nobody takes care of.
    await rows(url, 'create table careless (n int); insert into careless values (7)');
    expect(await told(url, 'select n from careless', 'anon')).toBe(7);

    for (const name of [...TABLES, ...VIEWS, ...COMPAT]) {
      const count = `select count(*)::int as n from ${name}`;
      expect(await told(url, count, 'anon'), name).toMatch(/permission denied/);
      const all = await told(url, count);
      expect(all, name).toBeGreaterThan(0);
      expect(await told(url, count, 'authenticated'), name).toBe(all);
      expect(await told(url, count, 'service_role'), name).toBe(all);
    }
    for (const name of TABLES) {
      for (const sql of [
        `truncate ${name}`,
        `delete from ${name}`,
        `insert into ${name} select * from ${name}`,
      ]) {
        expect(await told(url, sql, 'anon'), sql).toMatch(/permission denied/);
        expect(await told(url, sql, 'authenticated'), sql).toMatch(/permission denied/);
      }
      expect(await told(url, `truncate ${name}`, 'service_role')).toMatch(/permission denied/);
    }
    const rename =
      "update dor_sales set clerk_no = 'X' where parcel_id = (select min(parcel_id) from dor_sales) returning 1 as n";
    expect(await told(url, rename, 'authenticated')).toMatch(/permission denied/);
    expect(await told(url, rename, 'service_role')).toBe(1);
    expect(await told(url, rename)).toBe(1);
  });

  test('the internals are for the owner only, and not among the exposed schemas', async () => {
    for (const role of ['anon', 'authenticated', 'service_role']) {
      expect(await told(url, 'select count(*)::int as n from dor_internal.publications', role)).toMatch(
        /permission denied for schema dor_internal/,
      );
      expect(await told(url, 'select dor_internal.apply_access(true)', role)).toMatch(/permission denied/);
    }
    const [owner] = await rows(url, 'select rolsuper from pg_roles where rolname = current_user');
    expect(owner.rolsuper).toBe(false);
  });

  test('row level security alone holds when privileges were given back by hand', async () => {
    await rows(url, 'grant all on all tables in schema public to anon');
    expect(await told(url, 'select count(*)::int as n from dor_properties', 'anon')).toBe(0);
    expect(await told(url, 'select count(*)::int as n from florida_parcels', 'anon')).toBe(0);
    expect(await told(url, 'insert into dor_counties select 1, $$x$$, $$x$$, $$x$$, $$x$$', 'anon')).toMatch(
      /row-level security/,
    );
    await dor(dataFolder(), ['migrate', '--no-anon-read'], { SUPABASE_DB_URL: url });
    expect(await told(url, 'select count(*)::int as n from dor_properties', 'anon')).toMatch(/permission/);
  });

  test('service_role reads and writes without BYPASSRLS, too', async () => {
    const admin = asRole(url, 'supabase_admin');
    await rows(admin, 'alter role service_role nobypassrls');
    const touched =
      'with t as (update dor_tangible set filler = null returning 1) select count(*)::int as n from t';
    expect(await told(url, touched, 'service_role')).toBe(100);
    await rows(admin, 'alter role service_role bypassrls');
  });

  test('--anon-read lets anon read and not write, an ingest leaves it so, --no-anon-read takes it back', async () => {
    const env = { SUPABASE_DB_URL: url };
    expect((await dor(dataFolder(), ['migrate', '--anon-read'], env)).stderr).toMatch(/anon may read/);
    await ingest(inboxWithLiberty(), ['liberty'], env);
    for (const name of [...TABLES, ...VIEWS, ...COMPAT])
      expect(await told(url, `select count(*)::int as n from ${name}`, 'anon'), name).toBeGreaterThan(0);
    for (const name of TABLES)
      expect(await told(url, `delete from ${name}`, 'anon')).toMatch(/permission denied/);
    expect((await dor(dataFolder(), ['migrate', '--no-anon-read'], env)).stderr).toMatch(
      /anon reads nothing/,
    );
    expect(await told(url, 'select count(*)::int as n from dor_sales', 'anon')).toMatch(/permission denied/);
  });

  test('search boxes use their indexes, for those whom row level security binds, too', async () => {
    const asked = {
      "select * from florida_parcels where owner_name ilike '%smith%'": 'dor_properties_owner_name_trigram',
      "select * from florida_parcels where phy_addr1 ilike '%oak%'": 'dor_properties_phy_addr1_trigram',
      "select * from florida_parcels where owner_name like 'SMITH%'": 'dor_properties_owner_name_',
      "select * from florida_parcels where parcel_id = '470000000000'": 'dor_properties_parcel_id',
      "select * from florida_parcels where county = 'LIBERTY'": 'dor_properties_pkey',
      'select * from florida_parcels where just_value > 1000000': 'dor_properties_just_value',
      'select * from florida_parcels where year_built = 1950': 'dor_properties_year_built',
      "select * from florida_parcels where sale_date = '2024-05-01'": 'dor_properties_sale_date',
      "select * from florida_parcels where property_use = '001'": 'dor_properties_property_use',
      "select * from property_sales_history where parcel_id = '470000000000' order by sale_date desc":
        'dor_sales_parcel_id_sale_date',
    };
    for (const [sql, index] of Object.entries(asked)) {
      const plan = `set enable_seqscan = off; set enable_bitmapscan = on; explain (format text) ${sql}`;
      const lines = JSON.stringify(await explained(url, plan));
      expect(lines, sql).toContain(index);
    }
  });
});

/** The plan that an authenticated user gets on a table too small for the planner to care. */
async function explained(url: string, sql: string): Promise<unknown> {
  const { default: pg } = await import('pg');
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query('set role authenticated');
    const results = (await client.query(sql)) as unknown as { rows: unknown[] }[];
    return results.at(-1)!.rows;
  } finally {
    await client.end();
  }
}

test('another schema: everything is there, nothing in public, and the other one is refused from then on', async () => {
  const url = await server.createDatabase('elsewhere');
  const env = { SUPABASE_DB_URL: url, DOR_SCHEMA: 'rolls' };
  const { code, stderr } = await ingest(inboxWithLiberty(), ['liberty'], env);
  expect(code, stderr).toBe(0);
  expect(
    await told(url, 'select count(*)::int as n from rolls.dor_properties_current', 'authenticated'),
  ).toBeGreaterThan(0);
  expect(await told(url, 'select count(*)::int as n from rolls.dor_properties', 'anon')).toMatch(
    /permission denied/,
  );
  expect(
    await told(url, "select count(*)::int as n from pg_class where relnamespace = 'public'::regnamespace"),
  ).toBe(0);
  const wrong = await dor(dataFolder(), ['migrate'], { SUPABASE_DB_URL: url });
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toMatch(/are in the schema rolls, not in public[\s\S]*--schema rolls/);
  for (const schema of ['dor_internal', 'pg_temp', 'Robert"; drop table x'])
    await expect(openTarget(url, '', true, { schema })).rejects.toMatchObject({ code: 2 });
});
