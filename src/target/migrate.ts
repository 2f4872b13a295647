/** Brings the schema of a target up to date, and back when somebody dropped a part of it. */

import { DorError } from '../errors.ts';
import { quoted } from '../sqlText.ts';
import {
  compatMigrations,
  type MigrationChoice,
  madeBy,
  type PlannedMigration,
  planMigrations,
} from './migrations.ts';
import { enterLosses, findLosses, finishRestore, makeAgain, refuseLost, wrongPartitions } from './restore.ts';
import { compareSchema, holdsOurs } from './schemaDump.ts';
import { inSchema, type Target } from './target.ts';

const RECORD = `
  create schema if not exists dor_internal;
  create table if not exists dor_internal.migrations (
    name text primary key,
    sha256 text not null,
    schema_name text not null,
    applied_at timestamptz not null default clock_timestamp()
  );
  alter table dor_internal.migrations enable row level security;`;

export interface MigrateOptions extends MigrationChoice {
  /** Whether anon may read; undefined leaves it as it is. */
  anonRead?: boolean;
  /** Also makes again what somebody dropped. */
  restore?: boolean;
  /** Also says again who may read, when nothing is pending: a role may have come, or rights may have been changed. */
  rights?: boolean;
}

/** What `migrate` did. */
export interface Migrated {
  /** Names of the migrations that were applied. */
  applied: string[];
  /** What had been dropped and was made again. */
  restored: string[];
  /** Partitions that dor_partitions lacked or had otherwise than the publication log. */
  fixed: number;
}

/** What a transaction reads, as a target that can be looked at. */
type Inside = Pick<Target, 'query' | 'schema' | 'label'>;

/**
 * Applies what is missing: all of it in one transaction under one lock, and then who may read what.
 * @throws DorError as planMigrations does, and when something is gone that was made and is not to be restored.
 */
export async function migrate(target: Target, options: MigrateOptions = {}): Promise<Migrated> {
  const asked = options.restore || options.rights || options.anonRead !== undefined;
  if (!asked && (await isUpToDate(target, options))) return { applied: [], restored: [], fixed: 0 };
  return target.transaction(async ({ query }) => {
    await query("select pg_advisory_xact_lock(hashtextextended('dor migrations', 0))");
    const { schema, label } = target;
    return migrateInside({ query, schema, label }, options);
  });
}

/** @throws DorError when what was made is gone. */
async function isUpToDate(target: Target, options: MigrateOptions): Promise<boolean> {
  const planned = await planMigrations(target, options);
  if (planned.some(({ appliedAt }) => !appliedAt)) return false;
  if (options.folder) return true;
  refuseLost(target, await findLosses(target, planned, []));
  return (await wrongPartitions(target)) === null;
}

/** Planned again under the lock: another process may have done it meanwhile. */
async function migrateInside(target: Inside, options: MigrateOptions): Promise<Migrated> {
  const { query, schema } = target;
  const { restore, anonRead, folder } = options;
  const compat = options.compat || (restore && (await showsCompat(target)));
  const planned = await planMigrations(target, { ...options, compat });
  const hasRecord = planned.some(({ appliedAt }) => appliedAt);
  const isForgotten = restore && !hasRecord && (await holdsOurs(target));
  const made = isForgotten ? planned : planned.filter(({ appliedAt }) => appliedAt);
  const pending = planned.filter((one) => !made.includes(one));
  // What is there is compared with sql/schema.txt, which describes the real migrations only.
  const lost = folder ? { gone: [], changed: [] } : await findLosses(target, made, pending);
  if (!restore) refuseLost(target, lost);
  if (restore || pending.length > 0) await query(RECORD);
  if (schema !== 'public') await query(`create schema if not exists ${quoted(schema)}`);
  await query(`set local search_path to ${quoted(schema)}, pg_temp`);
  if (restore) await makeAgain(target, made, lost);
  if (isForgotten) for (const one of made) await record(target, one);
  for (const one of pending) {
    await refuseTaken(target, one, planned);
    await query(one.sql);
    await record(target, one);
  }
  if (restore) {
    await finishRestore(target, planned);
    await enterLosses(target, lost);
  }
  if (restore || pending.length > 0 || options.rights || anonRead !== undefined) {
    await query('select dor_internal.apply_access($1::boolean)', [anonRead ?? null]);
    // Supabase's API keeps a picture of the schema: without this, new tables answer 404.
    await query("select pg_notify('pgrst', 'reload schema')");
  }
  const applied = pending.map(({ name }) => name);
  if (folder) return { applied, restored: [], fixed: 0 };
  const [row] = await query('select dor_internal.mend_partitions()::int as fixed');
  return { applied, restored: restore ? lost.gone : [], fixed: Number(row!.fixed) };
}

const record = ({ query, schema }: Inside, { name, sha256 }: PlannedMigration) =>
  query('insert into dor_internal.migrations (name, sha256, schema_name) values ($1, $2, $3)', [
    ...[name, sha256, schema],
  ]);

/** A relation that somebody else made first is never touched. What an earlier migration made is ours to replace. */
async function refuseTaken(
  { query, schema, label }: Inside,
  { name: file, sql }: PlannedMigration,
  planned: PlannedMigration[],
): Promise<void> {
  const earlier = planned.slice(
    0,
    planned.findIndex(({ name }) => name === file),
  );
  const isOurs = madeBy(earlier.map((one) => one.sql));
  for (const [, name] of sql.matchAll(/^create (?:or replace )?(?:table|view) ([a-z_.]+)/gm)) {
    if (isOurs(name!)) continue;
    const relation = name!.includes('.') ? name! : inSchema(schema, name!);
    const [row] = await query('select to_regclass($1) is not null as taken', [relation]);
    if (!row?.taken) continue;
    throw new DorError(
      `${relation} exists on ${label} already and is not dor's; nothing was changed`,
      `rename it first (alter table ${relation} rename to ${name}_before_dor), or take another schema with --schema`,
    );
  }
}

/** Whether the views that are made when asked for are there, which a record that was lost no longer says. */
async function showsCompat(target: Inside): Promise<boolean> {
  const isCompat = madeBy(compatMigrations());
  const views = await target.query(
    "select relname as name from pg_class where relnamespace = to_regnamespace(quote_ident($1)) and relkind = 'v'",
    [target.schema],
  );
  const named = views.map(({ name }) => String(name)).filter(isCompat);
  const { changed } = await compareSchema(target, (name) => named.includes(name));
  return named.length > 0 && changed.length === 0;
}
