/** The lake as tables: what `dor sql`, `dor explore` and `dor catalog` see. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { literal } from '../engine.ts';
import { HISTORIES, historyFolder } from '../lake/history.ts';
import { MEDIANS, REFERENCE } from '../lake/paths.ts';
import { DATASETS, TABLES } from '../model.ts';

/** A view's name and the query that it stands for. */
export interface View {
  name: string;
  select: string;
}

export interface Lake {
  connection: DuckDBConnection;
  /** Another connection of the same session, for a query of its own. */
  connect(): Promise<DuckDBConnection>;
  /** Names of the views. */
  tables: string[];
  /** The only folder that the session may write to; what is too large for memory spills there, too. */
  scratch: string;
  /** Makes views of tables that came into the lake since it was opened. */
  refresh(): Promise<void>;
  close(): void;
}

export interface LakeLimits {
  memoryLimitMb?: number;
  threads?: number;
  /** Made and removed by the session; a new temporary folder without one. */
  scratch?: string;
}

/**
 * Opens a session that reads the lake and the reference files and nothing else: the engine refuses other files, the
 * network and changed settings. Queries that would write into the lake are refused before they run (readOnly.ts).
 */
export async function openLake(lake: string, limits: LakeLimits = {}): Promise<Lake> {
  const scratch = limits.scratch ?? mkdtempSync(join(tmpdir(), 'dor-'));
  mkdirSync(scratch, { recursive: true });
  const half = Math.floor(Math.min(totalmem(), process.constrainedMemory() || totalmem()) / 2 ** 21);
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: `${limits.memoryLimitMb ?? Math.min(half, 4096)}MB`,
    temp_directory: join(scratch, 'spill'),
    ...(limits.threads ? { threads: String(limits.threads) } : {}),
  });
  const connection = await instance.connect();
  const tables: string[] = [];
  const refresh = async () => {
    for (const { name, select } of lakeViews(lake)) {
      if (tables.includes(name)) continue;
      await connection.run(`create view "${name}" as ${select}`);
      tables.push(name);
    }
  };
  await refresh();
  const folders = [lake, REFERENCE, scratch].map((folder) => literal(`${folder}/`)).join(', ');
  await connection.run(`set allowed_directories = [${folders}]`);
  await connection.run('set enable_external_access = false');
  await connection.run('set lock_configuration = true');
  return {
    connection,
    connect: () => instance.connect(),
    tables,
    scratch,
    refresh,
    close() {
      connection.closeSync();
      instance.closeSync();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/**
 * What is there now: the staged tables, `<table>_current` (newest roll year of each county), dor_medians, rejected,
 * runs, quality_runs, quality_rules, quality_columns, and the reference tables. A view depends only on those before it.
 */
export function lakeViews(lake: string): View[] {
  const views: View[] = [];
  for (const name of [...DATASETS.map((dataset) => TABLES[dataset]), MEDIANS]) {
    const folder = join(lake, 'staged', name);
    if (!holds(folder, '.parquet')) continue;
    views.push({ name, select: parquet(join(folder, '*/*/*.parquet')) });
    if (name !== MEDIANS) views.push({ name: `${name}_current`, select: newestOf(name) });
  }
  if (holds(join(lake, 'rejected'), '.parquet')) {
    views.push({ name: 'rejected', select: parquet(join(lake, 'rejected/*/*/*/*.parquet')) });
  }
  if (holds(join(lake, 'runs'), '.json')) {
    const files = literal(join(lake, 'runs/*.json'));
    const select = `from read_json(${files}, union_by_name = true, maximum_object_size = 67108864)`;
    views.push({ name: 'runs', select });
  }
  for (const kind of HISTORIES) {
    const folder = historyFolder(lake, kind);
    if (holds(folder, '.parquet'))
      views.push({ name: `quality_${kind}`, select: parquet(join(folder, '*/*.parquet')) });
  }
  for (const name of ['fields', 'codes', 'counties', 'states', 'caps']) {
    const file = join(REFERENCE, `${name}.csv`);
    if (!existsSync(file)) continue;
    views.push({ name, select: `from read_csv(${literal(file)}, all_varchar = true, header = true)` });
  }
  return views;
}

const parquet = (files: string) =>
  `from read_parquet(${literal(files)}, union_by_name = true, hive_partitioning = false)`;

const newestOf = (name: string) =>
  `select t.* from ${name} t join (select county_no, max(year) as year from ${name} group by county_no) newest
     on newest.county_no = t.county_no and newest.year = t.year`;

/** True when a folder has, in any depth, a file with this ending. */
function holds(folder: string, ending: string): boolean {
  return (
    existsSync(folder) &&
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((name) => name.endsWith(ending))
  );
}
