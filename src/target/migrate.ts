/** The Postgres schema: numbered files, applied once, in order, and never edited afterwards. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DorError } from '../errors.ts';
import { SQL } from '../lake/paths.ts';
import { emptied, madeBy, restore as makeAgain } from './restore.ts';
import { compareSchema, holdsOurs } from './schemaDump.ts';
import { inSchema, type Target, type Transaction } from './target.ts';

const MIGRATIONS = join(SQL, 'migrations');
/** Files that are applied only when asked for, and from then on like the others. */
const COMPAT = 'compat';

const LEDGER = `
  create schema if not exists dor_internal;
  create table if not exists dor_internal.migrations (
    name text primary key,
    sha256 text not null,
    schema_name text not null,
    applied_at timestamptz not null default clock_timestamp()
  );
  alter table dor_internal.migrations enable row level security;`;

export interface MigrateOptions {
  /** Also the views under the names that ConcordBroker's screens read; once taken, always kept up to date. */
  compat?: boolean;
  /** Whether anon may read; undefined leaves it as it is. */
  anonRead?: boolean;
  /** Also makes again what somebody dropped. */
  restore?: boolean;
  /** Also says again who may read, when nothing is pending: a role may have come, or rights may have been changed. */
  rights?: boolean;
  folder?: string;
}

/** What `migrate` did. */
export interface Migrated {
  /** Names of the migrations that were applied. */
  applied: string[];
  /** What had been dropped and was made again. */
  restored: string[];
  /** Partitions that dor_partitions lacked or had otherwise than the ledger. */
  mended: number;
}

/** One migration and whether the target has it. */
export interface PlannedMigration {
  name: string;
  sql: string;
  /** ISO time, or null when it is pending. */
  appliedAt: string | null;
}

/**
 * What `migrate` would do. Reads only. @throws DorError (1) when an applied file was edited or is missing, when the
 * tables are in another schema, or when a pending file should have come before an applied one.
 */
export async function planMigrations(
  target: Target,
  options: MigrateOptions = {},
): Promise<PlannedMigration[]> {
  return plan(target, target, options);
}

async function plan(
  reader: Pick<Transaction, 'query'>,
  target: Target,
  { compat, restore, folder = MIGRATIONS }: MigrateOptions,
): Promise<PlannedMigration[]> {
  let applied = await appliedMigrations(reader);
  const isLost = applied.size === 0 && !restore && (await holdsOurs(reading(reader, target.schema)));
  // Asked again: another machine may have made all of it between the two questions.
  if (isLost) applied = await appliedMigrations(reader);
  if (isLost && applied.size === 0)
    throw new DorError(
      `${target.label} has lost dor_internal.migrations, the record of what dor had made there`,
      RESTORE,
    );
  const wantsCompat = compat || [...applied.keys()].some((name) => name.startsWith(`${COMPAT}/`));
  const names = [...sqlFiles(folder, ''), ...(wantsCompat ? sqlFiles(folder, `${COMPAT}/`) : [])];
  const unknown = [...applied.keys()].find((name) => !names.includes(name));
  if (unknown) {
    throw new DorError(
      `${target.label} has the migration ${unknown}, which is not in ${folder}`,
      'a newer version of dor was here: use that one',
    );
  }
  const planned = names.map((name) => {
    const sql = readFileSync(join(folder, name), 'utf8');
    const before = applied.get(name);
    if (before && before.sha256 !== hashOf(sql)) throw edited(name, target.label);
    if (before && before.schema !== target.schema) throw elsewhere(target, before.schema);
    return { name, sql, appliedAt: before?.appliedAt ?? null };
  });
  refuseGaps(planned, target.label);
  return planned;
}

/**
 * Applies what is missing: all of it in one transaction under one lock, and then who may read what.
 * @throws DorError as planMigrations does, and when something is gone that was made and is not to be restored.
 */
export async function migrate(target: Target, options: MigrateOptions = {}): Promise<Migrated> {
  const planned = options.restore ? [] : await planMigrations(target, options);
  const asked = options.restore || options.rights || options.anonRead !== undefined;
  if (!asked && planned.every(({ appliedAt }) => appliedAt) && (await isWhole(target, planned, options)))
    return { applied: [], restored: [], mended: 0 };
  return target.transaction(async (transaction) => {
    await transaction.query("select pg_advisory_xact_lock(hashtextextended('dor migrations', 0))");
    return migrateInside(transaction, target, options);
  });
}

/** Planned again under the lock: another process may have done it meanwhile. */
async function migrateInside(
  transaction: Transaction,
  target: Target,
  options: MigrateOptions,
): Promise<Migrated> {
  const { schema } = target;
  const { query } = transaction;
  if (options.restore) await query(LEDGER);
  const compat = options.compat || (options.restore && (await hasCompat(transaction, schema)));
  const planned = await plan(transaction, target, { ...options, compat });
  const missing = planned.filter(({ appliedAt }) => !appliedAt);
  if (missing.length > 0) await query(LEDGER);
  if (schema !== 'public') await query(`create schema if not exists "${schema}"`);
  await query(`set local search_path to "${schema}", pg_temp`);
  const restored = options.restore
    ? await makeAgain(
        transaction,
        target,
        planned.map(({ sql }) => sql),
      )
    : [];
  const made = planned.filter(({ appliedAt }) => appliedAt).map(({ sql }) => sql);
  for (const { name, sql } of missing) {
    if (!options.restore) {
      await refuseTaken(transaction, target, sql, madeBy(made));
      await query(sql);
      made.push(sql);
    }
    await query('insert into dor_internal.migrations (name, sha256, schema_name) values ($1, $2, $3)', [
      ...[name, hashOf(sql), schema],
    ]);
  }
  if (missing.length > 0 || options.restore || options.rights || options.anonRead !== undefined) {
    await query('select dor_internal.apply_access($1::boolean)', [options.anonRead ?? null]);
    // Supabase's API keeps a picture of the schema: without this, new tables answer 404.
    await query("select pg_notify('pgrst', 'reload schema')");
  }
  // Only the landed migrations are described in sql/schema.txt.
  if (options.folder) return { applied: missing.map(({ name }) => name), restored, mended: 0 };
  await refuseGone(reading(transaction, schema), planned, target.label);
  const [row] = await query('select dor_internal.mend_partitions()::int as mended');
  return { applied: missing.map(({ name }) => name), restored, mended: Number(row!.mended) };
}

const reading = ({ query }: Pick<Transaction, 'query'>, schema: string) => ({ query, schema });

/** False when dor_partitions is to be mended. @throws DorError when what was made is gone. */
async function isWhole(
  target: Target,
  planned: PlannedMigration[],
  { folder }: MigrateOptions,
): Promise<boolean> {
  if (folder) return true;
  await refuseGone(target, planned, target.label);
  const [row] = await target.query('select count(*)::int as wrong from dor_internal.wrong_partitions()');
  return row?.wrong === 0;
}

/** Whoever publishes into what is half gone fails somewhere in the middle, or is read by nobody. */
async function refuseGone(
  reader: Pick<Target, 'query' | 'schema'>,
  planned: PlannedMigration[],
  label: string,
): Promise<void> {
  const { gone } = await compareSchema(reader, madeBy(planned.map(({ sql }) => sql)));
  if (gone.length === 0) gone.push(...(await emptied(reader)));
  if (gone.length === 0) return;
  throw new DorError(`${label} has lost what dor had made there: ${gone.join('; ')}`, RESTORE);
}

const RESTORE =
  'dor migrate --restore makes it again and leaves the rest as it is; rows that were dropped come back with the next dor ingest';

/** Views of the compat group that are there, which a lost ledger no longer says. */
async function hasCompat(transaction: Transaction, schema: string): Promise<boolean> {
  const isCompat = madeBy(
    sqlFiles(MIGRATIONS, `${COMPAT}/`).map((name) => readFileSync(join(MIGRATIONS, name), 'utf8')),
  );
  const views = await transaction.query(
    "select relname as name from pg_class where relnamespace = to_regnamespace(quote_ident($1)) and relkind = 'v'",
    [schema],
  );
  const named = views.map(({ name }) => String(name)).filter(isCompat);
  const { changed } = await compareSchema(reading(transaction, schema), (name) => named.includes(name));
  return named.length > 0 && changed.length === 0;
}

async function appliedMigrations(reader: Pick<Transaction, 'query'>) {
  // From the catalog's rows: to_regclass may answer from what this session knew before it waited for the lock, and then
  // the tables that another machine made meanwhile look like somebody else's.
  const [found] = await reader.query(
    `select count(*) > 0 as present from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'dor_internal' and c.relname = 'migrations'`,
  );
  const rows = found?.present
    ? await reader.query(
        'select name, sha256, schema_name, applied_at::text as applied_at from dor_internal.migrations',
      )
    : [];
  return new Map(
    rows.map((row) => [
      String(row.name),
      { sha256: String(row.sha256), schema: String(row.schema_name), appliedAt: String(row.applied_at) },
    ]),
  );
}

const sqlFiles = (folder: string, prefix: string) =>
  existsSync(join(folder, prefix))
    ? readdirSync(join(folder, prefix))
        .filter((name) => name.endsWith('.sql'))
        .sort()
        .map((name) => prefix + name)
    : [];

/** Files are applied in their order: one that comes before an applied one came too late, such as out of a merge. */
function refuseGaps(planned: PlannedMigration[], label: string): void {
  for (const group of [false, true]) {
    const files = planned.filter(({ name }) => name.startsWith(`${COMPAT}/`) === group);
    const gap = files.findIndex(({ appliedAt }) => !appliedAt);
    const after = files.find(({ appliedAt }, index) => gap >= 0 && index > gap && appliedAt);
    if (!after) continue;
    throw new DorError(
      `The migration ${files[gap]!.name} is not applied to ${label}, but ${after.name} is, which comes after it`,
      'give the file a number behind all that have landed',
    );
  }
}

/** A relation that somebody else made first is never touched. What an earlier migration made is ours to replace. */
async function refuseTaken(
  transaction: Transaction,
  target: Target,
  sql: string,
  isOurs: (name: string) => boolean,
): Promise<void> {
  for (const [, name] of sql.matchAll(/^create (?:or replace )?(?:table|view) ([a-z_.]+)/gm)) {
    if (isOurs(name!)) continue;
    const relation = name!.includes('.') ? name! : inSchema(target.schema, name!);
    const [row] = await transaction.query('select to_regclass($1) is not null as taken', [relation]);
    if (!row?.taken) continue;
    throw new DorError(
      `${relation} exists on ${target.label} already and is not dor's; nothing was changed`,
      `rename it first (alter table ${relation} rename to ${name}_before_dor), or take another schema with --schema`,
    );
  }
}

function edited(name: string, label: string): DorError {
  return new DorError(
    `The migration ${name} was edited after it had been applied to ${label}`,
    'restore the file and put the change into a new migration',
  );
}

function elsewhere(target: Target, schema: string): DorError {
  return new DorError(
    `The published tables of ${target.label} are in the schema ${schema}, not in ${target.schema}`,
    `run the command with --schema ${schema} (or DOR_SCHEMA=${schema})`,
  );
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
