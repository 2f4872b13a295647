import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from '../../src/engine.ts';
import { readStaged } from '../../src/lake/manifest.ts';
import { dataPaths, snapshotsFolder, stagedFolder } from '../../src/lake/paths.ts';
import type { Partition } from '../../src/model.ts';
import { planCounty } from '../../src/publishing/countyPlan.ts';
import { rollback } from '../../src/publishing/rollback.ts';
import { findCounty } from '../../src/reference.ts';
import { literal } from '../../src/sqlText.ts';
import { ingestHere } from '../inProcess.ts';
import { rows, startServer, type TestServer } from '../server.ts';
import { smallCounty } from '../smallCounty.ts';
import { dataFolder } from '../workspace.ts';

let server: TestServer;
let engine: Engine;
beforeAll(async () => {
  server = await startServer();
  engine = await Engine.open({ threads: 1, memoryLimitMb: 256, tempDirectory: '/tmp' });
});
afterAll(async () => {
  engine?.close();
  await server?.stop();
});

const county = findCounty('union');
const partition: Partition = { dataset: 'sdf', county, year: 2025 };
const quiet = { begin() {}, end() {}, say() {}, advance() {} };

async function union(database: string) {
  const data = dataFolder();
  await smallCounty(data, 40);
  const url = await server.createDatabase(database);
  const options = { paths: dataPaths(data), progress: quiet, targetUrl: url };
  const staged = join(stagedFolder(dataPaths(data).lake, partition), 'data.parquet');
  return { data, lake: dataPaths(data).lake, url, options, staged };
}

/** Raises every price, keeps every hash, footer and number of rows. */
async function raise(path: string) {
  await engine.run(
    `create or replace temp table raised as select * replace (sale_price + 1000000 as sale_price) from read_parquet(${literal(path)}, hive_partitioning = false)`,
  );
  const [{ run }] = (await engine.rows(
    `select decode(value) as run from parquet_kv_metadata(${literal(path)}) where decode(key) = 'run'`,
  )) as [{ run: string }];
  rmSync(path);
  await engine.run(`copy raised to ${literal(path)} (format parquet, kv_metadata {run: ${literal(run)}})`);
}

function flip(path: string) {
  const bytes = readFileSync(path);
  bytes[40]! ^= 1;
  rmSync(path);
  writeFileSync(path, bytes);
}

test('staged prices that were raised under their hashes are never published', async () => {
  const { data, lake, url, options, staged } = await union('raised');
  await ingestHere(data, { county: 'union', push: false });
  await raise(staged);
  await expect(planCounty(county, undefined, new Set(), options)).rejects.toThrow(/data\.parquet/);
  // Without a seal, as in lakes of earlier versions, the hashes of the rows themselves tell it.
  const manifest = readStaged(lake, partition)!;
  delete manifest.staged!.seals;
  writeFileSync(join(stagedFolder(lake, partition), 'manifest.json'), JSON.stringify(manifest));
  await expect(planCounty(county, undefined, new Set(), options)).rejects.toThrow(
    /rows have values that are not those of their hash/,
  );
  expect(await rows(url, "select to_regclass('dor_sales') as there")).toEqual([{ there: null }]);
  rmSync(snapshotsFolder(lake, partition), { recursive: true, force: true });
}, 60_000);

test('an ingest stages a damaged file again, and a rollback refuses a damaged snapshot', async () => {
  const { data, lake, url, options, staged } = await union('flipped');
  const [first] = (await ingestHere(data, { county: 'union', targetUrl: url })).manifests.filter(
    ({ dataset }) => dataset === 'sdf',
  );
  const total = 'select sum(sale_price)::text as total, count(*)::int as n from dor_sales';
  const published = await rows(url, total);
  flip(staged);
  const again = await ingestHere(data, { county: 'union', targetUrl: url });
  expect(again.code).toBe(0);
  expect(again.manifests.find(({ dataset }) => dataset === 'sdf')!.status).not.toBe('stopped');
  expect(again.manifests.find(({ dataset }) => dataset === 'sdf')!.run).not.toBe(first!.run);
  expect(await rows(url, total)).toEqual(published);

  const former = join(snapshotsFolder(lake, partition), first!.run, 'data.parquet');
  expect(existsSync(former)).toBe(true);
  await raise(former);
  const request = { county, dataset: 'sdf' as const, to: first!.run, overwrite: false, planOnly: false };
  await expect(rollback(request, options)).rejects.toThrow(/is not what was written/);
  expect(await rows(url, total)).toEqual(published);
}, 60_000);
