/** What a file that is stopped leaves behind: of it everything that people need, of what was there before all. */

import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataPaths } from '../src/lake/paths.ts';
import { findCounty } from '../src/reference.ts';
import { describeStatus } from '../src/status.ts';
import { openTarget } from '../src/target/open.ts';
import { traceValue } from '../src/why/trace.ts';
import { putEmbedded } from './embedded.ts';
import { asked, ingestHere } from './inProcess.ts';
import { smallCounty } from './smallCounty.ts';
import { dataFolder, dor } from './workspace.ts';

const [NAL, SDF] = ['NAL73P202501.csv', 'SDF73P202501.csv'];
type Cells = (cells: string[], at: (column: string) => number) => void;

/** A copy of a roll whose rows are changed. */
function changed(path: string, change: Cells): string {
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\r\n');
  const columns = header!.replaceAll('"', '').split(',');
  const rows = lines.map((line) => {
    const cells = line.split(',');
    change(cells, (column) => columns.indexOf(column));
    return cells.join(',');
  });
  return `${[header, ...rows].join('\r\n')}\r\n`;
}
const setting =
  (column: string, value: string): Cells =>
  (cells, at) => {
    cells[at(column)] = value;
  };
const hundredfold: Cells = (cells, at) => {
  cells[at('SALE_PRC')] = `${Number(cells[at('SALE_PRC')]) * 100}`;
};

test('sales that a guard holds back do not reach the target by way of the parcels, in this run or the next', async () => {
  const data = dataFolder();
  await putEmbedded(join(data, 'target'));
  await smallCounty(data, 200);
  expect((await ingestHere(data, { county: 'union' })).code).toBe(0);
  const latest = async () => {
    const target = await openTarget(undefined, dataPaths(data).target, false);
    const [row] = await target.query(
      `select (select sum(sale_price)::text from dor_sales) as sales,
         (select sum(latest_sale_price)::text from dor_properties) as latest`,
    );
    await target.close();
    return row;
  };
  const before = await latest();
  writeFileSync(join(data, 'inbox', SDF), changed(join(data, 'inbox', SDF), hundredfold));
  for (const sources of [[], [join(data, 'inbox', SDF)], [join(data, 'inbox', NAL)]]) {
    const { code, manifests } = await ingestHere(data, { county: 'union', sources, acceptOutlier: true });
    expect(code).toBe(1);
    const parcels = manifests.find(({ dataset }) => dataset === 'nal');
    if (parcels)
      expect(parcels).toMatchObject({
        status: 'stopped',
        reason: expect.stringMatching(/sales of Union 2025 are not published/),
      });
    expect(await latest()).toEqual(before);
  }
  const allow = new Set(['prices', 'columns', 'rewrite'] as const);
  const asMeant = await ingestHere(data, { county: 'union', acceptOutlier: true, allow });
  expect(asMeant.manifests.map(({ status }) => status)).toContain('published');
  expect(await latest()).not.toEqual(before);
});

test('dead letters of a file that was stopped stand beside those of the rows that stay, until a run goes well', async () => {
  const data = dataFolder();
  await smallCounty(data, 200);
  rmSync(join(data, 'inbox', NAL));
  const path = join(data, 'inbox', SDF);
  let spoilt = 0;
  const one = changed(path, (cells, at) => {
    if (spoilt++ === 0) cells[at('SALE_YR')] = 'x';
  });
  writeFileSync(path, one);
  const options = { county: 'union', push: false, maxRejectPct: 5 };
  const first = await ingestHere(data, options);
  const rejects = async () =>
    (await dor(data, ['rejects', 'union', '--format', 'csv'])).stdout.trim().split('\n');
  const letters = await rejects();
  expect(first.manifests[0]!.ledger.rejectedRule).toBe(letters.length - 1);
  const later = join(data, 'inbox/SDF73P202502.csv');
  writeFileSync(later, changed(path, setting('SALE_YR', 'y')));
  const stopped = await ingestHere(data, options);
  expect(stopped.manifests[0]).toMatchObject({ status: 'stopped' });
  const both = await rejects();
  expect(both.filter((line) => line.includes('SDF73P202501'))).toEqual(letters.slice(1));
  expect(both.filter((line) => line.includes('SDF73P202502')).length).toBeGreaterThan(10);
  expect(readFileSync(join(data, 'reports/union-2025.html'), 'utf8')).toMatch(/SDF73P202502/);
  const [id] = (await asked(data, 'select parcel_id from dor_sales limit 1', 'csv'))
    .trim()
    .split('\n')
    .slice(1);
  const [trace] = await traceValue(dataPaths(data), { id: id!, column: 'sale_price', redact: [] });
  expect(JSON.stringify(trace)).not.toMatch(/no such record/);
  rmSync(later);
  expect((await ingestHere(data, options)).manifests[0]!.status).toBe('unchanged');
  expect(await rejects()).toEqual(letters);
});

test('parcels whose new file is stopped are shown as stopped, also when the run had new sales', async () => {
  const data = dataFolder();
  await smallCounty(data, 100);
  await ingestHere(data, { county: 'union', push: false });
  const inbox = join(data, 'inbox');
  writeFileSync(join(inbox, SDF), changed(join(inbox, SDF), hundredfold));
  const bad = changed(join(inbox, NAL), setting('JV', 'x'));
  writeFileSync(join(inbox, 'NAL73F202501.csv'), bad);
  const { code, stderr } = await ingestHere(data, { county: 'union', push: false, acceptOutlier: true });
  expect(code).toBe(1);
  expect(stderr).toMatch(/union NAL 2025: latest sales are STALE/);
  expect(describeStatus(join(data, 'lake'))).toMatch(/union NAL 2025 +stopped/);
  expect(readFileSync(join(data, 'reports/union-2025.html'), 'utf8')).toMatch(/NAL73F202501/);
});

test('a file under a name that tells no submission is still of the one that its bytes were of', async () => {
  const data = dataFolder();
  await smallCounty(data, 50);
  const inbox = join(data, 'inbox');
  const older = readFileSync(join(inbox, SDF));
  rmSync(join(inbox, NAL));
  renameSync(join(inbox, SDF), join(inbox, 'SDF73F202502.csv'));
  const options = { county: 'union', push: false };
  await ingestHere(data, options);
  renameSync(join(inbox, 'SDF73F202502.csv'), join(inbox, 'sales.csv'));
  for (const force of [false, true]) {
    const { manifests } = await ingestHere(data, { ...options, force });
    expect(manifests[0]!.source).toMatchObject({ stage: 'F', submission: '02' });
  }
  rmSync(join(inbox, 'sales.csv'));
  writeFileSync(join(inbox, SDF), older);
  expect((await ingestHere(data, options)).manifests[0]!.reason).toMatch(/older submission/);
});

test('files of other years, and links that lead nowhere, are named', async () => {
  const data = dataFolder();
  await smallCounty(data, 20);
  await expect(ingestHere(data, { county: 'union', year: 2024, push: false })).rejects.toThrow(
    /no file of Union 2024; there are files of 2025/,
  );
  symlinkSync(join(data, 'gone'), join(data, 'inbox/old.csv'));
  const { code, refused, manifests } = await ingestHere(data, { county: 'Union County', push: false });
  expect([code, refused.map(({ message }) => message)]).toEqual([
    1,
    [expect.stringMatching(/old\.csv: is a link to a file that is not there/)],
  ]);
  expect(manifests.length).toBeGreaterThan(0);
  expect(findCounty('St Lucie County').slug).toBe(findCounty('Saint Lucie').slug);
});
