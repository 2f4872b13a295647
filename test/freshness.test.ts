/** What a change of one roll does to the others of its county. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decidingFiles } from '../src/sqlVersion.ts';
import { ingestHere } from './inProcess.ts';
import { smallCounty } from './steps/smallCounty.ts';
import { dataFolder, ROOT } from './workspace.ts';

type Run = Awaited<ReturnType<typeof ingestHere>>['manifests'][number];
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
