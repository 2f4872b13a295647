/** Query results as text: for people (table, markdown) and for programs (csv, json, ndjson). */

import { type DuckDBResult, DuckDBTypeId, type Json } from '@duckdb/node-api';
import { namesForFile } from './columnsInFiles.ts';

export type TextFormat = 'table' | 'csv' | 'json' | 'ndjson' | 'markdown';

export interface Chunk {
  bytes: string | Uint8Array;
  /** Rows so far. */
  rows: number;
  /** True when rows were left out. */
  cut: boolean;
}

/** Widest cell that a table shows. */
const WIDEST = 48;

/**
 * Yields the result in pieces. `table` and `markdown` stop after `limit` rows; the others hold every row and are
 * written as they come. JSON keeps whole numbers beyond 2^53 as strings, so that no digit is lost.
 */
export async function* textChunks(
  result: DuckDBResult,
  format: TextFormat,
  limit: number,
): AsyncGenerator<Chunk> {
  const names = format === 'csv' ? result.columnNames() : namesForFile(result.columnNames());
  if (format === 'table' || format === 'markdown') {
    yield await drawn(result, names, format, limit);
    return;
  }
  const wide = result.columnTypes().map((type) => WIDE.has(type.typeId));
  let rows = 0;
  if (format === 'csv') yield { bytes: `${names.map(csvCell).join(',')}\n`, rows, cut: false };
  if (format === 'json') yield { bytes: '[', rows, cut: false };
  for await (const batch of batches(result)) {
    const lines = batch.map((row, index) => line(row, names, wide, format, rows + index === 0));
    rows += batch.length;
    yield { bytes: lines.join(''), rows, cut: false };
  }
  yield { bytes: format === 'json' ? '\n]\n' : '', rows, cut: false };
}

function line(row: Json[], names: string[], wide: boolean[], format: TextFormat, first: boolean): string {
  if (format === 'csv') return `${row.map(csvCell).join(',')}\n`;
  // Written by hand: an object would drop columns of one name, and put those that are numbers in front.
  const fields = names.map(
    (name, index) => `${JSON.stringify(name)}:${JSON.stringify(exact(row[index]!, wide[index]!))}`,
  );
  const object = `{${fields.join(',')}}`;
  return format === 'ndjson' ? `${object}\n` : `${first ? '' : ','}\n  ${object}`;
}

/** The engine writes wide numbers as text; those that a JSON number holds exactly become one. */
const exact = (value: Json, wide: boolean): Json =>
  wide && typeof value === 'string' && value.replace(/\D/g, '').length <= 15 ? Number(value) : value;

const WIDE = new Set([DuckDBTypeId.BIGINT, DuckDBTypeId.UBIGINT, DuckDBTypeId.HUGEINT, DuckDBTypeId.DECIMAL]);

/** An empty text is quoted, so that NULL, which is nothing, can be told from it. */
function csvCell(value: Json): string {
  const text = plain(value);
  return value === '' || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const plain = (value: Json): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

async function drawn(
  result: DuckDBResult,
  names: string[],
  format: TextFormat,
  limit: number,
): Promise<Chunk> {
  const rows: Json[][] = [];
  for await (const batch of batches(result)) {
    rows.push(...batch);
    if (rows.length > limit) break;
  }
  const cut = rows.length > limit;
  const shown = rows.slice(0, limit);
  const cells = shown.map((row) => row.map((value) => shorten(plain(value), format)));
  const header = names.map((name) => shorten(name, format));
  const widths = header.map((name, index) =>
    Math.max(name.length, ...cells.map((row) => row[index]!.length)),
  );
  const right = names.map((_, index) =>
    shown.every((row) => row[index] === null || /^-?[\d.]+$/.test(plain(row[index]!))),
  );
  const pad = (row: string[]) =>
    row.map((cell, index) => (right[index] ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)));
  const lines =
    format === 'markdown'
      ? [
          header,
          widths.map((width, index) => (right[index] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))),
        ]
          .concat(cells)
          .map((row, index) => `| ${(index === 1 ? row : pad(row)).join(' | ')} |`)
      : [pad(header), widths.map((width) => '─'.repeat(width)), ...cells.map(pad)].map((row) =>
          row.join('  ').trimEnd(),
        );
  return { bytes: `${lines.join('\n')}\n`, rows: shown.length, cut };
}

function shorten(text: string, format: TextFormat): string {
  const line = text.replaceAll(/[\r\n\t]/g, ' ');
  if (format === 'markdown') return line.replaceAll('|', '\\|');
  return line.length > WIDEST ? `${line.slice(0, WIDEST - 1)}…` : line;
}

async function* batches(result: DuckDBResult): AsyncGenerator<Json[][]> {
  for await (const rows of result.yieldRowsJson()) yield rows;
}
