/** The lake as tables: what `dor sql` sees. */

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { literal } from '../engine.ts';
import { HISTORIES, historyFolder } from '../lake/history.ts';
import { MEDIANS, REFERENCE } from '../lake/paths.ts';
import { DATASETS, TABLES } from '../model.ts';

export interface Lake {
  connection: DuckDBConnection;
  /** Names of the views. */
  tables: string[];
  /** The only folder that the session may write to. */
  scratch: string;
  close(): void;
}

/**
 * Opens a session that can read the lake and the reference files and nothing else: it cannot write files, reach the
 * network or change a setting. Views: the staged tables, `<table>_current` (newest roll year of each county),
 * dor_medians, rejected, runs, quality_runs, quality_rules, quality_columns, and the reference tables.
 */
export async function openLake(lake: string): Promise<Lake> {
  const scratch = mkdtempSync(join(tmpdir(), 'dor-'));
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: '1GB',
    temp_directory: '',
  });
  const connection = await instance.connect();
  const tables: string[] = [];
  const view = async (name: string, select: string) => {
    await connection.run(`create view ${name} as ${select}`);
    tables.push(name);
  };
  for (const name of [...DATASETS.map((dataset) => TABLES[dataset]), MEDIANS]) {
    const files = join(lake, 'staged', name, '*/*/*.parquet');
    if (!holds(join(lake, 'staged', name), '.parquet')) continue;
    await view(name, `from read_parquet(${literal(files)}, union_by_name = true, hive_partitioning = false)`);
    if (name === MEDIANS) continue;
    await view(
      `${name}_current`,
      `select t.* from ${name} t join (select county_no, max(year) as year from ${name} group by county_no) newest
         on newest.county_no = t.county_no and newest.year = t.year`,
    );
  }
  const rejected = join(lake, 'rejected/*/*/*/*.parquet');
  if (holds(join(lake, 'rejected'), '.parquet')) {
    await view(
      'rejected',
      `from read_parquet(${literal(rejected)}, union_by_name = true, hive_partitioning = false)`,
    );
  }
  const runs = join(lake, 'runs/*.json');
  if (holds(join(lake, 'runs'), '.json')) {
    await view(
      'runs',
      `from read_json(${literal(runs)}, union_by_name = true, maximum_object_size = 67108864)`,
    );
  }
  for (const kind of HISTORIES) {
    const folder = historyFolder(lake, kind);
    if (!holds(folder, '.parquet')) continue;
    await view(
      `quality_${kind}`,
      `from read_parquet(${literal(join(folder, '*/*.parquet'))}, union_by_name = true)`,
    );
  }
  for (const name of ['fields', 'codes', 'counties', 'states', 'caps']) {
    const file = join(REFERENCE, `${name}.csv`);
    if (existsSync(file))
      await view(name, `from read_csv(${literal(file)}, all_varchar = true, header = true)`);
  }
  const folders = [lake, REFERENCE, scratch].map((folder) => literal(`${folder}/`)).join(', ');
  await connection.run(`set allowed_directories = [${folders}]`);
  await connection.run('set enable_external_access = false');
  await connection.run('set lock_configuration = true');
  return {
    connection,
    tables,
    scratch,
    close() {
      connection.closeSync();
      instance.closeSync();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** True when a folder has, in any depth, a file with this ending. */
function holds(folder: string, ending: string): boolean {
  return (
    existsSync(folder) &&
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((name) => name.endsWith(ending))
  );
}
