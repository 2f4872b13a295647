/** One read-only query over the lake, in the format that is wanted. */

import { once } from 'node:events';
import { createReadStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { WriteStream } from 'node:tty';
import type { DuckDBPreparedStatement, DuckDBResult } from '@duckdb/node-api';
import { DorError, EXIT } from '../errors.ts';
import { quoted } from '../sqlText.ts';
import { harmless, isReaderGone } from '../terminal.ts';
import { forParquet, namesForFile } from './columnsInFiles.ts';
import { type Lake, openLake } from './lake.ts';
import type { Values } from './parameters.ts';
import { failedAt, type Place, placeDrawn, withoutExcerpt } from './place.ts';
import { copyReading, isExplain, prepareReading } from './readOnly.ts';
import { type TextFormat, textChunks } from './textFormats.ts';

export const FORMATS = ['table', 'csv', 'json', 'ndjson', 'markdown', 'line', 'arrow', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

export const isBinary = (format: Format) => format === 'arrow' || format === 'parquet';

/** The driver hands out structs by the names of their fields: of those without, all but one would be lost. */
function refuseUnnamed(result: DuckDBResult): void {
  const at = result.columnTypes().findIndex((type) => /STRUCT\("" /.test(String(type)));
  if (at < 0) return;
  const name = result.columnName(at);
  throw new DorError(
    `The fields of ${name} have no names, as row(1, 2) makes them`,
    "name them: {'a': 1, 'b': 2}",
    EXIT.usage,
  );
}

const notForTerminals = (format: Format) =>
  new DorError(`${format} is nothing for a terminal`, 'name a file with --output', EXIT.usage);

export interface Question {
  query: string;
  /** Values of the query's `$name` parameters. */
  values?: Values;
  format: Format;
  out: Writable;
  /** Rows at most. Without one, what a person reads shows the first 200, and the other formats have all. */
  limit?: number;
  /** Macros, variables and temporary tables that a query of ours needs. */
  prepare?: (lake: Lake) => Promise<void>;
}

export interface QueryOptions extends Question {
  lake: string;
  /** Further folders that the query reads. */
  folders?: string[];
}

/**
 * Opens the lake for one query of ours, streams its rows out, chunk by chunk. What a person wrote runs in a process of
 * its own instead (pool.ts). Returns how many rows there were, and whether some were cut.
 */
export async function runQuery({ lake: folder, folders = [], ...question }: QueryOptions) {
  const lake = await openLake(folder, { folders });
  try {
    await question.prepare?.(lake).catch((error: Error) => {
      throw explained(error, lake);
    });
    return await ask(lake, question);
  } finally {
    lake.close();
  }
}

/** Runs one query in a session that is open. @throws DorError for whatever is wrong with the query. */
export async function ask(lake: Lake, question: Question): Promise<{ rows: number; cut: boolean }> {
  const { query, values = {}, format, out, limit } = question;
  const { isTTY, columns } = out as Partial<WriteStream>;
  if (isTTY && isBinary(format)) throw notForTerminals(format);
  try {
    const prepared = await prepareReading(lake.connection, query, values);
    if (format === 'parquet') return await writeParquet(lake, prepared, question);
    const result = await prepared.stream();
    refuseUnnamed(result);
    const chunks =
      format === 'arrow'
        ? (await import('./arrow.ts')).arrowChunks(result, { limit })
        : textChunks(result, format as TextFormat, { limit, width: columns || undefined });
    let last = { rows: 0, cut: false };
    for await (const { bytes, ...counts } of chunks) {
      last = counts;
      if (!out.write(isTTY ? harmless(String(bytes)) : bytes)) await once(out, 'drain');
    }
    return last;
  } catch (error) {
    if (isReaderGone(error as Error)) return { rows: 0, cut: false };
    throw explained(error as Error, lake, query);
  }
}

const noRows = () =>
  new DorError('An explanation has no rows for a Parquet file', 'choose another --format', EXIT.usage);

/** Parquet is made by the engine, in a folder of its own that the session may write to, and copied out. */
async function writeParquet(
  { connection, scratch }: Lake,
  prepared: DuckDBPreparedStatement,
  { query, values, out, limit }: Question,
) {
  if (isExplain(query)) throw noRows();
  const file = join(scratch, 'result.parquet');
  const options = 'format parquet, compression zstd';
  const rows = await copyReading(connection, query, { file, options, values }, exactly(prepared, limit));
  await pipeline(createReadStream(file), out, { end: false });
  rmSync(file);
  return { rows, cut: false };
}

/** Every column by its place, so that its name can be anything, also twice the same. */
function exactly(prepared: DuckDBPreparedStatement, limit?: number): (query: string) => string {
  const places = Array.from({ length: prepared.columnCount }, (_, at) => at);
  const names = namesForFile(places.map((at) => prepared.columnName(at)));
  const columns = places.map(
    (at) => `${forParquet(`c${at}`, String(prepared.columnType(at)))} as ${quoted(names[at]!)}`,
  );
  return (query) =>
    `select ${columns.join(', ')} from (\n${query}\n) as result(${places.map((at) => `c${at}`).join(', ')})${limit === undefined ? '' : ` limit ${limit}`}`;
}

/** What a person can do about a query that failed. With the text that the engine was given, an excerpt of it gives the place. */
export function explained(
  error: Error,
  { tables, broken }: Pick<Lake, 'tables' | 'broken'>,
  given?: string,
): DorError {
  if (error instanceof DorError) return error;
  const message = withoutExcerpt(error.message);
  const missing = /Table with name (\w+) does not exist/.exec(message)?.[1] ?? '';
  const why = broken.get(missing.replace(/_current$/, ''));
  if (why)
    return new DorError(
      `${missing} cannot be read: ${withoutExcerpt(why)}`,
      'dor ingest <county> writes the files of its rolls again; a damaged run in lake/runs cannot come back: move it away',
      EXIT.usage,
    );
  const known = tables.some((name) => name.startsWith('dor_'))
    ? `tables here: ${tables.join(', ')}`
    : 'nothing is staged yet: run make ingest COUNTY=…';
  const { place = given === undefined ? null : placeDrawn(error.message, given) } = error as {
    place?: Place;
  };
  return new DorError(failedAt(place, message), known, EXIT.usage);
}
