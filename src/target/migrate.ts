/** The Postgres schema: numbered files, applied once, in order, and never edited afterwards. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DorError } from '../errors.ts';
import { SQL } from '../lake/paths.ts';
import type { Target, Transaction } from './target.ts';

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
  folder?: string;
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
  { compat, folder = MIGRATIONS }: MigrateOptions,
): Promise<PlannedMigration[]> {
  const applied = await appliedMigrations(reader);
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
 * Applies what is missing: all of it in one transaction under one lock, and then who may read what. Returns the names
 * that were applied. @throws DorError as planMigrations does.
 */
export async function migrate(target: Target, options: MigrateOptions = {}): Promise<string[]> {
  const pending = (await planMigrations(target, options)).some(({ appliedAt }) => !appliedAt);
  if (!pending && options.anonRead === undefined) return [];
  return target.transaction(async (transaction) => {
    await transaction.query("select pg_advisory_xact_lock(hashtextextended('dor migrations', 0))");
    // Planned again under the lock: another process may have done it meanwhile.
    const missing = (await plan(transaction, target, options)).filter(({ appliedAt }) => !appliedAt);
    if (missing.length > 0) await transaction.query(LEDGER);
    if (target.schema !== 'public') await transaction.query(`create schema if not exists ${target.schema}`);
    await transaction.query(`set local search_path to ${target.schema}, pg_temp`);
    for (const { name, sql } of missing) {
      await refuseTaken(transaction, target, sql);
      await transaction.query(sql);
      await transaction.query(
        'insert into dor_internal.migrations (name, sha256, schema_name) values ($1, $2, $3)',
        [name, hashOf(sql), target.schema],
      );
    }
    if (missing.length > 0 || options.anonRead !== undefined) {
      await transaction.query('select dor_internal.apply_access($1::boolean)', [options.anonRead ?? null]);
      // Supabase's API keeps a picture of the schema: without this, new tables answer 404.
      await transaction.query("select pg_notify('pgrst', 'reload schema')");
    }
    return missing.map(({ name }) => name);
  });
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

/** A relation of ours that somebody else made first is never touched. */
async function refuseTaken(transaction: Transaction, target: Target, sql: string): Promise<void> {
  for (const [, name] of sql.matchAll(/^create (?:table|view) ([a-z_]+)/gm)) {
    const [row] = await transaction.query('select to_regclass($1) is not null as taken', [
      `${target.schema}.${name}`,
    ]);
    if (!row?.taken) continue;
    throw new DorError(
      `${target.schema}.${name} exists on ${target.label} already and is not dor's; nothing was changed`,
      `rename it first (alter table ${target.schema}.${name} rename to ${name}_before_dor), or take another schema with --schema`,
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
