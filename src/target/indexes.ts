/** Indexes for the consumers, built after the rows are there. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hideCredentials } from '../credentials.ts';
import { DorError, EXIT, explain } from '../errors.ts';
import { MEDIANS } from '../lake/paths.ts';
import { SQL } from '../project.ts';
import { ROLLS } from '../rolls.ts';
import { quoted } from '../sqlText.ts';
import { TargetInterrupted } from './failures.ts';
import { inSchema, type Target } from './target.ts';

export interface IndexFile {
  /** Extension that its operator classes come from. */
  extension: string | null;
  indexes: { name: string; table: string; sql: string }[];
}

/** All indexes that sql/indexes/ names. */
export function wantedIndexes(folder = join(SQL, 'indexes')): IndexFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const found = text.matchAll(/^create index if not exists (\w+) on (\w+) [^;]+/gm);
      return {
        extension: /^-- extension: (\w+)/m.exec(text)?.[1] ?? null,
        indexes: [...found].map(([sql, index, table]) => ({ name: index!, table: table!, sql })),
      };
    });
}

/** Names of the indexes that are missing on tables with rows, those of an extension that cannot be had left out. */
export async function missingIndexes(target: Target): Promise<IndexFile[]> {
  const rows = await target.query(
    `select indexname as name from pg_indexes where schemaname = '${target.schema}'
     union all select distinct table_name from ${inSchema(target.schema, 'dor_partitions')} where row_count > 0
     union all select name from pg_available_extensions`,
  );
  const known = new Set(rows.map(({ name }) => name));
  return wantedIndexes()
    .filter(({ extension }) => !extension || known.has(extension))
    .map(({ extension, indexes }) => ({
      extension,
      indexes: indexes.filter(({ name, table }) => known.has(table) && !known.has(name)),
    }))
    .filter(({ indexes }) => indexes.length > 0);
}

/**
 * Builds what is missing, each index in a transaction of its own: whoever is killed goes on where it was. Reading goes
 * on meanwhile. While another session builds or a push is writing, nothing waits: the next run does it. An index that
 * the rows do not allow keeps none of the others waiting and is told at the end: what was published stays published.
 * @returns the names that were built, and how many could not be.
 */
export async function buildIndexes(
  target: Target,
  say: (line: string) => void,
): Promise<{ built: string[]; failed: number }> {
  const built: string[] = [];
  const failures: string[] = [];
  try {
    for (const { extension, indexes } of await missingIndexes(target)) {
      if (extension && !(await install(target, extension, say))) continue;
      for (const { name, table, sql } of indexes) {
        const started = performance.now();
        try {
          if (!(await build(target, sql, extension))) return { built, failed: failures.length };
        } catch (error) {
          failures.push(`index ${name} on ${table} was not built: ${explainFailure(error)}`);
          continue;
        }
        built.push(name);
        say(`index ${name} on ${table}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
      }
    }
    if (built.length > 0) await analyze(target);
  } catch (error) {
    if (!(error instanceof DorError) || error.code !== EXIT.busy) throw error;
    say(`${error.message}\n  indexes are left for the next run, or for dor migrate`);
  } finally {
    for (const failure of failures) say(failure);
  }
  return { built, failed: failures.length };
}

/**
 * What the server has against one index, and what to do.
 * @throws what is about the connection or other sessions, and therefore about all indexes, and what is no server's error.
 */
function explainFailure(error: unknown): string {
  const general =
    error instanceof TargetInterrupted || (error instanceof DorError && error.code !== EXIT.gate);
  if (general || !(error instanceof Error)) throw error;
  if (error instanceof DorError) return explain(error);
  if (!/^[0-9A-Z]{5}$/.test(String((error as NodeJS.ErrnoException).code))) throw error;
  return hideCredentials(`${error.message}\n  → remove what the server names, then run dor migrate`);
}

/** After a first load the planner knows nothing, and autovacuum comes when it comes; it never comes for small tables. */
async function analyze(target: Target): Promise<void> {
  const names = [
    ...Object.values(ROLLS).map(({ table }) => table),
    MEDIANS,
    'dor_partitions',
    'dor_counties',
  ];
  await target.transaction((transaction) =>
    transaction.query(`analyze ${names.map((name) => inSchema(target.schema, name)).join(', ')}`),
  );
}

/** What the planner knows of one table, after a load that changed much of it. Nobody waits for it. */
export async function analyzeTable(target: Target, table: string): Promise<void> {
  await target.transaction(async (transaction) => {
    await transaction.query("set local lock_timeout = '5s'");
    await transaction.query(`analyze ${inSchema(target.schema, table)}`);
  });
}

/** False when another session is at it. */
async function build(target: Target, sql: string, extension: string | null): Promise<boolean> {
  return target.transaction(async (transaction) => {
    const [row] = await transaction.query(
      "select pg_try_advisory_xact_lock(hashtextextended('dor indexes', 0)) as taken",
    );
    if (!row?.taken) return false;
    const [home] = extension
      ? await transaction.query(
          `select quote_ident(n.nspname) as name from pg_extension e join pg_namespace n on n.oid = e.extnamespace
           where e.extname = $1`,
          [extension],
        )
      : [];
    const path = [quoted(target.schema), home?.name, 'pg_temp'].filter(Boolean).join(', ');
    // Writers queue up behind a waiting lock: better no index yet than a push that waits.
    await transaction.query(`set local lock_timeout = '5s'; set local search_path to ${path}`);
    await transaction.query(sql);
    return true;
  });
}

/** pg_trgm is trusted: who may create in the database may install it. Where not, its indexes are left out. */
async function install(target: Target, extension: string, say: (line: string) => void): Promise<boolean> {
  const [installed] = await target.query('select 1 from pg_extension where extname = $1', [extension]);
  if (installed) return true;
  try {
    const [supabase] = await target.query("select 1 from pg_namespace where nspname = 'extensions'");
    const home = supabase ? 'extensions' : quoted(target.schema);
    await target.transaction((transaction) =>
      transaction.query(`create extension if not exists ${extension} with schema ${home}`),
    );
    return true;
  } catch (error) {
    if (!(error instanceof DorError) || error.code !== EXIT.gate) throw error;
    say(`${error.message}\n  searches in the middle of names stay slow until somebody installs ${extension}`);
    return false;
  }
}
