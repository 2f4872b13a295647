/**
 * Rows of a table brought to what they are to be by UPDATE, INSERT and DELETE, each for the rows that need it: a row that
 * stays is never deleted and inserted again, which would take along or empty the rows of others that refer to it.
 */

import { DorError } from '../errors.ts';
import type { Transaction } from '../target/target.ts';
import { isReferredTo, listLosses } from './obstacles.ts';

/** Part of a table. */
export interface Merged {
  /** With its schema. */
  relation: string;
  /** Key inside the part. */
  keys: string[];
  /** Condition on the table, named `t`, that is the part. */
  where: string;
  /** Option that lets rows of other tables go along with ours; null when it was given. */
  lostFlag: string | null;
}

/** Temporary tables: wanted rows, and keys of rows that go. */
const COME = 'pg_temp.dor_come';
const GONE = 'pg_temp.dor_gone';

/** Loads rows, as CSV in the order of the columns, beside the table. */
async function load(
  transaction: Transaction,
  relation: string,
  { temporary, columns }: { temporary: string; columns: string[] },
  rows: AsyncIterable<Buffer>,
): Promise<void> {
  const [, name] = temporary.split('.');
  await transaction.query(`drop table if exists ${temporary}`);
  await transaction.query(
    `create temp table ${name} on commit drop as select ${columns.join(', ')} from ${relation} with no data`,
  );
  await transaction.copyIn(temporary, rows);
  await transaction.query(`analyze ${temporary}`);
}

const joined = (keys: string[], other: string) =>
  keys.map((key) => `t.${key} = ${other}.${key}`).join(' and ');

/** FROM and WHERE of the rows with the keys that were loaded. */
const gone = ({ relation, where, keys }: Merged) =>
  `from ${relation} t, ${GONE} g where ${where} and ${joined(keys, 'g')}`;

/** Deletes the rows with these keys. @throws DorError when rows of other tables would go along. */
export async function deleteRows(
  transaction: Transaction,
  part: Merged,
  keys: AsyncIterable<Buffer>,
): Promise<void> {
  await load(transaction, part.relation, { temporary: GONE, columns: part.keys }, keys);
  const losses = part.lostFlag ? await listLosses(transaction, part.relation, gone(part)) : [];
  if (losses.length > 0)
    throw new DorError(
      `${losses.join('; ')}; nothing was published`,
      `look at them first; if they may go, publish with --${part.lostFlag} (dor ingest, or dor apply <plan>)`,
    );
  const condition = `where ${part.where} and ${joined(part.keys, 'g')}`;
  await transaction.query(`delete from ${part.relation} t using ${GONE} g ${condition}`);
}

/** What deleting the rows with these keys would take along, in words. Nothing is deleted. */
export async function foreseeLosses(
  transaction: Transaction,
  part: Merged,
  keys: () => AsyncIterable<Buffer>,
): Promise<string[]> {
  if (!(await isReferredTo(transaction, part.relation))) return [];
  await load(transaction, part.relation, { temporary: GONE, columns: part.keys }, keys());
  return listLosses(transaction, part.relation, gone(part));
}

/** Updates rows that are there and inserts those that are not. Only columns that differ somewhere are set. */
export async function upsertRows(
  transaction: Transaction,
  part: Merged,
  columns: string[],
  rows: AsyncIterable<Buffer>,
): Promise<void> {
  const { relation, keys, where } = part;
  await load(transaction, part.relation, { temporary: COME, columns: columns }, rows);
  const differing = await differingColumns(transaction, part, columns);
  const condition = `${where} and ${joined(keys, 'n')}`;
  if (differing.length > 0) {
    const sets = differing.map((name) => `${name} = n.${name}`);
    const differs = differing.map((name) => `t.${name} is distinct from n.${name}`);
    await transaction.query(
      `update ${relation} t set ${sets.join(', ')} from ${COME} n where ${condition} and (${differs.join(' or ')})`,
    );
  }
  const all = columns.join(', ');
  await transaction.query(
    `insert into ${relation} (${all}) select ${all} from ${COME} n where not exists (select from ${relation} t where ${condition})`,
  );
}

/** Columns in which a row that is there is not what `upsertRows` was given: before it, what it sets; after it, none. */
async function differingColumns(
  transaction: Transaction,
  { relation, keys, where }: Merged,
  columns: string[],
): Promise<string[]> {
  const others = columns.filter((name) => !keys.includes(name));
  const [row] = await transaction.query(
    `select ${others.map((name) => `bool_or(t.${name} is distinct from n.${name}) as ${name}`).join(', ')}
     from ${relation} t join ${COME} n on ${joined(keys, 'n')} where ${where}`,
  );
  return others.filter((name) => row?.[name] === true);
}

/** Whether each row that `upsertRows` was given stands in the table as it was given. */
export async function holdsRows(transaction: Transaction, part: Merged, columns: string[]): Promise<boolean> {
  const [row] = await transaction.query(
    `select count(*)::int as n from ${COME} n where not exists (
       select from ${part.relation} t where ${part.where} and ${joined(part.keys, 'n')})`,
  );
  return row?.n === 0 && (await differingColumns(transaction, part, columns)).length === 0;
}
