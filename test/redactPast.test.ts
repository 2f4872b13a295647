import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepPlan, openPlan, type PlanPart } from '../src/lake/plans.ts';
import type { RunManifest } from '../src/model.ts';
import { everythingShown, rolls } from './editedRolls.ts';
import { dor } from './workspace.ts';

/** Of these texts those that stand in the other one. */
const shownIn = (text: string, hidden: string[]) => hidden.filter((value) => text.includes(value));

test('a parcel whose record is not accepted is hidden where its sales are shown, however its id is written', async () => {
  const { data, nal, sdf, nap } = await rolls('union');
  const parcels = ['qqp-one', 'QQP2', 'QQP 3 00', 'QQP4'];
  const words = ['CONFIDENTIAL', 'CONFIDENTIAL OWNER', 'EXEMPT FROM PUBLIC RECORDS', 'NAME WITHHELD'];
  const rows = parcels.map((id, index) => {
    nal.edit(nal.rows[index]!, { PARCEL_ID: id, S_LEGAL: words[index]! });
    return nal.rows[index]!;
  });
  nal.edit(rows[1]!, { JV: 'x987' });
  nal.edit(rows[3]!, { DOR_UC: '9' });
  // No row at all, and not among the parcels.
  rows[2]!.push('one cell too many');
  const spelled = [...parcels, 'QQPONE', ' qqp2', 'qqp-3-00', '00QQP4'];
  spelled.forEach((id, index) => {
    const sale = { PARCEL_ID: id, CLERK_NO: `QQCLERK${index}`, SALE_ID_CD: `QQSALE${index}` };
    sdf.edit(sdf.rows[index]!, { ...sale, SALE_PRC: `77766${index}00`, NBRHD_CD: `QQNB${index}` });
  });
  const price = sdf.rows.slice(4, 8);
  for (const row of price.slice(0, 2)) sdf.edit(row, { SALE_PRC: 'QQPRICE' });
  const broken = [...sdf.rows[4]!, 'QQEXTRA'];
  // Of two copies the one that is kept does not say so.
  const copy = [...nal.rows[5]!];
  nal.edit(nal.rows[5]!, { PARCEL_ID: 'QQP5', AV_SD: '987654321098', OWN_ZIPCD: 'QQZIP' });
  nal.edit(copy, { PARCEL_ID: 'QQP5', OWN_ADDR1: 'CONFIDENTIAL' });
  nal.rows.push(copy);
  nal.write();
  sdf.write([broken.join(',')]);
  nap.write();

  const text = await everythingShown(data, [
    ['ingest', 'union', '--no-push', '--max-reject-pct', '50', '--json'],
    ['rejects', 'union', '--format', 'csv'],
    ['report', 'all'],
    ['status', '--json'],
    ['why', 'qqp2'],
    ['why', 'QQP 3 00'],
    ['ingest', 'union', '--no-push', '--max-reject-pct', '50', '--json', '--dry-run', '--force'],
  ]);
  const hidden = [
    'QQP',
    'qqp',
    'QQSALE',
    'QQCLERK',
    'QQNB',
    'QQEXTRA',
    '77766',
    'x987',
    '987654321098',
    'QQZIP',
  ];
  expect(text).toContain('(confidential)');
  expect(shownIn(text, hidden)).toEqual([]);
});

test('a roll that was stopped still tells which parcels are confidential', async () => {
  const { data, nal, sdf } = await rolls('union', 100);
  nal.edit(nal.rows[0]!, { PARCEL_ID: 'QQP1', OWN_NAME: 'CONFIDENTIAL', JV: 'x' });
  sdf.edit(sdf.rows[0]!, { PARCEL_ID: 'QQP1', SALE_PRC: '987654300' });
  nal.write();
  sdf.write();
  const ingest = (name: string) => ['ingest', 'union', '--no-push', '--source', join(data, 'inbox', name)];
  expect((await dor(data, [...ingest('SDF73P202501.csv'), '--json'])).stdout).toContain('987654300');
  const stopped = await dor(data, [...ingest('NAL73P202501.csv'), '--max-reject-pct', '0']);
  expect(stopped.code).toBe(1);
  const again = [...ingest('SDF73P202501.csv'), '--force', '--json'];
  expect(shownIn(await everythingShown(data, [again]), ['QQP1', '987654300'])).toEqual([]);
});

test('a roll that is stopped hides the sales of a parcel of which only it says that it is confidential', async () => {
  const { data, nal, sdf } = await rolls('union', 100);
  nal.edit(nal.rows[0]!, { JV: 'x' });
  nal.edit(nal.rows[1]!, { PARCEL_ID: '0QQP1', PHY_ADDR2: 'CONFIDENTIAL' });
  sdf.edit(sdf.rows[0]!, { PARCEL_ID: '0QQP1', NBRHD_CD: 'QQNB1' });
  nal.write();
  sdf.write();
  const ingest = (name: string) => ['ingest', 'union', '--no-push', '--source', join(data, 'inbox', name)];
  expect((await dor(data, ingest('SDF73P202501.csv'))).code).toBe(0);
  const stopped = await dor(data, [...ingest('NAL73P202501.csv'), '--max-reject-pct', '0', '--json']);
  expect(stopped.code).toBe(1);
  const [{ rules }] = JSON.parse(stopped.stdout).manifests as [RunManifest];
  const { samples } = rules.find(({ id }) => id === 'X03')!;
  expect(samples.map((sample) => sample.parcel_id)).toContain('(confidential)');
  expect(shownIn(stopped.stdout, ['0QQP1', 'QQNB1'])).toEqual([]);
});

test('what the lake kept of a parcel before it turned out confidential is hidden: runs, histories, plans', async () => {
  const { data, nal, sdf, nap } = await rolls('union', 200);
  const lake = join(data, 'lake');
  const shown = (row: number, sale: Record<string, string>) =>
    sdf.edit(sdf.rows[row]!, { PARCEL_ID: 'qqp-1', ...sale });
  shown(0, { SALE_PRC: '987654300', CLERK_NO: 'QQCLERK' });
  shown(1, { SALE_PRC: '987654300', CLERK_NO: 'QQCLERK' });
  sdf.write();
  nal.edit(nal.rows[0]!, { PARCEL_ID: 'qqp-1', AV_SD: '987654399' });
  nal.write();
  nap.edit(nap.rows[0]!, { ACCT_ID: 'QQACCOUNT', JV_TOTAL: '976543210123' });
  nap.write();
  const ingest = ['ingest', 'union', '--no-push', '--accept-outlier'];
  expect((await dor(data, ingest)).code).toBe(0);
  // The rows of this run are gone after the next.
  shown(0, { SALE_PRC: '987654301' });
  sdf.write();
  expect((await dor(data, ingest)).code).toBe(0);
  const ofRun = (name: string) => ['report', 'union', '--run', name.replace('.json', '')];
  const plan = keptPlan(lake, 'QQP-1 1');
  // A plan that was cut off stops no later run.
  const cut = join(lake, 'plans/20250101T000000Z-union-00000000');
  mkdirSync(cut);
  writeFileSync(join(cut, 'plan.json'), '{"id": "2025');
  const [first] = readdirSync(join(lake, 'runs')).filter((name) => name.includes('-sdf-'));
  const before = await everythingShown(data, [ofRun(first!)]);
  const values = ['QQP-1', '987654300', '987654301', '987654399', 'QQACCOUNT', '976543210123'];
  expect(shownIn(before, values)).toEqual(values);

  nal.edit(nal.rows[0]!, { OWN_NAME: 'CONFIDENTIAL', JV: 'x' });
  nal.write();
  nap.edit(nap.rows[0]!, { OWN_NAM: 'CONFIDENTIAL' });
  nap.write();
  const only = ['NAL', 'NAP'].flatMap((name) => ['--source', join(data, `inbox/${name}73P202501.csv`)]);
  expect((await dor(data, [...ingest, ...only, '--max-reject-pct', '5'])).code).toBe(0);
  // The page of the first run lies there already.
  const kept = readFileSync(join(lake, 'plans', plan, 'plan.json'), 'utf8');
  const text = kept + (await everythingShown(data, []));
  expect(shownIn(text, [...values, 'qqp-1', 'QQCLERK', '9876543'])).toEqual([]);
  expect(openPlan(lake, plan).plan.parts[0]!.columns[0]).toMatchObject({
    rows: 2,
    samples: [{ key: '25-1 7' }],
  });
  // The histories know the runs again.
  const query = 'select count(distinct run) from quality_columns where dataset = $$sdf$$';
  expect((await dor(data, ['sql', query, '--format', 'csv'])).stdout).toContain('\n2\n');
});

/** A plan as an ingest leaves it, with a sample of this key and one of another. */
function keptPlan(lake: string, key: string): string {
  const folder = join(lake, 'tmp', 'plan');
  mkdirSync(folder, { recursive: true });
  const samples = [key, '25-1 7'].map((one) => ({ key: one, before: '987654300', after: '987654301' }));
  samples[1] = { ...samples[1]!, before: '1', after: '2' };
  const part: PlanPart = {
    ...{ dataset: 'sdf', table: 'dor_sales', county: 'union', year: 2025, from: null, currentFrom: 'lake' },
    to: { run: 'r', sourceSha256: '', sqlVersion: '', rows: 1, checksum: '1' } as unknown as PlanPart['to'],
    ...{ readBack: null, mediansDiffer: false, columnsOf: 2, guards: [], withdraws: [] },
    changes: { insert: 0, update: 2, delete: 0, unchanged: 0 } as PlanPart['changes'],
    columns: [{ name: 'sale_price', rows: 2, samples }],
    files: { changes: null, before: null, after: null, hidden: null },
  } as PlanPart;
  const target = { id: 'here', label: 'here', schema: 'public' };
  return keepPlan(lake, folder, { kind: 'publish', county: 'union', target, parts: [part] }).id;
}
