/** `dor migrate --restore`: what somebody dropped of what dor had made, made again; what is there stays as it is. */

import { DorError } from '../errors.ts';
import { counties } from '../reference.ts';
import { compareSchema } from './schemaDump.ts';
import { inSchema, type Target, type Transaction } from './target.ts';

/**
 * Runs the migrations again, statement by statement, for whatever is gone, and keys that were dropped of what is not.
 * Indexes for the consumers are built afterwards, rights are given again, and dor_partitions is filled from the ledger.
 * @returns what came back. @throws DorError when something stands there that dor has not made: nothing is changed then.
 */
export async function restore(
  transaction: Transaction,
  { schema, label }: Pick<Target, 'schema' | 'label'>,
  migrations: string[],
): Promise<string[]> {
  const reader = { schema, query: transaction.query };
  const isMade = madeBy(migrations);
  const { gone } = await compareSchema(reader, isMade);
  const there = await relations(transaction, schema);
  const hasRows = there.has('dor_counties') && there.has('dor_internal.published');
  const refilled = hasRows ? await emptied(reader) : [];
  for (const sql of migrations.flatMap(statements)) {
    const again = repeatable(sql, there);
    if (again) await transaction.query(again);
  }
  for (const line of gone) {
    const [, constraint, name] = /^(constraint .*) of (\S+)$/s.exec(line) ?? [];
    if (!constraint || !name || !there.has(name)) continue;
    const relation = name.includes('.') ? name : inSchema(schema, name);
    await addConstraint(transaction, relation, constraint);
  }
  const left = await compareSchema(reader, isMade);
  if (left.gone.length + left.changed.length === 0) return [...gone, ...refilled];
  throw new DorError(
    `${label}: ${[...left.changed, ...left.gone].join('; ')}; nothing was changed`,
    'undo what was changed by hand; what is not dor’s must have another name, or dor another schema (--schema)',
  );
}

/** Rows that migrations bring: without its county a publication is in no view, and without its name a table in no check. */
export async function emptied(reader: Pick<Target, 'query' | 'schema'>): Promise<string[]> {
  const [row] = await reader.query(
    `select (select count(*)::int from ${inSchema(reader.schema, 'dor_counties')}) as counties,
       (select count(*)::int from dor_internal.published) as published`,
  );
  const lost = counties().length - Number(row?.counties);
  return [
    ...(lost > 0 ? [`${lost} counties of dor_counties`] : []),
    ...(row?.published === 0 ? ['the rows of dor_internal.published'] : []),
  ];
}

/** Whether one of these migrations makes a relation or function of that name. */
export function madeBy(migrations: string[]): (name: string) => boolean {
  const made = /^create (?:or replace )?(?:table|view|function) ([\w.]+)/gm;
  const names = new Set(migrations.flatMap((sql) => [...sql.matchAll(made)].map(([, name]) => name!)));
  names.add('dor_internal.migrations');
  return (name) => names.has(name);
}

/** @throws DorError when the rows do not allow it, such as a key that stands there twice by now. */
async function addConstraint(transaction: Transaction, relation: string, constraint: string): Promise<void> {
  try {
    await transaction.query(`alter table ${relation} add ${constraint}`);
  } catch (error) {
    const { code, message, detail } = error as Error & { code?: string; detail?: string };
    if (!code?.startsWith('23')) throw error;
    throw new DorError(
      `${relation}: ${constraint} cannot come back: ${message}; ${detail}; nothing was changed`,
      'delete what stands there twice, then run the command again',
      undefined,
      { cause: error },
    );
  }
}

async function relations(transaction: Transaction, schema: string): Promise<Set<string>> {
  const rows = await transaction.query(
    `select case when n.nspname = 'dor_internal' then n.nspname || '.' else '' end || c.relname as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('dor_internal', $1) and c.relkind in ('r', 'v', 'm', 'f', 'p')`,
    [schema],
  );
  return new Set(rows.map(({ name }) => String(name)));
}

/** Comments, texts and bodies may hold a semicolon. */
export function statements(sql: string): string[] {
  const pieces = sql.match(/(?:--[^\n]*|'[^']*'|\$\$[\s\S]*?\$\$|[^;'$-]|[-$])+/g) ?? [];
  return pieces
    .map((piece) => piece.replace(/^(?:\s|--[^\n]*\n)+/, '').trim())
    .filter((piece) => piece !== '');
}

/**
 * A statement of a migration so that it can run once more, or null when what it makes is there.
 * @throws Error for a kind of statement that this does not know: the test of it runs over all migrations.
 */
export function repeatable(sql: string, there: ReadonlySet<string>): string | null {
  const [, relation] = /^(?:create (?:or replace )?(?:table|view)|drop view) ([\w.]+)/.exec(sql) ?? [];
  if (relation) return there.has(relation) ? null : sql;
  if (/^create (or replace )?function /.test(sql))
    return sql.replace(/^create (or replace )?/, 'create or replace ');
  if (/^create trigger /.test(sql)) return sql.replace(/^create /, 'create or replace ');
  if (/^create index /.test(sql)) return sql.replace(/^create index /, 'create index if not exists ');
  if (/^insert into /.test(sql)) return `${sql} on conflict do nothing`;
  if (/^(comment on |alter table \S+ enable row level security$)/.test(sql)) return sql;
  throw new Error(`nobody has said how to repeat: ${sql.slice(0, 60)}`);
}
