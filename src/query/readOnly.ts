/** The door that every query passes: one statement, and one that only reads. Decided by the engine's parser, not by the text. */

import { type DuckDBConnection, type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api';
import { DorError, EXIT } from '../errors.ts';
import { literal } from '../sqlText.ts';
import { checkParameters, type Values, withSlugs } from './parameters.ts';
import { failedAt, type Place, placeAt, placeDrawn, withoutExcerpt } from './place.ts';
import { endOfStatement } from './statements.ts';

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

/** True for a table function that a query may use. */
export const isReading = (name: string): boolean => READING.has(name);

/** The query of an EXPLAIN or EXPLAIN ANALYZE: the latter runs it, so it must read, too. */
const explained = (text: string) => text.replace(/^\s*explain(\s+analyze)?\b/i, '');
export const isExplain = (text: string) => explained(text) !== text;

/**
 * The query, looked at, bound to its values and ready to run; `wrap` makes what runs of it when that is not the query
 * itself. The engine binds it once: with many columns and files that takes as long as many a query.
 * @throws DorError when the text is not exactly one query that only reads, or the values do not fit it.
 */
export async function prepareReading(
  connection: DuckDBConnection,
  text: string,
  values: Values = {},
  wrap: (query: string) => string = (query) => query,
): Promise<DuckDBPreparedStatement> {
  const query = await readingQuery(connection, text);
  const prepared = await placed(query, wrap(query), (given) => connection.prepare(given));
  const { statementType, parameterCount } = prepared;
  const wanted = isExplain(text) ? StatementType.EXPLAIN : StatementType.SELECT;
  if (statementType !== wanted) throw notReading();
  const names = Array.from({ length: parameterCount }, (_, at) => prepared.parameterName(at + 1));
  checkParameters(names, values);
  prepared.bind(withSlugs(text, values));
  return prepared;
}

/**
 * Writes the rows of a query to a file of the session's scratch folder. `wrap` as above, and looked at with it.
 * @returns the number of rows.
 */
export async function copyReading(
  connection: DuckDBConnection,
  text: string,
  { file, options, values = {} }: { file: string; options: string; values?: Values },
  wrap: (query: string) => string = (query) => query,
): Promise<number> {
  const own = await readingQuery(connection, text);
  const query = await readingQuery(connection, wrap(own));
  const copy = `copy (\n${query}\n) to ${literal(file)} (${options})`;
  const { rowsChanged } = await placed(own, copy, (given) => connection.run(given, withSlugs(text, values)));
  return rowsChanged;
}

/** Does what may fail with a query, or with more around it. What is thrown says where in the query the person wrote it. */
export async function placed<T>(
  query: string,
  given: string,
  work: (given: string) => Promise<T>,
): Promise<T> {
  try {
    return await work(given);
  } catch (error) {
    if (error instanceof DorError || !(error instanceof Error)) throw error;
    const place = placeDrawn(error.message, query, given);
    if (!place) throw error;
    throw Object.assign(new Error(withoutExcerpt(error.message), { cause: error }), { place });
  }
}

interface Parsed {
  error: boolean;
  error_type: string;
  error_message: string;
  /** In characters of Unicode, from 0. */
  position?: string;
  statements: unknown[];
}

/**
 * The text without the semicolon that ends it and what stands behind, so that it can become a subquery. Decided by the
 * parser's tree alone, before anything is bound.
 */
async function readingQuery(connection: DuckDBConnection, given: string): Promise<string> {
  // What is blank in another alphabet (a no-break space) is no blank to the engine at the end of a text.
  const text = given.trimEnd();
  const query = explained(text);
  const whole = await parse(connection, query);
  const parsed = JSON.parse(whole) as Parsed;
  const ahead = text.length - query.length;
  if (parsed.error) {
    const { position } = parsed;
    const offset = position && ahead + [...query].slice(0, Number(position)).join('').length;
    throw refusal(parsed, offset ? placeAt(text, offset) : null);
  }
  const count = parsed.statements.length;
  if (count !== 1) {
    throw new DorError(
      count === 0 ? 'There is no query' : `One query at a time, these are ${count}`,
      count === 0 ? 'write one: from dor_sales' : 'run them one by one',
      EXIT.usage,
    );
  }
  for (const { name, options } of tableFunctions(parsed)) {
    if (READING.has(name) && !options.some((option) => KEEPING.test(option))) continue;
    throw new DorError(
      READING.has(name)
        ? `${name}() with ${options.find((option) => KEEPING.test(option))} does more than read`
        : `${name}() is no function that only reads`,
      'query the tables; show tables lists them',
      EXIT.usage,
    );
  }
  const end = await endAsParsed(connection, query, whole);
  return (end < 0 ? text : text.slice(0, ahead + end)).trimEnd();
}

/** Place of the semicolon in front of which the same tree stands: one in a string or a comment is none, as the parser sees it. */
async function endAsParsed(connection: DuckDBConnection, query: string, whole: string): Promise<number> {
  const ends = async (end: number) => (await parse(connection, query.slice(0, end).trimEnd())) === whole;
  const likely = endOfStatement(query);
  if (likely >= 0 && (await ends(likely))) return likely;
  let tried = 0;
  for (let end = query.indexOf(';'); end >= 0; end = query.indexOf(';', end + 1)) {
    if (await ends(end)) return end;
    // A text with that many is looked through once more from its end, where the last one stands, if there is one.
    if (++tried > MOST_TRIED) break;
  }
  const last = query.lastIndexOf(';');
  return last >= 0 && (await ends(last)) ? last : -1;
}

const MOST_TRIED = 50;

async function parse(connection: DuckDBConnection, query: string): Promise<string> {
  const reader = await connection.runAndReadAll('select json_serialize_sql($query::varchar)', { query });
  return String(reader.getRowsJson()[0]![0]);
}

function refusal({ error_type, error_message }: Parsed, place: Place | null): DorError {
  if (error_type === 'not implemented') return notReading();
  const message = failedAt(place, error_message.trim() || 'there is no query');
  return new DorError(message, 'fix the text of the query', EXIT.usage);
}

const notReading = () =>
  new DorError(
    'Only queries that read are run here; the lake is written by dor ingest alone',
    'begin with select, from, with, describe, summarize or explain; pivot needs its values (in …)',
    EXIT.usage,
  );

/** Options of reading functions that leave tables behind, which would stand in front of the lake's for the next query. */
const KEEPING = /^(store_rejects|rejects_)/;

/** All table functions and the names of their options, at any depth of the parsed query. */
function* tableFunctions(node: unknown): Generator<{ name: string; options: string[] }> {
  if (node === null || typeof node !== 'object') return;
  const { type, function: called } = node as { type?: string; function?: { function_name?: string } };
  if (type === 'TABLE_FUNCTION' && called?.function_name)
    yield { name: called.function_name.toLowerCase(), options: [...columnNames(called)] };
  for (const child of Object.values(node)) yield* tableFunctions(child);
}

/** Lower-case names of columns in a tree; `name = value` among the arguments of a function is an option. */
function* columnNames(node: unknown): Generator<string> {
  if (node === null || typeof node !== 'object') return;
  const { column_names: names, alias } = node as { column_names?: string[]; alias?: string };
  for (const name of [...(names ?? []), ...(alias ? [alias] : [])]) yield name.toLowerCase();
  for (const child of Object.values(node)) yield* columnNames(child);
}
