/** The migrations: numbered files, applied once, in order, never edited afterwards; and which of them a target has. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DorError } from '../errors.ts';
import { SQL } from '../project.ts';
import { holdsOurs } from './schemaDump.ts';
import type { Target } from './target.ts';

const MIGRATIONS = join(SQL, 'migrations');
/** Files that are applied only when asked for, and from then on like the others. */
const COMPAT = 'compat/';

export interface MigrationChoice {
  /** Also the views under the names that ConcordBroker's screens read; once taken, always kept up to date. */
  compat?: boolean;
  /** A target that has lost its record is no error. */
  restore?: boolean;
  folder?: string;
}

/** One migration and whether the target has it. */
export interface PlannedMigration {
  name: string;
  sql: string;
  sha256: string;
  /** ISO time, or null when it is pending. */
  appliedAt: string | null;
}

/**
 * What `migrate` would do. Reads only.
 * @throws DorError (1) when an applied file was edited or is missing, when the tables are in another schema, when a
 * pending file should have come before an applied one, or when the target has lost the record of what was applied.
 */
export async function planMigrations(
  target: Pick<Target, 'query' | 'schema' | 'label'>,
  { compat, restore, folder = MIGRATIONS }: MigrationChoice = {},
): Promise<PlannedMigration[]> {
  let applied = await appliedMigrations(target);
  const isLost = applied.size === 0 && !restore && (await holdsOurs(target));
  // Asked again: another machine may have made all of it between the two questions.
  if (isLost) applied = await appliedMigrations(target);
  if (isLost && applied.size === 0)
    throw new DorError(
      `${target.label} has lost dor_internal.migrations, the record of what dor had made there`,
      RESTORE,
    );
  const wantsCompat = compat || [...applied.keys()].some((name) => name.startsWith(COMPAT));
  const names = [...sqlFiles(folder, ''), ...(wantsCompat ? sqlFiles(folder, COMPAT) : [])];
  const unknown = [...applied.keys()].find((name) => !names.includes(name));
  if (unknown) {
    throw new DorError(
      `${target.label} has the migration ${unknown}, which is not in ${folder}`,
      'a newer version of dor was here: use that one',
    );
  }
  const planned = names.map((name) => {
    const sql = readFileSync(join(folder, name), 'utf8');
    const sha256 = createHash('sha256').update(sql).digest('hex');
    const before = applied.get(name);
    if (before && before.sha256 !== sha256) throw edited(name, target.label);
    if (before && before.schema !== target.schema) throw elsewhere(target, before.schema);
    return { name, sql, sha256, appliedAt: before?.appliedAt ?? null };
  });
  refuseGaps(planned, target.label);
  return planned;
}

export const RESTORE =
  'dor migrate --restore makes it again and leaves the rest as it is; rows that were dropped come back with the next dor ingest';

/** The SQL of the views that are made when asked for. */
export const compatMigrations = (): string[] =>
  sqlFiles(MIGRATIONS, COMPAT).map((name) => readFileSync(join(MIGRATIONS, name), 'utf8'));

/** Whether one of these migrations makes or alters a relation or function of that name. */
export function madeBy(migrations: string[]): (name: string) => boolean {
  const made = /^(?:create (?:or replace )?(?:table|view|function)|alter table) ([\w.]+)/gm;
  const names = new Set(migrations.flatMap((sql) => [...sql.matchAll(made)].map(([, name]) => name!)));
  if (names.size > 0) names.add('dor_internal.migrations');
  return (name) => names.has(name);
}

async function appliedMigrations(reader: Pick<Target, 'query'>) {
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
    const files = planned.filter(({ name }) => name.startsWith(COMPAT) === group);
    const gap = files.findIndex(({ appliedAt }) => !appliedAt);
    const after = files.find(({ appliedAt }, index) => gap >= 0 && index > gap && appliedAt);
    if (!after) continue;
    throw new DorError(
      `The migration ${files[gap]!.name} is not applied to ${label}, but ${after.name} is, which comes after it`,
      'give the file a number behind all that have landed',
    );
  }
}

function edited(name: string, label: string): DorError {
  return new DorError(
    `The migration ${name} was edited after it had been applied to ${label}`,
    'restore the file and put the change into a new migration',
  );
}

function elsewhere({ label, schema }: Pick<Target, 'label' | 'schema'>, held: string): DorError {
  return new DorError(
    `The published tables of ${label} are in the schema ${held}, not in ${schema}`,
    `run the command with --schema ${held} (or DOR_SCHEMA=${held})`,
  );
}
