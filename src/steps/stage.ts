/** normalize → enrich → stage: the accepted rows become one typed Parquet file, written aside until it is accepted. */

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, literal, verbatim } from '../engine.ts';
import { publishFile } from '../lake/durable.ts';
import { sealFile } from '../lake/fileSeal.ts';
import { deadLettersFile, MEDIANS, stagedFolder, stoppedLettersFile, tableFolder } from '../lake/paths.ts';
import type { Dataset, Partition, Seals, SourceInfo } from '../model.ts';
import { SQL } from '../project.ts';
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
  await view(engine, `clean_${dataset}`, `normalize/${dataset}.sql`);
  const parcels = dataset === 'nal';
  const mediansPath = parcels ? await writeMedians(engine, scratch) : null;
  await view(engine, parcels ? 'parcels' : `enriched_${dataset}`, `enrich/${dataset}.sql`);
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
  await view(engine, 'parcels', 'enrich/nal_from_lake.sql');
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
  await copy(engine, engine.read(join(SQL, 'stage', `${dataset}.sql`)), path, input, route);
  const facts = await engine.row(
    `select count(*) as row_count, coalesce(sum(row_hash), 0)::varchar as checksum from read_parquet(${literal(verbatim(path))})`,
  );
  return { path, rows: Number(facts.row_count), checksum: String(facts.checksum) };
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

/** Moves what was staged into the lake; null stands for what stays as it is. The caller then writes the manifest, which makes it count. */
export function acceptStaged(
  lake: string,
  partition: Partition,
  staged: Pick<Staged, 'path' | 'mediansPath'> & { rejectedPath: string | null },
): void {
  if (staged.mediansPath)
    publishFile(staged.mediansPath, join(tableFolder(lake, MEDIANS, partition), 'data.parquet'));
  publishFile(staged.path, join(stagedFolder(lake, partition), 'data.parquet'));
  if (staged.rejectedPath) acceptDeadLetters(lake, partition, staged.rejectedPath);
}

/** Replaces the partition's dead letters by those of the run at hand. */
export function acceptDeadLetters(lake: string, partition: Partition, path: string): void {
  publishFile(path, deadLettersFile(lake, partition));
  forgetStopped(lake, partition);
}

/** Keeps the dead letters of a file that a gate stopped beside those of the staged rows, which stay. */
export function keepStoppedLetters(lake: string, partition: Partition, path: string): void {
  publishFile(path, stoppedLettersFile(lake, partition));
}

/** A file that was stopped is past once another run of the partition went well. */
export function forgetStopped(lake: string, partition: Partition): void {
  rmSync(stoppedLettersFile(lake, partition), { force: true });
}

/** Whether every value of a Parquet file can be read. */
export async function isReadable(engine: Engine, path: string): Promise<boolean> {
  try {
    await engine.rows(`select count(columns(*)) from read_parquet(${literal(verbatim(path))})`);
    return true;
  } catch {
    return false;
  }
}

/** The run that wrote a staged file, from its footer; null when there is no such file, or no footer any more. */
export async function readStagedRun(engine: Engine, path: string): Promise<string | null> {
  if (!existsSync(path)) return null;
  try {
    const [row] = await engine.rows(
      `select decode(value) as run from parquet_kv_metadata(${literal(verbatim(path))}) where decode(key) = 'run'`,
    );
    return row ? String(row.run) : null;
  } catch {
    return null;
  }
}

/** Frees what the steps of a partition left in the session and in the scratch folder. */
export async function dropIntermediates(engine: Engine, dataset: Dataset, scratch: string): Promise<void> {
  await engine.run(`drop view if exists ${dataset}; drop table if exists quality_${dataset}`);
  rmSync(join(scratch, `quality_${dataset}.parquet`), { force: true });
}

async function writeMedians(engine: Engine, scratch: string): Promise<string> {
  await engine.run(`create or replace temp table medians as ${engine.read(join(SQL, 'enrich/medians.sql'))}`);
  const path = join(scratch, 'medians.parquet');
  await engine.run(
    `copy (from medians order by scope, name) to ${literal(path)} (format parquet, compression zstd)`,
  );
  return path;
}

/** Leaves the view `enriched_nal`: the view `parcels` with the latest qualified sale of each. */
async function joinLatestSales(engine: Engine, salesPath: string | null): Promise<void> {
  const sales = salesPath
    ? `from read_parquet(${literal(verbatim(salesPath))})`
    : engine.read(join(SQL, 'enrich/no_sales.sql'));
  await engine.run(`create or replace temp view sales as ${sales}`);
  await engine.run(
    `create or replace temp table latest_sales as ${engine.read(join(SQL, 'enrich/latest_sales.sql'))}`,
  );
  await view(engine, 'enriched_nal', 'enrich/latest_sale_columns.sql');
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
