/** What a change of one roll does to the others of its county. */

import { copyFileSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { dataPaths } from '../src/lake/paths.ts';
import { planCounty } from '../src/publishing/countyPlan.ts';
import { GUARDS } from '../src/publishing/guards.ts';
import { findCounty } from '../src/reference.ts';
import { decidingFiles } from '../src/sqlVersion.ts';
import { describeStatus } from '../src/status.ts';
import { openTarget } from '../src/target/open.ts';
import { putEmbedded } from './embedded.ts';
import { ingestHere } from './inProcess.ts';
import { libertyRoll } from './liberty.ts';
import { smallCounty } from './smallCounty.ts';
import { dataFolder, ROOT, SAMPLE, temporaryFolder } from './workspace.ts';

type Run = Awaited<ReturnType<typeof ingestHere>>['manifests'][number];
const ALL = new Set(GUARDS.map(({ guard }) => guard));
const of = (manifests: Run[], dataset: string) => manifests.find((one) => one.dataset === dataset)!;

/** Doubles every qualified price of the county's sales file. */
function raisePrices(data: string): void {
  const path = join(data, 'inbox/SDF73P202501.csv');
  const lines = readFileSync(path, 'utf8').split('\r\n');
  const at = lines[0]!.split(',').indexOf('SALE_PRC');
  const raised = lines.slice(1).map((line) => {
    const cells = line.split(',');
    if (cells.length > at) cells[at] = `${Number(cells[at]) + 100}`;
    return cells.join(',');
  });
  writeFileSync(path, [lines[0], ...raised].join('\r\n'));
}

test('a dry run gives the parcels the sales that it has just staged aside', async () => {
  const data = dataFolder();
  await putEmbedded(join(data, 'target'));
  await smallCounty(data, 200);
  const first = await ingestHere(data, { county: 'union', dryRun: true, push: false });
  expect(of(first.manifests, 'nal').salesChecksum).toBe(of(first.manifests, 'sdf').staged!.checksum);
  await ingestHere(data, { county: 'union', push: false });
  raisePrices(data);
  const { manifests } = await ingestHere(data, {
    county: 'union',
    dryRun: true,
    push: false,
    acceptOutlier: true,
  });
  const [sales, parcels] = [of(manifests, 'sdf'), of(manifests, 'nal')];
  expect(sales.staged!.checksum).not.toBe(of(first.manifests, 'sdf').staged!.checksum);
  expect(parcels.salesChecksum).toBe(sales.staged!.checksum);
});

test('the version covers the rejects and the code that reads and loads, not only the transforms', () => {
  const files = decidingFiles().map((path) => path.slice(ROOT.length + 1));
  expect(files).toEqual(
    expect.arrayContaining([
      'sql/reject/dead_letters.sql',
      'src/steps/load.ts',
      'src/source/excelCells.ts',
      'src/source/xlsx/numbers.ts',
      'data/reference/fields.csv',
    ]),
  );
});

test('new sales give the staged parcels their latest sales in the same run, as if the parcels had come along', async () => {
  const data = dataFolder();
  await putEmbedded(join(data, 'target'));
  await smallCounty(data, 200);
  await ingestHere(data, { county: 'union' });
  raisePrices(data);
  const sales = [join(data, 'inbox/SDF73P202501.csv')];
  const options = { county: 'union', acceptOutlier: true, allow: ALL } as const;
  const tried = await ingestHere(data, { ...options, sources: sales, dryRun: true });
  const { code, manifests } = await ingestHere(data, { ...options, sources: sales });
  expect(code).toBe(0);
  const parcels = of(manifests, 'nal');
  expect(parcels).toMatchObject({
    status: 'published',
    salesChecksum: of(manifests, 'sdf').staged!.checksum,
  });
  expect(parcels.changes!.update).toBeGreaterThan(0);
  const idle = parcels.rules.filter(
    ({ rows, notRun }) => rows === null && /^new sales came without/.test(notRun!),
  );
  expect(idle.map(({ id }) => id)).toEqual(['X01', 'X02', 'X03', 'X04']);
  expect(readFileSync(join(data, 'reports/union-2025.html'), 'utf8')).toMatch(
    /Not run: X01, X02, X03, X04, because new sales came without the parcels&#39; file/,
  );
  expect(of(tried.manifests, 'nal').staged!.checksum).toBe(parcels.staged!.checksum);
  const current = await ingestHere(data, { ...options, push: false });
  expect(of(current.manifests, 'nal').status).toBe('unchanged');
  const whole = await ingestHere(data, { ...options, force: true, push: false });
  expect(of(whole.manifests, 'nal').staged!.checksum).toBe(parcels.staged!.checksum);
});

test('parcels that were staged when a run was killed before its manifest are found in their snapshot', async () => {
  const data = dataFolder();
  await putEmbedded(join(data, 'target'));
  await smallCounty(data, 100);
  await ingestHere(data, { county: 'union' });
  const folder = join(data, 'lake/staged/dor_properties/county=union/year=2025');
  const manifest = readFileSync(join(folder, 'manifest.json'));
  raisePrices(data);
  const options = { county: 'union', acceptOutlier: true, allow: ALL } as const;
  const sources = [join(data, 'inbox/SDF73P202501.csv')];
  const wanted = await ingestHere(data, { ...options, sources });
  writeFileSync(join(folder, 'manifest.json'), manifest);
  const { manifests } = await ingestHere(data, { ...options, sources });
  const parcels = of(manifests, 'nal');
  expect(parcels.staged!.checksum).toBe(of(wanted.manifests, 'nal').staged!.checksum);
  expect(parcels.changes).toMatchObject({ insert: 0, update: 0, delete: 0 });
});

test('where staged parcels cannot be enriched again, the run, status, report and plan say so', async () => {
  const data = dataFolder();
  await putEmbedded(join(data, 'target'));
  await smallCounty(data, 100);
  await ingestHere(data, { county: 'union', push: false });
  const staged = join(data, 'lake/staged/dor_properties/county=union/year=2025/manifest.json');
  const former = { ...JSON.parse(readFileSync(staged, 'utf8')), sqlVersion: 'a former one' };
  writeFileSync(staged, JSON.stringify(former));
  raisePrices(data);
  const sources = [join(data, 'inbox/SDF73P202501.csv')];
  const { stderr } = await ingestHere(data, { county: 'union', sources, acceptOutlier: true, push: false });
  expect(stderr).toMatch(
    /union NAL 2025: latest sales are STALE: .* another version of dor staged the parcels/,
  );
  expect(describeStatus(join(data, 'lake'))).toMatch(/union NAL 2025 .*latest sales are STALE/);
  expect(readFileSync(join(data, 'reports/union-2025.html'), 'utf8')).toMatch(/latest sales are STALE/);
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const options = { paths: dataPaths(data), progress: { begin: say, end: say, say, advance() {} } };
  await planCounty(findCounty('union'), undefined, new Set(), options);
  expect(said.join('\n')).toMatch(/dor_properties union 2025: latest sales are STALE/);
});

const LIBERTY = 'county=liberty/year=2025';

test('the first real file takes the whole sample of the county out of lake and target, and it never comes back', async () => {
  const data = dataFolder();
  const paths = dataPaths(data);
  await putEmbedded(paths.target);
  await ingestHere(data, { county: 'liberty' });
  writeFileSync(join(data, 'inbox/SDF49P202501.csv'), libertyRoll('SDF'));
  const { code, stderr, manifests } = await ingestHere(data, { county: 'liberty' });
  expect(code).toBe(0);
  expect(stderr).toMatch(/liberty NAL 2025: the bundled sample leaves the lake/);
  expect(stderr).toMatch(/sample of dor_properties liberty 2025 leaves the target/);
  for (const table of ['dor_properties', 'dor_tangible', 'dor_medians'])
    expect(existsSync(join(data, 'lake/staged', table, LIBERTY))).toBe(false);
  expect(existsSync(join(data, 'lake/staged/dor_sales', LIBERTY))).toBe(true);
  expect(describeStatus(paths.lake)).not.toMatch(/sample|NAL|NAP/);
  expect(readFileSync(join(data, 'reports/liberty-2025.html'), 'utf8')).not.toMatch(/undled sample/);
  const target = await openTarget(undefined, paths.target, false);
  const [held] = await target.query(`select (select count(*)::int from dor_properties) as parcels,
    (select count(*)::int from dor_tangible) as accounts, (select count(*)::int from dor_medians) as medians,
    (select count(*)::int from dor_sales) as sales,
    (select count(distinct xmin::text)::int from dor_internal.publications where not sample) as transactions,
    (select bool_or(sample) from dor_internal.publications p
      where id = (select max(id) from dor_internal.publications n where n.table_name = p.table_name)) as sample`);
  await target.close();
  const sales = of(manifests, 'sdf').staged!.rows;
  expect(held).toEqual({ parcels: 0, accounts: 0, medians: 0, sales, transactions: 1, sample: false });

  rmSync(join(data, 'inbox/SDF49P202501.csv'));
  await expect(ingestHere(data, { county: 'liberty' })).rejects.toThrow(/real rows stay as they are/);
  expect(describeStatus(paths.lake)).toMatch(/^liberty SDF 2025 +published .*Z\n$/);
});

/** Packs text as `name.gz`, with the quotes and line ends of another program, and one owner changed. */
function repacked(path: string): void {
  const text = readFileSync(join(SAMPLE, 'NAP49P202501.csv'), 'utf8');
  const saved = text.replaceAll('"', '').replaceAll('\r\n', '\n').replace('POOL CENTER 492', 'MINE');
  writeFileSync(path, gzipSync(saved));
}

test.each<[string, (folder: string) => string]>([
  ['by its path', () => SAMPLE],
  ['by a relative path', () => relative(process.cwd(), SAMPLE)],
  [
    'by a link',
    (folder) => {
      symlinkSync(SAMPLE, join(folder, 'link'));
      return join(folder, 'link');
    },
  ],
  [
    'as a copy under another name',
    (folder) => {
      copyFileSync(join(SAMPLE, 'NAP49P202501.csv'), join(folder, 'accounts.txt'));
      return join(folder, 'accounts.txt');
    },
  ],
  [
    'saved by another program and edited',
    (folder) => {
      repacked(join(folder, 'x.csv.gz'));
      return folder;
    },
  ],
])('the bundled sample named %s is the sample, and goes to no server', async (_, place) => {
  const data = dataFolder();
  const sources = [place(temporaryFolder())];
  const { stderr, manifests } = await ingestHere(data, { county: 'liberty', sources, push: false });
  expect(stderr).toMatch(/BUNDLED SAMPLE/);
  expect(manifests.map(({ source }) => source.sample)).not.toContain(false);
});

test('a copy of the sample in the inbox is left out beside real files, and never replaces real rows', async () => {
  const data = dataFolder();
  copyFileSync(join(SAMPLE, 'NAP49P202501.csv'), join(data, 'inbox/NAP49P202502.csv'));
  writeFileSync(join(data, 'inbox/SDF49P202501.csv'), libertyRoll('SDF'));
  const { stderr, manifests } = await ingestHere(data, { county: 'liberty', push: false });
  expect(stderr).toMatch(/NAP49P202502.csv is left out: it is the bundled sample, and Liberty has real rows/);
  expect(manifests.map(({ dataset, source }) => [dataset, source.sample])).toEqual([['sdf', false]]);
  rmSync(join(data, 'inbox/SDF49P202501.csv'));
  await expect(ingestHere(data, { county: 'liberty' })).rejects.toThrow(
    /NAP49P202502.csv is the bundled sample; the real rows of Liberty stay as they are/,
  );
});
