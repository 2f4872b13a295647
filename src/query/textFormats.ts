/** Query results as text: for people (table, markdown, line) and for programs (csv, json, ndjson). */

import type { DuckDBResult, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { namesForFile } from './columnsInFiles.ts';
import { type DrawnFormat, draw } from './drawing.ts';
import { cellText, jsonText } from './spelling.ts';

export type TextFormat = DrawnFormat | 'csv' | 'json' | 'ndjson';

export interface Chunk {
  bytes: string | Uint8Array;
  /** Rows so far. */
  rows: number;
  /** True when rows were left out. */
  cut: boolean;
}

interface TextOptions {
  /** Rows at most; without one, all, or for people the first ones. */
  limit?: number;
  /** Columns of the terminal that a table is to fit. */
  width?: number;
}

/** What a person is shown when nobody says how many. */
const SHOWN = 200;

/**
 * Yields the result in pieces. What people read is held until it is whole; the others are written as they come. JSON
 * keeps whole numbers beyond 15 digits as strings, so that no digit is lost.
 */
export async function* textChunks(
  result: DuckDBResult,
  format: TextFormat,
  { limit, width }: TextOptions = {},
): AsyncGenerator<Chunk> {
  const types = result.columnTypes();
  const names = namesForFile(result.columnNames());
  if (format === 'table' || format === 'markdown' || format === 'line') {
    const rows: DuckDBValue[][] = [];
    let cut = false;
    for await (const batch of batches(result, limit ?? SHOWN)) {
      rows.push(...batch.rows);
      cut = batch.cut;
    }
    yield { bytes: draw({ names, types, rows, width }, format), rows: rows.length, cut };
    return;
  }
  let [rows, cut] = [0, false];
  if (format === 'csv') yield { bytes: `${names.map(quotedCell).join(',')}\n`, rows, cut };
  if (format === 'json') yield { bytes: '[', rows, cut };
  for await (const batch of batches(result, limit)) {
    const lines = batch.rows.map((row, at) => line(row, { names, types }, format, rows + at === 0));
    rows += batch.rows.length;
    cut = batch.cut;
    yield { bytes: lines.join(''), rows, cut };
  }
  yield { bytes: format === 'json' ? '\n]\n' : '', rows, cut };
}

function line(
  row: DuckDBValue[],
  { names, types }: { names: string[]; types: DuckDBType[] },
  format: TextFormat,
  first: boolean,
): string {
  if (format === 'csv') return `${row.map((value, at) => csvCell(value, types[at]!)).join(',')}\n`;
  // Written by hand: an object would drop columns of one name, and put those that are numbers in front.
  const fields = names.map((name, at) => `${JSON.stringify(name)}:${jsonText(row[at]!, types[at]!, true)}`);
  const object = `{${fields.join(',')}}`;
  return format === 'ndjson' ? `${object}\n` : `${first ? '' : ','}\n  ${object}`;
}

/** An empty text is quoted, so that NULL, which is nothing, can be told from it. */
const csvCell = (value: DuckDBValue, type: DuckDBType): string =>
  value === '' ? '""' : quotedCell(cellText(value, type));

const quotedCell = (text: string): string =>
  /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** The rows up to the limit, and whether there are more. */
async function* batches(
  result: DuckDBResult,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<{ rows: DuckDBValue[][]; cut: boolean }> {
  let left = limit;
  for await (const rows of result.yieldRows()) {
    const cut = rows.length > left;
    yield { rows: cut ? rows.slice(0, left) : rows, cut };
    if (cut) return;
    left -= rows.length;
  }
}
