/** The words of a query, asked of the engine: tables, their columns, keywords, types and functions. */

import type { Lake } from './lake.ts';
import { isReading } from './readOnly.ts';

/** What a line is completed with. */
export interface Words {
  tables: string[];
  /** Columns of each table, in their order. */
  columns: Map<string, { name: string; type: string }[]>;
  keywords: string[];
}

export async function wordsOf(lake: Lake): Promise<Words> {
  const keywords = await lake.connection.runAndReadAll('select keyword_name from duckdb_keywords()');
  return {
    tables: lake.tables,
    columns: await columnsOf(lake),
    keywords: keywords.getRowsJson().map(([word]) => String(word)),
  };
}

/** What the engine's SQL is made of, beside tables and columns. */
export interface EngineWords {
  keywords: string[];
  types: string[];
  functions: { name: string; kind: string; parameters: string; meaning: string }[];
}

/** Asked of the engine, so that no word is offered that another one knows. */
export async function engineWords({ connection }: Lake): Promise<EngineWords> {
  const rows = async (query: string) => (await connection.runAndReadAll(query)).getRowsJson() as string[][];
  const functions = await rows(`select function_name, any_value(function_type),
      any_value(array_to_string(parameters, ', ') order by len(parameters) desc), coalesce(any_value(description), '')
    from duckdb_functions() where regexp_full_match(function_name, '[a-z][a-z0-9_]*') and function_type <> 'pragma'
    group by function_name order by function_name`);
  const names = async (query: string) => (await rows(query)).map(([name]) => name!);
  return {
    keywords: await names('select distinct keyword_name from duckdb_keywords() order by 1'),
    types: await names(
      "select distinct type_name from duckdb_types() where type_name not like 'pg_%' order by 1",
    ),
    functions: functions
      .filter(([name, kind]) => kind !== 'table' || isReading(name!))
      .map(([name, kind, parameters, meaning]) => ({
        name: name!,
        kind: kind!,
        parameters: parameters!,
        meaning: meaning!,
      })),
  };
}

/** Columns of each table, in their order. */
export async function columnsOf(lake: Lake): Promise<Words['columns']> {
  const columns: Words['columns'] = new Map();
  const reader = await lake.connection.runAndReadAll(
    `select table_name, column_name, data_type from duckdb_columns() where not internal order by table_name, column_index`,
  );
  for (const [table, name, type] of reader.getRowsJson() as string[][]) {
    columns.set(table!, [...(columns.get(table!) ?? []), { name: name!, type: type! }]);
  }
  return columns;
}
