/** Rows as a person reads them: a table that fits the terminal, a Markdown table, or one line a column. */

import type { DuckDBType, Json } from '@duckdb/node-api';
import { cellText } from './spelling.ts';

export type DrawnFormat = 'table' | 'markdown' | 'line';

export interface Drawing {
  names: string[];
  types: DuckDBType[];
  rows: Json[][];
  /** Columns of the terminal; undefined where there is none. */
  width?: number;
}

/** Widest cell of a table, and the least that a column of text is cut to before whole columns are left out. */
const [WIDEST, NARROWEST] = [48, 12];
const GAP = 2;

export function draw({ names, types, rows, width }: Drawing, format: DrawnFormat): string {
  const cells = rows.map((row) => row.map((value, at) => oneLine(shown(value, types[at]!))));
  const header = names.map(oneLine);
  if (format === 'line') return lines(header, cells);
  const right = names.map((_, at) =>
    rows.every((row) => row[at] === null || /^-?[\d.]+$/.test(cellText(row[at]!, types[at]!))),
  );
  return format === 'markdown' ? markdown(header, cells, right) : table(header, cells, right, width);
}

const shown = (value: Json, type: DuckDBType) => (value === null ? 'NULL' : cellText(value, type));

const oneLine = (text: string) => text.replaceAll(/[\r\n\t]/g, ' ');

/** Every value whole, below its name. */
function lines(header: string[], cells: string[][]): string {
  const widest = Math.max(0, ...header.map((name) => name.length));
  return cells
    .map((row, at) => {
      const fields = row.map((cell, place) => `${header[place]!.padStart(widest)} = ${cell}\n`);
      return `${at > 0 ? '\n' : ''}${fields.join('')}`;
    })
    .join('');
}

function markdown(header: string[], cells: string[][], right: boolean[]): string {
  const all = [header, ...cells].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = naturalWidths(all);
  const rule = widths.map((width, at) => (right[at] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  const [first, ...rest] = all.map((row) => padded(row, widths, right));
  return [first!, rule, ...rest].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

function table(header: string[], cells: string[][], right: boolean[], width?: number): string {
  const widths = fitting(naturalWidths([header, ...cells]), right, width);
  const lines = [header, ...cells].map((row) => padded(row.slice(0, widths.length), widths, right));
  lines.splice(
    1,
    0,
    widths.map((one) => '─'.repeat(one)),
  );
  const text = lines.map((row) => `${row.join(' '.repeat(GAP)).trimEnd()}\n`).join('');
  const left = header.length - widths.length;
  return left === 0
    ? text
    : `${text}${left} of ${header.length} columns do not fit here; the format line shows them\n`;
}

const naturalWidths = (rows: string[][]): number[] =>
  rows[0]!.map((_, at) => rows.reduce((most, row) => Math.max(most, row[at]!.length), 1));

/**
 * Widths of the columns that fit: texts are cut, the widest first; numbers never are. When that is not enough, the last
 * columns are left out.
 */
function fitting(natural: number[], right: boolean[], width = Number.POSITIVE_INFINITY): number[] {
  const cutTo = (most: number) => natural.map((one, at) => (right[at] ? one : Math.min(one, most)));
  const total = (widths: number[]) => widths.reduce((sum, one) => sum + one + GAP, -GAP);
  let most = WIDEST;
  while (most > NARROWEST && total(cutTo(most)) > width) most--;
  const widths = cutTo(most);
  while (widths.length > 1 && total(widths) > width) widths.pop();
  return widths;
}

const padded = (row: string[], widths: number[], right: boolean[]): string[] =>
  row.map((cell, at) => {
    const width = widths[at]!;
    const text = cell.length > width ? `${cell.slice(0, width - 1)}…` : cell;
    return right[at] ? text.padStart(width) : text.padEnd(width);
  });
