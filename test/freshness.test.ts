/** What a change of one roll does to the others of its county. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataPaths } from '../src/lake/paths.ts';
import { planCounty } from '../src/publishing/plans.ts';
import { findCounty } from '../src/reference.ts';
import { decidingFiles } from '../src/sqlVersion.ts';
import { describeStatus } from '../src/status.ts';
import { GUARDS } from '../src/steps/guards.ts';
import { ingestHere } from './inProcess.ts';
import { smallCounty } from './steps/smallCounty.ts';
import { dataFolder, ROOT } from './workspace.ts';

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
  await smallCounty(data, 200);
  const first = await ingestHere(data, { county: 'union', dryRun: true, push: false });
  expect(of(first.manifests, 'nal').salesChecksum).toBe(of(first.manifests, 'sdf').staged!.checksum);
  await ingestHere(data, { county: 'union', push: false });
  raisePrices(data);
  const { manifests } = await ingestHere(data, {
    county: 'union',
    dryRun: true,
    push: false,
    acceptDrift: true,
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
  await smallCounty(data, 200);
  await ingestHere(data, { county: 'union' });
  raisePrices(data);
  const sales = [join(data, 'inbox/SDF73P202501.csv')];
  const options = { county: 'union', acceptDrift: true, allow: ALL } as const;
  const tried = await ingestHere(data, { ...options, sources: sales, dryRun: true });
  const { code, manifests } = await ingestHere(data, { ...options, sources: sales });
  expect(code).toBe(0);
  const parcels = of(manifests, 'nal');
  expect(parcels).toMatchObject({
    status: 'published',
    salesChecksum: of(manifests, 'sdf').staged!.checksum,
  });
  expect(parcels.changes!.update).toBeGreaterThan(0);
  expect(of(tried.manifests, 'nal').staged!.checksum).toBe(parcels.staged!.checksum);
  const current = await ingestHere(data, { ...options, push: false });
  expect(of(current.manifests, 'nal').status).toBe('unchanged');
  const whole = await ingestHere(data, { ...options, force: true, push: false });
  expect(of(whole.manifests, 'nal').staged!.checksum).toBe(parcels.staged!.checksum);
});

test('where staged parcels cannot be enriched again, the run, status, report and plan say so', async () => {
  const data = dataFolder();
  await smallCounty(data, 100);
  await ingestHere(data, { county: 'union', push: false });
  const staged = join(data, 'lake/staged/dor_properties/county=union/year=2025/manifest.json');
  const former = { ...JSON.parse(readFileSync(staged, 'utf8')), sqlVersion: 'a former one' };
  writeFileSync(staged, JSON.stringify(former));
  raisePrices(data);
  const sources = [join(data, 'inbox/SDF73P202501.csv')];
  const { stderr } = await ingestHere(data, { county: 'union', sources, acceptDrift: true, push: false });
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
