/** The door that every query passes: one statement, and one that only reads. Decided by the engine's parser, not by the text. */

import { type DuckDBConnection, StatementType } from '@duckdb/node-api';
import { DorError, EXIT } from '../errors.ts';

/**
 * Table functions that read. A `from f()` may also write files and change settings (enable_profiling, enable_logging)
 * or run text that nobody has looked at (query), so what is not named here is refused.
 */
const READING = new Set(
  `arrow_scan check_peg_parser duckdb_columns duckdb_constraints duckdb_functions duckdb_indexes duckdb_keywords
  duckdb_memory duckdb_settings duckdb_tables duckdb_types duckdb_views generate_series glob histogram histogram_values
  icu_calendar_names json_each json_tree parquet_file_metadata parquet_full_metadata parquet_kv_metadata parquet_metadata
  parquet_scan parquet_schema pg_timezone_names pragma_table_info pragma_version query_table range read_blob read_csv
  read_csv_auto read_json read_json_auto read_json_objects read_json_objects_auto read_ndjson read_ndjson_auto
  read_ndjson_objects read_parquet read_text repeat repeat_row sniff_csv sql_auto_complete summary test_all_types
  test_vector_types unnest`.split(/\s+/),
);

/** The query of an EXPLAIN or EXPLAIN ANALYZE: the latter runs it, so it must read, too. */
const explained = (text: string) => text.replace(/^\s*explain(\s+analyze)?\b/i, '');
export const isExplain = (text: string) => explained(text) !== text;

/** @throws DorError when the text is not exactly one query that only reads. */
export async function refuseWriting(connection: DuckDBConnection, text: string): Promise<void> {
  const query = explained(text);
  const reader = await connection.runAndReadAll('select json_serialize_sql($query::varchar)', { query });
  const parsed = JSON.parse(String(reader.getRowsJson()[0]![0]));
  if (parsed.error) throw refusal(parsed.error_type, parsed.error_message);
  const count = parsed.statements.length;
  if (count !== 1) {
    throw new DorError(
      count === 0 ? 'There is no query' : `One query at a time, these are ${count}`,
      count === 0 ? 'write one: from dor_sales' : 'run them one by one',
      EXIT.usage,
    );
  }
  for (const name of tableFunctions(parsed)) {
    if (READING.has(name)) continue;
    throw new DorError(
      `${name}() is no function that only reads`,
      'query the tables; dor sql ".tables" lists them',
      EXIT.usage,
    );
  }
  const statements = await connection.extractStatements(query);
  const prepared = await statements.prepare(0);
  const type = prepared.statementType;
  prepared.destroySync();
  if (type !== StatementType.SELECT) throw notReading();
}

function refusal(type: string, message: string): DorError {
  if (type === 'not implemented') return notReading();
  const remedy = 'mend the text of the query';
  return new DorError(`The query failed: ${message.trim() || 'there is no query'}`, remedy, EXIT.usage);
}

const notReading = () =>
  new DorError(
    'Only queries that read are run here; the lake is written by dor ingest alone',
    'begin with select, from, with, describe, summarize or explain; pivot needs its values (in …)',
    EXIT.usage,
  );

/** Names of all table functions, at any depth of the parsed query. */
function* tableFunctions(node: unknown): Generator<string> {
  if (node === null || typeof node !== 'object') return;
  const { type, function: called } = node as { type?: string; function?: { function_name?: string } };
  if (type === 'TABLE_FUNCTION' && called?.function_name) yield called.function_name.toLowerCase();
  for (const child of Object.values(node)) yield* tableFunctions(child);
}
