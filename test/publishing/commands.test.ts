import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { splitLine } from '../../src/csvLine.ts';
import { ingestHere } from '../inProcess.ts';
import { inboxWithLiberty } from '../liberty.ts';
import { rows, startServer, type TestServer } from '../server.ts';
import { dataFolder, dor } from '../workspace.ts';

const ingestLiberty = (data: string, targetUrl: string, push = true) =>
  ingestHere(data, { county: 'liberty', targetUrl, push });

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

/** Liberty's generated rolls, offered by hand as if they were real. */
async function liberty(database: string, names = ['NAP']) {
  const data = inboxWithLiberty(names);
  const url = await server.createDatabase(database);
  return { data, url, run: (...args: string[]) => dor(data, args, { SUPABASE_DB_URL: url }) };
}

/** Changes cells of a roll in the inbox: `change` gets each row by column name, or returns null to drop it. */
function edit(
  data: string,
  name: string,
  change: (row: Record<string, string>, index: number) => Record<string, string> | null,
) {
  const file = join(data, `inbox/${name}49P202501.csv`);
  const [header, ...lines] = readFileSync(file, 'utf8').trim().split('\r\n');
  const columns = header!.split(',');
  const out = lines.flatMap((line, index) => {
    const cells = splitLine(line);
    const row = change(Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? ''])), index);
    return row ? [columns.map((column) => `"${row[column]!.replaceAll('"', '""')}"`).join(',')] : [];
  });
  writeFileSync(file, `${[header, ...out].join('\r\n')}\r\n`);
}

const planId = (stdout: string) => /Plan (\S+)/.exec(stdout)![1]!;
const TANGIBLE = 'select count(*)::int as n, sum(row_hash)::text as checksum from dor_tangible';
/** Every published value, as text. */
const everything = (url: string, table: string) =>
  rows(url, `select t::text as row from ${table} t order by 1`).then((all) => all.map(({ row }) => row));

test('plan shows and writes nothing to the target, apply publishes exactly that, a second apply nothing', async () => {
  const { data, url, run } = await liberty('plan');
  await ingestLiberty(data, url, false);
  const first = await run('plan', 'liberty', '--detailed-exitcode');
  expect(first.code).toBe(2);
  expect(first.stdout).toMatch(/dor_tangible liberty 2025 {3}\+ 100 insert {3}~ 0 update {3}- 0 delete/);
  expect(await rows(url, "select to_regclass('dor_tangible') as there")).toEqual([{ there: null }]);
  const applied = await run('apply', planId(first.stdout));
  expect(applied).toMatchObject({ code: 0, stdout: expect.stringMatching(/applied: \+100 ~0 -0/) });

  edit(data, 'NAP', (row, index) =>
    index === 7 ? null : index === 3 ? { ...row, OWN_NAM: 'RENAMED, "OWNER"' } : row,
  );
  await ingestLiberty(data, url, false);
  const second = await run('plan', 'liberty', '--format', 'csv');
  expect(second.stderr).toMatch(/\+ 0 insert {3}~ 1 update {3}- 1 delete {3}= 98 same {3}\(2\.00 %/);
  expect(second.stderr).toMatch(/~ owner_name +1 rows {3}"[^"]+" → "RENAMED, \\"OWNER\\""/);
  expect(second.stdout).toMatch(/^delete,dor_tangible,2025,\S+,,,$/m);
  expect(second.stdout).toMatch(/^update,dor_tangible,2025,\S+,owner_name,[^,]+,"RENAMED, ""OWNER"""$/m);
  expect(second.code).toBe(0);
  const before = await everything(url, 'dor_tangible');
  expect(before).toHaveLength(100);
  expect((await run('apply', planId(second.stderr))).stdout).toMatch(/applied: \+0 ~1 -1/);
  const after = await everything(url, 'dor_tangible');
  expect(after).toHaveLength(99);
  expect(after.filter((row) => !before.includes(row))).toHaveLength(1);
  expect((await run('apply', planId(second.stderr))).stdout).toMatch(/already applied/);
  expect(await rows(url, 'select count(*)::int as n from dor_internal.publications')).toEqual([{ n: 2 }]);

  const none = await run('plan', 'liberty', '--detailed-exitcode');
  expect(none).toMatchObject({ code: 0, stdout: expect.stringMatching(/Nothing to do/) });
  expect((await run('plan', 'atlantis', '--detailed-exitcode')).code).toBe(64);
  expect((await run('plan', 'atlantis')).code).toBe(2);
  const nothing = await run('plan', 'gulf', '--detailed-exitcode');
  expect(nothing).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/Nothing of Gulf is staged/),
  });
});

/** Sales have no just value: when one price changes, no column loses a value, and there is no total to look at either. */
test('one changed price is published, and so is the roll after it', async () => {
  const { data, url, run } = await liberty('price', ['SDF', 'NAP']);
  await ingestLiberty(data, url);
  const before = await everything(url, 'dor_sales');
  edit(data, 'SDF', (row, index) => (index === 1 ? { ...row, SALE_PRC: '123456700' } : row));
  edit(data, 'NAP', (row, index) => (index === 1 ? { ...row, OWN_NAM: 'THE ROLL AFTER IT' } : row));
  const again = await run('ingest', 'liberty');
  expect(again).toMatchObject({ code: 0 });
  const after = await everything(url, 'dor_sales');
  expect(after).toHaveLength(before.length);
  expect(after.filter((row) => !before.includes(row))).toHaveLength(1);
  expect(await rows(url, 'select count(*)::int as n from dor_sales where sale_price = 123456700')).toEqual([
    { n: 1 },
  ]);
  expect(
    await rows(url, "select count(*)::int as n from dor_tangible where owner_name = 'THE ROLL AFTER IT'"),
  ).toEqual([{ n: 1 }]);
  expect(await run('drift', 'liberty')).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/all 93 rows are as run/),
  });
  const same = await ingestLiberty(data, url);
  expect(same.code).toBe(0);
  expect(same.manifests.map(({ status }) => status)).toEqual(['unchanged', 'unchanged']);
});

test('apply refuses when plan, staged rows or target have moved since, and names which', async () => {
  const { data, url, run } = await liberty('moved');
  await ingestLiberty(data, url);
  edit(data, 'NAP', (row, index) => (index === 3 ? { ...row, OWN_NAM: 'FIRST' } : row));
  await ingestLiberty(data, url, false);
  const id = planId((await run('plan', 'liberty')).stdout);
  const untouched = await everything(url, 'dor_tangible');
  const elsewhere = await dor(data, ['apply', id], {
    SUPABASE_DB_URL: await server.createDatabase('elsewhere'),
  });
  expect(elsewhere).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/was made for .*moved.* the target is .*elsewhere/),
  });

  edit(data, 'NAP', (row, index) => (index === 3 ? { ...row, OWN_NAM: 'SECOND' } : row));
  await ingestLiberty(data, url, false);
  const staged = await run('apply', id);
  expect(staged).toMatchObject({ code: 1, stderr: expect.stringMatching(/The staged rows have moved/) });

  const fresh = planId((await run('plan', 'liberty')).stdout);
  const altered = join(data, 'lake/plans', fresh, 'dor_tangible-2025/after.parquet');
  const bytes = readFileSync(altered);
  appendFileSync(altered, 'x');
  expect((await run('apply', fresh)).stderr).toMatch(
    /The plan \S+ has moved: \S+after\.parquet is not what was written/,
  );
  writeFileSync(altered, bytes);
  const json = join(data, 'lake/plans', fresh, 'plan.json');
  const text = readFileSync(json, 'utf8');
  writeFileSync(json, text.replace('"update": 1', '"update": 2'));
  expect((await run('apply', fresh)).stderr).toMatch(/plan\.json is not what was written/);
  writeFileSync(json, text);
  expect(await everything(url, 'dor_tangible')).toEqual(untouched);

  // Another machine publishes in between.
  const other = dataFolder();
  copyFileSync(join(data, 'inbox/NAP49P202501.csv'), join(other, 'inbox/NAP49P202501.csv'));
  edit(other, 'NAP', (row, index) => (index === 4 ? { ...row, OWN_NAM: 'OTHER MACHINE' } : row));
  const theirs = await ingestLiberty(other, url);
  expect(theirs.stderr).toMatch(
    /was read back from 127\.0\.0\.1.*another machine published it, or the lake was lost/,
  );
  expect(theirs.stderr).toMatch(/the snapshot of run \S+ was recovered from the target/);
  const moved = await run('apply', fresh);
  expect(moved).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/The target .* has moved: .*holds run \S+ \(publication 2\) now/),
  });
  const ours = await ingestLiberty(data, url);
  expect(ours.stderr).toMatch(/another machine published, or a backup was restored/);
  expect(ours.manifests[0]!.changes).toMatchObject({ update: 1, unchanged: 99 });
  // The other machine's publication was recovered before it was replaced, so that it can be brought back from here.
  expect((await run('rollback', 'liberty')).code).toBe(0);
  expect(
    await rows(url, "select count(*)::int as n from dor_tangible where owner_name = 'OTHER MACHINE'"),
  ).toEqual([{ n: 1 }]);
});

test('a snapshot that is recovered from the target holds what was published, or is none', async () => {
  const { data, url } = await liberty('tampered');
  await ingestLiberty(data, url);
  const changed: string[] = [];
  const planned = async () => {
    const other = dataFolder();
    copyFileSync(join(data, 'inbox/NAP49P202501.csv'), join(other, 'inbox/NAP49P202501.csv'));
    edit(other, 'NAP', (row, index) => {
      if (index === 5 || index === 6) changed[index] = row.ACCT_ID!.trim();
      return index === 5 ? null : index === 6 ? { ...row, OWN_NAM: 'NEW' } : row;
    });
    await ingestLiberty(other, url, false);
    return (await dor(other, ['plan', 'liberty'], { SUPABASE_DB_URL: url })).stderr;
  };
  expect(await planned()).toMatch(/the snapshot of run \S+ was recovered from the target$/m);
  // Of the rows that the new roll deletes or changes nothing else tells what they were.
  for (const id of [changed[5], changed[6]]) {
    await rows(url, `update dor_tangible set just_value = just_value + 1 where account_id = '${id}'`);
    expect(await planned()).toMatch(/cannot be kept as that run's snapshot/);
    await rows(url, `update dor_tangible set just_value = just_value - 1 where account_id = '${id}'`);
  }
});

describe('guards stop what is probably not meant, name the option, and let it pass with it', () => {
  const money = (row: Record<string, string>, factor: number) => ({
    ...row,
    ...Object.fromEntries(
      ['JV_F_F_E', 'JV_TOTAL', 'AV_TOTAL', 'EXMPT_VAL', 'TAX_VAL'].map((name) => [
        name,
        String(Number(row[name]) * factor),
      ]),
    ),
  });
  const cases: [
    RegExp,
    string,
    (row: Record<string, string>, index: number) => Record<string, string> | null,
  ][] = [
    [/phy_city \S+ % → 0\.0 % filled/, '--allow-emptied-columns', (row) => ({ ...row, PHY_CITY: '' })],
    [
      /70 of 100 rows would change \(70\.0 %, at most 60 %\)/,
      '--allow-rewrite',
      (row, index) => (index < 70 ? { ...row, OWN_ADDR: `${index} NEW STREET` } : row),
    ],
    [
      /total of the just values goes from .* at most 25 %/,
      '--allow-value-change',
      (row, index) => (index < 50 ? money(row, 3) : row),
    ],
    [
      /11 of 100 rows of dor_tangible liberty 2025 would be deleted/,
      '--allow-deletes',
      (row, index) => (index < 11 ? null : row),
    ],
  ];
  test('each of them', async () => {
    const { data, url, run } = await liberty('guards');
    await ingestLiberty(data, url);
    const file = join(data, 'inbox/NAP49P202501.csv');
    const original = readFileSync(file);
    const before = await everything(url, 'dor_tangible');
    let flags: string[] = [];
    for (const [message, flag, change] of cases) {
      writeFileSync(file, original);
      edit(data, 'NAP', change);
      const stopped = await ingestLiberty(data, url);
      expect(stopped.code, flag).toBe(1);
      const [manifest] = stopped.manifests;
      expect(manifest!.status).toBe('stopped');
      expect(manifest!.reason).toMatch(message);
      expect(manifest!.remedy).toContain(flag);
      expect(await everything(url, 'dor_tangible')).toEqual(before);
      flags = manifest!.remedy!.match(/--\S+/g)!;
    }
    const plan = await run('plan', 'liberty', '--detailed-exitcode');
    expect(plan).toMatchObject({ code: 1, stdout: expect.stringMatching(/CLOSED/) });
    expect((await run('apply', planId(plan.stdout))).code).toBe(1);
    expect((await run('apply', planId(plan.stdout), ...flags)).code).toBe(0);
    expect(await everything(url, 'dor_tangible')).toHaveLength(89);
  });
});

test('rollback brings rows, hashes and medians back exactly, looks first when asked, and goes further back', async () => {
  const { data, url, run } = await liberty('rollback', ['NAL', 'NAP']);
  await ingestLiberty(data, url);
  const tables = ['dor_properties', 'dor_medians', 'dor_tangible'];
  const state = async () => Promise.all(tables.map((table) => everything(url, table)));
  const first = await state();
  const [moment] = await rows(
    url,
    'select to_char(clock_timestamp() at time zone \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS"Z"\') as now, pg_sleep(1.1)',
  );
  edit(data, 'NAL', (row, index) => (index % 8 === 0 ? { ...row, JV: String(Number(row.JV) + 1000) } : row));
  edit(data, 'NAP', (row, index) => (index === 1 ? { ...row, OWN_NAM: 'SOMEONE ELSE' } : row));
  await ingestLiberty(data, url);
  const second = await state();
  expect(second[0]).not.toEqual(first[0]);
  expect(second[1]).not.toEqual(first[1]);

  const looked = await run('rollback', 'liberty', '--dataset', 'nal', '--plan');
  expect(looked.stdout).toMatch(/dor_properties liberty 2025 {3}\+ 0 insert {3}~ 100 update/);
  expect(await state()).toEqual(second);
  // The plan is one like any other.
  expect((await run('apply', planId(looked.stdout))).stdout).toMatch(/applied: \+0 ~100 -0/);
  expect(await state()).toEqual([first[0], first[1], second[2]]);
  const [log] = await rows(
    url,
    "select run, checksum::text from dor_internal.publications where table_name = 'dor_properties' order by id desc limit 1",
  );
  const [original] = await rows(
    url,
    "select run, checksum::text from dor_internal.publications where table_name = 'dor_properties' order by id limit 1",
  );
  expect(log).toEqual(original);

  // What is staged is published again by the next ingest; then the whole county goes back to a moment.
  await ingestLiberty(data, url);
  expect(await state()).toEqual(second);
  expect((await run('rollback', 'liberty', '--to', moment.now)).code).toBe(0);
  expect(await state()).toEqual(first);
  const further = await run('rollback', 'liberty');
  expect(further).toMatchObject({ code: 1, stderr: expect.stringMatching(/is the first publication of/) });
  expect((await run('rollback', 'liberty', '--to', 'nowhere')).code).toBe(2);
});

test('rollback --to takes the one run that it names; what fits several, or is empty, goes nowhere', async () => {
  const { data, url, run } = await liberty('rollback_to');
  for (const name of ['FIRST', 'SECOND']) {
    edit(data, 'NAP', (row, index) => (index === 1 ? { ...row, OWN_NAM: name } : row));
    await ingestLiberty(data, url);
  }
  const published = await rows(url, 'select run from dor_internal.publications order by id');
  const runs = published.map(({ run }) => String(run));
  const second = await everything(url, 'dor_tangible');

  const several = await run('rollback', 'liberty', '--to', runs[0]!.slice(0, 4));
  expect(several.code).toBe(2);
  expect(several.stderr).toContain('fits several publications');
  for (const id of runs) expect(several.stderr).toContain(id);
  const empty = await run('rollback', 'liberty', '--to', '');
  expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining(runs[0]!) });
  expect((await run('apply', '')).code).toBe(2);
  expect(await everything(url, 'dor_tangible')).toEqual(second);

  const back = await run('rollback', 'liberty', '--to', runs[0]!.slice(0, -1));
  expect(back.code, back.stderr).toBe(0);
  expect(await everything(url, 'dor_tangible')).not.toEqual(second);
  // Published twice now, and still one run.
  expect((await run('rollback', 'liberty', '--to', runs[1]!)).code).toBe(0);
  expect((await run('rollback', 'liberty', '--to', runs[0]!)).code).toBe(0);
});

test('drift names what others inserted, changed and deleted; rollback then refuses; repair undoes it', async () => {
  const { data, url, run } = await liberty('drift', ['NAL', 'NAP']);
  await ingestLiberty(data, url);
  edit(data, 'NAP', (row, index) => (index === 1 ? { ...row, OWN_NAM: 'SOMEONE ELSE' } : row));
  await ingestLiberty(data, url);
  const published = await everything(url, 'dor_tangible');
  expect(await run('drift', 'liberty')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringMatching(/all 100 rows are as run/),
  });

  // One under its old hash, one gone, one new, and a median.
  const [victim, gone] = await rows(url, 'select account_id from dor_tangible order by account_id limit 2');
  await rows(
    url,
    `update dor_tangible set owner_name = 'SOMEBODY', exemptions = '{"M": 1}' where account_id = '${victim.account_id}'`,
  );
  await rows(url, `delete from dor_tangible where account_id = '${gone.account_id}'`);
  await rows(
    url,
    "insert into dor_tangible (county_no, year, account_id, county, row_hash) values (49, 2025, 'INTRUDER', 'Liberty', 5)",
  );
  await rows(url, "update dor_medians set parcels = 1 where scope = 'county'");
  const found = await run('drift', 'liberty', '--format', 'csv');
  expect(found.code).toBe(1);
  expect(
    found.stdout
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, 5).join(' ')),
  ).toEqual([
    `changed dor_tangible 2025 ${victim.account_id} exemptions`,
    `changed dor_tangible 2025 ${victim.account_id} owner_name`,
    `deleted dor_tangible 2025 ${gone.account_id} `,
    'inserted dor_tangible 2025 INTRUDER ',
  ]);
  expect(found.stderr).toMatch(/by others 1 inserted, 1 changed, 1 deleted, 98 untouched/);
  expect(found.stderr).toMatch(/dor_properties .* dor_medians differ/);

  const refused = await run('rollback', 'liberty', '--dataset', 'nap');
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/rows were changed by others .* nothing was rolled back/s),
  });
  expect((await run('drift', 'liberty', '--repair')).code).toBe(0);
  expect(await everything(url, 'dor_tangible')).toEqual(published);
  expect((await run('drift', 'liberty')).code).toBe(0);

  await rows(url, "delete from dor_tangible where owner_name = 'SOMEONE ELSE'");
  const told = await run('rollback', 'liberty', '--dataset', 'nap', '--overwrite-changes');
  expect(told).toMatchObject({ code: 0, stderr: expect.stringMatching(/are overwritten, as told/) });
  // Without the snapshot the truth is that nobody can look.
  rmSync(join(data, 'lake/snapshots'), { recursive: true });
  const blind = await run('drift', 'liberty');
  expect(blind).toMatchObject({ code: 1, stderr: expect.stringMatching(/rows could NOT be compared/) });
});

test('a restored backup is noticed, whether rows or only the publication log came back', async () => {
  const { data, url } = await liberty('backup');
  await ingestLiberty(data, url);
  await rows(
    url,
    'create table backup as table dor_tangible; create table backup_log as table dor_internal.publications',
  );
  edit(data, 'NAP', (row, index) => (index === 1 ? { ...row, OWN_NAM: 'AFTER THE BACKUP' } : row));
  await ingestLiberty(data, url);
  const wanted = await everything(url, 'dor_tangible');
  await rows(
    url,
    'truncate dor_tangible; insert into dor_tangible table backup; delete from dor_internal.publications where id > 1',
  );
  const restored = await ingestLiberty(data, url);
  expect(restored.stderr).toMatch(
    /this lake's record run \S+ \(2\): another machine published, or a backup was restored/,
  );
  expect(restored.manifests[0]).toMatchObject({
    status: 'published',
    changes: { update: 1, unchanged: 99 },
  });
  expect(await everything(url, 'dor_tangible')).toEqual(wanted);
  await rows(url, 'truncate dor_internal.publications');
  const lost = await ingestLiberty(data, url);
  expect(lost.stderr).toMatch(/the target's publication log has no publication, this lake's record has run/);
  expect(lost.manifests[0]!.changes).toMatchObject({ insert: 0, update: 0, delete: 0, unchanged: 100 });
  rmSync(join(data, 'lake/published'), { recursive: true });
  expect((await ingestLiberty(data, url)).stderr).toMatch(/this lake has no record of it/);
  // Every row was looked at and none differed: from now on the lake is believed again.
  expect((await ingestLiberty(data, url)).stderr).not.toMatch(/was read back/);
});

test('clean keeps what is staged, what the target holds and the newest former publications', async () => {
  const { data, url, run } = await liberty('clean');
  for (const owner of ['A', 'B', 'C', 'D']) {
    edit(data, 'NAP', (row, index) => (index === 1 ? { ...row, OWN_NAM: owner } : row));
    await ingestLiberty(data, url);
  }
  const snapshots = join(data, 'lake/snapshots/dor_tangible/county=liberty/year=2025');
  expect(readdirSync(snapshots)).toHaveLength(4);
  const looked = await run('clean', '--keep', '1', '--dry-run');
  expect(looked.stderr).toMatch(/would remove 5 snapshots and plans/);
  expect(readdirSync(snapshots)).toHaveLength(4);
  await run('clean', '--keep', '1');
  expect(readdirSync(snapshots)).toHaveLength(2);
  expect(readdirSync(join(data, 'lake/plans'))).toHaveLength(1);
  expect((await run('rollback', 'liberty')).code).toBe(0);
  expect(await rows(url, "select count(*)::int as n from dor_tangible where owner_name = 'C'")).toEqual([
    { n: 1 },
  ]);
  const gone = await run('rollback', 'liberty');
  expect(gone).toMatchObject({ code: 1, stderr: expect.stringMatching(/The lake has no snapshot of run/) });
  expect((await run('clean', '--keep', '-1')).code).toBe(2);
  expect(existsSync(snapshots)).toBe(true);
});

test('what a run published by an older SQL wrote comes back although the SQL has moved', async () => {
  const { data, url, run } = await liberty('older');
  await ingestLiberty(data, url);
  const before = await everything(url, 'dor_tangible');
  const sums = await rows(url, TANGIBLE);
  // A column that a later SQL fills: the former content never had it.
  await rows(url, "update dor_tangible set filler = 'later', row_hash = row_hash + 1");
  await rows(
    url,
    `insert into dor_internal.publications (table_name, county_no, year, run, source_sha256, sql_version, row_count, checksum, inserted, updated, deleted)
    select 'dor_tangible', 49, 2025, 'later-run', 'x', 'later-sql', count(*), sum(row_hash), 0, 100, 0 from dor_tangible`,
  );
  const back = await run('rollback', 'liberty');
  expect(back).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/only count and checksum were compared/),
  });
  expect(await rows(url, TANGIBLE)).toEqual(sums);
  expect(await everything(url, 'dor_tangible')).toEqual(before);
});
