/** diff: what the target lacks, by key and row hash against what it holds. */

import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Engine, literal } from '../engine.ts';
import { publishedFolder } from '../lake/paths.ts';
import { type Changes, type Dataset, type Partition, TABLES } from '../model.ts';
import type { Target, TargetRow } from '../target/target.ts';

/** Key of a row inside its partition. */
export const ROW_KEYS: Record<Dataset, string[]> = {
  nal: ['parcel_id'],
  sdf: ['parcel_id', 'sale_id'],
  nap: ['account_id'],
};

/** Where the target's keys and hashes were taken from. */
export type DiffBase = 'empty' | 'lake' | 'target';

export interface Diff {
  changes: Changes;
  base: DiffBase;
  /** The target's last publication of the partition, as its ledger has it. */
  publication: Publication | null;
}

/** One row of the target's publication ledger. */
export interface Publication {
  run: string;
  rows: number;
  checksum: string;
  stage: string | null;
  submission: string | null;
}

/**
 * Compares the staged file with the target and leaves the table `changes(op, <key>)` with op insert, update or delete.
 * The lake's own record of what it published is believed only while the target's ledger says the same; otherwise (a
 * restored backup, another machine, lost local state) keys and hashes are read back from the target.
 * @param readBack never believe the lake's record.
 */
export async function diff(
  engine: Engine,
  target: Target,
  partition: Partition,
  stagedPath: string,
  lake: string,
  scratch: string,
  readBack = false,
): Promise<Diff> {
  const publication = await lastPublication(target, partition);
  const folder = publishedFolder(lake, target.id, partition);
  const base = await openBase(engine, target, partition, { publication, folder, scratch, readBack });
  const keys = ROW_KEYS[partition.dataset];
  await engine.run(
    `create or replace temp table changes as
     select case when b.row_hash is null then 'insert' when s.row_hash is null then 'delete' else 'update' end as op,
       ${keys.join(', ')}
     from (select ${keys.join(', ')}, row_hash from read_parquet(${literal(stagedPath)})) s
     full join base b using (${keys.join(', ')})
     where s.row_hash is distinct from b.row_hash`,
  );
  const counts = await engine.row(
    `select count_if(op = 'insert') as inserted, count_if(op = 'update') as updated, count_if(op = 'delete') as deleted,
       (select count(*) from base) as held from changes`,
  );
  const [insert, update, deleted] = [Number(counts.inserted), Number(counts.updated), Number(counts.deleted)];
  const unchanged = Number(counts.held) - update - deleted;
  return { changes: { insert, update, delete: deleted, unchanged }, base, publication };
}

/** The newest publication of a partition, or null when there is none. */
export async function lastPublication(target: Target, partition: Partition): Promise<Publication | null> {
  if (!(await exists(target, 'dor_internal.publications'))) return null;
  const [row] = await target.query(
    `select run, row_count::text as row_count, checksum::text as checksum, stage, submission
     from dor_internal.publications where table_name = $1 and county_no = $2 and year = $3
     order by id desc limit 1`,
    [TABLES[partition.dataset], partition.county.no, partition.year],
  );
  return row ? toPublication(row) : null;
}

function toPublication(row: TargetRow): Publication {
  const { run, row_count, checksum, stage, submission } = row as Record<string, string>;
  return {
    run: run!,
    rows: Number(row_count),
    checksum: checksum!,
    stage: stage ?? null,
    submission: submission ?? null,
  };
}

/** A dry run may meet a target whose schema has not been made. */
async function exists(target: Target, relation: string): Promise<boolean> {
  const [row] = await target.query('select to_regclass($1) is not null as present', [relation]);
  return row?.present === true;
}

interface BaseRequest {
  publication: Publication | null;
  folder: string;
  scratch: string;
  readBack: boolean;
}

/** Leaves the view `base(<key>, row_hash)`. */
async function openBase(
  engine: Engine,
  target: Target,
  partition: Partition,
  request: BaseRequest,
): Promise<DiffBase> {
  const { publication, folder, scratch, readBack } = request;
  const recorded = readRecord(folder);
  const same = publication && recorded?.run === publication.run && recorded.checksum === publication.checksum;
  if (same && !readBack) {
    const path = join(folder, 'data.parquet');
    await engine.run(`create or replace temp view base as from read_parquet(${literal(path)})`);
    return 'lake';
  }
  const keys = ROW_KEYS[partition.dataset];
  const table = `${target.schema}.${TABLES[partition.dataset]}`;
  if (!(await exists(target, table))) {
    const columns = [...keys.map((name) => `null::varchar as ${name}`), 'null::bigint as row_hash'];
    await engine.run(`create or replace temp view base as select ${columns.join(', ')} where false`);
    return 'empty';
  }
  const path = join(scratch, `base_${partition.dataset}.csv`);
  const select = `select ${keys.join(', ')}, row_hash from ${table}
    where county_no = ${partition.county.no} and year = ${partition.year}`;
  await target.transaction(async (transaction) =>
    pipeline(transaction.copyOut(select), createWriteStream(path)),
  );
  const columns = [...keys.map((name) => `'${name}': 'varchar'`), "'row_hash': 'bigint'"].join(', ');
  await engine.run(
    `create or replace temp table base_rows as
     from read_csv(${literal(path)}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"',
       columns = {${columns}})`,
  );
  await engine.run('create or replace temp view base as from base_rows');
  const { held } = await engine.row('select count(*) as held from base');
  return Number(held) === 0 ? 'empty' : 'target';
}

/** What the lake says it published last, or null. */
export function readRecord(folder: string): { run: string; checksum: string } | null {
  const path = join(folder, 'publication.json');
  if (!existsSync(path) || !existsSync(join(folder, 'data.parquet'))) return null;
  return JSON.parse(readFileSync(path, 'utf8'));
}
