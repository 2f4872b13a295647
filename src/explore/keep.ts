/** In a query process: rows of a query are written to files that pages, charts and downloads are read from. */

import type { DuckDBConnection, DuckDBDataChunk, DuckDBPreparedStatement } from '@duckdb/node-api';
import { forParquet } from '../query/columnsInFiles.ts';
import type { Lake } from '../query/lake.ts';
import type { Values } from '../query/parameters.ts';
import { copyReading, isExplain, placed, prepareReading } from '../query/readOnly.ts';
import type { Column } from './requests.ts';

interface Question {
  query: string;
  values: Values;
  /** Where the rows go. */
  file: string;
}

/** First rows of a result; one with no more than these is complete with them and has run once. With one more, a chunk of the engine. */
const HEAD = 2047;

/** Made to be read by position: quickly written, small row groups. */
export const BY_POSITION = 'format parquet, row_group_size 24576';
const OPTIONS = `${BY_POSITION}, compression uncompressed`;

/** Columns are called so in files: names of a result can be anything, also twice the same. */
export const inFile = (at: number) => `c${at}`;

/** Writes the first rows. They come from a limit around the query, which stops a scan early and makes a sort a top-n. */
export async function head({ connection }: Lake, { query, values, file }: Question) {
  const wrap = (inner: string) => (isExplain(query) ? inner : `from (\n${inner}\n) limit ${HEAD + 1}`);
  const prepared = await prepareReading(connection, query, values, wrap);
  return placed(query, wrap(query), () => headOf(connection, prepared, file));
}

async function headOf(connection: DuckDBConnection, prepared: DuckDBPreparedStatement, file: string) {
  const stream = await prepared.stream();
  const columns: Column[] = stream
    .deduplicatedColumnNames()
    .map((name, at) => ({ name, type: String(stream.columnType(at)) }));
  const chunks: DuckDBDataChunk[] = [];
  let rows = 0;
  for (let chunk = await stream.fetchChunk(); chunk?.rowCount; chunk = await stream.fetchChunk()) {
    chunks.push(chunk);
    rows += chunk.rowCount;
  }
  const types = columns.map(({ type }, at) => `${inFile(at)} ${type}`).join(', ');
  await connection.run(`create or replace temp table head (${types})`);
  const appender = await connection.createAppender('head', 'main', 'temp');
  for (const chunk of chunks) appender.appendDataChunk(chunk);
  appender.closeSync();
  await copyReading(connection, `select ${kept(columns)} from head`, { file, options: OPTIONS });
  await connection.run('drop table head');
  return { columns, rows, complete: rows <= HEAD };
}

/** The engine writes all rows, on its own threads. Returns how many. */
export async function keep(
  { connection }: Lake,
  { query, values, file, columns }: Question & { columns: Column[] },
): Promise<number> {
  const names = columns.map((_, at) => inFile(at)).join(', ');
  return copyReading(
    connection,
    query,
    { file, options: OPTIONS, values },
    (inner) => `select ${kept(columns)} from (\n${inner}\n) as result(${names})`,
  );
}

const kept = (columns: Column[]) =>
  columns.map(({ type }, at) => `${forParquet(inFile(at), type)} as ${inFile(at)}`).join(', ');
