import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCounty } from '../src/reference.ts';
import { generateSample } from '../src/sample.ts';
import { libertyRoll } from './liberty.ts';
import { rows, startServer, type TestServer } from './server.ts';
import { smallDisk } from './smallDisk.ts';
import { dataFolder, dorProcess, ingest, ingestProcess, temporaryFolder } from './workspace.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const TABLES = ['dor_sales', 'dor_properties', 'dor_tangible'];

/** Each table's rows, and whether the newest publication of its partition says the same; nothing open, nothing locked. */
async function state(url: string) {
  const tables = await Promise.all(
    TABLES.map(async (table) => {
      const [held] = await rows(
        url,
        `select count(*)::int as n, coalesce(sum(row_hash), 0)::text as checksum from ${table}`,
      );
      const [log] = await rows(
        url,
        `select row_count::int as n, checksum::text from dor_internal.publications where table_name = '${table}' order by id desc limit 1`,
      );
      expect(log ?? { n: 0, checksum: '0' }).toEqual(held);
      return held;
    }),
  );
  const [open] = await rows(
    url,
    `select (select count(*)::int from pg_locks where locktype = 'advisory') as locks,
       (select count(*)::int from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()) as sessions`,
  );
  expect(open).toEqual({ locks: 0, sessions: 0 });
  return tables;
}

test('the disk fills up while staging or planning: a clear error, nothing half done, and the next run needs nobody', async (context) => {
  const rolls = temporaryFolder();
  const options = { out: rolls, county: findCounty('gulf'), year: 2025, seed: 3, format: 'csv' as const };
  await generateSample({ ...options, rows: 6000, accounts: 200 });
  const calmUrl = await server.createDatabase('calm');
  const calm = dataFolder();
  await ingest(calm, ['gulf', '--source', rolls], { SUPABASE_DB_URL: calmUrl });
  const wanted = await state(calmUrl);
  let failed = 0;
  for (const size of ['150k', '400k', '700k', '900k']) {
    const disk = smallDisk(size);
    if (!disk) return context.skip('only root may mount a small file system');
    const url = await server.createDatabase(`full_${size}`);
    const full = await ingestProcess(disk.path, ['gulf', '--source', rolls], { SUPABASE_DB_URL: url });
    if (full.code !== 0) {
      failed++;
      expect(full.code, `${size}: ${full.stderr}`).toBe(1);
      expect(full.stderr + full.stdout, size).toMatch(/disk is full/i);
      expect(full.stderr, size).not.toMatch(/\.ts:\d+/);
    }
    const [there] = await rows(url, "select to_regclass('dor_sales') is not null as yes");
    if (there.yes) await state(url);
    disk.grow('200m');
    const again = await ingest(disk.path, ['gulf', '--source', rolls], { SUPABASE_DB_URL: url });
    expect(again.code, `${size}: ${again.stderr}`).toBe(0);
    expect(await state(url), size).toEqual(wanted);
  }
  expect(failed).toBeGreaterThan(1);
});

/** A data folder with Liberty's accounts, one of them renamed. */
function machine(owner: string): string {
  const data = dataFolder();
  rename(data, owner);
  return data;
}

function rename(data: string, owner: string) {
  const text = libertyRoll('NAP');
  writeFileSync(join(data, 'inbox/NAP49P202501.csv'), text.replace(/"POOL CENTER 492"/, `"${owner}"`));
}

test('two machines push the same county at once: one content or the other, never a mixture, and none is stuck', async () => {
  const url = await server.createDatabase('two');
  const env = { SUPABASE_DB_URL: url };
  const machines = [machine('MACHINE A'), machine('MACHINE B')];
  const checksums: string[] = [];
  for (const data of machines) {
    const { result } = await ingest(data, ['liberty', '--no-push']);
    checksums.push(result.manifests[0].staged.checksum);
  }
  expect(checksums[0]).not.toBe(checksums[1]);
  for (let round = 0; round < 3; round++) {
    const ends = await Promise.all(machines.map((data) => ingestProcess(data, ['liberty'], env)));
    for (const end of ends) expect([0, 75], end.stderr).toContain(end.code);
    expect(ends.some(({ code }) => code === 0)).toBe(true);
    const [, , accounts] = await state(url);
    expect(checksums).toContain(accounts.checksum);
    expect(accounts.n).toBe(100);
  }
  for (const [index, data] of machines.entries()) {
    expect((await ingest(data, ['liberty'], env)).code).toBe(0);
    expect((await state(url))[2].checksum).toBe(checksums[index]);
  }
});

test('clocks jump back and forth: the order of publishing is the publication log, not the time', async () => {
  const url = await server.createDatabase('clocks');
  const data = dataFolder();
  const shift = join(temporaryFolder(), 'shift.mjs');
  writeFileSync(
    shift,
    `const by = Number(process.env.SHIFT_DAYS) * 864e5, Real = Date;
     globalThis.Date = class extends Real {
       constructor(...given) { given.length ? super(...given) : super(Real.now() + by); }
       static now() { return Real.now() + by; }
     };`,
  );
  const at = (days: number) => ({
    SUPABASE_DB_URL: url,
    SHIFT_DAYS: String(days),
    NODE_OPTIONS: `--import ${pathToFileURL(shift)}`,
  });
  const owner = async (name: string) =>
    expect(
      await rows(url, `select count(*)::int as n from dor_tangible where owner_name = '${name}'`),
      name,
    ).toEqual([{ n: 1 }]);
  const years = new Set<string>();
  for (const [name, days] of [
    ['NOW', 0],
    ['LAST YEAR', -365],
    ['NEXT YEAR', 365],
    ['YESTERDAY', -1],
  ] as const) {
    rename(data, name);
    const { code, result, stderr } = await ingestProcess(data, ['liberty'], at(days));
    expect(code, stderr).toBe(0);
    expect(stderr).not.toMatch(/was read back/);
    years.add(result.manifests[0].run.slice(0, 4));
    await owner(name);
  }
  expect(years.size).toBeGreaterThan(2);
  await dorProcess(data, ['clean', '--keep', '2'], at(-2000));
  expect((await dorProcess(data, ['rollback', 'liberty'], at(400))).code).toBe(0);
  await owner('NEXT YEAR');
  expect((await dorProcess(data, ['rollback', 'liberty'], at(-400))).code).toBe(0);
  await owner('LAST YEAR');
  expect((await dorProcess(data, ['drift', 'liberty'], at(0))).code).toBe(0);
  await state(url);
});
