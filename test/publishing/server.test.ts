import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stagedLiberty } from '../liberty.ts';
import { rows, startServer, type TestServer } from '../server.ts';
import { SHARED, sharedData } from '../shared.ts';
import { dataFolder, dor, ingest } from '../workspace.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

test.runIf(SHARED)(
  'the real Broward sales and accounts land in a real server, count and checksum equal',
  async () => {
    const url = await server.createDatabase('real');
    const data = dataFolder();
    for (const name of ['broward_sdf_2025.zip', 'broward_tpp_2025.zip'])
      copyFileSync(sharedData(name), join(data, 'inbox', name));
    const { code, result } = await ingest(data, ['broward'], { SUPABASE_DB_URL: url });
    expect(code).toBe(0);
    expect(result.manifests.map((m: { changes: unknown }) => m.changes)).toEqual([
      { insert: 95332, update: 0, delete: 0, unchanged: 0 },
      { insert: 90508, update: 0, delete: 0, unchanged: 0 },
    ]);
    const [sales] = await rows(
      url,
      `select count(*)::int as n, sum(row_hash)::text as checksum, sum(sale_price)::text as money,
       count(*) filter (where parcel_id like '%E%')::int as letters, count(*) filter (where property_use = '000')::int as zeros
     from dor_sales`,
    );
    expect(sales).toMatchObject({
      n: 95332,
      checksum: result.manifests[0].staged.checksum,
      money: '58157996144',
    });
    expect(sales.letters).toBeGreaterThan(0);
    expect(sales.zeros).toBeGreaterThan(0);
    const [deeds] = await rows(
      url,
      'select sum(p)::text as money from (select max(transaction_price) as p from dor_sales group by transaction_id) t',
    );
    expect(deeds.money).toBe('34941534644');
    const [accounts] = await rows(
      url,
      `select count(*)::int as n, sum(row_hash)::text as checksum, sum((exemptions->>'M')::bigint)::text as exempt from dor_tangible`,
    );
    expect(accounts).toMatchObject({ n: 90508, checksum: result.manifests[1].staged.checksum });
    expect(Number(accounts.exempt)).toBeGreaterThan(1e8);
  },
);

test('a second run pushes nothing, a changed row pushes one, a removed row deletes one', async () => {
  const url = await server.createDatabase('again');
  const data = await stagedLiberty();
  const env = { SUPABASE_DB_URL: url };
  await ingest(data, ['liberty'], env);
  const second = await ingest(data, ['liberty'], env);
  expect(second.result.manifests.map((m: { status: string }) => m.status)).toEqual([
    'unchanged',
    'unchanged',
    'unchanged',
  ]);

  const file = join(data, 'inbox/NAP49P202501.csv');
  const lines = readFileSync(file, 'utf8').split('\r\n');
  lines[5] = lines[5]!.replace(/"(NAILS|SUSHI|AUTO|DENTAL|LAW|POOL|BAKERY) [^"]*"/, '"RENAMED OWNER"');
  writeFileSync(file, lines.join('\r\n'));
  const third = await ingest(data, ['liberty'], env);
  const changed = third.result.manifests.find((m: { dataset: string }) => m.dataset === 'nap');
  expect(changed.changes).toEqual({ insert: 0, update: 1, delete: 0, unchanged: 99 });
  expect(
    await rows(url, "select owner_name from dor_tangible where owner_name = 'RENAMED OWNER'"),
  ).toHaveLength(1);

  writeFileSync(file, [...lines.slice(0, 5), ...lines.slice(6)].join('\r\n'));
  const fourth = await ingest(data, ['liberty'], env);
  const removed = fourth.result.manifests.find((m: { dataset: string }) => m.dataset === 'nap');
  expect(removed.changes).toEqual({ insert: 0, update: 0, delete: 1, unchanged: 99 });
  const [log] = await rows(
    url,
    "select row_count::int as n from dor_internal.publications where table_name = 'dor_tangible' order by id desc limit 1",
  );
  expect(log.n).toBe(99);
});

test('a table that someone else changed is read back and set right', async () => {
  const url = await server.createDatabase('tampered');
  const data = await stagedLiberty();
  const env = { SUPABASE_DB_URL: url };
  await ingest(data, ['liberty'], env);
  await rows(url, 'delete from dor_sales where sale_price > 100');
  await rows(
    url,
    "update dor_properties set owner_name = 'SOMEONE', row_hash = 1 where parcel_id = '470000000000'",
  );
  rmSync(join(data, 'lake/published'), { recursive: true });
  const { code, result } = await ingest(data, ['liberty'], env);
  expect(code).toBe(0);
  expect(result.manifests[0].changes.insert).toBeGreaterThan(10);
  expect(result.manifests[1].changes).toMatchObject({ insert: 0, update: 1, delete: 0 });
  const [held] = await rows(url, 'select count(*)::int as n, sum(row_hash)::text as checksum from dor_sales');
  expect(held.checksum).toBe(result.manifests[0].staged.checksum);
});

test('more than a tenth is not deleted without being told to', async () => {
  const url = await server.createDatabase('deletes');
  const data = await stagedLiberty();
  const env = { SUPABASE_DB_URL: url };
  await ingest(data, ['liberty'], env);
  const file = join(data, 'inbox/NAP49P202501.csv');
  const lines = readFileSync(file, 'utf8').split('\r\n');
  writeFileSync(file, [...lines.slice(0, 81), ''].join('\r\n'));
  const refused = await ingest(data, ['liberty'], env);
  expect(refused.code).toBe(1);
  expect(refused.result.manifests[2].reason).toMatch(
    /20 of 100 rows of dor_tangible liberty 2025 would be deleted/,
  );
  expect((await rows(url, 'select count(*)::int as n from dor_tangible'))[0].n).toBe(100);
  const allowed = await ingest(data, ['liberty', '--allow-deletes'], env);
  expect(allowed.code).toBe(0);
  expect((await rows(url, 'select count(*)::int as n from dor_tangible'))[0].n).toBe(80);
});

test('the bundled sample never goes to a real server', async () => {
  const url = await server.createDatabase('sample');
  const { code, result } = await ingest(dataFolder(), ['liberty'], { SUPABASE_DB_URL: url });
  expect(code).toBe(1);
  expect(result.manifests[0].reason).toMatch(/sample never goes to a real server/);
  const [table] = await rows(url, 'select coalesce((select count(*) from dor_sales), 0)::int as n');
  expect(table.n).toBe(0);
});

test('a host that does not answer: exit 3, and the manifest says so without the password', async () => {
  const dead = await ingest(await stagedLiberty(), ['liberty'], {
    SUPABASE_DB_URL: 'postgresql://me:hunter22@127.0.0.1:9/x',
  });
  expect(dead.code).toBe(3);
  expect(dead.stdout + dead.stderr).not.toContain('hunter22');
  expect(dead.result.manifests[0].reason).toMatch(/127\.0\.0\.1:9\/x cannot be reached/);
});

test('a table whose columns somebody changed is not pushed to, and the columns are named', async () => {
  const url = await server.createDatabase('drifted');
  const env = { SUPABASE_DB_URL: url };
  await dor(dataFolder(), ['migrate'], env);
  await rows(url, 'alter table dor_sales rename clerk_no to deed');
  const renamed = await ingest(await stagedLiberty(), ['liberty'], env);
  expect(renamed.code).toBe(1);
  expect(renamed.result.manifests[0].reason).toMatch(
    /public.dor_sales were changed: it lacks clerk_no text and has deed text;/,
  );
  await rows(url, 'alter table dor_sales drop column deed cascade');
  const dropped = await ingest(await stagedLiberty(), ['liberty'], env);
  expect(dropped.result.manifests[0]).toMatchObject({
    reason: expect.stringMatching(/lost .*: view dor_sales_current; and .*: dor_sales lacks clerk_no text/),
    remedy: expect.stringMatching(/^undo that first; then dor migrate --restore/),
  });
  expect(await rows(url, 'select * from dor_sales')).toEqual([]);
});
