/** normalize → enrich → stage: the accepted rows become one typed Parquet file, written aside until it is accepted. */

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, literal } from '../engine.ts';
import { publishFile } from '../lake/durable.ts';
import { sealFile } from '../lake/fileSeal.ts';
import { MEDIANS, rejectedFolder, SQL, stagedFolder, tableFolder } from '../lake/paths.ts';
import type { Dataset, Partition, Seals, SourceInfo } from '../model.ts';
import type { Route } from '../routing.ts';

export interface StageInput {
  partition: Partition;
  /** Day the roll was made, ISO; null when nothing tells. */
  fileDate: string | null;
  /** Staged sales of the same county and year, which the parcels' latest sales come from. */
  salesPath: string | null;
  /** Goes into the Parquet footer. */
  metadata: { run: string; source_sha256: string; sql_version: string };
}

export interface Staged {
  /** The file aside, in the scratch folder. */
  path: string;
  /** Medians of the county; only with the parcels. */
  mediansPath: string | null;
  rows: number;
  /** Sum of the row hashes. */
  checksum: string;
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
  await view(engine, `clean_${dataset}`, `normalize/${dataset}.sql`);
  const mediansPath = dataset === 'nal' ? await prepareParcels(engine, input, scratch) : null;
  await view(engine, `enriched_${dataset}`, `enrich/${dataset}.sql`);

  const path = join(scratch, `staged_${dataset}.parquet`);
  await copy(engine, engine.read(join(SQL, 'stage', `${dataset}.sql`)), path, input, route);
  const facts = await engine.row(
    `select count(*) as row_count, coalesce(sum(row_hash), 0)::varchar as checksum from read_parquet(${literal(path)})`,
  );
  return {
    path,
    mediansPath,
    rows: Number(facts.row_count),
    checksum: String(facts.checksum),
    seals: { data: sealFile(path), medians: mediansPath ? sealFile(mediansPath) : null },
  };
}

/** Writes the table `dead_letters` of one partition to the scratch folder. */
export async function writeDeadLetters(
  engine: Engine,
  { partition, metadata }: Pick<StageInput, 'partition' | 'metadata'>,
  source: Pick<SourceInfo, 'file' | 'members'>,
  scratch: string,
): Promise<string> {
  const path = join(scratch, `rejected_${partition.dataset}.parquet`);
  const { dataset, county, year } = partition;
  await engine.run(
    `copy (
       select ${literal(dataset)} as dataset, ${literal(county.slug)} as county, ${year}::smallint as year,
         ${literal(metadata.run)} as run, ${literal(source.file)} as file,
         nullif(concat_ws(' › ', ${literal(source.members.join(' › ') || null)}, sheet), '') as member, * exclude (sheet)
       from dead_letters order by member, line, rule
     ) to ${literal(path)} (format parquet, compression zstd)`,
  );
  return path;
}

/** Moves what was staged into the lake. The caller then writes the manifest, which makes it count. */
export function acceptStaged(
  lake: string,
  partition: Partition,
  staged: Staged & { rejectedPath: string },
): void {
  if (staged.mediansPath)
    publishFile(staged.mediansPath, join(tableFolder(lake, MEDIANS, partition), 'data.parquet'));
  publishFile(staged.path, join(stagedFolder(lake, partition), 'data.parquet'));
  acceptDeadLetters(lake, partition, staged.rejectedPath);
}

/** Replaces the partition's dead letters by those of the run at hand. */
export function acceptDeadLetters(lake: string, partition: Partition, path: string): void {
  publishFile(path, join(rejectedFolder(lake, partition), 'data.parquet'));
}

/** The run that wrote a staged file, from its footer; null when there is no such file. */
export async function readStagedRun(engine: Engine, path: string): Promise<string | null> {
  if (!existsSync(path)) return null;
  const [row] = await engine.rows(
    `select decode(value) as run from parquet_kv_metadata(${literal(path)}) where decode(key) = 'run'`,
  );
  return row ? String(row.run) : null;
}

/** Frees what the steps of a partition left in the session and in the scratch folder. */
export async function dropIntermediates(engine: Engine, dataset: Dataset, scratch: string): Promise<void> {
  await engine.run(`drop view if exists ${dataset}; drop table if exists quality_${dataset}`);
  rmSync(join(scratch, `quality_${dataset}.parquet`), { force: true });
}

async function prepareParcels(engine: Engine, input: StageInput, scratch: string): Promise<string> {
  const sales = input.salesPath
    ? `from read_parquet(${literal(input.salesPath)})`
    : engine.read(join(SQL, 'enrich/no_sales.sql'));
  await engine.run(`create or replace temp view sales as ${sales}`);
  for (const name of ['latest_sales', 'medians']) {
    await engine.run(
      `create or replace temp table ${name} as ${engine.read(join(SQL, 'enrich', `${name}.sql`))}`,
    );
  }
  const path = join(scratch, 'medians.parquet');
  await engine.run(
    `copy (from medians order by scope, name) to ${literal(path)} (format parquet, compression zstd)`,
  );
  return path;
}

async function view(engine: Engine, name: string, file: string): Promise<void> {
  await engine.run(`create or replace temp view ${name} as ${engine.read(join(SQL, file))}`);
}

async function copy(
  engine: Engine,
  select: string,
  path: string,
  input: StageInput,
  route: Route,
): Promise<void> {
  const metadata = Object.entries(input.metadata).map(([key, value]) => `${key}: ${literal(value)}`);
  await engine.run(
    `copy (${select}) to ${literal(path)}
     (format parquet, compression zstd, row_group_size ${route.rowGroupSize}, kv_metadata {${metadata.join(', ')}})`,
  );
}
