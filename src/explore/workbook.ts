/** A result as an Excel workbook, written row by row. */

import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import type { DuckDBResult, DuckDBType, Json } from '@duckdb/node-api';
import excel from 'exceljs';
import { cellText } from '../query/spelling.ts';

/** Rows of a sheet, without the header: a limit of the format. */
const SHEET_ROWS = 1_048_575;
/** Rows between two looks at what else there is to do. */
const BREATH = 64;

interface About {
  rows: number;
  columns: { name: string; type: string }[];
  query: string;
}

/**
 * Writes the rows to a stream and ends it. Codes and ids stay text; whole numbers beyond 15 digits, which Excel would
 * round, are text, too. Rows beyond the format's limit are left out, and the second sheet says how many.
 */
export async function writeWorkbook(result: DuckDBResult, about: About, stream: Writable): Promise<void> {
  const written = finished(stream);
  const book = new excel.stream.xlsx.WorkbookWriter({ stream, useStyles: true, useSharedStrings: false });
  await Promise.all([write(result, book, about, stream), written]);
}

async function write(
  result: DuckDBResult,
  book: excel.stream.xlsx.WorkbookWriter,
  about: About,
  stream: Writable,
) {
  const sheet = book.addWorksheet('Result', { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.addRow(about.columns.map(({ name }) => xmlText(name))).commit();
  const kinds = about.columns.map(({ type }) => kindOf(type));
  const types = result.columnTypes();
  let written = 0;
  for await (const rows of result.yieldRowsJson()) {
    for (const row of rows) {
      if (written === SHEET_ROWS) break;
      sheet.addRow(row.map((value, at) => cell(value, kinds[at]!, types[at]!))).commit();
      written++;
      if (written % BREATH === 0) await setImmediate();
    }
    while (stream.writableLength > 8 << 20 && !stream.destroyed) await setImmediate();
    if (written === SHEET_ROWS || stream.destroyed) break;
  }
  const left = about.rows - written;
  const notes = book.addWorksheet('About');
  notes.addRow(['rows', written]).commit();
  notes.addRow(['left out', left > 0 ? `${left} rows: Excel holds ${SHEET_ROWS}` : 'nothing']).commit();
  notes.addRow(['query', xmlText(about.query)]).commit();
  await book.commit();
}

type Kind = 'number' | 'date' | 'other';

function kindOf(type: string): Kind {
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DOUBLE|FLOAT|DECIMAL\(\d+,\s?\d+\))$/.test(type))
    return 'number';
  return type === 'DATE' ? 'date' : 'other';
}

function cell(value: Json, kind: Kind, type: DuckDBType): string | number | boolean | Date | null {
  if (value === null) return null;
  if (kind === 'number') {
    const digits = String(value).replace(/\D/g, '').length;
    const exact = digits <= 15 || typeof value === 'number';
    return exact && Number.isFinite(Number(value)) ? Number(value) : String(value);
  }
  // Excel knows no day before its first March: there it believes in a 29 February 1900.
  if (kind === 'date' && /^\d{4}-\d\d-\d\d$/.test(String(value)) && String(value) >= '1900-03-01')
    return new Date(`${value}T00:00:00Z`);
  if (typeof value === 'boolean') return value;
  return xmlText(cellText(value, type));
}

/** Characters that XML cannot hold become U+FFFD, and Excel holds so many of them in a cell. */
const xmlText = (text: string) => text.replaceAll(NO_XML, '\ufffd').slice(0, 32_767);
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
