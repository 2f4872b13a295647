/**
 * The content of published rows, as Postgres and DuckDB both write it. The row hash that is stored beside a row says what
 * was published; only the content says what stands there now, after somebody's update by hand.
 */

import type { Engine } from '../engine.ts';
import { literal, parquet, verbatim } from '../sqlText.ts';
import type { Target } from '../target/target.ts';

export interface TableColumn {
  name: string;
  /** As Postgres writes it, such as numeric(18,4); DuckDB knows the same names but for jsonb. */
  type: string;
}

/** Columns of a published table in its order; none when there is no such table. */
export async function tableColumns(target: Pick<Target, 'query'>, relation: string): Promise<TableColumn[]> {
  const rows = await target.query(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum`,
    [relation],
  );
  return rows.map(({ name, type }) => ({ name: String(name), type: String(type) }));
}

/** Columns of a Parquet file: name to DuckDB type. */
export async function fileColumns(engine: Engine, path: string): Promise<Map<string, string>> {
  const rows = await engine.rows(`describe from ${parquet(path)}`);
  return new Map(rows.map(({ column_name, column_type }) => [String(column_name), String(column_type)]));
}

/** DuckDB's type for a column read back from Postgres: jsonb stays text. */
export const duckType = ({ type }: TableColumn) => (type === 'jsonb' ? 'varchar' : type);

/** Stands for NULL: a control character that no roll has. '' is another thing than NULL. */
const NOTHING = 'chr(30)';
const BETWEEN = 'chr(31)';

/**
 * Expression over a table's columns: 16 hex digits. Objects are written by sorted key, whatever jsonb makes of them, and
 * texts in them behind their length, so that no two objects are written alike.
 */
export function contentInPostgres(columns: TableColumn[]): string {
  const values = hashed(columns).map(({ name, type }) => {
    if (type !== 'jsonb') return `${name}::text`;
    const text = "e.value #>> '{}'";
    const value = `case jsonb_typeof(e.value) when 'string' then octet_length(${text}) || ':' || (${text}) else '=' || e.value::text end`;
    const entries = `(select coalesce(string_agg(octet_length(e.key) || ':' || e.key || ${value}, ',' order by e.key collate "C"), '')
      from jsonb_each(${name}) e)`;
    return `case when ${name} = '{}'::jsonb then '' when jsonb_typeof(${name}) = 'object' then ${entries} else ${name}::text end`;
  });
  return `left(md5(array_to_string(array[${values.join(', ')}], ${BETWEEN}, ${NOTHING})), 16)`;
}

/** The same over a Parquet file's columns; what the file lacks is NULL. */
export function contentInDuckDb(columns: TableColumn[], types: Map<string, string>): string {
  const values = hashed(columns).map(({ name, type }) => {
    const fileType = types.get(name);
    if (fileType === undefined) return NOTHING;
    if (type !== 'jsonb') return `coalesce(${name}::varchar, ${NOTHING})`;
    const value = `case when json_type(e.value) = 'VARCHAR' then strlen(e.value ->> '$') || ':' || (e.value ->> '$')
      else '=' || coalesce(e.value::varchar, 'null') end`;
    const entries = `list_transform(${sortedEntries(name, fileType)}, lambda e: strlen(e.key) || ':' || e.key || ${value})`;
    const whole = fileType.startsWith('MAP') ? [] : [`${name}::varchar`];
    return `coalesce(${[`array_to_string(${entries}, ',')`, ...whole, NOTHING].join(', ')})`;
  });
  return `left(md5(concat_ws(${BETWEEN}, ${values.join(', ')})), 16)`;
}

/** A value as text for people, alike for rows from the lake and rows read back. `alias` ends with a dot, or is empty. */
export function textInDuckDb({ name, type }: TableColumn, fileType: string | undefined, alias = ''): string {
  if (fileType === undefined) return 'null::varchar';
  const value = `${alias}${name}`;
  if (type !== 'jsonb') return `${value}::varchar`;
  const object = `to_json(map_from_entries(${sortedEntries(value, fileType)}))::varchar`;
  return fileType.startsWith('MAP') ? object : `coalesce(${object}, ${value})`;
}

/** Entries of an object by key, their values as JSON; NULL when it is none. jsonb that was read back is text. */
function sortedEntries(value: string, fileType: string): string {
  const json = fileType.startsWith('MAP') ? `to_json(${value})` : `try_cast(${value} as json)`;
  return `list_sort(map_entries(try_cast(${json} as map(varchar, json))))`;
}

/** Everything but the stored hash, which is compared beside it. */
const hashed = (columns: TableColumn[]) => columns.filter(({ name }) => name !== 'row_hash');

/** Bytes of the longest row that is read back: no roll has such texts, but somebody may write one by hand. */
const LONGEST_ROW = 64 * 1024 * 1024;

/**
 * `read_csv` over what COPY wrote: NULL is nothing, '' is quoted. COPY ends rows with \n on every system; a DuckDB that
 * looks for itself takes a carriage return inside a value for the end. Its buffer would be 16 times the longest row.
 */
export function readCopied(path: string, columns: { name: string; type: string }[]): string {
  const types = columns.map(({ name, type }) => `${literal(name)}: ${literal(type)}`).join(', ');
  return `read_csv(${literal(verbatim(path))}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"',
    nullstr = '', allow_quoted_nulls = false, new_line = '\\n', max_line_size = ${LONGEST_ROW},
    buffer_size = ${LONGEST_ROW}, columns = {${types}})`;
}

/**
 * Rows that COPY wrote, typed, as DuckDB reads them. A column with a value that its type does not have there, such as NaN
 * among decimals, stays text: it is somebody else's value, and to be shown.
 */
export async function readTyped(engine: Engine, path: string, columns: TableColumn[]): Promise<string> {
  const doubtful = columns.filter(({ type }) => /^(numeric|date$)/.test(type));
  const asText = readCopied(
    path,
    columns.map((column) => ({
      name: column.name,
      type: doubtful.includes(column) ? 'varchar' : duckType(column),
    })),
  );
  if (doubtful.length === 0) return asText;
  const fits = doubtful.map(
    ({ name, type }) => `count(${name}) = count(try_cast(${name} as ${type})) as ${name}`,
  );
  const row = await engine.row(`select ${fits.join(', ')} from ${asText}`);
  const typed = doubtful
    .filter(({ name }) => row[name])
    .map(({ name, type }) => `${name}::${type} as ${name}`);
  return typed.length === 0 ? asText : `(select * replace (${typed.join(', ')}) from ${asText})`;
}
