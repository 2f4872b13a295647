/** push: the changes of one partition in one transaction, verified before it commits. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, literal } from '../engine.ts';
import { DorError, EXIT } from '../errors.ts';
import { publishFile, writeFileDurably } from '../lake/durable.ts';
import { MEDIANS, publishedFolder } from '../lake/paths.ts';
import { type Partition, type RunManifest, TABLES } from '../model.ts';
import type { StagedFiles } from '../pipeline.ts';
import { streamRows } from '../target/rowStream.ts';
import type { Target, Transaction } from '../target/target.ts';
import { type Diff, ROW_KEYS } from './diff.ts';

/** Thrown when the target does not hold what it should after the changes: the transaction is rolled back. */
export class TargetDiffers extends DorError {
  override name = 'TargetDiffers';
}

export interface PushRequest {
  partition: Partition;
  files: StagedFiles;
  manifest: RunManifest;
  lake: string;
  scratch: string;
}

/**
 * Publishes the table `changes` that the diff left. Delete, update and insert, medians, publication ledger, then count
 * and checksum of the whole partition: all of it commits or none. Afterwards the lake records what the target holds.
 * @throws TargetDiffers, or DorError 75 when another push of the partition is running.
 */
export async function push(engine: Engine, target: Target, found: Diff, request: PushRequest): Promise<void> {
  const { partition, manifest } = request;
  const table = TABLES[partition.dataset];
  const relation = `${target.schema}.${table}`;
  await target.transaction(async (transaction) => {
    await transaction.query('set local synchronous_commit = on');
    await lockPartition(transaction, partition, table);
    const columns = await publishedColumns(engine, transaction, relation, request.files.path);
    if (found.base === 'empty') {
      await copyRows(engine, transaction, relation, columns, request, 'true');
    } else {
      await applyChanges(engine, transaction, relation, columns, request);
    }
    if (request.files.mediansPath)
      await replaceMedians(engine, transaction, `${target.schema}.${MEDIANS}`, request);
    await writeLedger(transaction, found, request);
    await verify(transaction, partition, relation, manifest);
  });
  await recordPublished(engine, target, request);
}

async function lockPartition(transaction: Transaction, partition: Partition, table: string): Promise<void> {
  const name = `dor ${table} ${partition.county.no} ${partition.year}`;
  const [row] = await transaction.query(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken',
    [name],
  );
  if (row?.taken) return;
  throw new DorError(
    `Another push of ${partition.county.slug} ${partition.year} to ${table} is running`,
    'wait until it has ended and run the command again',
    EXIT.busy,
  );
}

/**
 * The table's columns, in its order. @throws DorError when the table and the published part of the staged file, which
 * ends with the row hash, have not the same columns: a column more or less would be lost without a word.
 */
async function publishedColumns(
  engine: Engine,
  transaction: Transaction,
  relation: string,
  path: string,
): Promise<{ name: string; json: boolean }[]> {
  const wanted = await transaction.query(
    `select column_name, data_type from information_schema.columns
     where table_schema = $1 and table_name = $2 order by ordinal_position`,
    relation.split('.'),
  );
  const described = await engine.rows(`describe from read_parquet(${literal(path)})`);
  const staged = described.map((row) => String(row.column_name));
  const published = staged.slice(0, staged.indexOf('row_hash') + 1);
  const held = wanted.map((row) => String(row.column_name));
  const lacking = published.filter((name) => !held.includes(name));
  const unknown = held.filter((name) => !staged.includes(name));
  if (lacking.length + unknown.length > 0) {
    const found = [
      lacking.length > 0 && `lacks ${lacking.join(', ')}`,
      unknown.length > 0 && `has ${unknown.join(', ')}, which is not staged`,
    ];
    throw new DorError(
      `The columns of ${relation} were changed: it ${found.filter(Boolean).join(' and ')}; nothing was published`,
      'undo the change; columns of your own belong into a table of your own, joined by key',
    );
  }
  return wanted.map((row) => ({ name: String(row.column_name), json: row.data_type === 'jsonb' }));
}

type Columns = { name: string; json: boolean }[];

/** Streams staged rows that fit `condition` into a relation. */
async function copyRows(
  engine: Engine,
  transaction: Transaction,
  relation: string,
  columns: Columns,
  { files, scratch }: PushRequest,
  condition: string,
): Promise<void> {
  const expressions = columns.map(({ name, json }) =>
    json && name !== 'extra' ? `to_json(s.${name}) as ${name}` : `s.${name}`,
  );
  const select = `select ${expressions.join(', ')} from read_parquet(${literal(files.path)}) s where ${condition}`;
  const names = columns.map(({ name }) => name).join(', ');
  await transaction.copyIn(`${relation} (${names})`, streamRows(engine, select, scratch));
}

/** Changed rows go: the deleted for good, the updated before they come in again with the inserted. */
async function applyChanges(
  engine: Engine,
  transaction: Transaction,
  relation: string,
  columns: Columns,
  request: PushRequest,
): Promise<void> {
  const { county, year, dataset } = request.partition;
  const keys = ROW_KEYS[dataset];
  await transaction.query(
    `create temp table dor_gone on commit drop as select ${keys.join(', ')} from ${relation} with no data`,
  );
  const gone = `select ${keys.join(', ')} from changes where op <> 'insert'`;
  await transaction.copyIn('dor_gone', streamRows(engine, gone, request.scratch));
  await transaction.query('analyze dor_gone');
  await transaction.query(
    `delete from ${relation} t using dor_gone g
     where t.county_no = ${county.no} and t.year = ${year} and ${keys.map((key) => `t.${key} = g.${key}`).join(' and ')}`,
  );
  const same = keys.map((key) => `c.${key} = s.${key}`).join(' and ');
  const condition = `exists (select 1 from changes c where c.op <> 'delete' and ${same})`;
  await copyRows(engine, transaction, relation, columns, request, condition);
}

async function replaceMedians(
  engine: Engine,
  transaction: Transaction,
  relation: string,
  { partition: { county, year }, files, scratch }: PushRequest,
): Promise<void> {
  const columns = 'county_no, year, scope, name, parcels, median_just_value, median_value_per_sqft';
  await transaction.query(`delete from ${relation} where county_no = $1 and year = $2`, [county.no, year]);
  const select = `select ${columns} from read_parquet(${literal(files.mediansPath)})`;
  await transaction.copyIn(`${relation} (${columns})`, streamRows(engine, select, scratch));
}

async function writeLedger(
  transaction: Transaction,
  { changes }: Diff,
  { partition, manifest }: PushRequest,
): Promise<void> {
  const { source, staged } = manifest;
  await transaction.query(
    `insert into dor_internal.publications (table_name, county_no, year, run, source_sha256, stage, submission,
       sql_version, row_count, checksum, inserted, updated, deleted)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      TABLES[partition.dataset],
      partition.county.no,
      partition.year,
      manifest.run,
      source.sha256,
      source.stage,
      source.submission,
      manifest.sqlVersion,
      staged!.rows,
      staged!.checksum,
      changes.insert,
      changes.update,
      changes.delete,
    ],
  );
}

/** The target must hold exactly the staged rows now. */
async function verify(
  transaction: Transaction,
  { county, year }: Partition,
  relation: string,
  { staged }: RunManifest,
): Promise<void> {
  const [held] = await transaction.query(
    `select count(*)::text as row_count, coalesce(sum(row_hash), 0)::text as checksum
     from ${relation} where county_no = $1 and year = $2`,
    [county.no, year],
  );
  if (held?.row_count === String(staged!.rows) && held.checksum === staged!.checksum) return;
  throw new TargetDiffers(
    `${relation} ${county.slug} ${year} would hold ${held?.row_count} rows with checksum ${held?.checksum}, staged are ${staged!.rows} with ${staged!.checksum}; rolled back`,
    'someone else changed the table; run the command again, it then reads the table back first',
  );
}

/** The lake's record of what the target holds: the base of the next diff. */
export async function recordPublished(engine: Engine, target: Target, request: PushRequest): Promise<void> {
  const { partition, manifest, files, lake, scratch } = request;
  const folder = publishedFolder(lake, target.id, partition);
  mkdirSync(folder, { recursive: true });
  const path = join(scratch, `published_${partition.dataset}.parquet`);
  await engine.run(
    `copy (select ${ROW_KEYS[partition.dataset].join(', ')}, row_hash from read_parquet(${literal(files.path)}))
     to ${literal(path)} (format parquet, compression zstd)`,
  );
  publishFile(path, join(folder, 'data.parquet'));
  const { run, staged } = manifest;
  writeFileDurably(join(folder, 'publication.json'), `${JSON.stringify({ run, ...staged })}\n`);
}
