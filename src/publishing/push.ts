/** push: the change set of one partition in one transaction, verified before it commits. */

import { join } from 'node:path';
import { DorError, EXIT } from '../errors.ts';
import { MEDIANS } from '../lake/paths.ts';
import { type PlanKind, type PlanPart, partitionOf } from '../lake/plans.ts';
import { writeRecord } from '../lake/published.ts';
import type { Partition, Publication, Revision } from '../model.ts';
import { findCounty } from '../reference.ts';
import { ROLLS } from '../rolls.ts';
import { parquet } from '../sqlText.ts';
import { refuseChangedColumns } from '../target/columns.ts';
import { streamRows } from '../target/rowStream.ts';
import { inSchema, type Transaction } from '../target/target.ts';
import { fileColumns, type TableColumn, tableColumns } from './content.ts';
import type { Publishing } from './currentState.ts';
import { CASCADES, type GuardName } from './guards.ts';
import { deleteRows, holdsRows, type Merged, upsertRows } from './merge.ts';
import { explainRefusal, listMeddlers, meddledWith } from './obstacles.ts';
import { readPublications, writePublication } from './publicationLog.ts';
import { bringMedians } from './pushMedians.ts';
import { publishedOf, withdraw } from './withdrawSample.ts';

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
  /** Guards that were opened: here, whether rows of other tables may go along with ours. */
  allow: ReadonlySet<GuardName>;
}

/** What a push came to: the publication's id in the target's publication log, and the publication log's runs, newest first. */
export interface Pushed {
  id: string;
  log: string[];
}

/**
 * Applies a change set. Deletes, updates and inserts, medians, publication log, then count and checksum of the whole
 * partition: all of it commits or none. The lake's record is the caller's next step, see `recordPublication`.
 * @throws TargetMoved, DorError 75 when another push of the partition is running, or one that names the constraint,
 * trigger or column which does not let it happen.
 */
export async function push(publishing: Publishing, input: PushInput): Promise<Pushed> {
  const { part } = input;
  const { schema } = publishing.target;
  const relation = inSchema(schema, part.table);
  try {
    return await publishing.target.transaction((transaction) => pushInside(publishing, transaction, input));
  } catch (error) {
    throw explainRefusal(error, relation);
  }
}

async function pushInside(
  publishing: Publishing,
  transaction: Transaction,
  input: PushInput,
): Promise<Pushed> {
  const { label, schema } = publishing.target;
  const { part, mediansPath, allow } = input;
  const partition = partitionOf(part);
  const relation = inSchema(schema, part.table);
  const where = `t.county_no = ${partition.county.no} and t.year = ${partition.year}`;
  const lostFlag = allow.has(CASCADES.guard) ? null : CASCADES.flag;
  const merged = { relation, keys: ROLLS[partition.dataset].keys.staged, where, lostFlag };
  await transaction.query('set local synchronous_commit = on');
  await lockPartition(transaction, partition, part.table);
  await refuseMoved(transaction, part, label);
  await refuseChangedColumns(transaction, schema, part.table);
  const meddlers = await listMeddlers(transaction, relation);
  await bringRows(publishing, transaction, { merged, meddlers }, input);
  if (mediansPath) {
    await refuseChangedColumns(transaction, schema, MEDIANS);
    await bringMedians(publishing, transaction, merged, mediansPath);
  }
  if (publishing.target.embedded && !part.to.sample)
    await withdrawOthers(publishing, transaction, partition, part.to);
  const id = await writePublication(transaction, partition, part.to, part.changes);
  // The same for a first load, and for whatever deletes alone put off.
  await transaction.query('set constraints all immediate');
  await verify(transaction, part, relation, meddlers);
  const log = await readPublications(transaction, partition);
  return { id, log: log.map(({ run }) => run) };
}

/** Real rows and generated ones of a county are never in the target together: the sample's other tables and years go. */
async function withdrawOthers(
  { target, say }: Publishing,
  transaction: Transaction,
  { dataset, county, year }: Partition,
  to: Revision,
): Promise<void> {
  for (const sample of await publishedOf(transaction, county, true)) {
    if (sample.dataset === dataset && sample.year === year) continue;
    await lockPartition(transaction, sample, ROLLS[sample.dataset].table);
    await withdraw(transaction, target.schema, sample, to);
    say(
      `*** the bundled sample of ${ROLLS[sample.dataset].table} ${county.slug} ${sample.year} leaves the target: real rows come ***`,
    );
  }
}

/** The lake's record of what the target holds: the next diff believes it while the target's publication log says the same. */
export function recordPublication({ lake, target }: Publishing, part: PlanPart, pushed: Pushed): void {
  const { run, checksum } = part.to;
  writeRecord(lake, target.id, partitionOf(part), { ...pushed, run, checksum });
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
  const [newest = null] = await readPublications(transaction, partitionOf(part));
  if (newest?.id === part.from?.id && newest?.checksum === part.from?.checksum) return;
  const name = (one: Publication | null) => (one ? `run ${one.run} (publication ${one.id})` : 'nothing');
  throw new TargetMoved(
    `The target ${label} has moved: ${part.table} ${part.county} ${part.year} held ${name(part.from)} when the plan was made and holds ${name(newest)} now; nothing was published`,
    `make a new plan: dor plan ${part.county}`,
  );
}

/** Deletes, then updates and inserts; a first load goes straight into the table unless somebody's triggers look on. */
async function bringRows(
  { engine, scratch }: Publishing,
  transaction: Transaction,
  { merged, meddlers }: { merged: Merged; meddlers: string[] },
  { kind, part, folder }: PushInput,
): Promise<void> {
  const { changes, after } = part.files;
  if (changes && part.changes.delete > 0) {
    const gone = `select ${merged.keys.join(', ')} from ${parquet(join(folder, changes.path))} where op = 'delete'`;
    await deleteRows(transaction, merged, streamRows(engine, gone, scratch));
  }
  if (!after) return;
  const path = join(folder, after.path);
  const { names, expressions } = await writtenColumns(
    transaction,
    merged.relation,
    await fileColumns(engine, path),
    kind,
  );
  const rows = streamRows(engine, `select ${expressions.join(', ')} from ${parquet(path)} s`, scratch);
  if (part.currentFrom === 'empty' && meddlers.length === 0)
    return transaction.copyIn(`${merged.relation} (${names.join(', ')})`, rows);
  await upsertRows(transaction, merged, names, rows);
  // What was put off to the commit works now, before it is looked at what stands there.
  await transaction.query('set constraints all immediate');
  if (meddlers.length > 0 && !(await holdsRows(transaction, merged, names)))
    throw meddledWith(merged.relation, meddlers);
}

/**
 * The table's columns, in its order. A former content may lack those that a migration added since: they become NULL, as they were.
 * @throws DorError when the table and the published part of a staged file, which ends with the row hash, have not the
 * same columns: a column more or less would be lost without a word.
 */
async function writtenColumns(
  transaction: Transaction,
  relation: string,
  types: Map<string, string>,
  kind: PlanKind,
): Promise<{ names: string[]; expressions: string[] }> {
  const columns = await tableColumns(transaction, relation);
  if (kind === 'publish') refuseOtherColumns(relation, columns, [...types.keys()]);
  const expressions = columns.map(({ name }) => {
    const type = types.get(name);
    if (!type) return `null as ${name}`;
    return type.startsWith('MAP') ? `to_json(s.${name}) as ${name}` : `s.${name}`;
  });
  return { names: columns.map(({ name }) => name), expressions };
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
    'undo the change; columns of your own belong in a table of your own, joined by key',
  );
}

/** The target must hold exactly the wanted rows now. */
async function verify(
  transaction: Transaction,
  { county, year, to }: Pick<PlanPart, 'county' | 'year' | 'to'>,
  relation: string,
  meddlers: string[],
): Promise<void> {
  const [held] = await transaction.query(
    `select count(*)::text as row_count, coalesce(sum(row_hash), 0)::text as checksum
     from ${relation} where county_no = $1 and year = $2`,
    [findCounty(county).no, year],
  );
  if (held?.row_count === String(to.rows) && held.checksum === to.checksum) return;
  if (meddlers.length > 0) throw meddledWith(relation, meddlers);
  throw new TargetMoved(
    `${relation} ${county} ${year} would hold ${held?.row_count} rows with checksum ${held?.checksum}, planned are ${to.rows} with ${to.checksum}; rolled back`,
    `someone else changed the table: dor drift ${county} says which rows; a new plan reads the table back first`,
  );
}
