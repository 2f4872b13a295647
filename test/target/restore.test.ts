import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkDatabase } from '../../src/doctor/database.ts';
import { migrate } from '../../src/target/migrate.ts';
import { planMigrations } from '../../src/target/migrations.ts';
import { openTarget } from '../../src/target/open.ts';
import { repeatable, statements } from '../../src/target/restore.ts';
import { dumpSchema } from '../../src/target/schemaDump.ts';
import type { Target } from '../../src/target/target.ts';
import type { TestServer } from '../server.ts';
import { startSupabase } from '../supabase.ts';
import { ROOT, temporaryFolder } from '../workspace.ts';

const MIGRATIONS = join(ROOT, 'sql/migrations');
const PUBLISHED = `
  insert into dor_internal.publications (table_name, county_no, year, run, source_sha256, sql_version, row_count, checksum, inserted, updated, deleted)
  values ('dor_tangible', 49, 2024, 'a', '', '', 1, 1, 1, 0, 0), ('dor_tangible', 49, 2025, 'b', '', '', 1, 1, 1, 0, 0);
  insert into dor_tangible (county_no, year, account_id, county, row_hash)
  values (49, 2024, 'OLD', 'Liberty', 1), (49, 2025, 'NEW', 'Liberty', 1);`;

let server: TestServer;
let target: Target;
let databases = 0;
beforeAll(async () => {
  server = await startSupabase({ version: 17 });
});
afterAll(() => server?.stop());
beforeEach(async () => {
  target = await openTarget(await server.createDatabase(`restore${databases++}`), '', true);
  await migrate(target, { compat: true });
  await target.query(PUBLISHED);
  return () => target.close();
});

const shown = () => target.query('select account_id from dor_tangible_current');
const finding = async (check: string) => {
  const found = await checkDatabase(target, { rows: 0, bytes: 0 });
  return found.find((one) => one.check === check);
};

test('dor_partitions that was emptied is told by the doctor, and filled from the publication log by whatever migrates', async () => {
  await target.query('truncate dor_partitions');
  expect(await shown()).toEqual([]);
  expect(await finding('schema')).toMatchObject({
    status: 'fail',
    detail: expect.stringMatching(/dor_tangible LIBERTY 2025/),
  });
  expect(await migrate(target)).toMatchObject({ applied: [], fixed: 2 });
  expect(await shown()).toEqual([{ account_id: 'NEW' }]);
  expect(await finding('schema')).toMatchObject({ status: 'ok' });
  // A wrong flag is one, too; a publication log that was lost says nothing against what is known.
  await target.query('update dor_partitions set is_newest = year = 2024');
  expect(await migrate(target)).toMatchObject({ fixed: 2 });
  await target.query('truncate dor_internal.publications');
  expect(await migrate(target)).toMatchObject({ fixed: 0 });
  expect(await shown()).toEqual([{ account_id: 'NEW' }]);
});

test.each([
  [
    'a table and its views',
    'drop table dor_tangible cascade',
    /table dor_tangible; view dor_tangible_current/,
  ],
  ['dor_partitions', 'drop table dor_partitions cascade', /table dor_partitions/],
  ['a view', 'drop view florida_parcels', /view florida_parcels/],
  ['the publication log', 'drop table dor_internal.publications', /table dor_internal.publications/],
  ['the record of migrations', 'drop table dor_internal.migrations', /has lost dor_internal.migrations/],
  ['the names of what is published', 'drop table dor_internal.published', /dor_internal.published/],
  ['everything internal', 'drop schema dor_internal cascade', /has lost dor_internal.migrations/],
  [
    'the trigger of the publication log',
    'drop trigger note_partition on dor_internal.publications',
    /trigger note_partition/,
  ],
  ['a function', 'drop function dor_internal.note_partition cascade', /function dor_internal.note_partition/],
  ['a key', 'alter table dor_tangible drop constraint dor_tangible_pkey', /constraint dor_tangible_pkey/],
  ['the counties', 'truncate dor_counties cascade', /67 counties of dor_counties/],
  ['what was recorded', 'truncate dor_internal.migrations', /has lost dor_internal.migrations/],
  ['a name', "delete from dor_internal.published where name = 'dor_sales'", /dor_sales in dor_internal/],
])(
  '%s that was dropped: named by the doctor and by whatever migrates, and brought back',
  async (_, sql, named) => {
    const whole = await dumpSchema(target);
    const rowsLeft = () => target.query('select count(*)::int as n from dor_counties');
    await target.query(sql);
    const told = (await checkDatabase(target, { rows: 0, bytes: 0 })).filter(
      ({ status }) => status === 'fail',
    );
    expect(told[0]).toMatchObject({
      detail: expect.stringMatching(named),
      remedy: expect.stringMatching(/--restore/),
    });
    await expect(migrate(target)).rejects.toMatchObject({
      message: expect.stringMatching(named),
      remedy: expect.stringMatching(/--restore/),
    });
    await migrate(target, { restore: true });
    expect(await dumpSchema(target)).toBe(whole);
    expect(await rowsLeft()).toEqual([{ n: 67 }]);
    expect((await planMigrations(target)).every(({ appliedAt }) => appliedAt)).toBe(true);
    expect(await migrate(target)).toMatchObject({ applied: [], fixed: 0 });
    if (!/dor_tangible cascade|publications|dor_internal cascade/.test(sql))
      expect(await shown()).toEqual([{ account_id: 'NEW' }]);
  },
);

test('each relation by itself: dropped, named, brought back', async () => {
  const whole = await dumpSchema(target);
  const names = [...whole.matchAll(/^(table|view) ([\w.]+)/gm)].map(([, kind, name]) => [kind!, name!]);
  expect(names.length).toBe(15);
  for (const [kind, name] of names) {
    if (name === 'dor_tangible') await target.query(PUBLISHED.split(';')[0]!);
    await target.query(`drop ${kind} ${name} cascade`);
    await expect(migrate(target)).rejects.toThrow(
      name === 'dor_internal.migrations' ? /has lost/ : new RegExp(`has lost .*${kind} ${name}`),
    );
    const { restored } = await migrate(target, { restore: true });
    expect(restored).toContain(`${kind} ${name}`);
    expect(await dumpSchema(target)).toBe(whole);
    // What is empty now is not what was published last: the next ingest brings it.
    if (name === 'dor_tangible')
      expect(
        await target.query(
          'select row_count::int, run from dor_internal.publications order by id desc limit 2',
        ),
      ).toEqual([
        { row_count: 0, run: 'dropped' },
        { row_count: 0, run: 'dropped' },
      ]);
  }
});

/** The migrations that had landed before, as an older version of dor left a target. */
async function older(name: string): Promise<Target> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'compat'));
  for (const file of ['0001_published_tables', '0002_ledger', '0003_current_views', '0004_access'])
    copyFileSync(join(MIGRATIONS, `${file}.sql`), join(folder, `${file}.sql`));
  copyFileSync(
    join(MIGRATIONS, 'compat/0001_concordbroker_views.sql'),
    join(folder, 'compat/0001_concordbroker_views.sql'),
  );
  const url = await server.createDatabase(name);
  const before = await openTarget(url, '', true);
  await migrate(before, { folder, compat: true });
  return before;
}

test('a loss under an older version: named before anything newer is applied; restored together with it', async () => {
  const whole = await dumpSchema(target);
  const before = await older('older');
  try {
    await before.query('drop view florida_parcels; drop table dor_sales cascade; truncate dor_partitions');
    const told = (await checkDatabase(before, { rows: 0, bytes: 0 })).map(({ detail }) => detail).join();
    expect(told).toMatch(/pending: 0010.*gone: .*table dor_sales/s);
    await expect(migrate(before)).rejects.toThrow(/has lost .*table dor_sales/);
    const { applied } = await migrate(before, { restore: true });
    expect(applied).toContain('0010_own_objects_only.sql');
    expect(await dumpSchema(before)).toBe(whole);
  } finally {
    await before.close();
  }
});

test('a table that was renamed is named, and made anew only when its key has another name, too', async () => {
  await target.query('alter table dor_tangible rename to mine');
  await expect(migrate(target, { restore: true })).rejects.toThrow(
    /the table mine has the key dor_tangible_pkey of dor_tangible: somebody renamed it; nothing was changed/,
  );
  await target.query('alter table mine rename to dor_tangible');
  expect(await migrate(target)).toMatchObject({ applied: [], restored: [] });
});

test("what stands there and is somebody else's is not taken, and nothing is changed", async () => {
  await target.query('drop view florida_parcels; create table florida_parcels (mine text)');
  await target.query('drop table dor_medians cascade');
  await expect(migrate(target, { restore: true })).rejects.toThrow(
    /florida_parcels is a table, dor makes a view.*nothing was changed/,
  );
  expect(await target.query("select to_regclass('dor_medians') as medians")).toEqual([{ medians: null }]);
});

test('rights that were taken are given again by dor migrate, and not by an ingest', async () => {
  await target.query('revoke all on dor_tangible from authenticated');
  const may = () =>
    target.query("select has_table_privilege('authenticated', 'dor_tangible', 'select') as may");
  await migrate(target);
  expect(await may()).toEqual([{ may: false }]);
  await migrate(target, { rights: true });
  expect(await may()).toEqual([{ may: true }]);
});

test('every statement of every migration can be repeated', () => {
  const files = readdirSync(MIGRATIONS, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.sql'),
  );
  expect(files.length).toBeGreaterThan(6);
  for (const file of files)
    for (const sql of statements(readFileSync(join(MIGRATIONS, file), 'utf8')))
      expect(() => repeatable(sql, new Set())).not.toThrow();
});

test('a migration may drop a view of an earlier one and make it anew', async () => {
  const folder = temporaryFolder();
  const other = await openTarget(await server.createDatabase('anew'), '', true);
  try {
    writeFileSync(
      join(folder, '0001_a.sql'),
      `create view seen as select 1 as n;
       create function dor_internal.apply_access(x boolean) returns void language plpgsql as $$ begin null; end $$;`,
    );
    await migrate(other, { folder });
    writeFileSync(join(folder, '0002_b.sql'), "drop view seen;\ncreate view seen as select 'one' as word;");
    expect((await migrate(other, { folder })).applied).toEqual(['0002_b.sql']);
    expect(await other.query('select word from seen')).toEqual([{ word: 'one' }]);
  } finally {
    await other.close();
  }
});

test('in a schema of others, named like a word of SQL: only our own objects get rights', async () => {
  const other = await openTarget(await server.createDatabase('user_schema'), '', true, { schema: 'user' });
  try {
    await other.query(
      'create schema "user"; create table "user".theirs (n int); grant usage on schema "user" to anon; grant select on "user".theirs to anon',
    );
    await migrate(other);
    const usage = (role: string) =>
      other.query(`select has_schema_privilege('${role}', 'user', 'usage') as may`);
    expect(await usage('anon')).toEqual([{ may: true }]);
    expect(await usage('authenticated')).toEqual([{ may: false }]);
    const told = await checkDatabase(other, { rows: 0, bytes: 0 });
    expect(told.find(({ check }) => check === 'access')).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/authenticated may not use the schema/),
    });
    await migrate(other, { anonRead: false });
    expect(await usage('anon')).toEqual([{ may: true }]);
  } finally {
    await other.close();
  }
});
