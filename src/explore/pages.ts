/** In a query process: what is selected from a kept result, that is, pages and files. */

import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DuckDBResult } from '@duckdb/node-api';
import { DorError, EXIT } from '../errors.ts';
import { arrowChunks } from '../query/arrow.ts';
import { forCsv, namesForFile } from '../query/columnsInFiles.ts';
import type { Lake } from '../query/lake.ts';
import { copyReading, prepareReading } from '../query/readOnly.ts';
import { literal, quoted, verbatim } from '../sqlText.ts';
import { BY_POSITION, inFile } from './keep.ts';
import { type Column, type FileFormat, PAGE_ROWS } from './requests.ts';

/** A kept result: the file with its rows, and the file with their order when they are wanted in another one. */
export interface Kept {
  file: string;
  order: string | null;
  columns: Column[];
}

/** What a page may have in bytes: it is held in memory here, by the server and by the browser. */
const PAGE_BYTES = 32 * 2 ** 20;

/** Writes the positions of the rows in the order of a column, nulls last. */
export async function order(
  { connection }: Lake,
  { from, at, descending, file }: { from: string; at: number; descending: boolean; file: string },
): Promise<void> {
  const direction = descending ? 'desc' : 'asc';
  const query = `select file_row_number as row_at from ${rowsOf(from)}
    order by ${inFile(at)} ${direction} nulls last, file_row_number`;
  await copyReading(connection, query, { file, options: BY_POSITION });
}

/** Rows from `start` on, as an Arrow stream. */
export async function page(
  lake: Lake,
  { start, rows, ...kept }: Kept & { start: number; rows: number },
): Promise<Uint8Array> {
  const range = `between ${start} and ${start + Math.min(rows, PAGE_ROWS) - 1}`;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const { bytes } of arrowChunks(await selected(lake, kept, range), { names: namesOf(kept) })) {
    size += bytes.length;
    if (size > PAGE_BYTES) throw tooLarge();
    parts.push(bytes as Uint8Array);
  }
  return Buffer.concat(parts);
}

const tooLarge = () =>
  new DorError(
    `These rows are too large to show: more than ${PAGE_BYTES / 2 ** 20} MB`,
    'select fewer or shorter columns, or download the result',
    EXIT.usage,
  );

/** Writes all rows to a file, in their order on the page. `rows` and `query` are told in a workbook. */
export async function file(
  lake: Lake,
  {
    format,
    to,
    rows,
    query,
    ...kept
  }: Kept & { format: FileFormat; to: string; rows: number; query: string },
): Promise<void> {
  if (format === 'csv' || format === 'parquet') {
    const options = format === 'csv' ? 'format csv, header' : 'format parquet, compression zstd';
    const written = format === 'csv' ? forCsv : undefined;
    const query = selection(kept, { names: namesForFile(namesOf(kept)), written });
    await copyReading(lake.connection, query, { file: to, options });
    return;
  }
  const result = await selected(lake, kept);
  const out = createWriteStream(to);
  if (format === 'xlsx') {
    // Only here: the library is large.
    const { writeWorkbook } = await import('./workbook.ts');
    return writeWorkbook(result, { rows, columns: kept.columns, query }, out);
  }
  const parts = async function* () {
    for await (const { bytes } of arrowChunks(result, { names: namesOf(kept) })) yield bytes;
  };
  await pipeline(Readable.from(parts(), { objectMode: false }), out);
}

const namesOf = ({ columns }: Kept) => columns.map(({ name }) => name);

async function selected({ connection }: Lake, kept: Kept, range?: string): Promise<DuckDBResult> {
  return (await prepareReading(connection, selection(kept, { range }))).stream();
}

interface Selection {
  /** Otherwise the columns are called as in the kept file. */
  names?: string[];
  /** How a column is written when not as it is. */
  written?: (column: string, type: string) => string;
  range?: string;
}

/** The rows, or a range of their places, in the order in which they are wanted. */
function selection({ file, order, columns }: Kept, { names, written, range }: Selection): string {
  const list = columns
    .map(({ type }, at) => {
      const column = written?.(inFile(at), type) ?? inFile(at);
      return names ? `${column} as ${quoted(names[at]!)}` : column;
    })
    .join(', ');
  if (!order) {
    const where = range ? `where file_row_number ${range}` : '';
    return `select ${list} from ${rowsOf(file)} ${where} order by file_row_number`;
  }
  const where = range ? `where file_row_number ${range}` : '';
  return `with ordered as (select row_at, file_row_number as place from ${rowsOf(order)} ${where})
    select ${list} from ${rowsOf(file)} join ordered on file_row_number = row_at order by place`;
}

export const rowsOf = (path: string) => `read_parquet(${literal(verbatim(path))}, file_row_number = true)`;
