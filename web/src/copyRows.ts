/** Rows with their header, as sheets take them from the clipboard. */

import { tableFromIPC } from 'apache-arrow';
import { loadRows, type ResultInfo, type Sort } from './api.ts';
import { textOf } from './rows.ts';

/** Rows at most: the clipboard is memory. A download has all. */
export const COPIED = 10_000;
/** Rows that the server gives at once. */
const PAGE = 1000;

/** In the order of the page, numbers without separators. Returns how many rows were copied. */
export async function copyRows(info: ResultInfo, sort: Sort | null): Promise<number> {
  const rows = Math.min(info.ready, COPIED);
  const lines = [lineOf(info.columns.map(({ name }) => name))];
  for (let start = 0; start < rows; start += PAGE) {
    const table = tableFromIPC(await loadRows(info.id, { start, rows: Math.min(PAGE, rows - start), sort }));
    const vectors = info.columns.map((_, at) => table.getChildAt(at)!);
    for (let row = 0; row < table.numRows; row++)
      lines.push(lineOf(vectors.map((vector, at) => textOf(vector.get(row), info.columns[at]!.type))));
  }
  await navigator.clipboard.writeText(`${lines.join('\n')}\n`);
  return rows;
}

/** Tabs between cells; a cell that holds what separates cells or lines is quoted. */
export const lineOf = (cells: string[]): string =>
  cells.map((cell) => (/[\t\r\n"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join('\t');
