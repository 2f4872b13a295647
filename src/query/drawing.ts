/** Rows as a person reads them: a table that fits the terminal, a Markdown table, or one line a column. */

import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { cutTo, harmless, padded, widthOf } from '../terminal.ts';
import { cellText } from './spelling.ts';

export type DrawnFormat = 'table' | 'markdown' | 'line';

export interface Drawing {
  names: string[];
  types: DuckDBType[];
  rows: DuckDBValue[][];
  /** Columns of the terminal; undefined where there is none. */
  width?: number;
}

/** Widest cell of a table, and the least that a column of text is cut to before whole columns are left out. */
const [WIDEST, NARROWEST] = [48, 12];
const GAP = 2;

export function draw({ names, types, rows, width }: Drawing, format: DrawnFormat): string {
  const cells = rows.map((row) => row.map((value, at) => shown(value, types[at]!)));
  const header = names.map(oneLine);
  if (format === 'line') return lines(header, cells);
  const right = names.map((_, at) => cells.length > 0 && cells.every((row) => NUMBER.test(row[at]!)));
  return format === 'markdown' ? markdown(header, cells, right) : table(header, cells, right, width);
}

/** What stands at the right, like the numbers above and below it. */
const NUMBER = /^(-?\d[\d.]*(e[+-]\d+)?|-?Infinity|NaN|NULL)$/;

/** NULL is a bare word; a text that says so is quoted. */
function shown(value: DuckDBValue, type: DuckDBType): string {
  if (value === null) return 'NULL';
  const text = oneLine(cellText(value, type));
  return /^'*NULL'*$/.test(text) ? `'${text}'` : text;
}

const oneLine = (text: string) => harmless(text.replaceAll(/\r\n|[\r\n\t]/g, ' '));

/** Every value whole, beside its name. */
function lines(header: string[], cells: string[][]): string {
  const widest = Math.max(0, ...header.map(widthOf));
  return cells
    .map((row, at) => {
      const fields = row.map((cell, place) => `${padded(header[place]!, widest, true)} = ${cell}\n`);
      return `${at > 0 ? '\n' : ''}${fields.join('')}`;
    })
    .join('');
}

/** Shorter rules are not Markdown everywhere. */
const LEAST_RULE = 3;

function markdown(header: string[], cells: string[][], right: boolean[]): string {
  const all = [header, ...cells].map((row) => row.map((cell) => cell.replaceAll(/[\\|]/g, '\\$&')));
  const widths = naturalWidths(all).map((width) => Math.max(width, LEAST_RULE));
  const rule = widths.map((width, at) => (right[at] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  const [first, ...rest] = all.map((row) => aligned(row, widths, right));
  return [first!, rule, ...rest].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

function table(header: string[], cells: string[][], right: boolean[], width?: number): string {
  const all = [header, ...cells].map((row) =>
    row.map((cell, at) => (right[at] ? cell : cutTo(cell, WIDEST))),
  );
  const widths = fitting(naturalWidths(all), right, width);
  const drawn = all.map((row) => aligned(row.slice(0, widths.length), widths, right));
  drawn.splice(
    1,
    0,
    widths.map((one) => '─'.repeat(one)),
  );
  const text = drawn.map((row) => `${row.join(' '.repeat(GAP)).trimEnd()}\n`).join('');
  const left = header.length - widths.length;
  return left === 0
    ? text
    : `${text}${left} of ${header.length} columns do not fit here; the format line shows them\n`;
}

const naturalWidths = (rows: string[][]): number[] =>
  rows[0]!.map((_, at) => rows.reduce((most, row) => Math.max(most, widthOf(row[at]!)), 1));

/**
 * Widths of the columns that fit: texts are cut, the widest first; numbers are not. When that is not enough, the last
 * columns are left out, and what is left of a first one that is too wide alone is cut, whatever it is.
 */
function fitting(natural: number[], right: boolean[], width = Number.POSITIVE_INFINITY): number[] {
  const cutAt = (most: number) => natural.map((one, at) => (right[at] ? one : Math.min(one, most)));
  const total = (widths: number[]) => widths.reduce((sum, one) => sum + one + GAP, -GAP);
  let most = WIDEST;
  while (most > NARROWEST && total(cutAt(most)) > width) most--;
  const widths: number[] = [];
  let taken = -GAP;
  for (const one of cutAt(most)) {
    taken += one + GAP;
    if (taken > width) break;
    widths.push(one);
  }
  return widths.length > 0 ? widths : [width];
}

const aligned = (row: string[], widths: number[], right: boolean[]): string[] =>
  row.map((cell, at) => padded(cutTo(cell, widths[at]!), widths[at]!, right[at]!));
