/** normalize → enrich → stage: the accepted rows become one typed Parquet file, written aside until it is accepted. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { sealFile } from '../lake/fileSeal.ts';
import type { Dataset, Partition, Seals } from '../model.ts';
import { SQL } from '../project.ts';
import type { Route } from '../routing.ts';
import { literal, verbatim } from '../sqlText.ts';

export interface StageInput {
  partition: Partition;
  /** Day the roll was made, ISO; null when nothing tells. */
  fileDate: string | null;
  /** Staged sales of the same county and year, which the parcels' latest sales come from. */
  salesPath: string | null;
  /** Goes into the Parquet footer. */
  metadata: { run: string; source_sha256: string; sql_version: string };
}

export interface StagedRows {
  /** The file aside, in the scratch folder. */
  path: string;
  rows: number;
  /** Sum of the row hashes. */
  checksum: string;
}

export interface Staged extends StagedRows {
  /** Medians of the county; only with the parcels. */
  mediansPath: string | null;
  /** What the files must still be when they are used. */
  seals: Seals;
}

/** Writes the staged rows and the dead letters of one partition to the scratch folder and reads the footer back. */
export async function stage(
  engine: Engine,
  input: StageInput,
  route: Route,
  scratch: string,
): Promise<Staged> {
  const { dataset, county } = input.partition;
  await engine.set({ county: county.slug, file_date: input.fileDate });
  await engine.make('view', join(SQL, 'normalize', `${dataset}.sql`));
  const parcels = dataset === 'nal';
  const mediansPath = parcels ? await writeMedians(engine, scratch) : null;
  await engine.make('view', join(SQL, 'enrich', `${dataset}.sql`));
  if (parcels) await joinLatestSales(engine, input.salesPath);
  const rows = await writeRows(engine, input, route, scratch);
  const medians = mediansPath ? sealFile(mediansPath) : null;
  return { ...rows, mediansPath, seals: { data: sealFile(rows.path), medians } };
}

/** Writes staged parcels again with the latest sales of `salesPath`: all else, medians included, stays as it is. */
export async function stageAgain(
  engine: Engine,
  input: StageInput & { parcelsPath: string },
  route: Route,
  scratch: string,
): Promise<StagedRows> {
  await engine.set({ file_date: input.fileDate, parcels: verbatim(input.parcelsPath) });
  await engine.make('view', join(SQL, 'enrich/nal_from_lake.sql'));
  await joinLatestSales(engine, input.salesPath);
  return writeRows(engine, input, route, scratch);
}

async function writeRows(
  engine: Engine,
  input: StageInput,
  route: Route,
  scratch: string,
): Promise<StagedRows> {
  const { dataset } = input.partition;
  const path = join(scratch, `staged_${dataset}.parquet`);
  const select = await engine.read(join(SQL, 'stage', `${dataset}.sql`));
  const metadata = Object.entries(input.metadata).map(([key, value]) => `${key}: ${literal(value)}`);
  await engine.run(
    `copy (${select}) to ${literal(path)}
     (format parquet, compression zstd, row_group_size ${route.rowGroupSize}, kv_metadata {${metadata.join(', ')}})`,
  );
  const facts = await engine.row(
    `select count(*) as row_count, coalesce(sum(row_hash), 0)::varchar as checksum from read_parquet(${literal(verbatim(path))})`,
  );
  return { path, rows: Number(facts.row_count), checksum: String(facts.checksum) };
}

/** Frees what the steps of a partition left in the session and in the scratch folder. */
export async function dropIntermediates(engine: Engine, dataset: Dataset, scratch: string): Promise<void> {
  await engine.run(`drop view if exists ${dataset}; drop table if exists quality_${dataset}`);
  rmSync(join(scratch, `quality_${dataset}.parquet`), { force: true });
}

async function writeMedians(engine: Engine, scratch: string): Promise<string> {
  await engine.make('table', join(SQL, 'enrich/medians.sql'));
  const path = join(scratch, 'medians.parquet');
  await engine.run(
    `copy (from medians order by scope, name) to ${literal(path)} (format parquet, compression zstd)`,
  );
  return path;
}

/** Leaves the view `enriched_nal`: the view `parcels` with the latest qualified sale of each. */
async function joinLatestSales(engine: Engine, salesPath: string | null): Promise<void> {
  if (salesPath) await engine.set({ sales: verbatim(salesPath) });
  await engine.make('view', join(SQL, 'enrich', salesPath ? 'sales_from_lake.sql' : 'no_sales.sql'));
  await engine.make('table', join(SQL, 'enrich/latest_sales.sql'));
  await engine.make('view', join(SQL, 'enrich/latest_sale_columns.sql'));
}
