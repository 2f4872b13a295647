/** A result as an Excel workbook, written row by row. */

import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import type { DuckDBResult, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import type excel from 'exceljs';
import { cellText } from '../query/spelling.ts';

/** Rows of a sheet, without the header: a limit of the format. */
const SHEET_ROWS = 1_048_575;
/** Columns of a sheet, and characters of a cell. */
const SHEET_COLUMNS = 16_384;
const CELL_CHARACTERS = 32_767;
/** Rows between two looks at what else there is to do. */
const BREATH = 64;

interface About {
  rows: number;
  columns: { name: string; type: string }[];
  query: string;
}

/**
 * Writes the rows to a stream and ends it. Codes and ids stay text; whole numbers beyond 15 digits, which Excel would
 * round, are text, too. Rows and columns beyond the format's limits are left out and longer texts are cut; the second sheet
 * says how many.
 */
export async function writeWorkbook(result: DuckDBResult, about: About, stream: Writable): Promise<void> {
  const written = finished(stream);
  // It takes a quarter of a second to load, which no other query should wait for.
  const { default: excel } = await import('exceljs');
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
  const columns = about.columns.slice(0, SHEET_COLUMNS);
  sheet.addRow(columns.map(({ name }) => xmlText(name))).commit();
  const kinds = columns.map(({ type }) => kindOf(type));
  const types = result.columnTypes();
  let written = 0;
  let cut = 0;
  for await (const rows of result.yieldRows()) {
    for (const row of rows) {
      if (written === SHEET_ROWS) break;
      const cells = kinds.map((kind, at) => cell(row[at]!, kind, types[at]!));
      for (const one of cells) if (typeof one === 'string' && one.length > CELL_CHARACTERS) cut++;
      sheet.addRow(cells.map((one) => (typeof one === 'string' ? xmlText(one) : one))).commit();
      written++;
      if (written % BREATH === 0) await setImmediate();
    }
    while (stream.writableLength > 8 << 20 && !stream.destroyed) await setImmediate();
    if (written === SHEET_ROWS || stream.destroyed) break;
  }
  const left = about.rows - written;
  const notes = book.addWorksheet('About');
  notes.addRow(['rows', written]).commit();
  const leftOut = [
    left > 0 ? `${left} rows: Excel holds ${SHEET_ROWS}` : '',
    about.columns.length > SHEET_COLUMNS
      ? `${about.columns.length - SHEET_COLUMNS} columns: Excel holds ${SHEET_COLUMNS}`
      : '',
    cut > 0 ? `the end of ${cut} texts: a cell holds ${CELL_CHARACTERS} characters` : '',
  ].filter(Boolean);
  notes.addRow(['left out', leftOut.join('; ') || 'nothing']).commit();
  notes.addRow(['query', xmlText(about.query)]).commit();
  await book.commit();
}

type Kind = 'number' | 'date' | 'other';

function kindOf(type: string): Kind {
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DOUBLE|FLOAT|DECIMAL\(\d+,\s?\d+\))$/.test(type))
    return 'number';
  return type === 'DATE' ? 'date' : 'other';
}

function cell(value: DuckDBValue, kind: Kind, type: DuckDBType): string | number | boolean | Date | null {
  if (value === null || typeof value === 'boolean') return value;
  const text = cellText(value, type);
  if (kind === 'number') {
    const exact = text.replace(/\D/g, '').length <= 15 || typeof value === 'number';
    return exact && Number.isFinite(Number(text)) ? Number(text) : text;
  }
  // Excel knows no day before its first March: there it believes in a 29 February 1900.
  if (kind === 'date' && /^\d{4}-\d\d-\d\d$/.test(text) && text >= '1900-03-01')
    return new Date(`${text}T00:00:00Z`);
  return text;
}

/**
 * As much of a text as a cell takes, with U+FFFD for characters that XML cannot hold. A CR, which readers of XML turn into
 * LF, and what would be read as an escape (`_x0041_`) are written as escapes of their own.
 */
const xmlText = (text: string) =>
  text
    .slice(0, CELL_CHARACTERS)
    .replaceAll(NO_XML, '\ufffd')
    .replaceAll(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_')
    .replaceAll('\r', '_x000D_');
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
