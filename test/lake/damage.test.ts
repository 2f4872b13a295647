import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkLake } from '../../src/doctor/lake.ts';
import { Engine } from '../../src/engine.ts';
import { dataPaths, publishedFolder, rejectedFolder, stagedFolder } from '../../src/lake/paths.ts';
import { readRecord, writeRecord } from '../../src/lake/published.ts';
import { keepSnapshot, readSnapshot } from '../../src/lake/snapshots.ts';
import { findCounty } from '../../src/reference.ts';
import { literal } from '../../src/sqlText.ts';
import { describeStatus } from '../../src/status.ts';
import { traceValue } from '../../src/why/trace.ts';
import { ingestHere } from '../inProcess.ts';
import { libertyRoll } from '../liberty.ts';
import { smallCounty } from '../smallCounty.ts';
import { dataFolder, dor, temporaryFolder } from '../workspace.ts';

const partition = { dataset: 'nap' as const, county: findCounty('union'), year: 2025 };

test('dead letters of a Parquet source carry their own rows; deleted or damaged derived files come back', async () => {
  const data = dataFolder();
  const { lake, inbox } = dataPaths(data);
  await smallCounty(data, 300);
  const engine = await Engine.open({ threads: 2, memoryLimitMb: 256, tempDirectory: '/tmp' });
  const name = readdirSync(inbox).find((one) => /^NAP.*\.csv$/.test(one))!;
  await engine.run(
    `copy (select * replace (case when row_number() over () % 3 = 0 then 'bad' || row_number() over () else JV_F_F_E end as JV_F_F_E)
       from read_csv(${literal(join(inbox, name))}, all_varchar = true))
     to ${literal(join(inbox, name.replace('.csv', '.parquet')))} (format parquet, row_group_size 20)`,
  );
  for (const one of readdirSync(inbox).filter((each) => each.endsWith('.csv'))) rmSync(join(inbox, one));
  const run = () => ingestHere(data, { county: 'union', push: false, maxRejectPct: 100 });
  expect((await run()).code).toBe(0);
  const letters = join(rejectedFolder(lake, partition), 'data.parquet');
  const check = () =>
    engine.row(
      `select count(*)::int as n, count_if(text like '%"bad' || line || '"%')::int as own from read_parquet(${literal(letters)})`,
    );
  const found = await check();
  expect(found.n).toBeGreaterThan(10);
  expect(found.own).toBe(found.n);

  rmSync(letters);
  writeFileSync(join(lake, 'quality/runs/nap/union.parquet'), 'PAR1 not');
  const [first] = readdirSync(join(lake, 'runs'));
  mkdirSync(join(lake, 'runs'), { recursive: true });
  writeFileSync(join(lake, 'runs', first!), '{"run": "cut');
  expect(() => describeStatus(lake)).not.toThrow();
  expect((await run()).code).toBe(0);
  expect(await check()).toEqual(found);
  engine.close();
}, 60_000);

test.each(['', '{', 'null', '[]', '{}', '7', '{"run": 5}', '{"run": "x", "former": 7}'])(
  'a record or a revision that reads %j is none, and the next one takes its place',
  (text) => {
    const lake = join(dataFolder(), 'lake');
    const revision = { run: 'r', rows: 1, checksum: '1', sourceSha256: '', sqlVersion: 'x', sample: false };
    const content = { revision: { ...revision, stage: null, submission: null }, path: join(lake, 'rows') };
    mkdirSync(lake);
    writeFileSync(content.path, 'PAR1');
    const snapshot = keepSnapshot(lake, partition, { ...content, mediansPath: null });
    const facts = join(snapshot.path, '../revision.json');
    writeFileSync(facts, text);
    expect(readSnapshot(lake, partition, 'r')).toBeUndefined();
    expect(keepSnapshot(lake, partition, { ...content, mediansPath: null }).revision).toMatchObject(revision);
    writeRecord(lake, 'target', partition, { id: '1', run: 'r', checksum: '1', log: [] });
    writeFileSync(join(publishedFolder(lake, 'target', partition), 'publication.json'), text);
    expect(readRecord(lake, 'target', partition)).toBeNull();
    writeRecord(lake, 'target', partition, { id: '2', run: 'r', checksum: '1', log: ['r', 'q'] });
    expect(readRecord(lake, 'target', partition)).toMatchObject({ id: '2', former: ['q'] });
  },
);
const accounts = { dataset: 'nap' as const, county: findCounty('liberty'), year: 2025 };
const options = { county: 'liberty', push: false, maxRejectPct: 50 };
let whole: string;
beforeAll(async () => {
  whole = join(mkdtempSync(join(tmpdir(), 'dor-whole-')), 'data');
  mkdirSync(join(whole, 'inbox'), { recursive: true });
  const roll = libertyRoll('NAP').replace('"C000000000","P"', '"","P"');
  writeFileSync(join(whole, 'inbox/NAP49P202501.csv'), roll);
  await ingestHere(whole, options);
});
afterAll(() => rmSync(whole, { recursive: true, force: true }));

/** A copy of the lake, and its files. */
function spoil() {
  const data = join(temporaryFolder(), 'data');
  cpSync(whole, data, { recursive: true, preserveTimestamps: true });
  const { lake } = dataPaths(data);
  const staged = join(stagedFolder(lake, accounts), 'data.parquet');
  const letters = join(rejectedFolder(lake, accounts), 'data.parquet');
  return { data, lake, staged, letters };
}
const faults = async (lake: string) => (await checkLake(lake)).filter(({ status }) => status !== 'ok');

test('a staged file that was cut: status, report and doctor name it, an ingest stages it again', async () => {
  const { data, lake, staged } = spoil();
  expect(await faults(lake)).toEqual([]);
  truncateSync(staged, 3000);
  const named = new RegExp(`DAMAGED: ${staged} is not what was written`);
  expect(describeStatus(lake)).toMatch(named);
  const report = await dor(data, ['report', 'liberty']);
  expect([report.code, report.stderr]).toEqual([1, expect.stringMatching(named)]);
  expect(readFileSync(join(data, 'reports/liberty-2025.html'), 'utf8')).toMatch(named);
  expect(await faults(lake)).toMatchObject([
    {
      status: 'fail',
      detail: expect.stringMatching(named),
      remedy: expect.stringMatching(/dor ingest liberty/),
    },
  ]);
  const why = await dor(data, ['why', 'T00000003']);
  expect(why.stderr).toMatch(/dor_tangible cannot be: .*data\.parquet/);
  const { code, manifests } = await ingestHere(data, options);
  expect([code, manifests[0]!.status]).toEqual([0, 'staged']);
  expect(await faults(lake)).toEqual([]);
});

test('dead letters that were cut: named and left out, the report goes on, an ingest writes them again', async () => {
  const { data, lake, letters } = spoil();
  truncateSync(letters, 300);
  const shown = await dor(data, ['rejects', 'liberty']);
  expect(shown.code).toBe(1);
  expect(shown.stderr).toMatch(
    new RegExp(`^${letters} is damaged.*\n.*dor ingest liberty writes it again\n`),
  );
  expect(shown.stderr).not.toMatch(/\.ts:\d/);
  expect((await dor(data, ['report', 'liberty'])).code).toBe(0);
  expect(readFileSync(join(data, 'reports/liberty-2025.html'), 'utf8')).toContain(
    `${letters} cannot be read`,
  );
  expect(await faults(lake)).toMatchObject([{ status: 'warn', detail: expect.stringContaining(letters) }]);
  expect((await ingestHere(data, options)).code).toBe(0);
  expect((await dor(data, ['rejects', 'liberty'])).stdout.trim().split('\n')).toHaveLength(2);
});

test("another county's damaged history stops nobody, and is made anew or goes", async () => {
  const { data, lake } = spoil();
  const other = join(lake, 'quality/rules/nap/union.parquet');
  writeFileSync(other, 'PAR1 not PAR1');
  expect(await faults(lake)).toMatchObject([{ status: 'warn', detail: expect.stringContaining(other) }]);
  expect((await ingestHere(data, { ...options, force: true })).code).toBe(0);
  expect(existsSync(other)).toBe(false);
});

test('a value that was changed under its hash, in a lake without seals: doctor computes the hash from the columns', async () => {
  const { lake, staged } = spoil();
  const engine = await Engine.open({ threads: 1, memoryLimitMb: 256, tempDirectory: '/tmp' });
  await engine.run(
    `copy (select * replace (just_value + 1000000 as just_value) from read_parquet(${literal(staged)})) to ${literal(`${staged}.new`)} (format parquet)`,
  );
  engine.close();
  renameSync(`${staged}.new`, staged);
  const path = join(stagedFolder(lake, accounts), 'manifest.json');
  const { seals: _, ...unsealed } = JSON.parse(readFileSync(path, 'utf8')).staged;
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), staged: unsealed }));
  expect(await faults(lake)).toMatchObject([
    { status: 'fail', detail: expect.stringMatching(/99 rows have values that are not those of their hash/) },
  ]);
});

test('a damaged run and a damaged record of publishing cost nothing but themselves', async () => {
  const { data, lake } = spoil();
  const [run] = readdirSync(join(lake, 'runs'));
  writeFileSync(join(lake, 'runs', run!), '{"run": "cut');
  const published = publishedFolder(lake, 'embedded', accounts);
  mkdirSync(published, { recursive: true });
  writeFileSync(join(published, 'publication.json'), '{"run');
  expect(describeStatus(lake)).toMatch(
    /liberty NAP 2025 +staged +warn .*because 1\.00 % of 100 records were rejected/,
  );
  const [trace] = await traceValue(dataPaths(data), { id: 'T00000003', column: 'just_value', redact: [] });
  expect(trace!.published).toEqual([]);
  expect(await faults(lake)).toMatchObject([{ status: 'warn', detail: expect.stringContaining(run!) }]);
});
