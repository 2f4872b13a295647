/** push: the change set of one partition in one transaction, verified before it commits. */

import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { DorError, EXIT } from '../errors.ts';
import { MEDIANS } from '../lake/paths.ts';
import { type PlanKind, type PlanPart, partitionOf } from '../lake/plans.ts';
import { writeRecord } from '../lake/published.ts';
import { parquet } from '../lake/snapshots.ts';
import type { Partition, Publication, Revision } from '../model.ts';
import { streamRows } from '../target/rowStream.ts';
import type { Transaction } from '../target/target.ts';
import type { Publishing } from './base.ts';
import { fileColumns, ROW_KEYS, type TableColumn, tableColumns } from './content.ts';
import { readLedger, writeLedger } from './ledger.ts';

/** Thrown when the target is not what the plan was made for: the transaction is rolled back. */
export class TargetMoved extends DorError {
  override name = 'TargetMoved';
}

export interface PushInput {
  kind: PlanKind;
  part: PlanPart;
  /** Folder that the part's files lie in. */
  folder: string;
  /** The county's medians afterwards; null leaves them alone. */
  mediansPath: string | null;
}

/** What a push came to; `id` is the publication's. */
export interface Pushed {
  id: string;
}

/**
 * Applies a change set. Delete, insert, medians, publication ledger, then count and checksum of the whole partition: all
 * of it commits or none. The lake's record is the caller's next step, see `recordPublication`.
 * @throws TargetMoved, or DorError 75 when another push of the partition is running.
 */
export async function push(publishing: Publishing, input: PushInput): Promise<Pushed> {
  const { target } = publishing;
  const { part } = input;
  const partition = partitionOf(part);
  const relation = `${target.schema}.${part.table}`;
  return target.transaction(async (transaction) => {
    await transaction.query('set local synchronous_commit = on');
    await lockPartition(transaction, partition, part.table);
    await refuseMoved(transaction, part, target.label);
    await deleteRows(publishing, transaction, relation, input);
    await insertRows(publishing, transaction, relation, input);
    if (input.mediansPath)
      await replaceMedians(
        publishing,
        transaction,
        `${target.schema}.${MEDIANS}`,
        partition,
        input.mediansPath,
      );
    const id = await writeLedger(transaction, partition, part.to, part.changes);
    await verify(transaction, partition, relation, part.to);
    return { id };
  });
}

/** The lake's record of what the target holds: the next diff believes it while the target's ledger says the same. */
export function recordPublication({ lake, target }: Publishing, part: PlanPart, { id }: Pushed): void {
  const { run, checksum } = part.to;
  writeRecord(lake, target.id, partitionOf(part), { id, run, checksum });
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

/** Under the lock: is the newest publication still the one that the plan was made against? */
async function refuseMoved(transaction: Transaction, part: PlanPart, label: string): Promise<void> {
  const [newest = null] = await readLedger(transaction, partitionOf(part));
  if (newest?.id === part.from?.id && newest?.checksum === part.from?.checksum) return;
  const name = (one: Publication | null) => (one ? `run ${one.run} (publication ${one.id})` : 'nothing');
  throw new TargetMoved(
    `The target ${label} has moved: ${part.table} ${part.county} ${part.year} held ${name(part.from)} when the plan was made and holds ${name(newest)} now; nothing was published`,
    `make a new plan: dor plan ${part.county}`,
  );
}

/** Rows that go, and rows that change before they come in again. */
async function deleteRows(
  { engine, scratch }: Publishing,
  transaction: Transaction,
  relation: string,
  { part, folder }: PushInput,
): Promise<void> {
  if (!part.files.before) return;
  const { county, year, dataset } = partitionOf(part);
  const keys = ROW_KEYS[dataset];
  await transaction.query(
    `create temp table dor_gone on commit drop as select ${keys.join(', ')} from ${relation} with no data`,
  );
  const gone = `select ${keys.join(', ')} from ${parquet(join(folder, part.files.before.path))}`;
  await transaction.copyIn('dor_gone', streamRows(engine, gone, scratch));
  await transaction.query('analyze dor_gone');
  await transaction.query(
    `delete from ${relation} t using dor_gone g
     where t.county_no = ${county.no} and t.year = ${year} and ${keys.map((key) => `t.${key} = g.${key}`).join(' and ')}`,
  );
}

async function insertRows(
  { engine, scratch }: Publishing,
  transaction: Transaction,
  relation: string,
  { kind, part, folder }: PushInput,
): Promise<void> {
  if (!part.files.after) return;
  const path = join(folder, part.files.after.path);
  const { names, expressions } = await insertedColumns(engine, transaction, relation, path, kind);
  const select = `select ${expressions.join(', ')} from ${parquet(path)} s`;
  await transaction.copyIn(`${relation} (${names.join(', ')})`, streamRows(engine, select, scratch));
}

/**
 * The table's columns, in its order. A former content may lack those that were added since: they are NULL, as they were.
 * @throws DorError when the table and the published part of a staged file, which ends with the row hash, have not the
 * same columns: a column more or less would be lost without a word.
 */
async function insertedColumns(
  engine: Engine,
  transaction: Transaction,
  relation: string,
  path: string,
  kind: PlanKind,
): Promise<{ names: string[]; expressions: string[] }> {
  const columns = await tableColumns(transaction, relation);
  const types = await fileColumns(engine, path);
  if (kind === 'publish') refuseOtherColumns(relation, columns, [...types.keys()]);
  const known = columns.filter(({ name }) => types.has(name));
  const expressions = known.map(({ name }) =>
    types.get(name)!.startsWith('MAP') ? `to_json(s.${name}) as ${name}` : `s.${name}`,
  );
  return { names: known.map(({ name }) => name), expressions };
}

function refuseOtherColumns(relation: string, columns: TableColumn[], staged: string[]): void {
  const held = columns.map(({ name }) => name);
  const published = staged.slice(0, staged.indexOf('row_hash') + 1);
  const lacking = published.filter((name) => !held.includes(name));
  const unknown = held.filter((name) => !staged.includes(name));
  if (lacking.length + unknown.length === 0) return;
  const found = [
    lacking.length > 0 && `lacks ${lacking.join(', ')}`,
    unknown.length > 0 && `has ${unknown.join(', ')}, which is not staged`,
  ];
  throw new DorError(
    `The columns of ${relation} were changed: it ${found.filter(Boolean).join(' and ')}; nothing was published`,
    'undo the change; columns of your own belong into a table of your own, joined by key',
  );
}

async function replaceMedians(
  { engine, scratch }: Publishing,
  transaction: Transaction,
  relation: string,
  { county, year }: Partition,
  path: string,
): Promise<void> {
  const columns = 'county_no, year, scope, name, parcels, median_just_value, median_value_per_sqft';
  await transaction.query(`delete from ${relation} where county_no = $1 and year = $2`, [county.no, year]);
  const select = `select ${columns} from ${parquet(path)}`;
  await transaction.copyIn(`${relation} (${columns})`, streamRows(engine, select, scratch));
}

/** The target must hold exactly the wanted rows now. */
async function verify(
  transaction: Transaction,
  { county, year }: Partition,
  relation: string,
  to: Revision,
): Promise<void> {
  const [held] = await transaction.query(
    `select count(*)::text as row_count, coalesce(sum(row_hash), 0)::text as checksum
     from ${relation} where county_no = $1 and year = $2`,
    [county.no, year],
  );
  if (held?.row_count === String(to.rows) && held.checksum === to.checksum) return;
  throw new TargetMoved(
    `${relation} ${county.slug} ${year} would hold ${held?.row_count} rows with checksum ${held?.checksum}, planned are ${to.rows} with ${to.checksum}; rolled back`,
    `someone else changed the table: dor drift ${county.slug} says which rows; a new plan reads the table back first`,
  );
}
