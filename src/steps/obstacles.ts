/** What others have put around the published tables and what then stands in the way of a push, by its name. */

import { DorError } from '../errors.ts';
import type { Transaction } from '../target/target.ts';

/** Triggers and rules of others on a table: they may change or swallow what is written. */
export async function listMeddlers(transaction: Transaction, relation: string): Promise<string[]> {
  const rows = await transaction.query(
    `select 'trigger ' || quote_ident(tgname) as name from pg_trigger
     where tgrelid = to_regclass($1) and not tgisinternal and tgenabled in ('O', 'A')
     union all
     select 'rule ' || quote_ident(rulename) from pg_rewrite
     where ev_class = to_regclass($1) and rulename <> '_RETURN' and ev_enabled in ('O', 'A') order by 1`,
    [relation],
  );
  return rows.map(({ name }) => String(name));
}

/** What was written is not what stands there, and somebody's triggers or rules are why. */
export const meddledWith = (relation: string, meddlers: string[]) =>
  new DorError(
    `${relation} does not hold what was written to it: its ${meddlers.join(', ')} changed or swallowed rows; nothing was published`,
    'drop or disable it, or let it write to a table of its own: what is published is what the roll says',
  );

/** Constraints of other tables that would change their rows when rows of ours go. */
interface Reference {
  constraint: string;
  /** Quoted, with its schema where that is needed. */
  table: string;
  action: string;
  /** Join of the table, `o`, with ours, `t`. */
  join: string;
}

async function listReferences(transaction: Transaction, relation: string): Promise<Reference[]> {
  const rows = await transaction.query(
    `select quote_ident(k.conname) as constraint, k.conrelid::regclass::text as table,
       case k.confdeltype when 'c' then 'delete' when 'n' then 'set to null' else 'set to their default' end as action,
       (select string_agg(format('o.%I = t.%I', own.attname, ours.attname), ' and ')
        from unnest(k.conkey, k.confkey) as pair(own, ours)
        join pg_attribute own on own.attrelid = k.conrelid and own.attnum = pair.own
        join pg_attribute ours on ours.attrelid = k.confrelid and ours.attnum = pair.ours) as join
     from pg_constraint k
     where k.contype = 'f' and k.confrelid = to_regclass($1) and k.confdeltype in ('c', 'n', 'd') and k.conparentid = 0
     order by 1`,
    [relation],
  );
  return rows.map((row) => row as unknown as Reference);
}

/**
 * Rows of other tables that deletes would take along, which nobody would notice: each constraint in words.
 * @param gone FROM and WHERE of the rows that go, named `t`.
 */
export async function listLosses(
  transaction: Transaction,
  relation: string,
  gone: string,
): Promise<string[]> {
  const losses: string[] = [];
  for (const { constraint, table, action, join } of await listReferences(transaction, relation)) {
    const [row] = await transaction.query(
      `select count(*)::text as n from ${table} o where exists (select ${gone} and ${join})`,
    );
    if (row?.n === '0') continue;
    losses.push(
      `${row?.n} rows of ${table} refer to rows of ${relation} that would be deleted, and its constraint ${constraint} would ${action === 'delete' ? 'delete them' : `have them ${action}`}`,
    );
  }
  return losses;
}

/** Whether deletes from a table may change rows of others. */
export const isReferredTo = async (transaction: Transaction, relation: string) =>
  (await listReferences(transaction, relation)).length > 0;

/** What a server says when a constraint, a trigger or a type does not let a row in or out; undefined fields are not there. */
interface ServerError extends Error {
  code?: string;
  schema?: string;
  table?: string;
  column?: string;
  constraint?: string;
  where?: string;
}

/** A server's refusal of our rows as an error that names the object which refuses; everything else as it is. */
export function explainRefusal(error: unknown, relation: string): unknown {
  if (error instanceof DorError || !(error instanceof Error)) return error;
  const { code = '', schema, table, column, constraint, where, message } = error as ServerError;
  // Integrity, data, WITH CHECK OPTION, raised by a function, generated columns, a rule that cannot be.
  if (!/^(22|23|44|P0|428C9|0A000)/.test(code)) return error;
  const [, called] = /function ([^\n]+?) line/.exec(where ?? '') ?? [];
  const owner = schema && table ? ` of ${schema}.${table}` : '';
  const object = constraint
    ? `the constraint ${constraint}${owner}`
    : column
      ? `the column ${column}${owner}`
      : called
        ? `the function ${called}`
        : 'the server';
  const referred = code === '23503';
  return new DorError(
    `${relation}: ${object} refuses what would be written: ${message}; nothing was published`,
    referred
      ? 'rows of that table refer to rows that are no longer in the roll: point them elsewhere or delete them, then run the command again'
      : 'drop or change it: what is published is what the roll says; conditions of your own belong to a table of your own',
    undefined,
    { cause: error },
  );
}
