/** `dor migrate --restore`: what somebody dropped of what dor had made, made again; what is there stays as it is. */

import { DorError } from '../errors.ts';
import { counties } from '../reference.ts';
import { ROLLS } from '../rolls.ts';
import { madeBy, type PlannedMigration, planMigrations, RESTORE } from './migrations.ts';
import { compareSchema, type Differences } from './schemaDump.ts';
import { inSchema, type Target } from './target.ts';

/** A target, or what a transaction of one reads and writes. */
type Inside = Pick<Target, 'query' | 'schema' | 'label'>;

/**
 * What is gone of what these migrations have made, in words: relations, keys, triggers, functions, rows that they
 * brought; and what somebody changed.
 * @param pending migrations that are still to come: what these make anew is not looked at.
 */
export async function findLosses(
  target: Inside,
  made: PlannedMigration[],
  pending: PlannedMigration[],
): Promise<Differences> {
  const { gone, changed } = await compareSchema(target, isMade(made, pending));
  const isThere = (table: string) => made.length > 0 && !gone.some((line) => line.endsWith(table));
  if (isThere('dor_counties') && isThere('dor_internal.published'))
    gone.push(...(await emptied(target, made)));
  return { gone, changed };
}

/** The same for what a target has by its own record. @throws DorError as planMigrations does. */
export async function lostFrom(target: Inside): Promise<Differences> {
  const planned = await planMigrations(target);
  const made = planned.filter(({ appliedAt }) => appliedAt);
  return findLosses(
    target,
    made,
    planned.filter(({ appliedAt }) => !appliedAt),
  );
}

/** Partitions of which dor_partitions says something else than the publication log; null when there is none, or it cannot be asked. */
export async function wrongPartitions({ query }: Pick<Target, 'query'>): Promise<string | null> {
  const [known] = await query("select to_regprocedure('dor_internal.wrong_partitions()') is not null as yes");
  if (!known?.yes) return null;
  const [row] = await query(
    `select string_agg(table_name || ' ' || spelled_by_app || ' ' || year, ', ') as wrong
     from dor_internal.wrong_partitions()`,
  );
  return row?.wrong ? String(row.wrong) : null;
}

/** Whoever publishes into what is half gone fails somewhere in the middle, or is read by nobody. */
export function refuseLost({ label }: Pick<Target, 'label'>, { gone, changed }: Differences): void {
  if (gone.length === 0) return;
  const lost = `${label} has lost what dor had made there: ${gone.join('; ')}`;
  if (changed.length === 0) throw new DorError(lost, RESTORE);
  throw new DorError(
    `${lost}; and somebody changed what is left: ${changed.join('; ')}`,
    `undo that first; then ${RESTORE}`,
  );
}

/**
 * Runs migrations again, statement by statement, for whatever is gone. Keys of what is not come in `finishRestore`,
 * indexes for the consumers are built afterwards, rights are given again, and dor_partitions is filled from the publication log.
 * @throws DorError when something was changed, or stands there that dor has not made: nothing is changed then.
 */
export async function makeAgain(
  target: Inside,
  made: PlannedMigration[],
  { changed }: Differences,
): Promise<void> {
  refuseRest(target, changed);
  await refuseRenamed(target, made);
  const there = await relations(target);
  for (const { sql } of made) {
    for (const statement of statements(sql)) {
      const again = repeatable(statement, there);
      if (again) await target.query(again);
    }
  }
}

/** A table under another name still has its rows, and the name of its key. @throws DorError when there is one. */
async function refuseRenamed(target: Inside, made: PlannedMigration[]): Promise<void> {
  const tables = made.flatMap(({ sql }) =>
    [...sql.matchAll(/^create table (\w+) /gm)].map(([, name]) => name!),
  );
  const renamed = await target.query(
    `select c.relname as now, k.conname as key
     from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
     where k.contype = 'p' and n.nspname = $1 and k.conname = any ($2::text[]) and c.relname || '_pkey' <> k.conname`,
    [target.schema, tables.map((name) => `${name}_pkey`)],
  );
  const [first] = renamed;
  if (!first) return;
  const table = String(first.key).replace(/_pkey$/, '');
  throw new DorError(
    `${target.label}: the table ${first.now} has the key ${first.key} of ${table}: somebody renamed it; nothing was changed`,
    `give it its name back (alter table ${first.now} rename to ${table}); to part with it, rename its key as well, then ${RESTORE}`,
  );
}

/**
 * A table that was dropped is empty now, and the publication log says so from now on: whoever believed that it holds what was
 * published last would find nothing to do.
 */
export async function enterLosses({ query }: Inside, { gone }: Differences): Promise<void> {
  const tables = Object.values(ROLLS)
    .map(({ table }) => table)
    .filter((table) => gone.includes(`table ${table}`));
  await query(
    `insert into dor_internal.publications (table_name, county_no, year, run, source_sha256, sql_version, row_count, checksum,
       inserted, updated, deleted)
     select table_name, county_no, year, 'dropped', '', '', 0, 0, 0, 0, row_count
     from (
       select distinct on (table_name, county_no, year) table_name, county_no, year, row_count
       from dor_internal.publications where table_name = any ($1::text[])
       order by table_name, county_no, year, id desc
     ) newest
     where row_count > 0`,
    [tables],
  );
}

/** Keys that were dropped of what is there. @throws DorError when anything is still not as it was made. */
export async function finishRestore(target: Inside, planned: PlannedMigration[]): Promise<void> {
  const { gone } = await compareSchema(target, isMade(planned, []));
  for (const line of gone) {
    const [, constraint, name] = /^(constraint .*) of (\S+)$/s.exec(line) ?? [];
    if (!constraint || !name) continue;
    const relation = name.includes('.') ? name : inSchema(target.schema, name);
    await addConstraint(target, relation, constraint);
  }
  const left = await compareSchema(target, isMade(planned, []));
  refuseRest(target, [...left.changed, ...left.gone]);
}

function refuseRest({ label }: Inside, rest: string[]): void {
  if (rest.length === 0) return;
  throw new DorError(
    `${label}: ${rest.join('; ')}; nothing was changed`,
    'undo what was changed by hand; what is not dor’s must have another name, or dor another schema (--schema)',
  );
}

function isMade(made: PlannedMigration[], pending: PlannedMigration[]): (name: string) => boolean {
  const [before, anew] = [made, pending].map((some) => madeBy(some.map(({ sql }) => sql)));
  return (name) => before!(name) && !anew!(name);
}

/** Rows that migrations bring: without its county a publication is in no view, without its name a table gets no rights. */
async function emptied({ query, schema }: Inside, made: PlannedMigration[]): Promise<string[]> {
  const [row] = await query(
    `select (select count(*)::int from ${inSchema(schema, 'dor_counties')}) as counties,
       (select string_agg(name, ' ') from dor_internal.published) as published`,
  );
  const lost = counties().length - Number(row?.counties);
  const published = String(row?.published ?? '').split(' ');
  const nameless = made
    .flatMap(({ sql }) => [...sql.matchAll(/^create (?:or replace )?(?:table|view) (\w+) /gm)])
    .map(([, name]) => name!)
    .filter((name) => !published.includes(name));
  return [
    ...(lost > 0 ? [`${lost} counties of dor_counties`] : []),
    ...(nameless.length > 0 ? [`${[...new Set(nameless)].join(', ')} in dor_internal.published`] : []),
  ];
}

/** @throws DorError when the rows do not allow it, such as a key that stands there twice by now. */
async function addConstraint({ query }: Inside, relation: string, constraint: string): Promise<void> {
  try {
    await query(`alter table ${relation} add ${constraint}`);
  } catch (error) {
    const { code, message, detail } = error as Error & { code?: string; detail?: string };
    // Rows that do not allow it, or another key in its place.
    if (!/^23|^42P16/.test(code ?? '')) throw error;
    throw new DorError(
      `${relation}: ${constraint} cannot come back: ${[message, detail].filter(Boolean).join('; ')}; nothing was changed`,
      'delete what stands there twice, or drop the key that took its place, then run the command again',
      undefined,
      { cause: error },
    );
  }
}

/** Names of all that stands there, whoever made it. */
async function relations({ query, schema }: Inside): Promise<Set<string>> {
  const rows = await query(
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
