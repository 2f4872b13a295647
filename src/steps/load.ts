/** load: the file's text becomes typed rows, once, in one scan. */

import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import type { Dataset } from '../model.ts';
import { REFERENCE, SQL } from '../project.ts';
import { fields } from '../reference.ts';
import type { Route } from '../routing.ts';
import { literal, quoted, verbatim } from '../sqlText.ts';

export interface LoadInput {
  dataset: Dataset;
  kind: 'csv' | 'parquet';
  /** A clean UTF-8 CSV (see `read`), or a Parquet file. */
  path: string;
  /** Canonical column names in file order. */
  columns: string[];
  /** Those of `columns` that fields.csv does not know. */
  extra: string[];
}

/** Macros and reference tables: once per session. */
export async function prepare(engine: Engine): Promise<void> {
  await engine.set({ reference: verbatim(REFERENCE) });
  for (const file of [
    'load/macros',
    'load/reference',
    'normalize/macros',
    'normalize/confidential',
    'enrich/macros',
    'stage/macros',
  ]) {
    await engine.file(join(SQL, `${file}.sql`));
  }
}

/**
 * Loads one file and leaves the view named after the dataset (`nal`, `sdf`, `nap`): typed columns under DOR's names,
 * `record` identifying the row. Returns the number of rows.
 */
export async function load(engine: Engine, input: LoadInput, route: Route, scratch: string): Promise<number> {
  const { dataset } = input;
  await engine.run(`create or replace temp view source as ${sourceQuery(input)}`);
  const names = fields(dataset).map(({ name }) => name.toLowerCase());
  const select = `select ${names.join(', ')}, extra, line_hash, uncast
    from (${await engine.read(join(SQL, 'load', `${dataset}.sql`))})`;
  if (route.mode === 'in-memory') {
    await engine.run(`create or replace temp table quality_${dataset} as ${select}`);
    await engine.run(
      `create or replace temp view ${dataset} as select *, rowid as record from quality_${dataset}`,
    );
  } else {
    const path = join(scratch, `quality_${dataset}.parquet`);
    await engine.run(
      `copy (${select}) to ${literal(path)} (format parquet, compression lz4_raw, row_group_size ${route.rowGroupSize})`,
    );
    await engine.run(
      `create or replace temp view ${dataset} as
       select *, file_row_number as record from read_parquet(${literal(verbatim(path))}, file_row_number = true)`,
    );
  }
  const { rows } = await engine.row(`select count(*) as rows from ${dataset}`);
  return Number(rows);
}

/**
 * The roll's columns as text under their names in lower case, in the guide's order, NULL where the file's year had none;
 * unknown ones together as JSON text in `extra`.
 */
function sourceQuery({ dataset, kind, path, columns, extra }: LoadInput): string {
  const texts = fields(dataset).map(
    ({ name }) => `${columns.includes(name) ? quoted(name) : 'null::varchar'} as ${name.toLowerCase()}`,
  );
  const kept = extra.length
    ? `json_object(${extra.map((name) => `${literal(name)}, ${quoted(name)}`).join(', ')})::varchar`
    : 'null::varchar';
  const all = columns.map(quoted).join(', ');
  return `select ${texts.join(', ')}, ${kept} as extra, hash(${all}) as line_hash from ${
    kind === 'csv' ? readCsv(path, columns) : readParquet(path, columns)
  }`;
}

/**
 * Strict and without any detection: the reading has already told what the file is. `new_line` is left alone: DuckDB 1.5
 * drops rows without a word when it is set together with strict_mode.
 */
function readCsv(path: string, columns: string[]): string {
  const types = columns.map((name) => `${literal(name)}: 'varchar'`).join(', ');
  return `read_csv(${literal(verbatim(path))}, auto_detect = false, header = true, columns = {${types}}, delim = ',',
    quote = '"', escape = '"', strict_mode = true, max_line_size = 4194304)`;
}

/** Columns by position: their names in the file may be the guide's spelling. */
function readParquet(path: string, columns: string[]): string {
  return `(select columns(*)::varchar from read_parquet(${literal(verbatim(path))})) as source_file (${columns.map(quoted).join(', ')})`;
}
