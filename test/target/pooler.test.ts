import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCounty } from '../../src/reference.ts';
import { generateSample } from '../../src/sample.ts';
import { inboxWithLiberty, STATE } from '../liberty.ts';
import { type Pooler, startPooler } from '../pgbouncer.ts';
import { rows, type TestServer } from '../server.ts';
import { startSupabase } from '../supabase.ts';
import { dataFolder, ingest, ingestProcess } from '../workspace.ts';

const COUNTIES = ['gulf', 'union', 'lafayette', 'glades'];

let server: TestServer;
let pooler: Pooler;
let rolls: string;
beforeAll(async () => {
  server = await startSupabase({ version: 17 });
  pooler = await startPooler(server.port, 'transaction', 3);
  rolls = mkdtempSync(join(tmpdir(), 'dor-counties-'));
  for (const [seed, name] of COUNTIES.entries())
    await generateSample({
      out: rolls,
      county: findCounty(name),
      year: 2025,
      seed,
      rows: 600,
      accounts: 100,
      format: 'csv',
    });
});
afterAll(async () => {
  rmSync(rolls, { recursive: true, force: true });
  await pooler?.stop();
  await server?.stop();
});

test('a push through a transaction-mode pooler is the same as a direct one: first, changed, unchanged', async () => {
  const [direct, pooled] = [await server.createDatabase('direct'), await server.createDatabase('pooled')];
  const data = inboxWithLiberty();
  for (const url of [direct, pooler.through(pooled)])
    expect((await ingest(data, ['liberty'], { SUPABASE_DB_URL: url })).code).toBe(0);
  const file = join(data, 'inbox/NAP49P202501.csv');
  const lines = readFileSync(file, 'utf8').split('\r\n');
  writeFileSync(file, [...lines.slice(0, 5), ...lines.slice(6)].join('\r\n'));
  for (const url of [direct, pooler.through(pooled)]) {
    const { result } = await ingest(data, ['liberty'], { SUPABASE_DB_URL: url });
    expect(result.manifests[2].changes).toEqual({ insert: 0, update: 0, delete: 1, unchanged: 99 });
  }
  expect((await rows(pooled, STATE))[0]).toEqual((await rows(direct, STATE))[0]);
});

test('four counties push at once, first loads, migrations and indexes included: all there, no deadlock', async () => {
  const database = await server.createDatabase('counties');
  const data = dataFolder();
  for (const name of readdirSync(rolls)) copyFileSync(join(rolls, name), join(data, 'inbox', name));
  const env = { SUPABASE_DB_URL: pooler.through(database) };
  const runs = await Promise.all(COUNTIES.map((county) => ingestProcess(data, [county], env)));
  for (const { code, stderr } of runs) {
    expect(code, stderr).toBe(0);
    expect(stderr).not.toMatch(/deadlock|try again/);
  }
  const held = await rows(
    database,
    `select c.slug, p.table_name, p.row_count::int as rows from dor_partitions p join dor_counties c using (county_no)
     where table_name = 'dor_properties' order by c.slug`,
  );
  const staged = runs.map(({ result }) => ({
    slug: result.manifests[1].county,
    table_name: 'dor_properties',
    rows: result.manifests[1].staged.rows,
  }));
  expect(held).toEqual(staged.sort((a, b) => a.slug.localeCompare(b.slug)));
  const [count] = await rows(database, 'select count(*)::int as n from dor_properties_current');
  expect(count.n).toBe(held.reduce((sum, { rows: n }) => sum + n, 0));
});
