/** The database: version, rights, timeouts, schema, row level security, room. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DorError } from '../errors.ts';
import { count, size } from '../formats.ts';
import { SQL } from '../project.ts';
import { missingIndexes } from '../target/indexes.ts';
import { type PlannedMigration, planMigrations } from '../target/migrations.ts';
import { findLosses, wrongPartitions } from '../target/restore.ts';
import type { Target, TargetRow } from '../target/target.ts';
import { type Diagnosis, fail, ok, unknown, warn } from './diagnosis.ts';

const catalog = (name: string) => readFileSync(join(SQL, 'catalog', name), 'utf8');

/** @param waiting rows that are staged and not yet in this target, and the bytes that they will take there. */
export async function checkDatabase(
  target: Target,
  waiting: { rows: number; bytes: number },
): Promise<Diagnosis[]> {
  const [server] = await target.query(catalog('server.sql'), [target.schema]);
  if (!server) throw new Error('the server says nothing about its own role');
  return [
    checkVersion(server),
    checkRole(server),
    checkWritable(server),
    await checkTimeouts(target, server),
    checkRoom(target, server, waiting),
    ...(await checkSchema(target)),
    checkExposed(target, server),
    checkForgotten(server),
  ];
}

function checkVersion({ version, version_number: number }: TargetRow): Diagnosis {
  if (Number(number) >= 150000) return ok('version', `PostgreSQL ${version}`);
  return fail(
    'version',
    `PostgreSQL ${version} has no security_invoker views`,
    'upgrade to PostgreSQL 15 or newer',
  );
}

function checkRole(row: TargetRow): Diagnosis {
  const notes = [row.is_superuser && 'superuser', row.bypasses_rls && 'bypasses row level security'].filter(
    Boolean,
  );
  const detail = [row.role, ...notes].join(', ');
  const remedy =
    'connect as the owner of the database (at Supabase: postgres, or postgres.<project> at the pooler)';
  if (!row.may_create_schemas) return fail('role', `${detail}: may not create schemas here`, remedy);
  if (!row.lacks_schema && !row.may_create_tables)
    return fail('role', `${detail}: may not create tables`, remedy);
  return ok('role', `${detail}, may create schemas and tables`);
}

function checkWritable({ is_replica, is_read_only }: TargetRow): Diagnosis {
  if (is_replica) return fail('writable', 'a read replica', 'connect to the primary');
  if (is_read_only)
    return fail(
      'writable',
      'every transaction is read-only',
      "Supabase does this when the disk is full: see the dashboard's Database → Disk",
    );
  return ok('writable', 'yes');
}

/** Not what the settings say, but whether a transaction of ours is free of them. */
async function checkTimeouts(target: Target, server: TargetRow): Promise<Diagnosis> {
  const of = `statement ${server.statement_timeout}, lock ${server.lock_timeout}, idle in transaction ${server.idle_timeout}`;
  if (target.embedded) return ok('timeouts', of);
  const [own] = await target.transaction((transaction) =>
    transaction.query("select current_setting('statement_timeout') as statement"),
  );
  if (own?.statement === '0')
    return ok('timeouts', `of the role: ${of}; lifted inside dor's own transactions`);
  return fail(
    'timeouts',
    `${of}; they stay inside a transaction`,
    'the pooler or a proxy takes settings away: use another',
  );
}

function checkRoom(
  target: Target,
  { database_bytes }: TargetRow,
  waiting: { rows: number; bytes: number },
): Diagnosis {
  const held = `the database has ${size(Number(database_bytes))}`;
  if (waiting.rows === 0) return ok('room', `${held}; nothing staged is waiting to be published`);
  const needed = `${count(waiting.rows)} staged rows wait, about ${size(waiting.bytes)} with indexes`;
  if (target.embedded) return ok('room', `${held}; ${needed}`);
  return unknown(
    'room',
    `${held}; ${needed}; a server does not tell how much is free`,
    "compare with the dashboard's Database → Disk: the free plan ends at 0.5 GB, and a full disk turns read-only",
  );
}

async function checkSchema(target: Target): Promise<Diagnosis[]> {
  try {
    const planned = await planMigrations(target);
    const pending = planned.filter(({ appliedAt }) => !appliedAt);
    const made = planned.filter(({ appliedAt }) => appliedAt);
    const migrations = checkMigrations(target, made, pending);
    const { gone, changed } = await findLosses(target, made, pending);
    if (gone.length > 0) {
      const lost = fail('schema', `gone: ${gone.join('; ')}`, 'dor migrate --restore makes it again');
      return changed.length > 0 ? [migrations, lost, checkColumns(changed)] : [migrations, lost];
    }
    if (made.length === 0) return [migrations];
    if (pending.length > 0) return [migrations, await checkAccess(target)];
    return [
      migrations,
      await checkPartitions(target),
      checkColumns(changed),
      await checkAccess(target),
      await checkIndexes(target),
    ];
  } catch (error) {
    if (!(error instanceof DorError)) throw error;
    return [fail('migrations', error.message, error.remedy)];
  }
}

function checkMigrations(target: Target, made: PlannedMigration[], pending: PlannedMigration[]): Diagnosis {
  if (pending.length === 0) return ok('migrations', `${made.length} applied in ${target.schema}`);
  const names = pending.map(({ name }) => name).join(', ');
  return warn('migrations', `pending: ${names}`, 'dor migrate applies them, and so does the next ingest');
}

function checkColumns(changed: string[]): Diagnosis {
  if (changed.length === 0) return ok('columns', 'as they were made');
  return fail('columns', changed.join('; '), 'somebody changed them: undo it, dor pushes nothing until then');
}

/** The views of the newest rolls show what dor_partitions says, and only counties that are in dor_counties. */
async function checkPartitions(target: Target): Promise<Diagnosis> {
  const wrong = await wrongPartitions(target);
  if (wrong)
    return fail(
      'schema',
      `dor_partitions does not say what the publication log says, so that the views of the newest rolls lack: ${wrong}`,
      'dor migrate fixes it, and so does the next ingest',
    );
  return ok('schema', 'everything that dor made is there');
}

async function checkAccess(target: Target): Promise<Diagnosis> {
  const found = await target.query(catalog('access.sql'), [target.schema]);
  if (found.length === 0)
    return ok('access', 'row level security is on everywhere, and nobody may more than meant');
  const list = found.map(({ name, finding }) => `${name}: ${finding}`).join('; ');
  return fail(
    'access',
    list,
    'dor migrate sets rights and policies again (--no-anon-read closes them to anon)',
  );
}

async function checkIndexes(target: Target): Promise<Diagnosis> {
  const missing = (await missingIndexes(target)).flatMap(({ indexes }) => indexes.map(({ name }) => name));
  if (missing.length === 0) return ok('indexes', 'all there for the tables that have rows');
  return warn(
    'indexes',
    `missing: ${missing.join(', ')}`,
    'dor migrate builds them, and so does the next ingest',
  );
}

/** Which schemas Supabase's API shows can be read only where it is set on the role that the API logs in with. */
function checkExposed(target: Target, { is_supabase, exposed_schemas }: TargetRow): Diagnosis {
  if (!is_supabase) return ok('exposed', 'no API roles here');
  if (typeof exposed_schemas !== 'string')
    return unknown(
      'exposed',
      'the database does not say which schemas the API shows',
      `see the dashboard's Project Settings → Data API: ${target.schema} must be among them, dor_internal must not`,
    );
  const schemas = exposed_schemas.split(',').map((name) => name.trim());
  if (schemas.includes('dor_internal'))
    return fail(
      'exposed',
      `the API shows dor_internal (${exposed_schemas})`,
      'take it off the exposed schemas',
    );
  if (!schemas.includes(target.schema))
    return warn(
      'exposed',
      `the API does not show ${target.schema} (${exposed_schemas})`,
      'add it to the exposed schemas',
    );
  return ok('exposed', exposed_schemas);
}

function checkForgotten({ forgotten_transactions: count }: TargetRow): Diagnosis {
  if (!count) return ok('sessions', 'no transaction was left open by others');
  return warn(
    'sessions',
    `${count} transactions are open and idle for more than 5 minutes`,
    "they may hold locks: select * from pg_stat_activity where state = 'idle in transaction'",
  );
}
